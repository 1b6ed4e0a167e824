"""How a clean text becomes the output for a field, or why it cannot."""

import pytest
from django.utils import translation

from tests.processor_time import limited_time, repeated
from wagtail_llm_actions.exceptions import EmptyOutputError, InvalidOutputError
from wagtail_llm_actions.outputs import fit
from wagtail_llm_actions.values import FieldKind, FieldSpec


def field(**values):
    return FieldSpec(
        **{"path": "title", "label": "Title", "kind": FieldKind.TEXT, "multiline": False} | values
    )


@pytest.mark.parametrize("text", ["", " \n\t ", "\u200b", "Title: ", '""'])
def test_an_answer_without_text_is_refused(text):
    with pytest.raises(EmptyOutputError):
        fit(field(), text)


def test_line_breaks_become_spaces_where_the_field_has_one_line():
    assert fit(field(), "Swifts \n\n  in the\nair ") == "Swifts in the air"


@pytest.mark.parametrize("space", [" ", "\t", "\n", " \n", "\n "], ids=ascii)
def test_much_space_is_no_work(space):
    with limited_time():
        assert fit(field(), repeated(space, before="a", after="b")).startswith("a")


def test_line_breaks_stay_where_the_field_has_several():
    assert fit(field(multiline=True), "Swifts\n\nin the air") == "Swifts\n\nin the air"


def test_a_heading_mark_is_no_part_of_a_line_of_plain_text():
    assert fit(field(), "# Swifts") == "Swifts"
    assert fit(field(), "#swifts are back") == "#swifts are back"
    assert fit(field(multiline=True), "# Swifts\n\nText") == "# Swifts\n\nText"


def test_markdown_stays_in_rich_text():
    text = "## Swifts\n\n- **ten** months\n- in the [air](https://example.org)"
    assert fit(field(kind=FieldKind.RICH_TEXT, multiline=True), text) == text


@pytest.mark.parametrize(
    ("path", "label", "text", "output"),
    [
        ("title", "Title", "Title: Swifts", "Swifts"),
        ("title", "Page title", '**Title:** "Swifts"', "Swifts"),
        ("title", "Titel", "Titel: Swifts", "Swifts"),
        ("seo_title", "title tag", "SEO Title: Swifts", "Swifts"),
        ("search_description", "Meta description", "Meta description: Swifts", "Swifts"),
        ("body.section.heading", "Heading", "Suggested heading:\nSwifts", "Swifts"),
        ("title", "Title", "Swifts: ten months in the air", "Swifts: ten months in the air"),
        ("title", "Title", "SEO: a history", "SEO: a history"),
        ("title", "Title", "Title fight: who won", "Title fight: who won"),
        ("title", "Title", "Titles", "Titles"),
    ],
)
def test_only_the_name_of_the_field_is_taken_for_a_label(path, label, text, output):
    assert fit(field(path=path, label=label), text) == output


def test_an_answer_as_long_as_the_field_fits():
    assert fit(field(max_length=255), "x" * 255) == "x" * 255


def test_a_longer_answer_is_refused_with_both_numbers_and_never_cut():
    with pytest.raises(InvalidOutputError) as caught:
        fit(field(max_length=255), "x" * 312)
    assert caught.value.user_message == (
        "The answer has 312 characters; this field takes 255. Nothing was changed."
    )
    assert "x" not in str(caught.value)[:3]


def test_the_message_is_made_in_the_language_of_the_reader():
    with translation.override("de"), pytest.raises(InvalidOutputError) as caught:
        fit(field(max_length=1), "xx")
    assert isinstance(caught.value.user_message, str)


def test_markup_does_not_count_towards_the_length_of_rich_text():
    spec = field(kind=FieldKind.RICH_TEXT, multiline=True, max_length=9)
    text = "**Swifts** [fly](https://example.org/a/very/long/address)"
    assert fit(spec, text) == text
    with pytest.raises(InvalidOutputError):
        fit(spec, "**Swifts** cannot land")
