"""How JSON is found and read in what models write, and how much of it."""

import pytest

from tests.processor_time import limited_time, repeated
from wagtail_llm_actions.outputs.parsing import MAX_DEPTH, Members, NotJSON, NumberText, parse


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"a": "b"}', {"a": "b"}),
        ('Here it is:\n```json\n{"a": "b"}\n```\nEnjoy!', {"a": "b"}),
        ('As in [1] and {x}, it is {"a": "b"}.', ["1"]),
        ('As {x} says: {"a": "b"}.', {"a": "b"}),
        ('{"a": ["b", "c",], }', {"a": ["b", "c"]}),
        ("{'a': 'it\\'s \"b\"', 'c': None, 'd': True}", {"a": 'it\'s "b"', "c": None, "d": True}),
        (
            '{"a": "it\'s, }", /* talk */ "b": "http://x" // more\n}',
            {"a": "it's, }", "b": "http://x"},
        ),
        ('{"a": "line\nbreak"}', {"a": "line\nbreak"}),
        ('{"a": "[{"}', {"a": "[{"}),
        ("[1, 2.50, -3e5, NaN]", ["1", "2.50", "-3e5", "NaN"]),
        (r'{"a": "\u00e9\ud83d\ude00"}', {"a": "é😀"}),
    ],
)
def test_json_is_read_as_it_is_meant(text, found):
    assert parse(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no JSON",
        '{"a": "b"',
        "{",
        "[1, 2",
        "{a: b}",
        '{"a" "b"}',
        "{'a': 'b}",
        "5",
        '"a"',
        "[}",
    ],
)
def test_what_is_no_json_or_not_all_of_it_is_said(text):
    with pytest.raises(NotJSON):
        parse(text)


def test_numbers_stay_as_they_are_written():
    (number,) = parse("[" + "9" * 10_000 + "]")
    assert number == "9" * 10_000
    assert isinstance(number, NumberText)


def test_names_that_are_given_twice_are_remembered():
    found = parse('{"a": 1, "b": 2, "a": 3}')
    assert isinstance(found, Members)
    assert found.repeated == ("a",)


def test_depth_has_a_limit():
    assert parse("[" * MAX_DEPTH + "]" * MAX_DEPTH)
    with pytest.raises(NotJSON):
        parse("[" * (MAX_DEPTH + 1) + '"x"' + "]" * (MAX_DEPTH + 1))


@pytest.mark.parametrize(
    "unit",
    ["/* ", "\\'", "'", '\\"', "' \"", ", ", "// ", "{'", "['a", "[/*", '\\\'"\\"'],
    ids=ascii,
)
def test_no_answer_is_read_for_long(unit):
    with limited_time():
        for text in (repeated(unit, before="[", after="]"), repeated(unit, before='["', after="]")):
            try:
                parse(text)
            except NotJSON:
                continue
