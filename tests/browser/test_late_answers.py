"""Answers that come after the dialog was closed, or opened for another field: they are for nothing."""

import pytest
from playwright.sync_api import expect

from tests import factories
from tests.browser import fake_api
from tests.browser.editor_page import EditorPage
from tests.browser.fake_api import FakeApi

DOWN = {"code": "provider_unavailable", "message": "Down.", "retryable": True}


@pytest.fixture
def opened(page_of, live_server, admin, rows):
    """The edit form of a story, and the API that it talks to."""
    story = factories.make_page(title="A story", slug="a-story")
    page = page_of(admin)
    api = FakeApi(page)
    form = EditorPage(page)
    form.goto(f"{live_server.url}/admin/pages/{story.pk}/edit/")
    return form, api


def state(form):
    """Return the state of the dialog."""
    name = "data-llm-run-dialog-state-value"
    return form.page.locator("[data-controller=llm-run-dialog]").get_attribute(name)


def settle(form):
    """Wait until what was answered has been taken."""
    form.page.wait_for_load_state("networkidle")
    form.page.wait_for_timeout(200)


def test_a_check_that_comes_after_closing_changes_nothing(opened):
    form, api = opened
    api.refuse("present", 503, **DOWN)
    form.control("title").click()
    expect(form.status).to_contain_text("Down.")
    api.accept("present")
    api.hold.add("present")
    form.press("Check again")
    expect(form.status).to_have_text("Done. Checking whether the field takes it…")
    form.press("Discard")
    expect(form.dialog).to_be_hidden()
    api.let_go("present")
    settle(form)
    assert state(form) == "idle"
    expect(form.control("title")).to_be_focused()


def test_a_question_of_the_last_field_does_not_hold_up_the_next_one(opened):
    form, api = opened
    form.generate(form.control("title"))
    api.hold.add("present")
    form.press("Use this")
    form.page.keyboard.press("Escape")
    form.press("Close and discard")
    expect(form.dialog).to_be_hidden()
    api.hold.clear()
    api.presentation = fake_api.presentation("A better intro", current="")
    form.generate(form.control("intro"))
    status = form.status.inner_text()
    api.refuse("present", 503, **DOWN)
    api.let_go("present")
    settle(form)
    assert (state(form), form.status.inner_text()) == ("succeeded", status)
    api.accept("present")
    form.press("Use this")
    expect(form.input("intro")).to_have_value("A better intro")
    expect(form.input("title")).to_have_value("A story")


def test_the_history_of_the_last_field_is_not_shown_at_the_next_one(opened):
    form, api = opened
    form.generate(form.control("title"))
    api.hold.add("runs")
    api.past_runs = [{"id": fake_api.RUN_ID, "outcome": "Used", "when": "Yesterday", "url": "/"}]
    form.dialog.get_by_text("History of this field").click()
    form.press("Discard")
    expect(form.dialog).to_be_hidden()
    api.hold.clear()
    form.generate(form.control("intro"))
    api.let_go("runs")
    settle(form)
    assert form.dialog.locator(".llm-history li").count() == 0
