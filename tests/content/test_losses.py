"""What a field holds that a language model cannot write does not go without a word."""

import pytest

from tests import factories
from tests.content.forms import edit_path, everything, items, rich_text, stream
from tests.testapp.models import EverythingPage
from wagtail_llm_actions.content.drafts import write_draft
from wagtail_llm_actions.content.editors import find_editor
from wagtail_llm_actions.content.saved import open_saved
from wagtail_llm_actions.exceptions import InvalidOutputError
from wagtail_llm_actions.values import OutputMode

pytestmark = pytest.mark.django_db

REPLACE, APPEND = OutputMode.REPLACE, OutputMode.APPEND


@pytest.fixture
def notices(home, admin):
    """Return a function that gives what the editor is told of a value in a field."""
    page = factories.make_page(EverythingPage, title="Everything")

    def of(address, value, mode=REPLACE, **posted):
        bound = find_editor(edit_path(page), admin).bind(everything(**posted))
        placement = bound.place(address, value, mode)
        assert placement.errors == ()
        return " ".join(placement.notices)

    return of


def picture():
    return f'<embed embedtype="image" format="left" id="{factories.make_image().pk}" alt="Boat"/>'


def test_an_image_in_rich_text_is_told_of(notices):
    html = rich_text(f"<p>Text</p>{picture()}", features=["image"])
    assert "images" in notices("rich", "New text", rich=html)
    assert notices("rich", "New text", APPEND, rich=html) == ""
    assert notices("rich", "New text", rich=rich_text("<p>Text</p>")) == ""


def test_what_is_in_a_stream_is_told_of(notices):
    posted = stream(
        ("char", "Some words"),
        ("raw_html", "<b>x</b>"),
        (
            "stream",
            stream(
                ("section", {"heading": "H", "body": rich_text(""), "on": "", "cards": items()})
            ),
        ),
        ids=("c", "r", "s"),
    )
    new = [{"type": "char", "value": "New"}]
    told = notices("stream", new, stream=posted)
    assert "Raw html" in told
    assert "Char" not in told
    assert notices("stream", new, APPEND, stream=posted) == ""
    assert notices("stream.c", "New", stream=posted) == ""


def test_a_draft_takes_nothing_away(admin, home):
    page = factories.make_page(EverythingPage, rich=f"<p>Text</p>{picture()}")
    expected = open_saved(page, admin).value_hash("rich")
    with pytest.raises(InvalidOutputError, match="images"):
        write_draft(page, "rich", "New", admin, expected)
