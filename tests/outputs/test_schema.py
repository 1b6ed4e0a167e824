"""The schema of an answer: what it asks for, and in which words."""

import pytest
from hypothesis import given, settings

from tests.outputs import strategies
from tests.outputs.specs import field, options
from wagtail_llm_actions.outputs import json_schema
from wagtail_llm_actions.values import PROSE_KINDS

FOOD = options("Bread", "Cake")
KEYWORDS = {"type", "properties", "required", "additionalProperties", "items", "enum", "anyOf"}


def value_schema(spec):
    return json_schema(spec)["properties"]["value"]


@pytest.mark.parametrize("kind", sorted(PROSE_KINDS))
def test_prose_has_none(kind):
    assert json_schema(field(kind)) is None


def test_the_root_is_an_object_with_the_value():
    assert json_schema(field("date", required=True)) == {
        "type": "object",
        "properties": {"value": {"type": "string"}},
        "required": ["value"],
        "additionalProperties": False,
    }


@pytest.mark.parametrize(
    ("spec", "schema"),
    [
        (field("date"), {"type": ["string", "null"]}),
        (field("integer", required=True), {"type": "integer"}),
        (field("number"), {"type": ["number", "null"]}),
        (field("boolean", required=True), {"type": "boolean"}),
        (
            field("choice", options=FOOD, required=True),
            {"type": "string", "enum": ["Bread", "Cake"]},
        ),
        (
            field("object", options=FOOD),
            {"type": ["string", "null"], "enum": ["Bread", "Cake", None]},
        ),
        (field("choice"), {"type": ["string", "null"]}),
        (
            field("choices", options=FOOD),
            {"type": "array", "items": {"type": "string", "enum": ["Bread", "Cake"]}},
        ),
        (field("tags"), {"type": "array", "items": {"type": "string"}}),
        (
            field("list", fields=(field("url", "item"),)),
            {"type": "array", "items": {"type": "string"}},
        ),
        (field("list"), {"type": "array", "items": {"type": "null"}}),
    ],
)
def test_each_kind_has_its_type(spec, schema):
    assert value_schema(spec) == schema


def test_blocks_are_told_apart_by_their_type():
    spec = field("stream", fields=(field("text", "heading"), field("date", "day")))
    first, second = value_schema(spec)["items"]["anyOf"]
    assert first["properties"]["type"] == {"type": "string", "enum": ["heading"]}
    assert second["properties"]["type"] == {"type": "string", "enum": ["day"]}


def test_options_have_names_that_are_short_on_one_line_and_all_different():
    spec = field("choice", options=options("News", "News", "a\nb\u202e", "x" * 200, "", "News (1)"))
    labels = value_schema(spec)["enum"][:-1]
    assert labels == ["News (1) (1)", "News (2)", "a b", "x" * 99 + "…", "5", "News (1)"]


@settings(max_examples=100, deadline=None)
@given(strategies.specs())
def test_only_the_words_that_every_provider_knows_are_used(spec):
    schema = json_schema(spec)
    if schema is not None:
        check(schema)


def check(schema):
    assert set(schema) <= KEYWORDS
    if "properties" in schema:
        assert schema["required"] == list(schema["properties"])
        assert schema["additionalProperties"] is False
    inner = [*schema.get("properties", {}).values(), *schema.get("anyOf", [])]
    for part in [*inner, *([schema["items"]] if "items" in schema else [])]:
        check(part)
