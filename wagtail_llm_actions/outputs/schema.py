"""
The JSON Schema of an answer, in the words that every provider knows.

Services with schema-constrained output differ in what they accept. All of them take: types and
unions of a type with null, ``properties`` that are all required, no additional ones, ``items``,
``enum`` and ``anyOf``. Limits of length, number and count, formats and patterns are refused by
some; they are told to the model in words, and checked when its answer is fitted.
"""

from typing import Any

from wagtail_llm_actions.outputs.kinds import CHOSEN, SETS, items_of
from wagtail_llm_actions.outputs.options import labels_of
from wagtail_llm_actions.values import PROSE_KINDS, FieldKind, FieldSpec

TYPES = {
    FieldKind.INTEGER: "integer",
    FieldKind.NUMBER: "number",
    FieldKind.BOOLEAN: "boolean",
}


def json_schema(spec: FieldSpec) -> dict[str, Any] | None:
    """Return the schema of an answer for the field; ``None`` where it is no JSON, but prose."""
    if spec.kind in PROSE_KINDS:
        return None
    return _object({"value": _value(spec)})


def _value(spec: FieldSpec) -> dict[str, Any]:
    if spec.kind == FieldKind.STRUCT:
        return _struct(spec)
    if spec.kind == FieldKind.ROWS:
        return _list(_struct(spec))
    if spec.kind == FieldKind.STREAM:
        return _list(_any_of([_block(inner) for inner in spec.fields]))
    if spec.kind == FieldKind.LIST:
        return _list(_any_of([_value(item) for item in items_of(spec)]))
    if spec.kind in SETS:
        return _list(_text(spec, nullable=False))
    return _text(spec, nullable=not spec.required)


def _text(spec: FieldSpec, *, nullable: bool) -> dict[str, Any]:
    kind = TYPES.get(spec.kind, "string")
    schema: dict[str, Any] = {"type": [kind, "null"] if nullable else kind}
    labels: list[str | None] = [*labels_of(spec)] if spec.kind in SETS | CHOSEN else []
    if labels:
        schema["enum"] = [*labels, None] if nullable else labels
    return schema


def _struct(spec: FieldSpec) -> dict[str, Any]:
    return _object({inner.name: _value(inner) for inner in spec.fields})


def _block(spec: FieldSpec) -> dict[str, Any]:
    return _object({"type": {"type": "string", "enum": [spec.name]}, "value": _value(spec)})


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _any_of(schemas: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the schema of what is one of these; without any, of nothing."""
    if len(schemas) > 1:
        return {"anyOf": schemas}
    return schemas[0] if schemas else {"type": "null"}


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
