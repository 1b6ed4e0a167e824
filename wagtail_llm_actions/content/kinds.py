"""
Which form fields and blocks a language model can write, and what kind of value they take.

A field is what the nearest of its classes is that stands here; what no class of stands here is of
no kind, because nobody knows what it takes.
"""

from typing import Any

from django import forms
from django.forms.models import InlineForeignKeyField
from taggit.forms import TagField
from wagtail.admin.rich_text import DraftailRichTextArea
from wagtail.admin.widgets import SlugInput
from wagtail.blocks import (
    Block,
    CharBlock,
    FieldBlock,
    ListBlock,
    RawHTMLBlock,
    RegexBlock,
    RichTextBlock,
    StaticBlock,
    StreamBlock,
    StructBlock,
    TextBlock,
)
from wagtail.blocks.base import BlockField
from wagtail.contrib.table_block.blocks import TableBlock
from wagtail.contrib.typed_table_block.blocks import BaseTypedTableBlock
from wagtail.embeds.blocks import EmbedBlock

from wagtail_llm_actions.values import FieldKind

LABEL_SEPARATOR = " › "
"""Between the names of a field and of what it is in, outermost first."""
MAX_DEPTH = 10
"""How deep blocks are looked into; blocks can contain themselves."""

ITEM = "item"
"""The step to the items of a list; only the last in a path: ``cards.title``, ``cards.item``."""

KINDS: dict[type, FieldKind] = {
    forms.CharField: FieldKind.TEXT,
    forms.ComboField: FieldKind.TEXT,
    forms.DurationField: FieldKind.TEXT,
    forms.IntegerField: FieldKind.INTEGER,
    forms.FloatField: FieldKind.NUMBER,
    forms.DecimalField: FieldKind.NUMBER,
    forms.BooleanField: FieldKind.BOOLEAN,
    forms.DateField: FieldKind.DATE,
    forms.TimeField: FieldKind.TIME,
    forms.DateTimeField: FieldKind.DATETIME,
    forms.SplitDateTimeField: FieldKind.DATETIME,
    forms.ChoiceField: FieldKind.CHOICE,
    forms.MultipleChoiceField: FieldKind.CHOICES,
    forms.URLField: FieldKind.URL,
    forms.EmailField: FieldKind.EMAIL,
    forms.SlugField: FieldKind.SLUG,
    forms.ModelChoiceField: FieldKind.OBJECT,
    forms.ModelMultipleChoiceField: FieldKind.OBJECTS,
    TagField: FieldKind.TAGS,
    StreamBlock: FieldKind.STREAM,
    ListBlock: FieldKind.LIST,
    StructBlock: FieldKind.STRUCT,
}
"""The kind of value that form fields and blocks take, by class."""

NOT_WRITABLE: dict[type, str] = {
    forms.FileField: "A language model makes no files.",
    forms.FilePathField: "Names of the server's files are nobody's business.",
    forms.GenericIPAddressField: "An address of a machine can only be known, not written.",
    forms.JSONField: "What the JSON means only the code that reads it knows.",
    forms.MultiValueField: "What its parts mean only the field itself knows.",
    forms.UUIDField: "An identifier can only be known, not written.",
    InlineForeignKeyField: "It ties an inline child to its parent.",
    forms.HiddenInput: "The editor does not see it, and could not judge it.",
    forms.PasswordInput: "It is a secret.",
    forms.FileInput: "A language model makes no files.",
    RawHTMLBlock: "Browsers execute what stands in it.",
    StaticBlock: "It takes nothing.",
    EmbedBlock: "To check it, the server would have to request an address that a model wrote.",
    TableBlock: "Its cells are laid out by hand, and kept as JSON that only its editor knows.",
    BaseTypedTableBlock: "Its columns are laid out by hand.",
}
"""Why fields, widgets and blocks are left alone, by class."""

SCHEDULE = frozenset({("go_live_at",), ("expire_at",)})
"""The paths of the fields that publish and unpublish: when that happens people alone decide."""

PROSE_BLOCKS = (CharBlock, TextBlock, RegexBlock)
OTHER_INPUTS = (forms.DateInput, forms.DateTimeInput, forms.TimeInput, forms.Select)
"""Widgets of text that is no prose."""


def kind_of(field: forms.Field | None, block: Block | None = None) -> FieldKind | None:
    """
    Return what kind of value a field takes, or ``None`` where a model cannot write it.

    :param block: the block that the form field belongs to, if any; of a block of blocks ``field``
        does not matter.
    """
    if isinstance(field, BlockField) and block is None:
        block = field.block
    if block is not None and not isinstance(block, FieldBlock):
        return _kind_of_compound(block, MAX_DEPTH)
    if field is None or field.disabled or _is_left_alone(field, block):
        return None
    kind = _nearest({**NOT_WRITABLE, **KINDS}, field)
    if kind == FieldKind.TEXT:
        return _kind_of_text(field, block)
    return kind if isinstance(kind, FieldKind) else None


def kind_of_block(block: Block, depth: int = MAX_DEPTH) -> FieldKind | None:
    """
    Return what kind of value a block takes, or ``None`` where a model cannot write it.

    :param depth: how deep to look for a block that it can write.
    """
    if isinstance(block, FieldBlock):
        return kind_of(block.field, block)
    return _kind_of_compound(block, depth)


def children_of(block: Block) -> dict[str, Block]:
    """Return the blocks that may stand in a block; the one of a list is called ``item``."""
    if isinstance(block, ListBlock):
        return {ITEM: block.child_block}
    return block.child_blocks if isinstance(block, (StreamBlock, StructBlock)) else {}


def is_producible(block: Block, depth: int = MAX_DEPTH) -> bool:
    """Return whether a new block can be valid with nothing in it but what a model can write."""
    if kind_of_block(block, depth) is None:
        return False
    if not isinstance(block, StructBlock):
        return True
    return all(
        is_producible(child, depth - 1) or not child.required
        for child in block.child_blocks.values()
    )


def _kind_of_compound(block, depth):
    kind = _nearest(KINDS, block)
    if kind is None or depth == 0 or _nearest(NOT_WRITABLE, block):
        return None
    inner = children_of(block).values()
    test = kind_of_block if kind == FieldKind.STRUCT else is_producible
    return kind if any(test(child, depth - 1) for child in inner) else None


def _kind_of_text(field, block):
    widget = field.widget
    if isinstance(widget, DraftailRichTextArea):
        # Raw HTML is such a field too: a model must not write what browsers execute.
        return FieldKind.RICH_TEXT if block is None or isinstance(block, RichTextBlock) else None
    if getattr(widget, "accepts_features", False) or isinstance(widget, OTHER_INPUTS):
        # Another rich text editor: what it makes of a text is unknown, and may be HTML.
        return None
    if block is not None and not isinstance(block, PROSE_BLOCKS):
        return None
    return FieldKind.SLUG if isinstance(widget, SlugInput) else FieldKind.TEXT


def _is_left_alone(field, block):
    # Rich text hides the input that it writes into.
    is_rich = isinstance(field.widget, DraftailRichTextArea)
    parts = (block,) if is_rich else (block, field.widget)
    return any(_nearest(NOT_WRITABLE, part) for part in parts)


def _nearest(table: dict[type, Any], thing: object) -> Any:
    """Return what ``table`` has for the nearest class of ``thing``."""
    return next((table[cls] for cls in type(thing).__mro__ if cls in table), None)
