"""What the rules of a field alone say to a value."""

import pytest

from tests.testapp.models import EverythingPage
from wagtail_llm_actions.content import problems_of_value
from wagtail_llm_actions.exceptions import UnknownFieldError, UnsupportedFieldError

LENGTH = "Ensure this value has at most 80 characters (it has 81)."
MANY = [{"type": "note", "value": str(number)} for number in range(5)]


@pytest.mark.parametrize(
    ("path", "value", "problems"),
    [
        ("char", "Fine", ()),
        ("char", "x" * 61, ("Ensure this value has at most 60 characters (it has 61).",)),
        ("char", 7, ("This is not the kind of value that belongs here.",)),
        ("title", "", ("This field is required.",)),
        ("title", None, ("This field is required.",)),
        ("rich_few", "**Fine**", ()),
        ("integer", 501, ("Ensure this value is less than or equal to 500.",)),
        ("integer", True, ("This is not the kind of value that belongs here.",)),
        ("date", "2026-03-05", ()),
        ("date", "2026-13-05", ("Enter a valid date.",)),
        ("datetime", "2026-03-05T09:30:00Z", ()),
        (
            "choice",
            "pink",
            ("Select a valid choice. pink is not one of the available choices.",),
        ),
        ("stream", [], ()),
        ("stream", [{"type": "char", "value": "x" * 81}], (f"Char 1: {LENGTH}",)),
        ("stream.char", "x" * 81, (LENGTH,)),
        ("stream.regex", "no", ("Two capitals, a dash, a number.",)),
        ("stream.chapter.content", MANY, ("The maximum number of items is 4",)),
        ("stream.dates", ["2026-03-05", ""], ("Item 2: This field is required.",)),
        (
            "stream.dates",
            ["2026-03-05", "x"],
            ("Item 2: Enter a valid date.",),
        ),
        ("items", [{"caption": "C", "colour": "red"}], ()),
        ("items", [{"caption": ""}], ("Caption: This field is required.",)),
        ("items", [{"nothing": ""}], ("There is no field “nothing”.",)),
        ("stream", [{"type": "none"}], ("There is no block of type “none”.",)),
    ],
)
def test_a_field_says_what_it_has_against_a_value(path, value, problems):
    assert problems_of_value(EverythingPage, path, value) == problems


def test_what_is_no_field_or_cannot_be_written_has_no_rules():
    with pytest.raises(UnknownFieldError):
        problems_of_value(EverythingPage, "nothing", "x")
    with pytest.raises(UnsupportedFieldError):
        problems_of_value(EverythingPage, "json", "x")


def test_an_address_that_the_field_has_may_stay(home):
    address = "https://known.example/"
    assert problems_of_value(EverythingPage, "url", address) != ()
    assert problems_of_value(EverythingPage, "url", address, known=[address]) == ()
