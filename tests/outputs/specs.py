"""Specs of fields, whatever the test is not about filled in, and what their answers look like."""

import json
import re
import uuid
from typing import Any

from wagtail_llm_actions.outputs.options import choose, labels_of
from wagtail_llm_actions.values import FieldKind, FieldSpec, Option

MARK = uuid.UUID(int=7).hex
"""Stands around a number in the text of an answer, to be written as it is."""


def field(kind: str, path: str = "place", **values: Any) -> FieldSpec:
    """Return the spec of an optional field."""
    return FieldSpec(
        **{"path": path, "label": path.title(), "kind": FieldKind(kind), "multiline": False}
        | values
    )


def options(*labels: str) -> tuple[Option, ...]:
    """Return options with the values ``"1"``, ``"2"`` and so on."""
    return tuple(
        Option(value=str(number), label=label) for number, label in enumerate(labels, start=1)
    )


def text_of(answer: Any) -> str:
    """Return the text in which a model would give ``answer`` to a field."""
    text = json.dumps({"value": answer}, ensure_ascii=False)
    return re.sub(f'"{MARK}([^"]*){MARK}"', r"\1", text)


def answer_of(spec: FieldSpec, value: Any) -> Any:
    """Return ``value`` as a model says it: options by their labels, numbers as numbers."""
    if spec.kind == FieldKind.STRUCT:
        return {inner.name: answer_of(inner, value[inner.name]) for inner in spec.fields}
    if spec.kind == FieldKind.ROWS:
        return [
            {inner.name: answer_of(inner, row[inner.name]) for inner in spec.fields}
            for row in value
        ]
    if spec.kind == FieldKind.LIST:
        return [answer_of(spec.fields[0], item) for item in value]
    if spec.kind == FieldKind.STREAM:
        blocks = {block.name: block for block in spec.fields}
        return [
            {"type": item["type"], "value": answer_of(blocks[item["type"]], item["value"])}
            for item in value
        ]
    if spec.kind == FieldKind.NUMBER and value is not None:
        return f"{MARK}{value}{MARK}"
    if isinstance(value, list):
        return [_label(spec, item) for item in value]
    return _label(spec, value)


def _label(spec: FieldSpec, value: Any) -> Any:
    if not spec.options or value is None:
        return value
    return next(label for label in labels_of(spec) if choose(spec, label) == value)
