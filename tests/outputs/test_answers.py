"""The ways in which models answer for each kind of field, and why the wrong ones are refused."""

import pytest
from django.utils import translation

from tests.outputs.specs import field, options
from wagtail_llm_actions.exceptions import EmptyOutputError, InvalidOutputError
from wagtail_llm_actions.outputs import clean, fit

FOOD = options("Bread", "Cake", "Apple pie, warm")
SAME = options("News", "News", "news", "Old news")
CARD = (
    field("text", "title", required=True, max_length=10),
    field("date", "open_from", label="Opens"),
    field("tags", "words"),
)
BLOCKS = (
    field("text", "heading", required=True, max_length=10),
    field("rich_text", "paragraph", multiline=True),
    field("struct", "card", fields=CARD),
    field("list", "quotes", fields=(field("text", "item", multiline=True),)),
)


def refusal(spec, text):
    with pytest.raises(InvalidOutputError) as caught:
        fit(spec, clean(text))
    return caught.value.reasons


@pytest.mark.parametrize(
    ("kind", "values", "text", "value"),
    [
        ("integer", {}, '{"value": 3}', 3),
        ("integer", {}, "3", 3),
        ("integer", {}, '{"value": "3"}', 3),
        ("integer", {}, "[3]", 3),
        ("integer", {}, '{"value": -3.0}', -3),
        ("integer", {}, "**3**.", 3),
        ("integer", {}, "The answer is: 3", 3),
        ("integer", {}, "Place: 3", 3),
        ("integer", {}, '```json\n{"value": 3}\n```', 3),
        ("integer", {"minimum": "1", "maximum": "5"}, '{"value": 5}', 5),
        ("number", {}, '{"value": 3.50}', "3.50"),
        ("number", {}, '{"value": 1e3}', "1000"),
        ("number", {}, '{"value": "-0.5"}', "-0.5"),
        ("number", {}, '{"value": -0.0}', "0.0"),
        ("number", {}, "−2", "-2"),
        ("number", {}, '{"value": 0.1234567890123456789012345}', "0.1234567890123456789012345"),
        ("number", {"decimal_places": 2}, '{"value": 3.5000}', "3.50"),
        ("boolean", {}, '{"value": true}', True),
        ("boolean", {}, "no", False),
        ("boolean", {}, "Yes, because it says so.", True),
        ("boolean", {}, '{"value": "False"}', False),
        ("boolean", {}, "{'value': True}", True),
        ("boolean", {}, "0", False),
        ("date", {}, '{"value": "2026-01-31"}', "2026-01-31"),
        ("date", {}, "2026-1-5", "2026-01-05"),
        ("date", {}, "2026/01/31", "2026-01-31"),
        ("date", {}, "2026-01-31T00:00:00Z", "2026-01-31"),
        ("date", {}, "It opens on 2026-01-31, a Saturday.", "2026-01-31"),
        ("date", {"minimum": "2026-01-01"}, "2026-01-01", "2026-01-01"),
        ("time", {}, '{"value": "14:30"}', "14:30:00"),
        ("time", {}, "9:05:07", "09:05:07"),
        ("time", {}, "The answer is 14:30.", "14:30:00"),
        ("datetime", {}, "2026-01-31T14:30", "2026-01-31T14:30:00"),
        ("datetime", {}, "2026-01-31 14:30:05", "2026-01-31T14:30:05"),
        ("datetime", {}, "2026-01-31T14:30:00Z", "2026-01-31T14:30:00+00:00"),
        ("datetime", {}, "2026-01-31T14:30+0200", "2026-01-31T14:30:00+02:00"),
        ("choice", {"options": FOOD}, '{"value": "Cake"}', "2"),
        ("choice", {"options": FOOD}, "cake", "2"),
        ("choice", {"options": FOOD}, "The answer is: Cake.", "2"),
        ("choice", {"options": FOOD}, '{"value": "2"}', "2"),
        ("choice", {"options": FOOD}, '{"value": 2}', "2"),
        ("choice", {"options": FOOD}, '["**Cake**"]', "2"),
        ("choice", {"options": FOOD}, '{"place": " CAKE "}', "2"),
        ("choice", {"options": options("None", "Some")}, "None", "1"),
        ("choice", {"options": options("Bread [1]", "Cake")}, "Bread [1]", "1"),
        ("object", {"options": SAME}, '{"value": "News (2)"}', "2"),
        ("object", {"options": SAME}, '{"value": "news (3)"}', "3"),
        ("object", {"options": SAME}, '{"value": "old NEWS"}', "4"),
        ("choices", {"options": FOOD}, '{"value": ["Cake", "Bread", "cake"]}', ["2", "1"]),
        ("choices", {"options": FOOD}, "- Cake\n- Apple pie, warm", ["2", "3"]),
        ("choices", {"options": FOOD}, "Cake, Bread", ["2", "1"]),
        ("choices", {"options": FOOD}, '{"value": "Apple pie, warm"}', ["3"]),
        ("objects", {"options": SAME}, '["Old news"]', ["4"]),
        ("url", {}, '{"value": "https://example.org/a?b=c"}', "https://example.org/a?b=c"),
        ("url", {}, "<https://example.org>", "https://example.org"),
        ("url", {}, "[here](https://example.org/a)", "https://example.org/a"),
        ("url", {}, "example.org/a", "https://example.org/a"),
        ("url", {}, "The URL is: https://example.org/a", "https://example.org/a"),
        ("email", {}, '{"value": "name@example.org"}', "name@example.org"),
        ("email", {}, "<mailto:name@example.org>", "name@example.org"),
        ("slug", {}, '{"value": "about-us"}', "about-us"),
        ("slug", {}, '{"value": "About Us!"}', "about-us"),
        ("slug", {}, "/about-us/", "about-us"),
        ("slug", {}, "The slug is: about-us", "about-us"),
        ("tags", {}, '{"value": ["air", "birds"]}', ["air", "birds"]),
        ("tags", {}, "#air, birds; Air", ["air", "birds"]),
        ("tags", {}, "Here are the tags:\n\n1. air\n2. birds", ["air", "birds"]),
        ("tags", {}, "Keywords: air, birds", ["air", "birds"]),
        ("tags", {}, '{"value": "air, birds"}', ["air", "birds"]),
        ("tags", {"options": FOOD}, '{"value": ["cake"]}', ["2"]),
        ("list", {"fields": BLOCKS[:1]}, '{"value": ["a", null, "b"]}', ["a", "b"]),
        ("list", {"fields": BLOCKS[:1]}, "Here:\n- a\n- b", ["a", "b"]),
        ("list", {"fields": BLOCKS[:1]}, '{"value": "- a\\n- b"}', ["a", "b"]),
    ],
)
def test_what_is_meant_is_taken(kind, values, text, value):
    assert fit(field(kind, **values), clean(text)) == value


