"""Kinds of field by the shape of their values."""

from dataclasses import replace

from wagtail_llm_actions.values import FieldKind, FieldSpec

CHOSEN = frozenset({FieldKind.CHOICE, FieldKind.OBJECT})
"""Kinds whose value is one of the options."""
SETS = frozenset({FieldKind.CHOICES, FieldKind.OBJECTS, FieldKind.TAGS})
"""Kinds whose value is a list of texts, each of which counts once."""
SERIES = SETS | {FieldKind.LIST, FieldKind.STREAM, FieldKind.ROWS}
"""Kinds whose value is a list."""
SINGLE = frozenset(FieldKind) - SERIES - {FieldKind.STRUCT}
"""Kinds whose value has no parts."""


def items_of(spec: FieldSpec) -> tuple[FieldSpec, ...]:
    """
    Return the one spec of the items of a list, in a tuple; nothing where no item can be written.

    An item of a list is there or it is not, so a single value in it is never nothing.
    """
    return tuple(
        replace(item, required=True) if item.kind in SINGLE else item for item in spec.fields[:1]
    )
