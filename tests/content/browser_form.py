"""What the browser posts from an edit form with every kind of field, when nothing is changed."""

import json

from bs4 import BeautifulSoup
from django.http import QueryDict
from wagtail.blocks import FieldBlock, ListBlock, StreamBlock, StructBlock
from wagtail.contrib.table_block.blocks import TableBlock
from wagtail.contrib.typed_table_block.blocks import TypedTableBlock
from wagtail.images.blocks import ImageBlock
from wagtail.test.utils.form_data import nested_form_data


def browser_post(html: str, **streams) -> QueryDict:
    """
    Return the data of the edit form in a page.

    :param streams: the value of each stream, whose inputs only the browser makes.
    """
    form = BeautifulSoup(html, "html.parser").select_one("form[data-edit-form]")
    post = QueryDict(mutable=True)
    for element in form.select("input[name], textarea[name], select[name]"):
        if not element.find_parent("template"):
            for value in _values(element):
                post.appendlist(element["name"], value)
    for name, value in streams.items():
        for key, text in nested_form_data({name: inputs_of(value.stream_block, value)}).items():
            post.setlist(key, text if isinstance(text, tuple) else [text])
    return post


def _values(element):
    if element.name == "select":
        chosen = element.select("option[selected]") or element.select("option")[:1]
        return [
            option["value"]
            for option in chosen
            if "multiple" not in element.attrs or option.has_attr("selected")
        ]
    if element.name == "textarea":
        return [element.text.removeprefix("\n")]
    if element.get("type") in ("checkbox", "radio"):
        return [element.get("value", "on")] if element.has_attr("checked") else []
    return [] if element.get("type") in ("submit", "file") else [element.get("value", "")]


def inputs_of(block, value):
    """Return the names and values of the inputs of a block, nested."""
    if isinstance(block, StreamBlock):
        return _children((child.id, child.block, child.value) for child in value)
    if isinstance(block, ListBlock):
        data = _children((child.id, block.child_block, child.value) for child in value.bound_blocks)
        for child in data.values():
            if isinstance(child, dict):
                del child["type"]
        return data
    if isinstance(block, ImageBlock):
        value = block._image_to_struct_value(value)
    if isinstance(block, StructBlock):
        data = {name: inputs_of(block.child_blocks[name], value[name]) for name in value}
        return {name: inputs for name, inputs in data.items() if inputs is not None}
    if isinstance(block, TypedTableBlock):
        return _typed_table(value)
    if isinstance(block, TableBlock):
        return json.dumps(value)
    return _leaf(block, value) if isinstance(block, FieldBlock) else ""


def _children(children):
    data = {}
    for number, (key, block, value) in enumerate(children):
        data[str(number)] = {
            "type": block.name,
            "value": inputs_of(block, value),
            "id": key or "",
            "order": str(number),
            "deleted": "",
        }
    return data | {"count": str(len(data))}


def _typed_table(table):
    data = {
        "caption": table.caption or "",
        "column-count": str(len(table.columns)),
        "row-count": str(len(table.row_data)),
    }
    for column, head in enumerate(table.columns):
        data |= {
            f"column-{column}-type": head["block"].name,
            f"column-{column}-heading": head["heading"],
            f"column-{column}-order": str(column),
            f"column-{column}-deleted": "",
        }
    for number, row in enumerate(table.row_data):
        data |= {f"row-{number}-order": str(number), f"row-{number}-deleted": ""}
        for column, cell in enumerate(row["values"]):
            data[f"cell-{number}-{column}"] = inputs_of(table.columns[column]["block"], cell)
    return data


def _leaf(block, value):
    widget = block.field.widget
    shown = widget.format_value(block.field.prepare_value(block.value_for_form(value)))
    if hasattr(widget, "get_value_data"):  # a chooser posts the primary key
        return str(value.pk) if value else ""
    if isinstance(value, bool):
        return "on" if value else None
    if isinstance(shown, (list, tuple)):
        return tuple(shown) if widget.allow_multiple_selected else (shown or [""])[0]
    return "" if shown is None else str(shown)
