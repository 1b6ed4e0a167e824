"""Answers that are made to break what reads them."""

import json

import pytest

from tests.outputs import rules
from tests.outputs.specs import field, options
from wagtail_llm_actions.exceptions import OutputError
from wagtail_llm_actions.outputs import clean, dump, fit, load

INSIDE = (
    field("text", "title", max_length=200),
    field("integer", "number"),
    field("list", "items", fields=(field("text", "item"),)),
)
SPECS = [
    field(kind, options=options("Bread", "Cake"), fields=INSIDE)
    for kind in ("integer", "slug", "choice", "tags", "list", "stream")
]
DEEP = 100_000
ANSWERS = {
    "megabyte text": "a" * 500_000,
    "megabyte string": json.dumps({"value": "a" * 999_000}),
    "more than a megabyte": json.dumps({"value": ["a" * 100] * 10_000}),
    "many items": json.dumps({"value": ["a"] * 30_000}),
    "many numbers": json.dumps(list(range(30_000))),
    "many names": json.dumps({str(number): number for number in range(10_000)}),
    "one name many times": "{" + ",".join(['"a": 1'] * 20_000) + "}",
    "many blocks": json.dumps([{"type": "title", "value": "a"}] * 10_000),
    "many unknown blocks": json.dumps([{"type": "x", "value": {}}] * 20_000),
    "deep lists": "[" * DEEP,
    "deep closed lists": "[" * DEEP + "]" * DEEP,
    "deep objects": '{"value":' * DEEP + "1" + "}" * DEEP,
    "deep in a string": json.dumps({"value": "[" * DEEP}),
    "open strings": '{"a' * DEEP,
    "escaped quotes": '{"' + '\\"' * DEEP,
    "single quotes": "{" + "'" * DEEP + "}",
    "comments": "{" + "/*" * DEEP + "}",
    "slashes": "{" + "//\n" * DEEP + "}",
    "commas": "[" + "," * DEEP + "]",
    "spaces": "[1," + " " * DEEP + "x]",
    "commas and spaces": "[" + ", " * DEEP + "x]",
    "colons": "a: " * DEEP,
    "bullets": "- \n" * DEEP,
    "is": "is " * DEEP,
    "huge integer": '{"value": ' + "9" * DEEP + "}",
    "huge exponent": '{"value": 1e999999999999}',
    "tiny exponent": '{"value": 1e-999999999999}',
    "huge text number": json.dumps({"value": "1" * 5000}),
    "not a number": '{"value": NaN}',
    "infinity": '{"value": -Infinity}',
    "lone surrogates": '{"value": "\\ud800\\udfff", "\\ud800": ["\\udc00"]}',
    "real surrogates": '{"value": "\ud800"}',
    "bidirectional": '{"value": ["\\u202eevil\\u2066"], "\\u202e": 1}',
    "controls": '{"value": "\\u0000\\u001b[31m\\u009b"}',
    "tags": json.dumps({"value": "\U000e0041\U000e0042" * 1000}),
    "duplicates": '{"value": 1, "value": 2}',
    "wrapped again": '{"value": ' * 50 + "1" + "}" * 50,
    "python objects": '{"value": {"__class__": "x", "__proto__": 1, "$ref": "#"}}',
    "templates": json.dumps({"value": "{{ 7*7 }}%(x)s{% x %}{0}%s"}),
    "unicode digits": json.dumps({"value": "٣²Ⅷ"}),
    "years": json.dumps({"value": "0000-00-00T99:99"}),
}


@pytest.mark.parametrize("name", ANSWERS)
@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.kind.value)
def test_it_fits_or_is_refused(spec, name):
    try:
        value = fit(spec, clean(ANSWERS[name]))
    except OutputError as error:
        assert len(str(getattr(error, "reasons", ""))) < 10_000
        return
    assert rules.problems(spec, value) == []
    assert load(spec, dump(spec, value)) == value
    dump(spec, value).encode()
