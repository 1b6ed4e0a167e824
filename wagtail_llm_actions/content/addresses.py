"""
Addresses of fields: from ``stream.<block id>.heading`` to the field or block in a posted form.

An address names one very field in one form, a path a field in every object of a type. A block
without an id is called by the number in the names of its inputs: ``stream.@0`` is
``stream-0-value``.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.utils.translation import gettext
from wagtail.blocks import (
    Block,
    FieldBlock,
    ListBlock,
    StreamBlock,
    StreamValue,
    StructBlock,
)
from wagtail.blocks.base import BlockField

from wagtail_llm_actions.content.choosing import Filled
from wagtail_llm_actions.content.forms import ShownField
from wagtail_llm_actions.content.kinds import ITEM, LABEL_SEPARATOR, SCHEDULE, kind_of
from wagtail_llm_actions.content.plain_text import child_value
from wagtail_llm_actions.content.specs import Candidates, model_validators, no_candidates, spec_of
from wagtail_llm_actions.exceptions import UnknownFieldError, UnsupportedFieldError
from wagtail_llm_actions.values import FieldKind, FieldSpec


@dataclass(frozen=True, kw_only=True)
class Place:
    """A field, or a block at any depth in it, in a posted form."""

    path: tuple[str, ...]
    labels: tuple[str, ...]
    input_name: str
    """The name of the input, or what the names of a block's inputs begin with."""
    location: tuple[str | int, ...]
    """Where the form's errors say it is: like the address, but by position among siblings."""
    field: forms.Field
    root: ShownField
    """The form's own field, which this is or is in."""
    block: Block | None = None
    required: bool = False
    items: int = 0
    """In how many lists it is an item; such a step ends a path, and does not go on in it."""

    @property
    def value(self) -> Any:
        """What stands here now."""
        value = self.root.value
        for step in self.location[len(self.root.address) :]:
            value = child_value(value, step)
        return value

    @property
    def kind(self) -> FieldKind | None:
        """What a language model may write here, if anything."""
        return None if self.path in SCHEDULE else kind_of(self.field, self.block)

    def filled(self, value: Any) -> list[Filled]:
        """Return what is filled if the value is put here."""
        return [Filled(self.block or self.field, value)]

    def spec(self, candidates: Candidates = no_candidates) -> FieldSpec:
        """
        Return what a language model may write here.

        :raises UnsupportedFieldError: if it may write nothing here.
        """
        kind = self.kind
        if kind is None:
            raise UnsupportedFieldError(f"{'.'.join(self.path)} cannot be written")
        return spec_of(
            self.field,
            kind,
            path=".".join(self.path),
            label=LABEL_SEPARATOR.join(self.labels),
            required=self.required,
            block=self.block,
            validators=() if self.block else model_validators(self.root.panel),
            candidates=candidates,
        )


@dataclass(frozen=True)
class PostedItem:
    """A child of a stream or list block, as posted."""

    number: int
    order: int
    id: str
    type: str

    def is_called(self, token: str) -> bool:
        """Return whether an address calls the item by ``token``."""
        return token == (self.id or f"@{self.number}") or token == f"@{self.number}"


Items = Callable[[Place], list[PostedItem]]
"""Gives the children of a stream or list block, in their order."""


def find_place(fields: Iterable[ShownField], items_of: Items, address: str) -> Place:
    """
    Return what an address names in a form.

    :param items_of: :func:`items_in_post` or :func:`items_in_value`.
    :raises UnknownFieldError: if the form shows no such field, block or child.
    """
    tokens = tuple(address.split("."))
    for shown in fields:
        depth = len(shown.address)
        if shown.address == tokens[:depth] and not shown.read_only:
            return _descend(_place(shown), tokens[depth:], items_of)
    raise UnknownFieldError(address)


def addresses_at(fields: Iterable[ShownField], items_of: Items, path: str) -> Iterator[str]:
    """Yield the addresses of all fields and blocks in a form that are at one path."""
    for shown in fields:
        if not shown.read_only and _leads_to(shown.path, path):
            yield from _addresses_in(_place(shown), shown.address, items_of, path)


