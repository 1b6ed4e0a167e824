"""The edit and create forms of pages, opened as Wagtail's own views open them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.forms import ModelForm
from django.utils.translation import gettext
from wagtail.admin.panels import Panel
from wagtail.models import AbstractPage, Locale, LockableMixin, Site

from wagtail_llm_actions.compat import base_page_model
from wagtail_llm_actions.exceptions import EditorNotFoundError, PermissionRefusedError


@dataclass(frozen=True, kw_only=True)
class OpenForm:
    """An object and the form that it is edited in."""

    instance: Model
    is_new: bool
    panel: Panel
    form_class: type[ModelForm]
    parent: Model | None = None
    """The page above a page."""
    site: Site | None = None
    """The site that a setting is for; pages know their own."""
    form_options: Mapping[str, Any] = field(default_factory=dict)
    """What the form's constructor takes besides what all forms take."""
    upload_id: int | None = None
    """The uploaded file that an image or document is made of when its form is saved."""


def open_page(page_id: int, user) -> OpenForm:
    """
    Open the edit form of a page.

    :raises EditorNotFoundError: if there is no such page, or its type is gone from the code.
    :raises PermissionRefusedError: if the user may not edit it now.
    """
    page = _latest_draft(_find_page(page_id))
    if not page.permissions_for_user(user).can_edit():
        raise not_permitted()
    refuse_alias(page)
    refuse_locked(page, user)
    return page_form(page, page.get_parent(), is_new=False)


def open_new_page(app_label: str, model_name: str, parent_id: int, user, locale: str) -> OpenForm:
    """
    Open the create form of a page type under a parent page.

    :param locale: the language code asked for; counts only directly under the root.
    :raises EditorNotFoundError: if there is no such page type, parent or locale.
    :raises PermissionRefusedError: if the user may not add such a page there.
    """
    parent = _find_page(parent_id)
    model = page_type(app_label, model_name)
    if not parent.permissions_for_user(user).can_add_subpage():
        raise not_permitted()
    if model not in parent.creatable_subpage_models() or not model.can_create_at(parent):
        raise not_permitted()
    page = model(owner=user)
    page.locale = find_locale(locale) if locale and parent.is_root() else parent.locale
    return page_form(page, parent, is_new=True)


def refuse_alias(instance: Model) -> None:
    """
    Do nothing if the object is no alias of another page.

    :raises PermissionRefusedError: if it is.
    """
    if getattr(instance, "alias_of_id", None):
        raise PermissionRefusedError(
            f"page {instance.pk} is an alias",
            user_message=gettext("This page is an alias. Edit the original page instead."),
        )


def refuse_locked(instance: Model, user) -> None:
    """
    Do nothing if the user may change the object now.

    :raises PermissionRefusedError: if it is locked for the user.
    """
    lock = instance.get_lock() if isinstance(instance, LockableMixin) else None
    if lock is not None and lock.for_user(user):
        raise PermissionRefusedError(
            f"{instance._meta.label} {instance.pk} is locked",
            user_message=gettext(
                "This is locked. Nothing was changed. Try again when it is unlocked."
            ),
        )


def find_locale(language_code: str) -> Locale:
    """
    Return the locale of a language code.

    :raises EditorNotFoundError: if the site has none.
    """
    locale = Locale.objects.filter(language_code=language_code).first()
    if locale is None:
        raise EditorNotFoundError(f"no locale {language_code!r}")
    return locale


def not_permitted() -> PermissionRefusedError:
    """Return the error for an object that the user may not edit."""
    return PermissionRefusedError(
        "may not edit", user_message=gettext("You do not have permission to edit this.")
    )


def page_model(page_id: int) -> type[Model]:
    """Return the type of a page; the base of all pages where the page, or its type, is gone."""
    return _type_of(page_id) or base_page_model()


def page_type(app_label: str, model_name: str) -> type[AbstractPage]:
    """
    Return a page type by its names.

    :raises EditorNotFoundError: if there is no such page type.
    """
    try:
        model = ContentType.objects.get_by_natural_key(app_label, model_name).model_class()
    except ContentType.DoesNotExist as error:
        raise EditorNotFoundError(f"no type {app_label}.{model_name}") from error
    if model is None or not issubclass(model, base_page_model()):
        raise EditorNotFoundError(f"{app_label}.{model_name} is no page type")
    return model


def _find_page(page_id):
    """Return a page as its own type; ``specific`` would read its columns twice."""
    model = _type_of(page_id)
    page = model._default_manager.filter(pk=page_id).first() if model else None
    if page is None:
        raise EditorNotFoundError(f"no page {page_id}, or its type is gone")
    return page


def _type_of(page_id):
    pages = base_page_model().objects.filter(pk=page_id)
    type_id = pages.values_list("content_type", flat=True).first()
    return type_id and ContentType.objects.get_for_id(type_id).model_class()


def _latest_draft(page):
    """Return the latest draft of a page; the page and the one above it are not read again."""
    parent = page.get_parent()
    if page.has_unpublished_changes and page.latest_revision:
        page.latest_revision.content_object = page
    draft = page.get_latest_revision_as_object()
    draft._cached_parent_obj = parent  # as Wagtail itself does for get_parent()
    return draft


def page_form(page, parent, *, is_new):
    panel = type(page).get_edit_handler()
    return OpenForm(
        instance=page,
        is_new=is_new,
        panel=panel,
        form_class=panel.get_form_class(),
        parent=parent,
    )
