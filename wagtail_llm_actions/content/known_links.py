"""The links that a field holds now, wherever in it they are: they may stay what they are."""

from collections.abc import Iterator, Mapping
from typing import Any

from wagtail.blocks import Block, FieldBlock, ListBlock, StreamBlock, StructBlock

from wagtail_llm_actions.content.addresses import Place
from wagtail_llm_actions.content.kinds import kind_of_block
from wagtail_llm_actions.content.markdown import linked_urls
from wagtail_llm_actions.content.rich_text import Link
from wagtail_llm_actions.values import FieldKind


def links_at(place: Place, value: Any) -> dict[str, Link]:
    """
    Return the links and addresses in the value of a field or block, by the URL they lead to.

    :param value: what the widget or block returned, or what is stored.
    """
    leaves = leaves_of(place.block, value) if place.block else [(place.kind, value)]
    texts = [(kind, text) for kind, text in leaves if isinstance(text, str)]
    addresses = {text.strip() for kind, text in texts if kind == FieldKind.URL} - {""}
    plain = {address: (("href", address),) for address in addresses}
    return plain | linked_urls(*(text for kind, text in texts if kind == FieldKind.RICH_TEXT))


def leaves_of(block: Block, value: Any) -> Iterator[tuple[FieldKind | None, Any]]:
    """Yield each value in a block of blocks as its form has it, with its kind."""
    if isinstance(block, StreamBlock):
        for child in value or ():
            yield from leaves_of(child.block, child.value)
    elif isinstance(block, ListBlock):
        for item in value or ():
            yield from leaves_of(block.child_block, item)
    elif isinstance(block, StructBlock) and isinstance(value, Mapping):
        for name, child in block.child_blocks.items():
            yield from leaves_of(child, value.get(name))
    elif isinstance(block, FieldBlock):
        yield kind_of_block(block), block.value_for_form(value)
