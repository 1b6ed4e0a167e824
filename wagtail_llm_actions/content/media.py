"""
The edit forms of images and documents, opened as Wagtail's own views open them.

They have no panels, and Wagtail puts several of them on one page after an upload. Which views are
meant is an allow-list: most forms of the admin without panels are no content.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.forms import ModelForm
from django.urls import ResolverMatch
from wagtail.admin.panels import FieldPanel, ObjectList
from wagtail.models import UploadedFile

from wagtail_llm_actions.compat import permission_policy_for
from wagtail_llm_actions.content.pages import OpenForm, not_permitted
from wagtail_llm_actions.exceptions import EditorNotFoundError

IMAGES = "wagtailimages"
DOCUMENTS = "wagtaildocs"
NO_CONTENT = frozenset({"file", "collection"})
"""Fields that say what an object is and who may see it, not what it says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaView:
    """A view that shows or takes the form of an image or document."""

    app: str
    key: str
    """The argument of its URL that names the object, or the uploaded file."""
    prefix: str = ""
    """What the names of the inputs begin with, before the key; only on the upload page."""
    is_unsaved: bool = False
    """Whether the file waits for what the object lacks, before there is an object."""


MEDIA_VIEWS = {
    "wagtailimages:edit": MediaView(app=IMAGES, key="image_id"),
    "wagtailimages:edit_multiple": MediaView(app=IMAGES, key="image_id", prefix="image"),
    "wagtailimages:create_multiple_from_uploaded_image": MediaView(
        app=IMAGES, key="uploaded_file_id", prefix="uploaded-image", is_unsaved=True
    ),
    "wagtaildocs:edit": MediaView(app=DOCUMENTS, key="document_id"),
    "wagtaildocs:edit_multiple": MediaView(app=DOCUMENTS, key="doc_id", prefix="doc"),
    "wagtaildocs:create_multiple_from_uploaded_document": MediaView(
        app=DOCUMENTS, key="uploaded_file_id", prefix="uploaded-document", is_unsaved=True
    ),
}
"""The views, by their names. The forms of the upload page are saved to the views of several."""


class FormPanel(ObjectList):
    """Stands in for the panels that the form of an image or document does not have."""

    def __init__(self, form_class: type[ModelForm], **kwargs):
        fields = form_class.base_fields.items()
        shown = [
            FieldPanel(name)
            for name, field in fields
            if name not in NO_CONTENT and not field.widget.is_hidden
        ]
        super().__init__(kwargs.pop("children", shown), **kwargs)
        self._plain_form_class = form_class

    def clone_kwargs(self):
        return super().clone_kwargs() | {"form_class": self._plain_form_class}

    def get_form_class(self):
        return self._plain_form_class


def media_models() -> dict[str, type[Model]]:
    """Return the models of the site's images and documents, as far as it has them, by app."""
    models = {}
    if apps.is_installed("wagtail.images"):
        from wagtail.images import get_image_model

        models[IMAGES] = get_image_model()
    if apps.is_installed("wagtail.documents"):
        from wagtail.documents import get_document_model

        models[DOCUMENTS] = get_document_model()
    return models


@cache
def media_panel(model: type[Model]) -> FormPanel:
    """Return a panel with the fields of the form that images or documents are edited in."""
    app = next(app for app, known in media_models().items() if known is model)
    return FormPanel(_form_class(app, model, is_multiple=False)).bind_to_model(model)


def open_media(match: ResolverMatch, user) -> OpenForm:
    """
    Open the form of one of ``MEDIA_VIEWS``.

    :raises EditorNotFoundError: if there is no such image, document or uploaded file.
    :raises PermissionRefusedError: if the user may not change it.
    """
    view = MEDIA_VIEWS[match.view_name]
    model = media_models()[view.app]
    key = match.kwargs[view.key]
    instance = _unsaved(model, key, user) if view.is_unsaved else _saved(model, key, user)
    options: dict[str, Any] = {"user": user}
    if view.prefix:
        options["prefix"] = f"{view.prefix}-{key}"
    return OpenForm(
        instance=instance,
        is_new=view.is_unsaved,
        panel=media_panel(model),
        form_class=_form_class(view.app, model, is_multiple=bool(view.prefix)),
        form_options=options,
        upload_id=key if view.is_unsaved else None,
    )


def media_object(match: ResolverMatch) -> tuple[type[Model], str]:
    """Return the type and key of what one of ``MEDIA_VIEWS`` edits; no key before it is saved."""
    view = MEDIA_VIEWS[match.view_name]
    return media_models()[view.app], "" if view.is_unsaved else str(match.kwargs[view.key])


def _saved(model, key, user):
    instance = model._default_manager.filter(pk=key).first()
    if instance is None:
        raise EditorNotFoundError(f"no {model._meta.label} {key}")
    policy = permission_policy_for(model)
    if not policy.user_has_permission_for_instance(user, "change", instance):
        raise not_permitted()
    return instance


def _unsaved(model, key, user):
    """Return an object for a file that Wagtail keeps until its form is filled in."""
    uploads = UploadedFile.objects.filter(for_content_type=ContentType.objects.get_for_model(model))
    upload = uploads.filter(pk=key).first()
    if upload is None:
        raise EditorNotFoundError(f"no uploaded file {key} for {model._meta.label}")
    if upload.uploaded_by_user_id != user.pk:
        raise not_permitted()
    return model(uploaded_by_user=user)


def _form_class(app, model, *, is_multiple):
    if app == IMAGES:
        from wagtail.images import forms

        build = forms.get_image_multi_form if is_multiple else forms.get_image_form
    else:
        from wagtail.documents import forms

        build = forms.get_document_multi_form if is_multiple else forms.get_document_form
    return build(model)
