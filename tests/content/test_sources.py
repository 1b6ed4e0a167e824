"""What the fields that feed a prompt say."""

import pytest
from wagtail.test.utils.form_data import inline_formset

from tests import factories
from tests.content.forms import edit_path, items, rich_text, story, stream
from wagtail_llm_actions.content.editors import find_editor
from wagtail_llm_actions.exceptions import PermissionRefusedError, UnknownFieldError

pytestmark = pytest.mark.django_db


@pytest.fixture
def bound(editor, home):
    page = factories.make_page(reference="R-7", internal_note="secret")
    values = {
        "intro": "An intro.",
        "search_description": "For engines.",
        "reviewed_on": "2026-03-05",
        "body": rich_text("<h2>Part</h2><p>Text</p>", ["h2"]),
        "stream": stream(
            ("heading", "Top"),
            ("section", {"heading": "H", "teaser": "", "body": rich_text("<p>B</p>")}),
            ("quotes", items("One", "Two")),
        ),
        "related_links": inline_formset([{"id": "", "caption": "C", "note": rich_text("")}]),
    }
    return find_editor(edit_path(page), editor).bind(story(**values))


@pytest.mark.parametrize(
    ("path", "label", "text"),
    [
        ("title", "Title", "A story"),
        ("slug", "Slug", "a-story"),
        ("body", "Body", "## Part\n\nText"),
        ("reviewed_on", "Reviewed on", "5 Mar 2026"),
        ("reference", "Reference", "R-7"),
        ("stream", "Stream", "Top\n\nH\n\nB\n\n- One\n- Two"),
        ("stream.section", "Stream › Section", "H\n\nB"),
        ("stream.section.body", "Stream › Section › Body", "B"),
        ("stream.quotes", "Stream › Quotes", "- One\n- Two"),
        ("related_links.caption", "Related link › Caption", "C"),
        ("related_links", "Related link", "- C"),
    ],
)
def test_a_source_is_read_as_text(bound, path, label, text):
    found = bound.read(path)
    assert (found.label, found.text) == (label, text)


def test_the_content_is_what_the_page_says(bound):
    assert bound.read("@content").text == (
        "# A story\n\nAn intro.\n\n## Part\n\nText\n\nTop\n\nH\n\nB\n\n- One\n- Two\n\n- C"
    )


@pytest.mark.parametrize("path", ["nonsense", "stream.x", "owner", ""])
def test_what_is_not_there_is_not_read(bound, path):
    with pytest.raises(UnknownFieldError):
        bound.read(path)


def test_what_the_user_may_not_see_is_not_read(bound):
    with pytest.raises(PermissionRefusedError, match="hidden"):
        bound.read("internal_note")
    assert "secret" not in bound.read("@content").text