def _addresses_in(place, tokens, items_of, path):
    if ".".join(place.path) == path:
        yield ".".join(tokens)
    elif _leads_to(place.path[: len(place.path) - place.items], path):
        for token in _tokens_in(place, items_of):
            child = _descend(place, (token,), items_of)
            yield from _addresses_in(child, (*tokens, token), items_of, path)


def _leads_to(steps, path):
    return f"{path}.".startswith(f"{'.'.join(steps)}.")


def _tokens_in(place, items_of):
    if isinstance(place.block, StreamBlock):
        known = place.block.child_blocks
        return [_token_of(item) for item in items_of(place) if item.type in known]
    if isinstance(place.block, ListBlock):
        return [_token_of(item) for item in items_of(place)]
    return list(place.block.child_blocks) if isinstance(place.block, StructBlock) else []


def _token_of(item):
    return item.id or f"@{item.number}"


def items_in_post(post: Mapping[str, str]) -> Items:
    """Return how the children of a block are found in what the browser posted."""
    return lambda place: posted_items(post, place.input_name)


def items_in_value(place: Place) -> list[PostedItem]:
    """Return the children of a stream or list block of an object that was saved."""
    value = place.value
    children = value if isinstance(value, StreamValue) else value.bound_blocks
    return [
        PostedItem(
            number=number,
            order=number,
            id=child.id or "",
            type=getattr(child, "block_type", ""),
        )
        for number, child in enumerate(children)
    ]


def posted_items(post: Mapping[str, str], prefix: str) -> list[PostedItem]:
    """Return the children of a stream or list block that are not deleted, in their order."""
    items = [
        PostedItem(
            number=number,
            order=int(post[f"{prefix}-{number}-order"]),
            id=post.get(f"{prefix}-{number}-id") or "",
            type=post.get(f"{prefix}-{number}-type") or "",
        )
        for number in range(int(post[f"{prefix}-count"]))
        if not post[f"{prefix}-{number}-deleted"]
    ]
    return sorted(items, key=lambda item: item.order)


def _place(shown):
    field = shown.bound.field
    return Place(
        path=shown.path,
        labels=shown.labels,
        input_name=shown.bound.html_name,
        location=tuple(int(part) if part.isdigit() else part for part in shown.address),
        field=field,
        root=shown,
        block=field.block if isinstance(field, BlockField) else None,
        required=shown.required,
    )


def _descend(place, tokens, items_of):
    for token in tokens:
        if isinstance(place.block, StreamBlock):
            place = _stream_child(place, token, items_of)
        elif isinstance(place.block, ListBlock):
            place = _list_child(place, token, items_of)
        elif isinstance(place.block, StructBlock):
            place = _struct_child(place, token)
        else:
            raise UnknownFieldError(f"nothing is called {token!r} in {place.input_name}")
    return place


def _stream_child(place, token, items_of):
    known = place.block.child_blocks
    items = [item for item in items_of(place) if item.type in known]
    position, item = _find(items, token, place)
    block = known[item.type]
    child = _child(place, block, f"{place.input_name}-{item.number}-value", position)
    return _named(child, item.type)


def _list_child(place, token, items_of):
    position, item = _find(items_of(place), token, place)
    block = place.block.child_block
    child = _child(place, block, f"{place.input_name}-{item.number}-value", position)
    return replace(
        child,
        path=(*child.path, ITEM),
        labels=(*child.labels, str(block.label) or gettext("Item")),
        items=child.items + 1,
    )


def _struct_child(place, name):
    block = place.block.child_blocks.get(name)
    if block is None:
        raise UnknownFieldError(f"nothing is called {name!r} in {place.input_name}")
    return _named(_child(place, block, f"{place.input_name}-{name}", name), name)


def _named(place, name):
    depth = len(place.path) - (place.items if name != ITEM else 0)
    return replace(
        place,
        path=(*place.path[:depth], name),
        labels=(*place.labels[:depth], str(place.block.label)),
        items=0,
    )


def _find(items, token, place):
    for position, item in enumerate(items):
        if item.is_called(token):
            return position, item
    raise UnknownFieldError(f"nothing is called {token!r} in {place.input_name}")


def _child(place, block, input_name, step):
    return replace(
        place,
        input_name=input_name,
        location=(*place.location, step),
        field=block.field if isinstance(block, FieldBlock) else place.field,
        block=block,
        required=block.required,
    )
