"""
Values of fields and blocks as text that a language model can read.

Everywhere ``sees`` says whether an object that was chosen may be named.
"""

import datetime
import json
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.forms import ChoiceField, Field, JSONField, ModelChoiceField
from django.utils.choices import flatten_choices
from django.utils.duration import duration_string
from django.utils.formats import localize
from django.utils.timezone import is_aware, localtime
from django.utils.translation import gettext
from wagtail.blocks import (
    Block,
    BlockQuoteBlock,
    FieldBlock,
    ListBlock,
    RawHTMLBlock,
    RichTextBlock,
    StreamBlock,
    StreamValue,
    StructBlock,
    URLBlock,
)
from wagtail.blocks.base import BlockField
from wagtail.contrib.table_block.blocks import TableBlock
from wagtail.contrib.typed_table_block.blocks import TypedTable
from wagtail.fields import RichTextField, StreamField
from wagtail.models import CollectionMember

from wagtail_llm_actions.content.kinds import kind_of
from wagtail_llm_actions.content.markdown import html_to_markdown
from wagtail_llm_actions.values import PROSE_KINDS, FieldKind

LOCALISED = (datetime.date, datetime.time, Decimal, float)
Sees = Callable[[models.Model], bool]


def everything(chosen: models.Model) -> bool:
    """Let every object be named."""
    return True


def text_of_form_value(field: Field, value: Any, sees: Sees = everything) -> str:
    """Return the value of a form field as text; empty where nothing was entered."""
    if isinstance(field, BlockField):
        return text_of_block(field.block, value, sees)
    if kind_of(field) == FieldKind.RICH_TEXT:
        return html_to_markdown(value or "")
    if isinstance(field, ModelChoiceField) and not _is_objects(value):
        return ""  # what was posted is no valid choice
    if isinstance(field, JSONField) and isinstance(value, (list, Mapping)):
        return json.dumps(value, ensure_ascii=False)
    return _text_of_choice(field, value, sees)


def text_of_model_value(field: models.Field, value: Any, sees: Sees = everything) -> str:
    """Return the value of a model field as text."""
    if isinstance(field, StreamField):
        return text_of_block(field.stream_block, value, sees)
    if isinstance(field, RichTextField):
        return html_to_markdown(value or "")
    choices = dict(flatten_choices(field.choices or ()))
    return _text_of(choices.get(value, value) if _is_scalar(value) else value, sees)


def text_of_block(block: Block, value: Any, sees: Sees = everything) -> str:
    """Return the value of a block, with all that is in it, as text."""
    if value is None:
        return ""
    if isinstance(block, StreamBlock):
        return _paragraphs(((child.block, child.value) for child in value), sees)
    if isinstance(block, StructBlock) and isinstance(value, Mapping):
        return _paragraphs(((block.child_blocks[name], value[name]) for name in value), sees)
    if isinstance(block, ListBlock):
        return _list([text_of_block(block.child_block, item, sees) for item in value])
    if isinstance(block, RichTextBlock):
        return html_to_markdown(value.source)
    if isinstance(block, RawHTMLBlock):
        return html_to_markdown(str(value))
    if isinstance(block, BlockQuoteBlock):
        return "\n".join(f"> {line}" for line in _text_of(value, sees).splitlines())
    return _text_of_leaf(block, value, sees)


def labelled(label: str, text: str) -> str:
    """Return what a field says together with what it is called."""
    return gettext("%(label)s: %(text)s") % {"label": label, "text": text}


def child_value(value: Any, step: str | int) -> Any:
    """Return the value of the child of a block: by name in a group, by position in the others."""
    if hasattr(value, "contextual_alt_text"):  # of ImageBlock, a group whose value is the image
        alt: dict[Any, Any] = {
            "alt_text": value.contextual_alt_text,
            "decorative": value.decorative,
        }
        return ({"image": value} | alt)[step]
    child = value[step]
    return child.value if isinstance(value, StreamValue) else child


def _paragraphs(children, sees):
    texts = (_text_in_group(block, value, sees) for block, value in children)
    return "\n\n".join(text for text in texts if text)


