"""All empty fields of a page, one after the other, each with a decision."""

import pytest
from playwright.sync_api import expect

from tests import factories
from wagtail_llm_actions.models import LLMActionHistory
from wagtail_llm_actions.testing import reply_with
from wagtail_llm_actions.values import Decision


@pytest.fixture
def story(rows):
    """A page with a title and nothing else; its introduction is made from its summary."""
    factories.make_action("title", prompt="A title.")
    factories.make_action("intro", prompt="From {{ summary }}.", sources={"summary": "summary"})
    factories.make_action("summary", prompt="Sum up {{ title }}.", sources={"title": "title"})
    return factories.make_page(title="The tide")


@pytest.fixture
def form(form_of, editor, story):
    """The edit form of the story, with its controls."""
    form = form_of(editor, f"pages/{story.pk}/edit/")
    expect(form.control("intro")).to_be_attached()
    return form


def fill(form):
    """Press the button in the header's menu."""
    header = form.page.locator("header")
    header.get_by_role("button", name="Actions", exact=True).first.click()
    form.page.get_by_role("button", name="Fill empty fields").click()


def test_what_another_field_reads_comes_first_and_each_is_decided_on(form):
    with reply_with("A summary.", "An introduction.") as echo:
        fill(form)
        expect(form.dialog).to_contain_text("Field 1 of 2.")
        expect(form.box).to_have_value("A summary.")
        form.press("Use this")
        expect(form.dialog).to_contain_text("Field 2 of 2.")
        expect(form.box).to_have_value("An introduction.")
        form.press("Use this")
        expect(form.dialog).to_be_hidden()
    expect(form.input("summary")).to_have_value("A summary.")
    expect(form.input("intro")).to_have_value("An introduction.")
    expect(form.input("title")).to_have_value("The tide")
    expect(form.page.locator("[data-controller=llm-editor]")).to_have_text(
        "That was the last empty field."
    )
    assert [request.messages[-1].content for request in echo.requests] == [
        "Sum up The tide.",
        "From A summary..",
    ]
    assert {run.decision for run in LLMActionHistory.objects.all()} == {Decision.ACCEPTED}


def test_it_ends_where_a_person_closes_the_dialog(form):
    with reply_with("A summary.") as echo:
        fill(form)
        expect(form.box).to_have_value("A summary.")
        form.page.keyboard.press("Escape")
        form.press("Close and discard")
        expect(form.dialog).to_be_hidden()
        expect(form.control("summary")).to_be_focused()
    assert len(echo.requests) == 1
    expect(form.input("summary")).to_have_value("")


def test_a_field_may_be_passed_over(form):
    with reply_with("A summary.", "An introduction."):
        fill(form)
        expect(form.box).to_have_value("A summary.")
        form.press("Discard")
        expect(form.dialog).to_contain_text("is empty, and this LLM action needs it.")
        form.press("Close")
        expect(form.dialog).to_be_hidden()
    expect(form.input("summary")).to_have_value("")


def test_nothing_is_done_where_nothing_is_empty(form):
    form.input("summary").fill("Mine")
    form.input("intro").fill("Mine too")
    fill(form)
    expect(form.page.locator("[data-controller=llm-editor]")).to_have_text(
        "No empty field here has an LLM action that can run."
    )
    expect(form.dialog).to_have_count(0)
