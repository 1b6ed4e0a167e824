"""
The fields that a type of object has, by path, without any object.

Asks the database nothing, so that system checks work before the first migration.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, NamedTuple

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model
from django.forms import BaseForm, Field
from django.forms.utils import pretty_name
from django.utils.text import capfirst
from django.utils.translation import gettext
from wagtail.admin.panels import FieldPanel, InlinePanel, Panel
from wagtail.admin.panels import get_edit_handler as panel_of_model
from wagtail.blocks import Block, FieldBlock, ListBlock, StreamBlock, StructBlock
from wagtail.blocks.base import BlockField
from wagtail.models import AbstractPage

from wagtail_llm_actions.content.kinds import (
    ITEM,
    LABEL_SEPARATOR,
    MAX_DEPTH,
    SCHEDULE,
    kind_of,
)
from wagtail_llm_actions.content.media import media_models, media_panel
from wagtail_llm_actions.content.site_settings import setting_models, setting_panel
from wagtail_llm_actions.content.specs import (
    Candidates,
    model_validators,
    no_candidates,
    spec_of,
    spec_of_rows,
)
from wagtail_llm_actions.exceptions import UnknownFieldError, UnsupportedFieldError
from wagtail_llm_actions.values import FieldKind, FieldSpec


class KnownPath(NamedTuple):
    """A field that an LLM action may fill."""

    path: str
    label: str
    kind: FieldKind


@dataclass(frozen=True, kw_only=True)
class Definition:
    """A field or block as the model's panels define it."""

    path: tuple[str, ...]
    labels: tuple[str, ...]
    field: Field | None = None
    """``None`` for read-only fields, relations as a whole and blocks of blocks."""
    block: Block | None = None
    required: bool = False
    panel: Any = None
    """Of a relation: the ``InlinePanel`` that its rows are edited in."""
    validators: tuple[Any, ...] = ()
    """Those of the model's field."""
    columns: "tuple[Definition, ...]" = ()
    """Of a relation: the fields of a row."""
    is_deepest: bool = False
    """Whether there are blocks in it that nobody has looked at, because they are too deep."""

    @property
    def label(self) -> str:
        """What the field is called, with what it is in."""
        return LABEL_SEPARATOR.join(self.labels)

    @property
    def kind(self) -> FieldKind | None:
        """What a language model may write into it, if anything."""
        if self.path in SCHEDULE:
            return None
        if any(column.kind for column in self.columns):
            return FieldKind.ROWS
        return kind_of(self.field, self.block)

    def spec(self, candidates: Candidates = no_candidates) -> FieldSpec:
        """
        Return what a language model may write into it.

        :raises UnsupportedFieldError: if it may write nothing into it.
        """
        path, kind = ".".join(self.path), self.kind
        if kind is None:
            raise UnsupportedFieldError(f"{path} cannot be written")
        if kind == FieldKind.ROWS:
            return spec_of_rows(
                [_of_column(column, candidates) for column in self.columns if column.kind],
                path=path,
                label=self.label,
                min_items=self.panel.min_num,
                max_items=self.panel.max_num,
            )
        return spec_of(
            self.field,
            kind,
            path=path,
            label=self.label,
            required=self.required,
            block=self.block,
            validators=self.validators,
            candidates=candidates,
        )


def paths_of(model: type[Model]) -> list[KnownPath]:
    """Return the fields of a type of object that an LLM action may fill."""
    return [
        KnownPath(".".join(definition.path), definition.label, definition.kind)
        for definition in definitions_of(panel_for(model))
        if definition.kind
    ]


@cache
def kinds_of(model: type[Model]) -> Mapping[str, FieldKind]:
    """Return what :func:`paths_of` says of each path; panels do not change while a process lives."""
    return {path: kind for path, _label, kind in paths_of(model)}


def resolve_path(model: type[Model], path: str) -> FieldSpec:
    """
    Return what the field at ``path`` takes.

    :raises UnknownFieldError: if objects of this type have no such field.
    :raises UnsupportedFieldError: if a language model cannot write it.
    """
    return definition_at(panel_for(model), path).spec()


