"""Which of the objects in a field value a user may not choose, wherever in it they are."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from django.utils.translation import gettext
from wagtail.blocks import Block, FieldBlock, ListBlock, StreamBlock, StructBlock
from wagtail.blocks.base import BlockField

from wagtail_llm_actions.content.candidates import choosable, is_chooser, key_name, key_of
from wagtail_llm_actions.content.forms import UNREADABLE
from wagtail_llm_actions.content.problems import Problem


class Filled(NamedTuple):
    """A field or block with the value that is put into it; see ``FieldSpec``."""

    holder: Any
    value: Any
    labels: tuple[str, ...] = ()
    """What it is called in what it is in; empty for what is filled as a whole."""


def problems_of_choice(filled: Iterable[Filled], user: Any) -> tuple[str, ...]:
    """
    Return what a user may not choose, as sentences. One query for each kind of chooser.

    What no such field could hold is passed over: the field itself refuses it.
    """
    chosen = defaultdict(list)
    for each in filled:
        for leaf in _choosers(each):
            chosen[key_of(leaf.holder)].append(leaf)
    problems = (problem for leaves in chosen.values() for problem in _refused(leaves, user))
    return tuple(dict.fromkeys(problem.sentence() for problem in problems))


def _choosers(filled: Filled) -> Iterator[Filled]:
    """Yield the fields that objects are chosen in, each with its value."""
    holder, value, labels = filled
    if isinstance(holder, BlockField):
        holder = holder.block
    if isinstance(holder, FieldBlock):
        holder = holder.field
    if isinstance(holder, Block):
        for child, inner in _inside(holder, value):
            yield from _choosers(Filled(child, inner, (*labels, str(child.label))))
    elif is_chooser(holder) and isinstance(value, (str, list)) and value:
        yield Filled(holder, value, labels)


def _inside(block: Block, value: Any) -> list[tuple[Block, Any]]:
    """Return the blocks in a block that a value fills, each with what is in it."""
    if isinstance(block, StructBlock) and isinstance(value, dict):
        known = block.child_blocks
        return [(known[name], inner) for name, inner in value.items() if name in known]
    if isinstance(block, StreamBlock) and isinstance(value, list):
        known = block.child_blocks
        items = [item for item in value if isinstance(item, dict) and item.get("type") in known]
        return [(known[item["type"]], item.get("value")) for item in items]
    if isinstance(block, ListBlock) and isinstance(value, list):
        return [(block.child_block, item) for item in value]
    return []


def _refused(leaves: list[Filled], user: Any) -> Iterator[Problem]:
    """Yield a problem for each field that holds what may not be chosen; all choose from the same."""
    field = leaves[0].holder
    name = key_name(field)
    keys = {key for leaf in leaves for key in _keys(leaf.value)}
    try:
        allowed = choosable(field, user).filter(**{f"{name}__in": keys})
        found = {str(key) for key in allowed.values_list(name, flat=True)}
    except UNREADABLE:
        found = set()
    for leaf in leaves:
        if not found.issuperset(map(str, _keys(leaf.value))):
            yield Problem((), leaf.labels, gettext("This cannot be chosen here."))


def _keys(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
