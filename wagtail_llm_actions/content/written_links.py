"""The links in a field value, wherever in it they are: those refused, and those that are lost."""

from collections.abc import Collection, Iterator
from typing import Any

from wagtail_llm_actions.content.contentstate import notices_of
from wagtail_llm_actions.content.links import is_allowed, refusal
from wagtail_llm_actions.values import FieldKind, FieldSpec


def link_problems(spec: FieldSpec, value: Any, known: Collection[str] = ()) -> tuple[str, ...]:
    """
    Return what is wrong with the addresses in a field value, as sentences.

    :param known: addresses that the field has already, which may stay.
    """
    refused = [each for each in _addresses(spec, value) if not is_allowed(each, known)]
    return tuple(dict.fromkeys(map(refusal, refused)))


def link_notices(spec: FieldSpec, value: Any, known: Collection[str] = ()) -> tuple[str, ...]:
    """
    Return what the editor is told of a field value: the links that its rich text loses.

    :param known: addresses that the field has already, which may stay.
    """
    notices = (
        notice
        for leaf, text in _leaves(spec, value)
        if leaf.kind == FieldKind.RICH_TEXT and isinstance(text, str)
        for notice in notices_of(text, leaf.features, known)
    )
    return tuple(dict.fromkeys(notices))


def _addresses(spec, value) -> Iterator[str]:
    for leaf, address in _leaves(spec, value):
        if leaf.kind == FieldKind.URL and isinstance(address, str) and address.strip():
            yield address.strip()


def _leaves(spec: FieldSpec, value: Any) -> Iterator[tuple[FieldSpec, Any]]:
    """Yield what is in a field value that holds others; what does not fit the spec is left out."""
    if spec.kind == FieldKind.STRUCT and isinstance(value, dict):
        for field in spec.fields:
            yield from _leaves(field, value.get(field.name))
    elif spec.kind in (FieldKind.LIST, FieldKind.ROWS, FieldKind.STREAM):
        for item in value if isinstance(value, list) else ():
            yield from _leaves_of_item(spec, item)
    else:
        yield spec, value


def _leaves_of_item(spec, item):
    if spec.kind == FieldKind.LIST:
        yield from _leaves(spec.fields[0], item)
    elif isinstance(item, dict) and spec.kind == FieldKind.STREAM:
        for block in spec.fields:
            if block.name == item.get("type"):
                yield from _leaves(block, item.get("value"))
    elif isinstance(item, dict):
        for field in spec.fields:
            yield from _leaves(field, item.get(field.name))
