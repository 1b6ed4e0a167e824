"""The fields that a site keeps language models away from, by type, by name or by kind of field."""

from functools import cache

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model
from django.utils.module_loading import import_string

from wagtail_llm_actions.conf import settings
from wagtail_llm_actions.content.catalogue import Definition, definitions_of, panel_for
from wagtail_llm_actions.exceptions import UnsupportedFieldError

WHOLE = ""
"""Stands for every field of a type."""


def is_opted_out(model: type[Model], path: str) -> bool:
    """Return whether the site's settings keep language models from writing a field."""
    entries = settings.OPTED_OUT
    if not entries:
        return False
    found = _opted_out(model, entries)
    steps = path.split(".")
    above = {".".join(steps[:depth]) for depth in range(1, len(steps) + 1)}
    return WHOLE in found or not above.isdisjoint(found)


def require_opted_in(model: type[Model], path: str) -> None:
    """
    Do nothing if the field may be written.

    :raises UnsupportedFieldError: if not.
    """
    if is_opted_out(model, path):
        raise UnsupportedFieldError(f"{path} of {model._meta.label} is in OPTED_OUT")


@cache
def _opted_out(model: type[Model], entries: tuple[str, ...]) -> frozenset[str]:
    """Return the paths of a type that the entries are about."""
    types = [cls for cls in model.__mro__ if hasattr(cls, "_meta")]
    labels = {cls._meta.label_lower for cls in types}
    paths, classes = set(), []
    for entry in entries:
        label = ".".join(entry.split(".")[:2]).lower()
        if label in labels:
            paths.add(".".join(entry.split(".")[2:]))
        elif entry.count(".") > 1 and (cls := _class_at(entry)):
            classes.append(cls)
    if classes:
        kinds = tuple(classes)
        for definition in definitions_of(panel_for(model)):
            if _is_one_of(definition, model, kinds):
                paths.add(".".join(definition.path))
    return frozenset(paths)


def _class_at(entry: str) -> type | None:
    """Return the class of a dotted path; other entries name a field of another type."""
    try:
        found = import_string(entry)
    except ImportError:
        return None
    return found if isinstance(found, type) else None


def _is_one_of(definition: Definition, model: type[Model], kinds: tuple[type, ...]) -> bool:
    if isinstance(definition.field, kinds) or isinstance(definition.block, kinds):
        return True
    if len(definition.path) > 1:
        return False
    try:
        return isinstance(model._meta.get_field(definition.path[0]), kinds)
    except FieldDoesNotExist:
        return False
