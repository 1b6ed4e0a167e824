"""What stands in a field of a form once a value is in it: instead of what is there, or behind it."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict
from taggit.utils import parse_tags
from wagtail.blocks import Block, ListBlock, StreamBlock, StreamValue
from wagtail.blocks.list_block import ListValue

from wagtail_llm_actions.content.addresses import Place
from wagtail_llm_actions.content.contentstate import append_state
from wagtail_llm_actions.content.known_links import links_at
from wagtail_llm_actions.content.markdown import html_to_markdown
from wagtail_llm_actions.content.native import (
    members_of,
    native_value,
    on_one_line,
    raw_value,
    require_shape,
    rich_text_html,
    rich_text_state,
    tags_text,
)
from wagtail_llm_actions.content.plain_text import child_value, text_of_block
from wagtail_llm_actions.content.states import state_of, state_of_block
from wagtail_llm_actions.exceptions import UnsupportedFieldError
from wagtail_llm_actions.values import FieldKind, OutputMode


@dataclass(frozen=True, slots=True, kw_only=True)
class Filling:
    """A value as it stands in a field or block, with what was there where it is added to that."""

    native: Any
    """What the widget or block returns."""
    text: str = ""
    """What it says; only of prose and blocks."""
    state: str | None = None
    """What the browser applies; only of prose."""
    since: int = 0
    """How many blocks or items were there before."""
    added: Any = None
    """Of blocks: the value alone."""


def filling_of(place: Place, post: QueryDict, value: Any, mode: OutputMode) -> Filling:
    """
    Return what stands in a field or block then.

    :param value: see ``FieldSpec``.
    :raises ValidationError: if it cannot hold such a value.
    :raises UnsupportedFieldError: if a language model cannot write it.
    """
    kind = place.kind
    if kind is None:
        raise UnsupportedFieldError(f"{'.'.join(place.path)} cannot be written")
    require_shape(kind, value)
    current, appends = posted_value(place), mode == OutputMode.APPEND
    if kind == FieldKind.RICH_TEXT:
        posted = post.get(place.input_name) or ""
        return _rich_text(place, posted, value or "", appends, links_at(place, current))
    if kind == FieldKind.TEXT:
        return _text(place, str(current or "").replace("\r\n", "\n"), value or "", appends)
    if place.block is not None:
        return _block(place, current, value, appends)
    raw = raw_value(place.field, kind, value)
    return Filling(native=_joined(kind, current, value, raw) if appends else raw)


def posted_value(place: Place) -> Any:
    """Return what the browser posted for a field or block, also where it is not valid."""
    value = place.root.bound.data
    for step in steps_to(place):
        value = child_value(value, step)
    return value


def filled_root(place: Place, filling: Filling) -> Any:
    """Return what the widget of the form's own field returns, with the filling in its place."""
    steps = steps_to(place)
    if not steps:
        return filling.native
    return replaced(place.root.bound.field.block, place.root.bound.data, steps, filling.native)


def state_in(place: Place, filling: Filling) -> Any:
    """Return what the browser puts into the field or block."""
    if filling.state is not None:
        return filling.state
    if place.block is not None:
        return state_of_block(place.block, filling.native)
    return state_of(place.field, filling.native)


def steps_to(place: Place) -> tuple[str | int, ...]:
    """Return the way from the form's own field to the block that is filled."""
    return place.location[len(place.root.address) :]


def _rich_text(place, posted, markdown, appends, links):
    state = rich_text_state(place.field.widget, markdown, links)
    if appends and posted:
        state = append_state(posted, state)
    html = rich_text_html(state, place.field)
    native = _in_block(place, html)
    return Filling(native=native, text=html_to_markdown(html), state=state, added=native)


def text_behind(place: Place, current: str, text: str) -> str:
    """Return what a field of text says with a text added to what it says."""
    if not current.strip():
        return text
    is_rich = place.kind == FieldKind.RICH_TEXT
    is_multiline = is_rich or isinstance(place.field.widget, forms.Textarea)
    return current.rstrip() + ("\n\n" if is_multiline else " ") + text


def _text(place, current, text, appends):
    if not isinstance(place.field.widget, forms.Textarea):
        text = on_one_line(text)
    if appends:
        text = text_behind(place, current, text)
    native = _in_block(place, text)
    return Filling(native=native, text=text, state=text, added=native)


def _in_block(place, raw):
    return raw if place.block is None else place.block.value_from_form(raw)


def _block(place, current, value, appends):
    block: Any = place.block
    added = native_value(block, value, current, links_at(place, current))
    native, since = added, 0
    if appends and isinstance(block, StreamBlock):
        native, since = StreamValue(block, [*_triples(current), *_triples(native)]), len(current)
    elif appends and isinstance(block, ListBlock):
        children = [*current.bound_blocks, *native.bound_blocks]
        native, since = ListValue(block, bound_blocks=children), len(current)
    elif appends:
        native = _joined(place.kind, current, value, native)
    text = text_of_block(block, native)
    return Filling(native=native, text=text, since=since, added=added)


def _joined(kind, current, value, raw):
    """Add to a field of several tags or choices; nothing else can be added to."""
    if kind == FieldKind.TAGS:
        return tags_text([*parse_tags(current or ""), *(value or ())])
    if kind in (FieldKind.CHOICES, FieldKind.OBJECTS):
        return list(dict.fromkeys([*map(str, current or ()), *raw]))
    return raw


def replaced(block: Block, value: Any, steps: tuple[Any, ...], new: Any) -> Any:
    """Return the value of a block with another value at one place in it."""
    if not steps:
        return new
    step, rest = steps[0], steps[1:]
    if isinstance(block, StreamBlock):
        children = _triples(value)
        name, inner, block_id = children[step]
        children[step] = (name, replaced(block.child_blocks[name], inner, rest, new), block_id)
        return StreamValue(block, children)
    if isinstance(block, ListBlock):
        items = list(value.bound_blocks)
        inner = replaced(block.child_block, items[step].value, rest, new)
        items[step] = ListValue.ListChild(block.child_block, inner, id=items[step].id)
        return ListValue(block, bound_blocks=items)
    members = members_of(block, value)
    members[step] = replaced(block.child_blocks[step], members[step], rest, new)
    return block.normalize(members)


def _triples(stream):
    return [(child.block_type, child.value, child.id) for child in stream]
