"""How a value is stored, and how people and models are told of it."""

import pytest
from django.utils import translation

from tests.outputs.specs import field, options
from wagtail_llm_actions.outputs import dump, instructions, load, readable, repair_prompt

FOOD = options("Bread", "Cake")
CARD = (
    field("text", "title", required=True, max_length=10),
    field("boolean", "is_open", label="Open"),
    field("tags", "words"),
    field("choice", "food", options=FOOD),
)
BLOCKS = (
    field("rich_text", "paragraph"),
    field("struct", "card", fields=CARD),
    field("list", "quotes", fields=(field("text", "item"),)),
)
CARD_VALUE = {"title": "Air", "is_open": False, "words": ["a", "b"], "food": "2"}


@pytest.mark.parametrize(
    ("spec", "value", "text"),
    [
        (field("text"), "Air", "Air"),
        (field("rich_text"), "**Air**", "**Air**"),
        (field("date"), "2026-01-31", "2026-01-31"),
        (field("integer"), 3, "3"),
        (field("integer"), None, ""),
        (field("boolean"), True, "Yes"),
        (field("choice", options=FOOD), "2", "Cake"),
        (field("choice", options=FOOD), "9", "9"),
        (field("objects", options=FOOD), ["2", "1"], "Cake, Bread"),
        (field("tags"), ["air", "birds"], "air, birds"),
        (
            field("struct", fields=CARD),
            CARD_VALUE,
            "Title: Air\nOpen: No\nWords: a, b\nFood: Cake",
        ),
        (
            field("stream", fields=BLOCKS),
            [
                {"type": "paragraph", "value": "*Air*"},
                {"type": "quotes", "value": ["a", "b"]},
            ],
            "*Air*\n\n- a\n- b",
        ),
        (
            field("rows", fields=(field("text", "title"), BLOCKS[2])),
            [{"title": "Air", "quotes": ["a", "b"]}, {"title": "Sea", "quotes": []}],
            "Title: Air\nQuotes:\n  - a\n  - b\n\nTitle: Sea",
        ),
    ],
)
def test_a_value_reads_as_people_write(spec, value, text):
    assert readable(spec, value) == text


def test_labels_and_yes_and_no_are_translated():
    with translation.override("de"):
        assert readable(field("boolean"), True) == "Ja"


@pytest.mark.parametrize(
    ("spec", "value", "stored"),
    [
        (field("text"), "Äir", "Äir"),
        (field("text"), "", ""),
        (field("number"), "3.50", "3.50"),
        (field("date"), None, ""),
        (field("integer"), 3, "3"),
        (field("integer"), None, "null"),
        (field("boolean"), False, "false"),
        (field("tags"), ["Äir"], '[\n  "Äir"\n]'),
    ],
)
def test_a_value_is_stored_as_people_can_read_it(spec, value, stored):
    assert dump(spec, value) == stored
    assert load(spec, stored) == value


@pytest.mark.parametrize("text", ["", "{", "Infinity!"])
def test_what_was_never_stored_cannot_be_loaded(text):
    with pytest.raises(ValueError):
        load(field("stream"), text)


def test_prose_needs_no_instructions():
    assert instructions(field("text")) == instructions(field("rich_text")) == ""


def test_a_model_is_told_the_shape_the_options_and_the_limits():
    spec = field("stream", fields=BLOCKS, required=True, max_items=3)
    assert instructions(spec) == (
        'Answer with nothing but JSON of this shape: {"value": [{"type": "paragraph", '
        '"value": "…"}, {"type": "card", "value": {"title": "…", "is_open": true, '
        '"words": ["…"], "food": "…"}}, {"type": "quotes", "value": ["…"]}]}\n'
        "“value” is a list of blocks of these types, at most 3 items.\n"
        "- paragraph: text in Markdown, null if there is none\n"
        "- card: an object with these names\n"
        "  - title: text, at most 10 characters\n"
        "  - is_open: Open, true or false, null if there is none\n"
        "  - words: a list of tags, [] if there is none\n"
        '  - food: one of: "Bread", "Cake", null if there is none\n'
        "- quotes: a list, each item text, [] if there is none"
    )


@pytest.mark.parametrize(
    ("spec", "part"),
    [
        (field("integer", minimum="1", maximum="5"), "a whole number, from 1, up to 5"),
        (field("number", decimal_places=2), "a number, at most 2 decimal places"),
        (field("choices", options=FOOD, min_items=1), '"Bread", "Cake", at least 1 item'),
        (field("tags", max_length=20), "a list of tags, each of at most 20 characters"),
        (field("date", required=True), "“value” is a date like 2026-01-31."),
    ],
)
def test_limits_are_told(spec, part):
    assert part in instructions(spec)


def test_a_model_is_told_what_to_mend():
    assert repair_prompt(field("date"), ("The date must be like 2026-01-31.",)) == (
        "Your answer does not fit:\n- The date must be like 2026-01-31.\n"
        "Answer again, with nothing but the whole mended JSON."
    )
    assert repair_prompt(field("text"), ()).endswith("the whole mended text.")
