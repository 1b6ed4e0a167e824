"""What holds for every spec, every value and every answer, by examples that a machine makes up."""

import json

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tests.outputs import rules, strategies
from tests.outputs.specs import answer_of, text_of
from wagtail_llm_actions.exceptions import OutputError
from wagtail_llm_actions.outputs import (
    clean,
    dump,
    fit,
    instructions,
    json_schema,
    load,
    readable,
)
from wagtail_llm_actions.outputs.answers import is_empty
from wagtail_llm_actions.values import PROSE_KINDS

thorough = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


@st.composite
def specs_and_values(draw):
    spec = draw(strategies.specs())
    return spec, draw(strategies.values_of(spec))


@thorough
@given(specs_and_values())
def test_what_is_stored_comes_back(pair):
    spec, value = pair
    assume(value is not None or spec.kind not in PROSE_KINDS)
    assert load(spec, dump(spec, value)) == value


@thorough
@given(specs_and_values())
def test_the_answer_that_says_a_value_gives_it(pair):
    spec, value = pair
    assume(not is_empty(value) and spec.kind not in PROSE_KINDS)
    assert rules.problems(spec, value) == []
    assert fit(spec, clean(text_of(answer_of(spec, value)))) == value


@thorough
@given(specs_and_values())
def test_the_schema_takes_the_answer_that_says_a_value(pair):
    spec, value = pair
    assume(spec.kind not in PROSE_KINDS)
    schema = json_schema(spec)
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(json.loads(text_of(answer_of(spec, value))))


@thorough
@given(specs_and_values())
def test_every_value_can_be_read_and_every_field_described(pair):
    spec, value = pair
    assert isinstance(readable(spec, value), str)
    assert bool(instructions(spec)) is (spec.kind not in PROSE_KINDS)


WORDS = st.sampled_from(
    ["value", "type", "heading", "Bread", "1", "-1", "2026-01-31", "14:30", "true", "null", "NaN"]
)
TEXTS = WORDS | st.text(max_size=20) | st.sampled_from(["\ud800", "\u202ex\u2066", "\x00\x1b[31m"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)


def check_that_it_fits_or_is_refused(spec, text):
    try:
        value = fit(spec, clean(text))
    except OutputError as error:
        assert all(reason.strip() for reason in getattr(error, "reasons", ()))
        return
    assert rules.problems(spec, value) == []
    assert load(spec, dump(spec, value)) == value
    assert isinstance(readable(spec, value), str)


@thorough
@given(strategies.specs(), JSON, st.booleans())
def test_any_json_fits_or_is_refused(spec, answer, wrapped):
    check_that_it_fits_or_is_refused(spec, json.dumps({"value": answer} if wrapped else answer))


@thorough
@given(
    strategies.specs(), st.text(max_size=80) | st.text(alphabet="{}[]\":,\\' 1truenal", max_size=60)
)
def test_any_text_fits_or_is_refused(spec, text):
    check_that_it_fits_or_is_refused(spec, text)


@thorough
@given(specs_and_values(), st.data())
def test_an_answer_with_something_wrong_fits_or_is_refused(pair, data):
    spec, value = pair
    text = text_of(answer_of(spec, value))
    start = data.draw(st.integers(min_value=0, max_value=len(text)), label="start")
    end = data.draw(st.integers(min_value=start, max_value=min(len(text), start + 12)), label="end")
    with_it = data.draw(st.text(max_size=6) | WORDS | st.just('"a":1,"a":2'), label="with it")
    check_that_it_fits_or_is_refused(spec, text[:start] + with_it + text[end:])


@pytest.mark.parametrize("kind", sorted(set(strategies.LEAVES) - PROSE_KINDS))
def test_a_field_that_needs_something_is_never_given_nothing(kind):
    spec = strategies.field(kind, required=True)
    for text in ("null", '{"value": null}', '{"value": ""}', "{}", '{"value": []}'):
        with pytest.raises(OutputError):
            fit(spec, clean(text))
