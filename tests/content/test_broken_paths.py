"""What a path probably became that means nothing any more."""

import pytest

from tests.testapp.models import Note, StoryPage
from wagtail_llm_actions.content.broken_paths import (
    closest_destination,
    closest_source,
    destination_problem,
    source_problem,
)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("introduction", "intro"),
        ("body_text", "body"),
        ("stream.part.heading", "stream.section.heading"),
        ("content.section.heading", "stream.section.heading"),
        ("links.caption", "related_links.caption"),
        ("zzz.heading", ""),
        ("fax", ""),
    ],
)
def test_the_closest_field_is_found(path, expected):
    assert closest_destination(StoryPage, path) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("refernce", "reference"),
        ("@contents", "@content"),
        ("@parent.titel", "@parent.title"),
        ("xyz", ""),
    ],
)
def test_the_closest_source_is_found(path, expected):
    assert closest_source(StoryPage, path) == expected


def test_a_path_that_is_right_is_no_problem():
    assert destination_problem(StoryPage, "stream.section.body") == ""
    for path in (
        "reference",
        "related_links",
        "@content",
        "@selection",
        "@parent.search_description",
    ):
        assert source_problem(StoryPage, path) == ""


def test_a_problem_says_what_the_field_may_be_called_now():
    assert destination_problem(StoryPage, "introduction") == (
        "It fills “introduction”, which does not exist. Is it called “intro” now?"
    )
    assert destination_problem(StoryPage, "zzz") == "It fills “zzz”, which does not exist."
    assert destination_problem(StoryPage, "reference") == (
        "It fills “reference”, which a language model cannot write."
    )
    assert source_problem(StoryPage, "bodi") == (
        "It reads “bodi”, which does not exist. Is it called “body” now?"
    )


def test_what_is_no_page_has_no_page_above():
    assert (
        source_problem(Note, "@parent.title") == "It reads “@parent.title”, which does not exist."
    )
