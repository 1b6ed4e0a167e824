"""The field of a saved object that a run is for, as it is named without an edit form."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.translation import gettext
from wagtail.models import AbstractPage, get_page_models
from wagtail.snippets.models import get_snippet_models

from wagtail_llm_actions.content.media import media_models
from wagtail_llm_actions.content.pages import refuse_alias, refuse_locked
from wagtail_llm_actions.content.saved import SavedEditor, open_saved
from wagtail_llm_actions.content.site_settings import setting_models
from wagtail_llm_actions.engine.destinations import actions_in_force
from wagtail_llm_actions.engine.row_contents import type_called
from wagtail_llm_actions.exceptions import (
    ActionNotFoundError,
    EditorNotFoundError,
    UnknownFieldError,
)
from wagtail_llm_actions.models import LLMAction
from wagtail_llm_actions.models.texts import storable
from wagtail_llm_actions.sites import seen_by

LONGEST_KEY = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedTarget:
    """A field of a saved object, named by its action, or by the object's type and the field."""

    object_id: str
    object_type: str = ""
    """``app_label.model``; blank for the type that the action is for."""
    action: str = ""
    """The slug of the action that is to be in force there; blank for whichever is."""
    field: str = ""
    """A path or an address; blank for the field of the action."""


def named_model(user: Any, target: SavedTarget) -> tuple[type[Model], str]:
    """
    Return the type of object and the field that a target names.

    :raises ActionNotFoundError: if there is no such live action.
    :raises RowInvalidError: if there is no such type of object.
    :raises UnknownFieldError: if neither an action nor a field is named.
    """
    action = _live_action(user, target.action) if target.action else None
    content_type = action.destination_type if action else None
    if target.object_type:
        content_type = type_called(target.object_type)
    model = content_type.model_class() if content_type else None
    field = target.field or (action.destination_path if action else "")
    if model is None or not field:
        raise UnknownFieldError(
            f"{target} names no field",
            user_message=gettext(
                "Name an LLM action, or the type of the object and a field of it."
            ),
        )
    return model, field


def open_target(user: Any, model: type[Model], key: str) -> SavedEditor:
    """
    Return the object as it was last saved, for a user who may change it now.

    :raises EditorNotFoundError: if there is no such object, or none of this type is edited.
    :raises PermissionRefusedError: if the user may not edit it, or it is an alias or locked.
    """
    saved = open_saved(find_object(model, key), user)
    refuse_alias(saved.editor.instance)
    refuse_locked(saved.editor.instance, user)
    return saved


def find_object(model: Any, key: str) -> Model:
    """
    Return an object that is edited in the admin.

    :raises EditorNotFoundError: if there is none.
    """
    try:
        known = _is_edited(model) and len(key) <= LONGEST_KEY
        instance = model._default_manager.filter(pk=storable(key)).first() if known else None
    except (ValueError, ValidationError, OverflowError):
        instance = None
    if instance is None:
        raise EditorNotFoundError(
            f"no {model._meta.label} {key!r}",
            user_message=gettext("There is no such object. Was it deleted? Nothing was sent."),
        )
    return instance


def require_in_force(saved: SavedEditor, path: str, slug: str) -> None:
    """
    Do nothing if an action is the one in force for a field of an object.

    :raises ActionNotFoundError: if another one is, or none.
    """
    action = actions_in_force(saved.editor, [path]).get(path)
    if action is None or action.slug != slug:
        raise ActionNotFoundError(
            f"{action and action.slug!r} is in force for {path}, not {slug!r}",
            user_message=gettext(
                "This LLM action is not the one in force for this field of this object. Nothing "
                "was sent."
            ),
        )


def address_at(saved: SavedEditor, path: str) -> str:
    """Return where the action would write: blocks and rows are called by their addresses."""
    try:
        saved.spec(path)
    except UnknownFieldError as error:
        address = next(saved.addresses_at(path), None)
        if address is None:
            raise UnknownFieldError(
                f"nothing at {path}",
                user_message=gettext(
                    "“%(object)s” has no “%(path)s” to fill. Choose another one, or another field."
                )
                % {"object": saved.editor.object_repr, "path": path},
            ) from error
        return address
    return path


def _live_action(user: Any, slug: str) -> LLMAction:
    action = seen_by(user, LLMAction.objects.live()).filter(slug=storable(slug)).first()
    if action is None:
        raise ActionNotFoundError(
            f"no live action {slug!r}",
            user_message=gettext("There is no such LLM action, or it is not published."),
        )
    return action


def _is_edited(model: type[Model]) -> bool:
    """Return whether objects of a type are edited where LLM actions are offered."""
    others = [*get_snippet_models(), *media_models().values(), *setting_models()]
    return issubclass(model, AbstractPage) or model in [*get_page_models(), *others]