@pytest.mark.parametrize(
    ("kind", "values", "text", "reason"),
    [
        ("integer", {}, "3.5", "The answer must be a whole number like 3."),
        ("integer", {}, '{"value": "three"}', "The answer must be a whole number like 3."),
        ("integer", {}, '{"value": "1,000"}', "The answer must be a whole number like 3."),
        ("integer", {}, '{"value": NaN}', "The answer must be a whole number like 3."),
        ("integer", {}, '{"value": true}', "The answer must be a whole number like 3."),
        ("integer", {}, '{"value": [1, 2]}', "The answer must be a whole number like 3."),
        ("integer", {}, '{"value": {"a": 1}}', "The answer must be a whole number like 3."),
        ("integer", {}, '{"value": 1e99}', "The number has too many digits."),
        ("integer", {"minimum": "1", "maximum": "5"}, "7", "7 is not from 1 to 5."),
        ("integer", {"minimum": "1"}, "0", "0 is less than 1."),
        ("integer", {"maximum": "5"}, "7", "7 is more than 5."),
        ("integer", {"required": True}, '{"value": null}', "This must not be left out."),
        ("number", {}, "much", "The answer must be a number like 3.5."),
        ("number", {}, '{"value": "1.234,5"}', "The answer must be a number like 3.5."),
        ("number", {"decimal_places": 1}, "3.14", "The number may have at most 1 decimal place."),
        ("number", {"decimal_places": 0}, "3.1", "The number may have at most 0 decimal places."),
        ("number", {"maximum": "9.5"}, "9.51", "9.51 is more than 9.5."),
        ("boolean", {}, "perhaps", "The answer must be true or false."),
        ("date", {}, "31 January 2026", "The date must be like 2026-01-31."),
        ("date", {}, "01/02/2026", "The date must be like 2026-01-31."),
        ("date", {}, "2026-02-30", "There is no 2026-02-30."),
        ("date", {}, "From 2026-01-31 to 2026-02-01", "The date must be like 2026-01-31."),
        (
            "date",
            {"maximum": "2026-01-31"},
            "2026-02-01",
            "2026-02-01 is more than 2026-01-31.",
        ),
        ("time", {}, "half past two", "The time must be like 14:30."),
        ("time", {}, "25:00", "There is no 25:00."),
        ("datetime", {}, "2026-01-31", "The date and time must be like 2026-01-31T14:30."),
        ("datetime", {}, "2026-01-31T14:30+25:00", "There is no 2026-01-31T14:30+25:00."),
        (
            "choice",
            {"options": FOOD},
            '{"value": "sourdough"}',
            "“sourdough” is none of: Bread, Cake, Apple pie, warm.",
        ),
        (
            "choice",
            {"options": FOOD},
            '{"value": 9}',
            "“9” is none of: Bread, Cake, Apple pie, warm.",
        ),
        ("choice", {}, "bread", "There is nothing to choose from."),
        (
            "choice",
            {"options": FOOD},
            '["Bread", "Cake"]',
            "A list is none of: Bread, Cake, Apple pie, warm.",
        ),
        (
            "object",
            {"options": options(*(f"Page {number}" for number in range(1, 101)))},
            '{"value": "Page 9x"}',
            "“Page 9x” is none of the 100 options. "
            "The closest are: Page 9, Page 99, Page 98, Page 97, Page 96.",
        ),
        (
            "choices",
            {"options": FOOD},
            '["Cake", "Pie"]',
            "“Pie” is none of: Bread, Cake, Apple pie, warm.",
        ),
        (
            "choices",
            {"options": FOOD, "max_items": 1},
            '["Cake", "Bread"]',
            "It must have at most 1 item, and has 2.",
        ),
        (
            "choices",
            {"options": FOOD, "min_items": 2},
            '["Cake"]',
            "It must have at least 2 items, and has 1.",
        ),
        ("tags", {"required": True}, "[]", "It must have at least 1 item, and has 0."),
        (
            "tags",
            {"max_length": 3},
            '["air", "birds"]',
            "The answer has 5 characters; this field takes 3.",
        ),
        ("tags", {}, '["air", {"a": 1}]', "A group of values is no text."),
        (
            "url",
            {},
            "javascript:alert(1)",
            "“javascript:alert(1)” is no URL like https://example.org/page.",
        ),
        (
            "url",
            {},
            "data:text/html,x",
            "“data:text/html,x” is no URL like https://example.org/page.",
        ),
        ("url", {}, "our page", "“our page” is no URL like https://example.org/page."),
        (
            "email",
            {},
            "name at example.org",
            "“name at example.org” is no e-mail address like name@example.org.",
        ),
        ("slug", {}, '{"value": "!!!"}', "“!!!” is no slug like about-us."),
        ("slug", {"max_length": 5}, "about-us", "The answer has 8 characters; this field takes 5."),
        ("list", {"fields": BLOCKS[:1]}, "a, b", "“a, b” must be a list."),
        (
            "list",
            {"fields": BLOCKS[:1]},
            '["ok", "much too long"]',
            "Item 2: The answer has 13 characters; this field takes 10.",
        ),
        ("list", {"fields": BLOCKS[:1]}, '{"value": 5}', "“5” must be a list."),
        (
            "struct",
            {"fields": CARD},
            '{"value": "x"}',
            "“x” must be a group of: title, open_from, words.",
        ),
        (
            "struct",
            {"fields": CARD},
            "Title: x",
            "The answer is not the JSON that was asked for, or not all of it.",
        ),
        (
            "struct",
            {"fields": CARD},
            '{"title": "x", "titel": "y"}',
            "“titel” is none of the names: title, open_from, words.",
        ),
        ("struct", {"fields": CARD}, '{"title": "x", "title": "y"}', "“title” is given twice."),
        ("struct", {"fields": CARD}, '{"title": "x", "TITLE": "y"}', "“TITLE” is given twice."),
        ("struct", {"fields": CARD}, '{"words": ["a"]}', "Title: This must not be left out."),
        (
            "struct",
            {"fields": CARD},
            '{"title": "x", "opens": "soon"}',
            "Opens: The date must be like 2026-01-31.",
        ),
        (
            "rows",
            {"fields": CARD},
            '[{"title": "x"}, {"title": 5, "opens": 1}]',
            "Row 2 › Opens: The date must be like 2026-01-31.",
        ),
        (
            "rows",
            {"fields": CARD},
            '["x"]',
            "Row 1: “x” must be a group of: title, open_from, words.",
        ),
        (
            "stream",
            {"fields": BLOCKS},
            '[{"type": "video", "value": 1}]',
            "Item 1: “video” is none of the block types: heading, paragraph, card, quotes.",
        ),
        (
            "stream",
            {"fields": BLOCKS},
            '[{"type": 5, "value": 1}]',
            "Item 1: “5” is none of the block types: heading, paragraph, card, quotes.",
        ),
        (
            "stream",
            {"fields": BLOCKS},
            '["x"]',
            "Item 1: “x” must be a block with a type and a value.",
        ),
        (
            "stream",
            {"fields": BLOCKS},
            '[{"type": "heading"}]',
            "Item 1 › Heading: This must not be left out.",
        ),
        (
            "stream",
            {"fields": BLOCKS},
            '[{"type": "quotes", "value": ["a", {"b": 1}]}]',
            "Item 1 › Quotes › Item 2: A group of values is no text.",
        ),
        (
            "stream",
            {"fields": BLOCKS},
            '[{"type": "card", "value": {"title": "x", "opens": "soon"}}]',
            "Item 1 › Card › Opens: The date must be like 2026-01-31.",
        ),
        (
            "stream",
            {"fields": BLOCKS},
            "A paragraph.",
            "The answer is not the JSON that was asked for, or not all of it.",
        ),
    ],
)
def test_what_does_not_fit_is_refused_with_its_reason(kind, values, text, reason):
    assert refusal(field(kind, **values), text) == (reason,)


