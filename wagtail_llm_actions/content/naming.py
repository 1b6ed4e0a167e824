"""What the entries of a setting name: types, fields, kinds of field."""

from collections.abc import Iterator
from functools import cache

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model
from django.forms import Field
from django.utils.module_loading import import_string
from modelcluster.models import ClusterableModel, get_all_child_relations
from wagtail.blocks import Block, FieldBlock, ListBlock
from wagtail.contrib.typed_table_block.blocks import BaseTypedTableBlock

from wagtail_llm_actions.content.catalogue import Definition, definitions_of, panel_for

ITEM = "item"
"""The step of a path into the items of a list."""
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
    """
    Return the paths of a type that the entries are about.

    What is too deep to be looked at may be of any class that is named.
    """
    types = _types_in(model)
    paths, classes = set(), []
    for entry in entries:
        label, rest = ".".join(entry.split(".")[:2]).lower(), entry.split(".")[2:]
        if label in types:
            paths |= {_joined(*above, *rest) for above in types[label]}
        elif entry.count(".") > 1 and (cls := _class_at(entry)):
            classes.append(cls)
    if classes:
        kinds = tuple(classes)
        for definition in definitions_of(panel_for(model)):
            if definition.is_deepest or _is_one_of(definition, model, kinds):
                paths.add(_joined(*definition.path))
    return frozenset(paths)


def _types_in(model: type[Model]) -> dict[str, list[tuple[str, ...]]]:
    """Return the names of a type, of all that it is made from, and of its inline children."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for path, cls in ((), model), *_children(model):
        for base in cls.__mro__:
            if hasattr(base, "_meta"):
                found.setdefault(base._meta.label_lower, []).append(path)
    return found


def _children(model: type[Model]) -> list[tuple[tuple[str, ...], type[Model]]]:
    """Return the types of inline children by their paths, those in children too."""
    if not issubclass(model, ClusterableModel):
        return []
    result: list[tuple[tuple[str, ...], type[Model]]] = []
    for relation in get_all_child_relations(model):
        path = (str(relation.get_accessor_name()),)
        child = relation.related_model
        result.append((path, child))
        result += [((*path, *below), cls) for below, cls in _children(child)]
    return result


def _joined(*steps: str) -> str:
    """Return a path without the steps into the items of a list, which may be written or left out."""
    return ".".join(step for step in steps if step != ITEM)


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
    is_table = isinstance(definition.block, BaseTypedTableBlock)
    if is_table and any(isinstance(found, kinds) for found in _all_in(definition.block)):
        return True
    *above, name = definition.path
    owners = {(): model, **dict(_children(model))}
    owner = owners.get(tuple(above))
    try:
        return owner is not None and isinstance(owner._meta.get_field(name), kinds)
    except FieldDoesNotExist:
        return False


def _all_in(block: Block | None) -> Iterator[Block | Field]:
    """Yield the blocks in a block, at any depth, and their fields: in a table none has a path."""
    children = getattr(block, "child_blocks", {}).values()
    for child in [block.child_block] if isinstance(block, ListBlock) else children:
        yield child
        if isinstance(child, FieldBlock):
            yield child.field
        yield from _all_in(child)


def is_within(path: str, named: frozenset[str]) -> bool:
    """Return whether a field is one of those named, or in one of them."""
    steps = _joined(*path.split(".")).split(".")
    above = {".".join(steps[:depth]) for depth in range(1, len(steps) + 1)}
    return WHOLE in named or not above.isdisjoint(named)


def holds(path: str, named: frozenset[str]) -> bool:
    """Return whether one of those named is in a group or list at ``path``."""
    beginning = _joined(*path.split("."))
    return any(name.startswith(f"{beginning}.") for name in named)
