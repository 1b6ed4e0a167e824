"""The rules of a spec, written a second time: what an output may never break."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from wagtail_llm_actions.outputs.characters import readable
from wagtail_llm_actions.values import FieldKind, FieldSpec

PARSERS = {
    FieldKind.INTEGER: Decimal,
    FieldKind.NUMBER: Decimal,
    FieldKind.DATE: date.fromisoformat,
    FieldKind.TIME: time.fromisoformat,
    FieldKind.DATETIME: lambda text: datetime.fromisoformat(text).replace(tzinfo=None),
}


def problems(spec: FieldSpec, value: Any, root: bool = True) -> list[str]:
    """Return which rules of its spec ``value`` breaks."""
    if spec.kind == FieldKind.STRUCT:
        return _struct(spec, value)
    if spec.kind in (FieldKind.LIST, FieldKind.STREAM, FieldKind.ROWS):
        return _series(spec, value)
    if spec.kind in (FieldKind.TAGS, FieldKind.CHOICES, FieldKind.OBJECTS):
        return _set(spec, value)
    if value is None:
        return ["nothing"] if spec.required or root else []
    return _scalar(spec, value)


def _struct(spec: FieldSpec, value: Any) -> list[str]:
    if not isinstance(value, dict) or set(value) != {inner.name for inner in spec.fields}:
        return ["names"]
    return [found for inner in spec.fields for found in problems(inner, value[inner.name], False)]


def _series(spec: FieldSpec, value: Any) -> list[str]:
    if not isinstance(value, list):
        return ["no list"]
    found = _count(spec, value)
    if spec.kind == FieldKind.ROWS:
        return found + [problem for row in value for problem in _struct(spec, row)]
    if spec.kind == FieldKind.LIST:
        return found + [problem for item in value for problem in problems(spec.fields[0], item)]
    blocks = {block.name: block for block in spec.fields}
    for item in value:
        if (
            not isinstance(item, dict)
            or set(item) != {"type", "value"}
            or item["type"] not in blocks
        ):
            return ["no block"]
        found += problems(blocks[item["type"]], item["value"], False)
    return found


def _set(spec: FieldSpec, value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        return ["no list of texts"]
    found = _count(spec, value)
    if len(set(value)) < len(value):
        found.append("twice")
    if spec.kind != FieldKind.TAGS:
        found += [item for item in value if item not in _values(spec)]
    return found


def _count(spec: FieldSpec, value: list) -> list[str]:
    least = max(spec.min_items or 0, 1 if spec.required else 0)
    most = len(value) if spec.max_items is None else spec.max_items
    return [] if least <= len(value) <= most else ["count"]


def _values(spec: FieldSpec) -> set[str]:
    return {option.value for option in spec.options}


def _scalar(spec: FieldSpec, value: Any) -> list[str]:
    if spec.kind == FieldKind.BOOLEAN:
        return [] if isinstance(value, bool) else ["no boolean"]
    if spec.kind == FieldKind.INTEGER:
        if isinstance(value, bool) or not isinstance(value, int):
            return ["no integer"]
    elif not isinstance(value, str) or not value:
        return ["no text"]
    elif readable(value) != value and spec.kind not in (FieldKind.CHOICE, FieldKind.OBJECT):
        return ["unreadable"]
    if spec.kind in (FieldKind.CHOICE, FieldKind.OBJECT):
        return [] if value in _values(spec) else ["no option"]
    if spec.kind == FieldKind.TEXT:
        return _text(spec, value)
    return _range(spec, value) if spec.kind in PARSERS else []


def _text(spec: FieldSpec, value: str) -> list[str]:
    found = ["too long"] if spec.max_length is not None and len(value) > spec.max_length else []
    return found + (["lines"] if "\n" in value and not spec.multiline else [])


def _range(spec: FieldSpec, value: Any) -> list[str]:
    parse = PARSERS[spec.kind]
    number = parse(str(value))
    found = []
    if spec.kind == FieldKind.NUMBER and spec.decimal_places is not None:
        found += ["decimals"] if -number.as_tuple().exponent > spec.decimal_places else []
    if spec.kind == FieldKind.DATETIME and datetime.fromisoformat(value).tzinfo:
        return found
    if spec.minimum is not None and number < parse(spec.minimum):
        found.append("too small")
    if spec.maximum is not None and number > parse(spec.maximum):
        found.append("too large")
    return found