@pytest.mark.parametrize(
    "answer",
    [
        '[{"type": "heading", "value": "Air"}, {"type": "card", "value": {"title": "Bird"}}]',
        '{"value": [{"heading": "Air"}, {"card": {"title": "Bird", "words": null}}]}',
        'Sure! [{"type": "Heading", "value": "Air"}, {"type": "card", "Title": "Bird"}] Enjoy.',
        '[{"type": "heading", "value": "Air", "id": "a"}, {"type": "card", "value": {"title": "Bird",}},]',
    ],
)
def test_blocks_are_taken_in_the_ways_in_which_they_are_written(answer):
    assert fit(field("stream", fields=BLOCKS), clean(answer)) == [
        {"type": "heading", "value": "Air"},
        {"type": "card", "value": {"title": "Bird", "open_from": None, "words": []}},
    ]


def test_a_single_block_or_row_is_a_list_of_one():
    block = '{"type": "heading", "value": "Air"}'
    assert fit(field("stream", fields=BLOCKS), block) == [{"type": "heading", "value": "Air"}]
    rows = fit(field("rows", fields=CARD), '{"title": "Air"}')
    assert rows == [{"title": "Air", "open_from": None, "words": []}]


@pytest.mark.parametrize(
    "answer",
    ['{"value": {"value": "x"}}', '{"value": "x"}', '{"place": {"value": "x"}}'],
)
def test_a_group_with_a_field_called_value_is_told_from_its_wrapping(answer):
    assert fit(field("struct", fields=(field("text", "value"),)), answer) == {"value": "x"}


