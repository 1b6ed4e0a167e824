"""The fields that a type of object has, by path."""

import pytest
from wagtail.models import Page

from tests.testapp.models import EverythingPage, Note, OtherPage, Person, StoryPage
from wagtail_llm_actions.content.catalogue import paths_of, resolve_path
from wagtail_llm_actions.content.source_paths import source_label
from wagtail_llm_actions.exceptions import UnknownFieldError, UnsupportedFieldError
from wagtail_llm_actions.values import FieldKind

PAGE_PATHS = ["title", "slug", "seo_title", "search_description", "show_in_menus"]
TEXT, RICH = FieldKind.TEXT, FieldKind.RICH_TEXT


def test_a_page_type_offers_what_a_model_can_write():
    found = {known.path: (known.label, known.kind) for known in paths_of(StoryPage)}
    assert found == {
        "title": ("Title", TEXT),
        "slug": ("Slug", FieldKind.SLUG),
        "intro": ("Intro", TEXT),
        "summary": ("Summary", TEXT),
        "reviewed_on": ("Reviewed on", FieldKind.DATE),
        "body": ("Body", RICH),
        "stream": ("Stream", FieldKind.STREAM),
        "stream.heading": ("Stream › Heading", TEXT),
        "stream.text": ("Stream › Text", TEXT),
        "stream.rich_text": ("Stream › Rich text", RICH),
        "stream.section": ("Stream › Section", FieldKind.STRUCT),
        "stream.section.heading": ("Stream › Section › Heading", TEXT),
        "stream.section.teaser": ("Stream › Section › Teaser", TEXT),
        "stream.section.body": ("Stream › Section › Body", RICH),
        "stream.columns": ("Stream › Columns", FieldKind.STREAM),
        "stream.columns.heading": ("Stream › Columns › Heading", TEXT),
        "stream.columns.section": ("Stream › Columns › Section", FieldKind.STRUCT),
        "stream.columns.section.heading": ("Stream › Columns › Section › Heading", TEXT),
        "stream.columns.section.teaser": ("Stream › Columns › Section › Teaser", TEXT),
        "stream.columns.section.body": ("Stream › Columns › Section › Body", RICH),
        "stream.quotes": ("Stream › Quotes", FieldKind.LIST),
        "stream.quotes.item": ("Stream › Quotes › Item", TEXT),
        "internal_note": ("Internal note", TEXT),
        "related_links": ("Related link", FieldKind.ROWS),
        "related_links.caption": ("Related link › Caption", TEXT),
        "related_links.note": ("Related link › Note", RICH),
        "seo_title": ("Title tag", TEXT),
        "search_description": ("Meta description", TEXT),
        "show_in_menus": ("Show in menus", FieldKind.BOOLEAN),
    }


@pytest.mark.parametrize(
    ("model", "paths"),
    [
        (Page, PAGE_PATHS),
        (OtherPage, PAGE_PATHS),
        (Person, ["name", "role", "biography", "profile", "awards", "awards.title"]),
        (Note, ["subject", "text"]),
    ],
)
def test_base_pages_and_snippets_are_known_too(model, paths):
    assert [known.path for known in paths_of(model)] == paths


def test_a_path_says_what_it_takes():
    spec = resolve_path(StoryPage, "stream.columns.section.heading")
    assert (spec.kind, spec.max_length, spec.multiline) == (TEXT, 80, False)
    assert not spec.required
    assert resolve_path(Page, "title").required
    assert resolve_path(StoryPage, "related_links.note").features == ("bold", "link")


@pytest.mark.parametrize(
    "path",
    [
        "",
        "nonsense",
        "title.x",
        "stream.nonsense",
        "stream.section.x",
        "related_links.x",
        "@content",
    ],
)
def test_a_path_that_is_gone_is_unknown(path):
    with pytest.raises(UnknownFieldError):
        resolve_path(StoryPage, path)


@pytest.mark.parametrize(
    ("model", "path"),
    [
        (StoryPage, "reference"),
        (EverythingPage, "json"),
        (EverythingPage, "stream.raw_html"),
        (EverythingPage, "stream.static"),
        (EverythingPage, "stream.table"),
    ],
)
def test_what_a_model_cannot_write_is_a_source_only(model, path):
    assert source_label(model, path)
    with pytest.raises(UnsupportedFieldError):
        resolve_path(model, path)


def test_a_step_into_a_list_is_named_only_where_a_path_ends_with_it():
    cards = "stream.chapter.content.section.cards"
    kinds = {
        "": FieldKind.LIST,
        ".item": FieldKind.STRUCT,
        ".title": FieldKind.TEXT,
        ".points": FieldKind.LIST,
        ".points.item": FieldKind.TEXT,
    }
    found = {known.path: known.kind for known in paths_of(EverythingPage)}
    for step, kind in kinds.items():
        assert found[cards + step] == resolve_path(EverythingPage, cards + step).kind == kind
    assert cards + ".item.title" not in found