def _text_in_group(block, value, sees):
    """Prose speaks for itself; a date or a ticked box says nothing without its label."""
    text = text_of_block(block, value, sees)
    is_prose = isinstance(block, (RawHTMLBlock, TableBlock)) or (
        isinstance(block, FieldBlock) and kind_of(block.field, block) in PROSE_KINDS
    )
    if is_prose or not text or not isinstance(block, FieldBlock):
        return text
    return labelled(str(block.label), text)


def _list(texts):
    texts = [text for text in texts if text]
    if any("\n" in text for text in texts):
        return "\n\n".join(texts)
    return "\n".join(f"- {text}" for text in texts)


def _text_of_leaf(block, value, sees):
    if isinstance(value, TypedTable):
        return _typed_table(value, sees)
    if isinstance(block, TableBlock):
        return _plain_table(value)
    if isinstance(block, URLBlock):
        return block.value_for_form(value)  # of an embed its address
    if isinstance(block, FieldBlock) and isinstance(value, str):
        value = _converted(block.field, value)
    if _is_scalar(value) or isinstance(value, (list, tuple, models.Model)):
        return _text_of_choice(getattr(block, "field", None), value, sees)
    return "\n".join(str(text) for text in block.get_searchable_content(value))


def _converted(field, value):
    """A stream with an error anywhere leaves all of its values as they were posted."""
    try:
        return field.to_python(value)
    except ValidationError:
        return value


def _typed_table(table, sees):
    heads = [str(column["heading"]) for column in table.columns]
    rows = [
        [
            text_of_block(column["block"], cell, sees)
            for column, cell in zip(table.columns, row["values"], strict=False)
        ]
        for row in table.row_data
    ]
    return _table(table.caption, heads, rows)


def _plain_table(value):
    rows = [[_text_of(cell, everything) for cell in row] for row in value.get("data") or []]
    heads = rows.pop(0) if rows and value.get("first_row_is_table_header") else []
    return _table(value.get("table_caption"), heads, rows)


def _table(caption, heads, rows):
    """Write a Markdown table."""
    if not heads and not rows:
        return str(caption or "")
    heads = heads or [""] * len(rows[0])
    lines = [_row(heads), _row(["---"] * len(heads)), *map(_row, rows)]
    return "\n".join([f"{caption}\n"] * bool(caption) + lines)


def _row(cells):
    texts = (" ".join(cell.split()).replace("|", "\\|") for cell in cells)
    return f"| {' | '.join(texts)} |"


def _text_of_choice(field, value, sees):
    if not isinstance(field, ChoiceField) or isinstance(field, ModelChoiceField):
        return _text_of(value, sees)
    labels = {str(key): label for key, label in flatten_choices(field.choices)}
    values = value if isinstance(value, (list, tuple)) else [value]
    return _text_of([labels.get(str(key), key) for key in values if key not in (None, "")], sees)


def _text_of(value, sees):
    if value is None:
        return ""
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    if isinstance(value, LOCALISED):
        is_moment = isinstance(value, datetime.datetime) and is_aware(value)
        return str(localize(localtime(value) if is_moment else value))
    if isinstance(value, datetime.timedelta):
        return duration_string(value)
    if isinstance(value, models.Model):
        return _name_of(value) if sees(value) else ""
    if hasattr(value, "all"):
        value = value.all()
    if isinstance(value, Mapping):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, Iterable) and not isinstance(value, str):
        texts = (_text_of(item, sees) for item in value)
        return ", ".join(text for text in texts if text)
    return str(value).replace("\r\n", "\n").strip()


def _name_of(chosen):
    """Return what an object is called; of an image also what is to be seen in it."""
    described = getattr(chosen, "contextual_alt_text", "") or getattr(chosen, "description", "")
    if isinstance(chosen, CollectionMember) and described:
        return labelled(str(chosen), described)
    return str(chosen)


def _is_scalar(value):
    return isinstance(value, (str, int, datetime.timedelta, *LOCALISED))


def _is_objects(value):
    return isinstance(value, (models.Model, models.QuerySet, list))
