"""What the entries of a setting name: types, fields, kinds of field."""

from functools import cache

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model
from django.utils.module_loading import import_string

from wagtail_llm_actions.content.catalogue import Definition, definitions_of, panel_for

WHOLE = ""
"""Stands for every field of a type."""


def means_something(entry: str) -> bool:
    """Return whether an entry names a type of this site, a field of one, or a class."""
    app_label, model_name, *path = entry.split(".")
    try:
        model = apps.get_model(app_label, model_name)
    except LookupError:
        return _class_at(entry) is not None
    return not path or _has(model, path)


def _has(model: type[Model], path: list[str]) -> bool:
    """Return whether a type has a field; of one with panels, also a block or row in a field."""
    names = {field.name for field in model._meta.get_fields()}
    if len(path) == 1:
        return path[0] in names
    return any(list(found.path) == path for found in definitions_of(panel_for(model)))


@cache
def paths_named(model: type[Model], entries: tuple[str, ...]) -> frozenset[str]:
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


def is_within(path: str, named: frozenset[str]) -> bool:
    """Return whether a field is one of those named, or in one of them."""
    steps = path.split(".")
    above = {".".join(steps[:depth]) for depth in range(1, len(steps) + 1)}
    return WHOLE in named or not above.isdisjoint(named)
