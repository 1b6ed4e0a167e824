"""What a field holds that a language model cannot write, and that goes when a value replaces it."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext
from wagtail.blocks import Block, FieldBlock, ListBlock, StaticBlock, StreamBlock, StructBlock

from wagtail_llm_actions.content.addresses import Place
from wagtail_llm_actions.content.kinds import kind_of_block
from wagtail_llm_actions.values import FieldKind
from wagtail_llm_actions.wording import listed

EMBEDDED = re.compile(r"<embed\b")
RAISED = re.compile(r"<su[bp]\b")


def losses(place: Place, current: Any, value: Any) -> tuple[str, ...]:
    """
    Return what a value takes away from a field or block that it replaces, as one sentence.

    :param current: what the widget or block returned, or what is stored.
    :param value: see ``FieldSpec``. What it does not speak of in a group stays.
    """
    if place.block is not None:
        found = _of_block(place.block, current, value)
    elif place.kind == FieldKind.RICH_TEXT:
        found = _of_rich_text(current)
    else:
        return ()
    if names := listed(dict.fromkeys(found)):
        sentence = gettext("This removes what a language model cannot write: %(names)s.")
        return (sentence % {"names": names},)
    return ()


def _of_block(block: Block, current: Any, value: Any) -> Iterator[str]:
    """Yield what is lost; ``value`` is a ``dict`` only where the rest of a group stays."""
    if isinstance(block, StreamBlock):
        for child in current or ():
            yield from _of_block(child.block, child.value, None)
    elif isinstance(block, ListBlock):
        for item in current or ():
            yield from _of_block(block.child_block, item, None)
    elif isinstance(block, StructBlock):
        yield from _of_group(block, current, value)
    elif kind_of_block(block) == FieldKind.RICH_TEXT:
        yield from _of_rich_text(block.value_for_form(current) if current else "")
    elif (
        kind_of_block(block) is None
        and not isinstance(block, StaticBlock)
        and _says(block, current)
    ):
        yield str(block.label)


def _of_group(block, current, value):
    if not isinstance(current, Mapping):
        return
    for name, child in block.child_blocks.items():
        if not isinstance(value, dict) or name in value:
            yield from _of_block(child, current.get(name), (value or {}).get(name))


def _of_rich_text(html: Any) -> Iterator[str]:
    if EMBEDDED.search(str(html or "")):
        yield gettext("images and embedded objects")
    if RAISED.search(str(html or "")):
        yield gettext("superscript and subscript")


def _says(block, value):
    if isinstance(block, FieldBlock):
        return value not in block.field.empty_values
    return bool(value)