def test_all_reasons_are_told_at_once():
    answer = (
        '[{"type": "heading", "value": ""}, {"type": "card", "value": {"opens": "soon", "x": 1}}]'
    )
    assert refusal(field("stream", fields=BLOCKS), answer) == (
        "Item 1 › Heading: This must not be left out.",
        "Item 2 › Card: “x” is none of the names: title, open_from, words.",
        "Item 2 › Card › Title: This must not be left out.",
        "Item 2 › Card › Opens: The date must be like 2026-01-31.",
    )


def test_no_more_reasons_are_told_than_anybody_reads():
    reasons = refusal(field("list", fields=BLOCKS[:1]), str(["much too long"] * 30))
    assert len(reasons) == 11
    assert reasons[-1] == "And 20 more."


@pytest.mark.parametrize("kind", ["date", "choice", "tags", "stream", "struct", "list", "rows"])
@pytest.mark.parametrize(
    "text", ["", " \n", "null", '{"value": null}', '{"value": []}', '{"value": ""}', "{}", "None"]
)
def test_an_optional_field_that_is_given_nothing_has_no_output(kind, text):
    spec = field(kind, options=FOOD, fields=(field("text", "item"),))
    with pytest.raises(EmptyOutputError):
        fit(spec, clean(text))


def test_texts_inside_of_an_answer_hold_no_characters_that_nobody_sees():
    spec = field("struct", fields=(field("text", "title"), field("rich_text", "body")))
    answer = r'{"title": "a\u202eb\u0000 \ud800c\u200b", "body": "\r\nx\u2066"}'
    assert fit(spec, answer) == {"title": "ab c", "body": "x"}


