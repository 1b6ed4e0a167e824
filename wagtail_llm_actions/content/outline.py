"""The fields of a type of object as a person chooses among them: what can be filled, what be read."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django import forms
from django.db.models import Model
from django.utils.translation import get_language
from wagtail.blocks import StaticBlock

from wagtail_llm_actions.content.catalogue import Definition, definitions_of, panel_for
from wagtail_llm_actions.content.kinds import SCHEDULE
from wagtail_llm_actions.content.opt_outs import is_opted_out
from wagtail_llm_actions.content.source_paths import (
    CONTENT,
    IMAGE,
    PARENT,
    parent_label,
    parent_types,
    source_label,
)
from wagtail_llm_actions.exceptions import UnknownFieldError

UNREAD = (forms.HiddenInput, forms.PasswordInput, forms.FileInput)
"""Widgets of what nobody reads in a form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlinedField:
    """A field, or a block at any depth in one."""

    path: str
    label: str
    """With what it is in, outermost first."""
    name: str
    """Without that."""
    depth: int = 0

    @property
    def indent(self) -> str:
        """What stands before the name in a list that knows no levels."""
        return "\N{NO-BREAK SPACE}" * 3 * self.depth


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """Fields that belong together."""

    label: str
    """What the StreamField or the relation is called; blank for fields that stand alone."""
    fields: tuple[OutlinedField, ...]


def destinations_in(model: type[Model]) -> list[Outline]:
    """Return what an LLM action may fill: the fields that stand alone, then each with all in it."""
    known = _definitions(model, get_language())
    fields = [field for field, kind in known if kind and not is_opted_out(model, field.path)]
    return _grouped(fields)


def sources_in(model: type[Model]) -> list[Outline]:
    """Return what an LLM action may read in the object that it fills, as :func:`destinations_in`."""
    return _grouped([field for field, _kind in _definitions(model, get_language())])


def special_sources_of(model: type[Model]) -> list[OutlinedField]:
    """Return what an LLM action may read besides single fields, what suits best first."""
    return list(_named(model, (IMAGE, CONTENT)))


def parent_sources_of(model: type[Model]) -> list[OutlinedField]:
    """
    Return what an LLM action may read of the page above; nothing of what is no page.

    What more types of page have comes first.
    """
    found: dict[str, OutlinedField] = {}
    types: Counter[str] = Counter()
    for parent in parent_types(model):
        for field, _kind in _definitions(parent, get_language()):
            if not field.depth:
                path, label = f"{PARENT}{field.path}", parent_label(field.label)
                found.setdefault(path, OutlinedField(path=path, label=label, name=field.name))
                types[path] += 1
    return sorted(found.values(), key=lambda field: -types[field.path])


def _named(model: type[Model], paths: Iterable[str]) -> Iterator[OutlinedField]:
    for path in paths:
        try:
            label = source_label(model, path)
        except UnknownFieldError:
            continue
        yield OutlinedField(path=path, label=label, name=label)


@cache
def _definitions(model: type[Model], language: str | None) -> tuple[tuple[OutlinedField, Any], ...]:
    """Return the fields with their kinds; panels do not change while a process lives."""
    definitions = filter(_is_read, definitions_of(panel_for(model)))
    return tuple((_outlined(definition), definition.kind) for definition in definitions)


def _is_read(definition: Definition) -> bool:
    if definition.path in SCHEDULE or isinstance(definition.block, StaticBlock):
        return False
    # Widgets of rich text and choosers are hidden inputs too.
    widget = getattr(definition.field, "widget", None)
    return definition.kind is not None or not isinstance(widget, UNREAD)


def _outlined(definition: Definition) -> OutlinedField:
    return OutlinedField(
        path=".".join(definition.path),
        label=definition.label,
        name=definition.labels[-1],
        depth=len(definition.path) - 1,
    )


def _grouped(fields: Iterable[OutlinedField]) -> list[Outline]:
    """Return the fields without anything in them as one group, each other as one of its own."""
    families: dict[str, list[OutlinedField]] = {}
    for field in fields:
        families.setdefault(field.path.partition(".")[0], []).append(field)
    alone = [family[0] for family in families.values() if _stands_alone(family)]
    groups = [
        Outline(label=family[0].label, fields=tuple(family))
        for family in families.values()
        if not _stands_alone(family)
    ]
    return [Outline(label="", fields=tuple(alone)), *groups] if alone else groups


def _stands_alone(family: list[OutlinedField]) -> bool:
    return len(family) == 1 and not family[0].depth
