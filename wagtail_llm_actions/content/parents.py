"""Reading the page above a page."""

from typing import Any

from django.utils.translation import gettext

from wagtail_llm_actions.content.forms import stored_form
from wagtail_llm_actions.content.pages import OpenForm, page_form
from wagtail_llm_actions.content.source_paths import PARENT, parent_label
from wagtail_llm_actions.content.sources import SourceValue, material_of, read_field
from wagtail_llm_actions.content.visibility import may_see
from wagtail_llm_actions.exceptions import PermissionRefusedError, UnknownFieldError


def read_parent(opened: OpenForm, path: str, user: Any) -> SourceValue:
    """
    Return what a field of the page above says: as it is published, or else in its latest draft.

    :param path: begins with ``@parent.``.
    :raises UnknownFieldError: if there is no page above, or it has no such field for the user.
    :raises PermissionRefusedError: if the user may not see the page above.
    """
    if opened.parent is None:
        raise _unknown(path)
    above: Any = opened.parent
    parent = above.specific
    if not may_see(user, parent):
        raise PermissionRefusedError(
            f"may not see page {parent.pk}",
            user_message=gettext(
                "This LLM action reads the page above, which you may not see. Nothing was sent."
            ),
        )
    page = parent if parent.live else parent.get_latest_revision_as_object()
    opened = page_form(page, None, is_new=False)
    material = material_of(opened, stored_form(opened, user), user)
    try:
        value = read_field(material, path.removeprefix(PARENT))
    except UnknownFieldError as error:
        raise _unknown(path) from error
    return SourceValue(parent_label(value.label), value.text)


def _unknown(path):
    return UnknownFieldError(
        f"nothing at {path}",
        user_message=gettext(
            "This LLM action reads “%(path)s”, which the page above does not have. "
            "Nothing was sent."
        )
        % {"path": path},
    )