def test_a_text_inside_of_an_answer_is_on_one_line_where_its_field_is():
    fields = (field("text", "title"), field("text", "body", multiline=True))
    answer = r'{"title": "# Air\n and birds", "body": "Air\nand birds"}'
    assert fit(field("struct", fields=fields), answer) == {
        "title": "Air and birds",
        "body": "Air\nand birds",
    }


def test_quotes_and_fences_inside_of_an_answer_are_its_own():
    spec = field("struct", fields=(field("text", "title", multiline=True),))
    assert fit(spec, r'{"title": "\"Air\""}') == {"title": '"Air"'}
    assert fit(spec, r'{"title": "```\nx\n```"}') == {"title": "```\nx\n```"}


def test_a_reason_quotes_no_more_than_a_line_of_the_answer():
    (reason,) = refusal(field("choice", options=FOOD), '{"value": "' + "\u202ex\\n" * 5000 + '"}')
    assert len(reason) < 120
    assert "\n" not in reason
    assert "\u202e" not in reason


def test_reasons_are_made_in_the_language_of_the_reader():
    with translation.override("de"):
        reasons = refusal(field("date"), "soon")
    assert type(reasons[0]) is str


def test_the_reason_for_a_text_that_is_too_long_stands_beside_its_message():
    with pytest.raises(InvalidOutputError) as caught:
        fit(field("text", max_length=3), "birds")
    assert caught.value.reasons == ("The answer has 5 characters; this field takes 3.",)


def test_limits_of_moments_hold_with_and_without_an_offset(settings):
    settings.TIME_ZONE = "Europe/Berlin"
    spec = field("datetime", minimum="2026-01-31T12:00:00")
    assert fit(spec, "2026-01-31T11:00:00Z") == "2026-01-31T11:00:00+00:00"
    assert refusal(spec, "2026-01-31T10:59:00Z")
    assert fit(field("datetime", minimum="0001-01-01T00:00:00"), "9999-12-31T23:59Z")
