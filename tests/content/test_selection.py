"""What comes into the place of a selection is checked with the rest of the field."""

import json

import pytest

from tests import factories
from tests.content.forms import edit_path, everything, rich_text
from tests.testapp.everything import EverythingPage
from wagtail_llm_actions.content import find_editor
from wagtail_llm_actions.exceptions import FormDataError

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(home):
    return factories.make_page(EverythingPage, title="Everything", slug="everything")


@pytest.fixture
def bind(page, admin):
    """Return a function that binds a form in which some HTML is selected in a field."""
    editor = find_editor(edit_path(page), admin)

    def make(html, **values):
        post = everything(**values).copy()
        post["llm-selection"] = rich_text(html, features=["bold", "link"])
        return editor.bind(post)

    return make


def test_the_rest_of_the_field_counts(bind):
    bound = bind("<p>old</p>", rich_few=rich_text(f"<p>{'x' * 190}</p>"))
    assert bound.place_selection("rich_few", "short").errors == ()
    placement = bound.place_selection("rich_few", "much too long a text")
    assert placement.state is None
    assert "200" in placement.errors[0]


def test_a_link_to_a_page_stays_one(bind):
    page = factories.make_page()
    html = f'<p>a <a linktype="page" id="{page.pk}">page</a></p>'
    bound = bind(html)
    markdown = bound.select("rich_few")
    assert markdown == f"a [page]({page.url})"
    placement = bound.place_selection("rich_few", markdown.replace("a ", "one "))
    [link] = json.loads(placement.state)["entityMap"].values()
    assert link["data"]["id"] == page.pk
    assert placement.text == f"one [page]({page.url})"


def test_what_the_field_does_not_allow_becomes_text(bind):
    state = json.loads(bind("<p>old</p>").place_selection("rich_few", "## New\n\n- *words*").state)
    assert [(block["type"], block["text"]) for block in state["blocks"]] == [
        ("unstyled", "New"),
        ("unstyled", "words"),
    ]


ENTITY = {"type": "LINK", "mutability": "MUTABLE", "data": {"url": "https://e.org"}}
BLOCK = {"key": "a", "text": "abc", "type": "unstyled", "depth": 0, "inlineStyleRanges": []}
OVERLAPPING = [{"offset": 0, "length": 2, "key": 0}, {"offset": 1, "length": 2, "key": 1}]


@pytest.mark.parametrize(
    "posted",
    [
        "",
        "null",
        "[" * 200_000,
        json.dumps({"blocks": []}),
        json.dumps(
            {
                "blocks": [{**BLOCK, "entityRanges": OVERLAPPING}],
                "entityMap": {"0": ENTITY, "1": ENTITY},
            }
        ),
    ],
    ids=["nothing", "null", "deep", "no map", "overlapping"],
)
def test_what_is_no_selection_is_refused(page, admin, posted):
    post = everything().copy()
    post["llm-selection"] = posted
    with pytest.raises(FormDataError):
        find_editor(edit_path(page), admin).bind(post).select("rich_few")


def test_rich_text_that_is_too_deep_is_refused(page, admin):
    with pytest.raises(FormDataError):
        find_editor(edit_path(page), admin).bind(everything(rich="[" * 200_000))
