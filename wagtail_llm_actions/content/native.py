"""
Field values as Python: what a form field's widget would have returned, and the values of blocks.

What is not valid is left to the field to refuse, in its own words; only what no widget could have
returned is refused here.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext
from wagtail.blocks import Block, ChooserBlock, FieldBlock, ListBlock, StreamBlock, StreamValue
from wagtail.blocks.base import BlockField
from wagtail.blocks.list_block import ListValue

from wagtail_llm_actions.content.contentstate import is_empty_state, markdown_to_state
from wagtail_llm_actions.content.kinds import kind_of_block
from wagtail_llm_actions.content.rich_text import Link
from wagtail_llm_actions.values import FieldKind

MOMENTS = {
    FieldKind.DATE: date.fromisoformat,
    FieldKind.TIME: time.fromisoformat,
    FieldKind.DATETIME: datetime.fromisoformat,
}
TYPES: dict[FieldKind, type] = {
    FieldKind.INTEGER: int,
    FieldKind.BOOLEAN: bool,
    FieldKind.CHOICES: list,
    FieldKind.OBJECTS: list,
    FieldKind.TAGS: list,
    FieldKind.LIST: list,
    FieldKind.STREAM: list,
    FieldKind.ROWS: list,
    FieldKind.STRUCT: dict,
}
"""The JSON type of the values of each kind; of all others a string."""
LISTS_OF_TEXTS = (FieldKind.CHOICES, FieldKind.OBJECTS, FieldKind.TAGS)
NO_TEXT = (FieldKind.BOOLEAN, FieldKind.INTEGER, FieldKind.NUMBER, FieldKind.OBJECT, *MOMENTS)
"""Kinds whose fields have ``None`` where nothing stands."""
MAX_DIGITS = 18
"""How long the number of an object can be."""
NO_LINKS: Mapping[str, Link] = {}
LINE_BREAK = re.compile(r"(?<!\s)\s*[\r\n]\s*")


def raw_value(
    field: forms.Field, kind: FieldKind, value: Any, links: Mapping[str, Link] = NO_LINKS
) -> Any:
    """
    Return what the widget of a form field returns for a field value; see ``FieldSpec``.

    :param links: those that the field has now, by URL, which stay what they are.
    :raises ValidationError: if the field cannot hold such a value.
    """
    if isinstance(field, BlockField):
        return native_value(field.block, value, links=links)
    require_shape(kind, value)
    if kind in (FieldKind.OBJECT, FieldKind.OBJECTS):
        _require_keys(value)
    if kind == FieldKind.RICH_TEXT:
        return rich_text_html(rich_text_state(field.widget, value or "", links), field)
    if kind in MOMENTS:
        return _moment(field, kind, value)
    if kind == FieldKind.TAGS:
        return tags_text(value or ())
    if kind == FieldKind.TEXT and value:
        return value if isinstance(field.widget, forms.Textarea) else on_one_line(value)
    if value is not None:
        return value
    return None if kind in NO_TEXT else [] if kind in LISTS_OF_TEXTS else ""


def native_value(
    block: Block, value: Any, current: Any = None, links: Mapping[str, Link] = NO_LINKS
) -> Any:
    """
    Return the value of a block for a field value; see ``FieldSpec``.

    :param current: the value that the block has now; what the field value does not speak of stays.
    :param links: those that the field has now, by URL, which stay what they are.
    :raises ValidationError: if the block cannot hold such a value.
    """
    kind = kind_of_block(block)
    if kind is None:
        raise ValidationError(gettext("This cannot be written."))
    require_shape(kind, value)
    if isinstance(block, FieldBlock):
        return _leaf_value(block, kind, value, links)
    if isinstance(block, StreamBlock):
        return StreamValue(block, [_stream_child(block, item, links) for item in value or ()])
    if isinstance(block, ListBlock):
        items = [_located(block.child_block, item, None, links) for item in value or ()]
        return ListValue(block, values=items)
    return _group_value(block, value or {}, current, links)


def require_shape(kind: FieldKind, value: Any) -> None:
    """
    Do nothing if ``value`` has the JSON type that values of the kind have.

    :raises ValidationError: if it has another.
    """
    expected = TYPES.get(kind, str)
    fits = isinstance(value, expected) and not (expected is int and isinstance(value, bool))
    if fits and kind in LISTS_OF_TEXTS:
        fits = all(isinstance(item, str) for item in value)
    if value is not None and not fits:
        raise ValidationError(gettext("This is not the kind of value that belongs here."))


def unknown_name(name: str) -> str:
    """Return the sentence for a part of a group or row that it does not have."""
    return gettext("There is no field “%(name)s”.") % {"name": name}


def rich_text_state(widget: Any, markdown: str, links: Mapping[str, Link] = NO_LINKS) -> str:
    """
    Return Markdown as contentstate JSON.

    :raises ValidationError: if nothing of it can be kept.
    """
    state = markdown_to_state(markdown, widget, links)
    if markdown and is_empty_state(state):
        raise ValidationError(gettext("Nothing of it can be kept here."))
    return state


def rich_text_html(state: str, field: forms.Field) -> str:
    """Return contentstate JSON as the HTML that is stored."""
    return field.widget.value_from_datadict({"state": state}, {}, "state") or ""


def on_one_line(text: str) -> str:
    """Return ``text`` without line breaks."""
    return LINE_BREAK.sub(" ", text.strip())


def tags_text(tags: Iterable[str]) -> str:
    """Return tags as they are typed; a quotation mark cannot be part of one."""
    names = (on_one_line(tag).replace('"', "") for tag in tags)
    return ", ".join(f'"{name}"' for name in names if name)


def members_of(block: Block, value: Any) -> dict[str, Any]:
    """Return the values in a group by name; the one of ``ImageBlock`` is an image, or nothing."""
    if isinstance(value, Mapping):
        return dict(value)
    return dict(block._image_to_struct_value(value)) if _is_image(block, value) else {}


def _require_keys(value):
    """A number that no database has room for would be an error of the database."""
    for key in value if isinstance(value, list) else [value or ""]:
        if key.isdecimal() and len(key) > MAX_DIGITS:
            raise ValidationError(gettext("This cannot be chosen here."))


def _is_image(block, value):
    return hasattr(block, "_image_to_struct_value") and isinstance(value, (Model, type(None)))


def _leaf_value(block, kind, value, links):
    raw = raw_value(block.field, kind, value, links)
    if isinstance(block, ChooserBlock) and raw is not None:
        # Blocks take what they do not find for nothing.
        return block.field.to_python(raw)
    return block.value_from_form(raw)


def _stream_child(block, item, links):
    if not isinstance(item, dict) or not isinstance(item.get("type"), str):
        raise ValidationError(gettext("This is not the kind of value that belongs here."))
    child = block.child_blocks.get(item["type"])
    if child is None:
        values = {"type": item["type"]}
        raise ValidationError(gettext("There is no block of type “%(type)s”.") % values)
    return item["type"], _located(child, item.get("value"), None, links)


def _group_value(block, value, current, links):
    before = members_of(block, block.get_default() if current is None else current)
    members = {
        name: (
            _located(child, value[name], before.get(name), links)
            if name in value
            else before.get(name)
        )
        for name, child in block.child_blocks.items()
    }
    if unknown := next((name for name in value if name not in members), None):
        raise ValidationError(unknown_name(unknown))
    return block.normalize(members)


def _located(block, value, current, links):
    """Convert what is in a block, and say in which part of it something is wrong."""
    try:
        return native_value(block, value, current, links)
    except ValidationError as error:
        label = str(block.label)
        if not label:
            raise
        message = gettext("%(field)s: %(message)s")
        raise ValidationError(
            [message % {"field": label, "message": text} for text in error.messages]
        ) from error


def _moment(field, kind, value):
    try:
        moment = MOMENTS[kind](value) if value else None
    except ValueError:
        # The field says in its own words that this is none.
        return value
    if isinstance(field, forms.MultiValueField):
        return [moment.date(), moment.time()] if moment else []
    if isinstance(moment, datetime) and moment.tzinfo:
        try:
            timezone.localtime(moment.astimezone(UTC))
        except OverflowError as error:
            # There it is in a year that does not exist.
            raise ValidationError(field.error_messages["invalid"]) from error
    return moment
