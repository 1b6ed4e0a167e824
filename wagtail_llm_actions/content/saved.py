"""
An object as it was last saved: what its fields say and take, for work in the background.

The same texts come out of it as out of its edit form in the browser.
"""

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from django.db.models import Model
from wagtail.contrib.settings.models import BaseSiteSetting
from wagtail.models import AbstractPage, CollectionMember, DraftStateMixin

from wagtail_llm_actions.compat import permission_policy_for
from wagtail_llm_actions.content.addresses import items_in_value
from wagtail_llm_actions.content.catalogue import panel_for
from wagtail_llm_actions.content.editors import Editor
from wagtail_llm_actions.content.forms import stored_form
from wagtail_llm_actions.content.pages import OpenForm, not_permitted, page_form
from wagtail_llm_actions.content.reading import FormReader
from wagtail_llm_actions.content.snippets import may_change
from wagtail_llm_actions.content.sources import material_of, read_content
from wagtail_llm_actions.exceptions import UnknownFieldError


class SavedEditor(FormReader):
    """The latest draft of an object, or the object itself where it has no drafts."""

    def __init__(self, editor: Editor):
        form = stored_form(editor.opened, editor.user)
        material = material_of(editor.opened, form, editor.user)
        super().__init__(editor, form, material, items_in_value)

    def _words(self):
        return read_content(self._material).text


def open_saved(instance: Model, user: Any) -> SavedEditor:
    """
    Return the latest draft of an object for a user who may edit it.

    A lock does not keep anybody from reading.

    :raises PermissionRefusedError: if the user may not edit the object.
    """
    return SavedEditor(Editor(user=user, opened=_open(latest_draft(instance), user)))


def latest_draft(instance: Any) -> Any:
    """Return the object as its last revision has it, or itself where it has no drafts."""
    if isinstance(instance, AbstractPage):
        instance = instance.specific
    is_draftable = isinstance(instance, DraftStateMixin)
    return instance.get_latest_revision_as_object() if is_draftable else instance


def texts_in(draft: Model, user: Any, addresses: Iterable[str]) -> dict[str, str]:
    """
    Return what fields of an object say, whoever may edit it now; those that are gone are left out.

    :param draft: the object as one of its revisions has it.
    :param user: for whom its form is made.
    """
    reader = SavedEditor(Editor(user=user, opened=_form_of(draft, user)))
    texts = {}
    for address in addresses:
        with suppress(UnknownFieldError):
            texts[address] = reader.text(address)
    return texts


def _open(draft, user):
    if isinstance(draft, AbstractPage):
        is_permitted = draft.permissions_for_user(user).can_edit()
    else:
        is_permitted = may_change(permission_policy_for(type(draft)), user, draft)
    if not is_permitted:
        raise not_permitted()
    return _form_of(draft, user)


def _form_of(draft, user):
    if isinstance(draft, AbstractPage):
        return page_form(draft, draft.get_parent(), is_new=False)
    panel = panel_for(type(draft))
    options = {"user": user} if isinstance(draft, CollectionMember) else {}
    return OpenForm(
        instance=draft,
        is_new=False,
        panel=panel,
        form_class=panel.get_form_class(),
        form_options=options,
        site=draft.site if isinstance(draft, BaseSiteSetting) else None,
    )
