"""Which fields of a type of object a user's edit form does not show for lack of a permission."""

from collections.abc import Collection, Iterator
from functools import cache
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext
from wagtail.admin.panels import FieldPanel, InlinePanel, Panel

from wagtail_llm_actions.content.catalogue import panel_for


def hidden_paths(model: type[Model], user: Any) -> set[str]:
    """Return the paths of the fields that need a permission which ``user`` does not have."""
    return {path for path, permission in _guards_of(model) if not user.has_perm(permission)}


def is_hidden(path: str, hidden: Collection[str]) -> bool:
    """Return whether a field, or what it is in, is among the :func:`hidden_paths`."""
    steps = path.split(".")
    return any(".".join(steps[: depth + 1]) in hidden for depth in range(len(steps)))


def hidden_source(label: str) -> str:
    """Return the sentence for a source that the user has no permission to see."""
    return gettext(
        "This LLM action reads “%(field)s”, which you do not have permission to see. "
        "Nothing was sent."
    ) % {"field": label}


@cache
def _guards_of(model: type[Model]) -> tuple[tuple[str, str], ...]:
    """Return each guarded path with a permission that it needs."""
    return tuple(_walk(panel_for(model), (), ()))


def _walk(panel: Panel, path: tuple[str, ...], outer: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    own = getattr(panel, "permission", None)
    permissions = (*outer, own) if own else outer
    if isinstance(panel, FieldPanel):
        field = ".".join((*path, panel.field_name))
        yield from ((field, permission) for permission in permissions)
    elif isinstance(panel, InlinePanel):
        yield from _walk(panel.child_edit_handler, (*path, panel.relation_name), permissions)
    else:
        for child in getattr(panel, "children", ()):
            yield from _walk(child, path, permissions)
