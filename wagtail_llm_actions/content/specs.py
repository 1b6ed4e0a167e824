"""What the fields and blocks take that a language model can write, with all that is in them."""

import datetime
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import FieldDoesNotExist
from django.core.validators import MaxLengthValidator, MaxValueValidator, MinValueValidator
from django.utils.choices import flatten_choices
from wagtail.admin.panels import FieldPanel
from wagtail.blocks import Block, FieldBlock, ListBlock, StreamBlock
from wagtail.blocks.base import BlockField

from wagtail_llm_actions.content.kinds import (
    MAX_DEPTH,
    children_of,
    is_producible,
    kind_of_block,
)
from wagtail_llm_actions.values import FieldKind, FieldSpec, Option

LIMITED = (FieldKind.INTEGER, FieldKind.NUMBER, FieldKind.DATE, FieldKind.TIME, FieldKind.DATETIME)
FIXED_CHOICES = (FieldKind.CHOICE, FieldKind.CHOICES)
OFFERED = (FieldKind.OBJECT, FieldKind.OBJECTS, FieldKind.TAGS)

Candidates = Callable[[forms.Field], tuple[Option, ...]]
"""Gives the objects that can be chosen in a field; nothing where it takes others too."""


def no_candidates(field: forms.Field) -> tuple[Option, ...]:
    """Return nothing: where there is no user, nothing can be chosen."""
    return ()


def spec_of(
    field: forms.Field | None,
    kind: FieldKind,
    *,
    path: str,
    label: str,
    required: bool,
    block: Block | None = None,
    validators: Iterable[Any] = (),
    candidates: Candidates = no_candidates,
) -> FieldSpec:
    """
    Return what a field or block takes that is of this ``kind``.

    :param field: ``None`` only for blocks of blocks.
    :param block: the block that the field belongs to or holds, if any.
    :param validators: those of the model's field; a form field does not know them.
    """
    if isinstance(field, BlockField) and block is None:
        block = field.block
    if block is not None and not isinstance(block, FieldBlock):
        return _spec_of_compound(block, kind, path, label, required, candidates, MAX_DEPTH)
    return _spec_of_leaf(field, kind, path, label, required, candidates, tuple(validators))


def spec_of_rows(
    columns: Iterable[FieldSpec],
    *,
    path: str,
    label: str,
    min_items: int | None = None,
    max_items: int | None = None,
) -> FieldSpec:
    """
    Return what a relation takes whose rows have these fields.

    :param columns: with the names of the fields as their paths.
    """
    return FieldSpec(
        path=path,
        label=label,
        kind=FieldKind.ROWS,
        required=bool(min_items),
        min_items=min_items or None,
        max_items=max_items,
        fields=tuple(columns),
    )


def max_length_of(field: forms.Field) -> int | None:
    """Return how many characters the field takes, or ``None`` where there is no limit."""
    limits = _limits(field.validators, MaxLengthValidator)
    declared = getattr(field, "max_length", None)
    return min([*limits, declared] if declared is not None else limits, default=None)


def model_validators(panel: FieldPanel) -> tuple[Any, ...]:
    """Return the validators that a site gave the model's field of a panel, if it has one."""
    try:
        return tuple(getattr(panel.db_field, "_validators", ()))
    except FieldDoesNotExist:
        return ()


def _spec_of_leaf(field, kind, path, label, required, candidates, validators=()):
    is_rich = kind == FieldKind.RICH_TEXT
    validators = (*field.validators, *validators)
    minimum, maximum = _range_of(field, validators) if kind in LIMITED else (None, None)
    return FieldSpec(
        path=path,
        label=label,
        kind=kind,
        required=required,
        max_length=max_length_of(field),
        multiline=is_rich or isinstance(field.widget, forms.Textarea),
        features=tuple(field.widget.features) if is_rich else (),
        help_text=str(field.help_text or ""),
        options=_options_of(field, kind, candidates),
        minimum=_text_of_limit(minimum),
        maximum=_text_of_limit(maximum),
        decimal_places=getattr(field, "decimal_places", None),
    )


def _spec_of_compound(block, kind, path, label, required, candidates, depth):
    is_stream = isinstance(block, StreamBlock)
    minimum = getattr(block.meta, "min_num", None)
    return FieldSpec(
        path=path,
        label=label,
        kind=kind,
        required=required or bool(minimum),
        help_text=str(getattr(block.meta, "help_text", None) or ""),
        min_items=minimum or (1 if is_stream and required else None),
        max_items=getattr(block.meta, "max_num", None),
        fields=tuple(
            _spec_inside(name, child, candidates, depth - 1)
            for name, child in children_of(block).items()
            if _is_inside(block, child, depth - 1)
        ),
    )


def _is_inside(block, child, depth):
    """A new block must be valid with what a model writes; a group keeps what it does not write."""
    if isinstance(block, (StreamBlock, ListBlock)):
        return is_producible(child, depth)
    return kind_of_block(child, depth) is not None


def _spec_inside(name, block, candidates, depth):
    kind = kind_of_block(block, depth)
    label = str(block.label or name)
    if isinstance(block, FieldBlock):
        return _spec_of_leaf(block.field, kind, name, label, block.required, candidates)
    return _spec_of_compound(block, kind, name, label, block.required, candidates, depth)


def _options_of(field, kind, candidates):
    if kind in OFFERED:
        return candidates(field)
    if kind not in FIXED_CHOICES:
        return ()
    return tuple(
        Option(value=str(value), label=str(label))
        for value, label in flatten_choices(field.choices)
        if value not in (None, "")
    )


def _range_of(field, validators) -> tuple[Any, Any]:
    lowest = _limits(validators, MinValueValidator)
    highest = _limits(validators, MaxValueValidator)
    digits, places = getattr(field, "max_digits", None), getattr(field, "decimal_places", None)
    if digits is not None and places is not None:
        largest = (Decimal(10) ** digits - 1).scaleb(-places)
        lowest.append(-largest)
        highest.append(largest)
    return max(lowest, default=None), min(highest, default=None)


def _limits(validators, kind):
    limits = (one.limit_value for one in validators if isinstance(one, kind))
    return [limit() if callable(limit) else limit for limit in limits]


def _text_of_limit(limit):
    if limit is None:
        return None
    is_moment = isinstance(limit, (datetime.date, datetime.time))
    return limit.isoformat() if is_moment else str(limit)