def panel_for(model: Any) -> Panel:
    """Return the panel that objects of this type are edited in."""
    if issubclass(model, AbstractPage):
        return model.get_edit_handler()
    if model in media_models().values():
        return media_panel(model)
    if model in setting_models():
        return setting_panel(model)
    viewset = getattr(model, "snippet_viewset", None)
    return viewset.get_edit_handler() if viewset else panel_of_model(model)


def definition_at(panel: Panel, path: str, form_class: type[BaseForm] | None = None) -> Definition:
    """
    Return what ``path`` means in a panel.

    :param form_class: the panel's form class, where it is at hand.
    :raises UnknownFieldError: if it means nothing.
    """
    steps = tuple(path.split("."))
    for definition in _walk(panel, form_class or panel.get_form_class(), (), ()):
        depth = len(definition.path)
        if definition.path == steps or (definition.block and definition.path == steps[:depth]):
            return _descend(definition, steps[depth:])
    raise UnknownFieldError(f"{path} of {panel.model._meta.label}")


def definitions_of(panel: Panel) -> Iterator[Definition]:
    """Yield all fields and blocks that the panel shows to someone who may do everything."""
    for definition in _walk(panel, panel.get_form_class(), (), ()):
        yield definition
        if definition.block:
            yield from _blocks_in(definition)


def _walk(panel, form_class, path, labels) -> Iterator[Definition]:
    if isinstance(panel, FieldPanel):
        yield _defined(panel, form_class, path, labels)
    elif isinstance(panel, InlinePanel):
        inner_path = (*path, panel.relation_name)
        inner_labels = (*labels, str(panel.label))
        formset = form_class.formsets[panel.relation_name]
        inner = list(_walk(panel.child_edit_handler, formset.form, inner_path, inner_labels))
        columns = tuple(column for column in inner if len(column.path) == len(inner_path) + 1)
        yield Definition(
            path=inner_path,
            labels=(*labels, str(panel.heading)),
            panel=panel,
            columns=tuple(column for column in columns if not column.panel),
        )
        yield from inner
    else:
        for child in getattr(panel, "children", ()):
            yield from _walk(child, form_class, path, labels)


def _defined(panel, form_class, path, labels):
    field = form_class.base_fields.get(panel.field_name)
    return Definition(
        path=(*path, panel.field_name),
        labels=(*labels, _heading(panel, field)),
        field=field,
        block=field.block if isinstance(field, BlockField) else None,
        required=bool(field and field.required),
        validators=model_validators(panel),
    )


def _heading(panel, field):
    if panel.heading or (field and field.label):
        return str(panel.heading or field.label)
    try:
        name = getattr(panel.db_field, "verbose_name", panel.field_name)
    except FieldDoesNotExist:
        name = pretty_name(panel.field_name)
    return capfirst(name)


def _descend(definition, steps):
    for step in steps:
        children = {child.path[-1]: child for child in _children(definition)}
        if step not in children:
            raise UnknownFieldError(f"nothing is called {step!r} in {definition.label}")
        definition = children[step]
    return definition


def _blocks_in(definition, depth=1):
    is_list = isinstance(definition.block, ListBlock)
    for child in _children(definition):
        if is_list and child.path[-1] == ITEM:
            yield child  # what is in it is found in the list already
        elif depth < MAX_DEPTH:
            yield child
            yield from _blocks_in(child, depth + 1)
        else:
            yield replace(child, is_deepest=any(_children(child)))


def _children(definition) -> Iterator[Definition]:
    if isinstance(definition.block, ListBlock):
        yield _child(definition, ITEM, definition.block.child_block)
    block = _item(definition.block)
    if isinstance(block, (StreamBlock, StructBlock)):
        for name, child in block.child_blocks.items():
            if name != ITEM or block is definition.block:
                yield _child(definition, name, child)


def _child(parent, name, block):
    return Definition(
        path=(*parent.path, name),
        labels=(*parent.labels, _label_of(name, block)),
        field=block.field if isinstance(block, FieldBlock) else None,
        block=block,
        required=block.required,
    )


def _label_of(name, block):
    return str(block.label) or (gettext("Item") if name == ITEM else pretty_name(name))


def _of_column(column, candidates):
    return replace(column.spec(candidates), path=column.path[-1], label=column.labels[-1])


def _item(block):
    """What is in a list is reached without a step of its own: ``stream.cards.title``."""
    while isinstance(block, ListBlock):
        block = block.child_block
    return block
