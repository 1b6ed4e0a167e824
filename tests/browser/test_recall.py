"""An answer from the history: allowed in the form of the action, and marked wherever it is shown."""

import pytest
from playwright.sync_api import expect

from tests import factories
from tests.browser.editor_page import EditorPage
from tests.browser.pictures import picture
from wagtail_llm_actions.models import LLMAction, LLMActionHistory
from wagtail_llm_actions.testing import reply_with

FORM = "/admin/snippets/wagtail_llm_actions/llmaction/edit"
MARK = "Answered from the history"


@pytest.fixture
def story(rows):
    """A page with an action that answers identical requests from the history."""
    config = factories.make_config(temperature=0)
    story = factories.make_page(title="The tide", intro="The tide comes and goes.")
    factories.make_action(
        "summary",
        prompt="Sum up: {{ intro }}",
        sources={"intro": "intro"},
        name="Sum up",
        llm_config=config,
        answers_from_history=True,
    )
    return story


def test_the_dialog_and_the_run_say_so(page_of, live_server, admin, story):
    page = page_of(admin)
    form = EditorPage(page)
    form.goto(f"{live_server.url}/admin/pages/{story.pk}/edit/")
    with reply_with("It comes and goes.", "It goes and comes.") as echo:
        form.generate(form.control("summary"))
        expect(form.result).to_have_text("It comes and goes.")
        expect(form.dialog).not_to_contain_text(MARK)
        form.press("Discard")
        form.generate(form.control("summary"))
        expect(form.result).to_have_text("It comes and goes.")
        expect(form.dialog).to_contain_text(MARK)
        assert len(echo.requests) == 1
        picture(page, "dialog")
        form.press("Try again")
        expect(form.result).to_have_text("It goes and comes.")
        expect(form.dialog).not_to_contain_text(MARK)
        assert len(echo.requests) == 2
    run = LLMActionHistory.objects.get(is_from_history=True)
    page.goto(f"{live_server.url}/admin/llm-actions/runs/{run.pk}/")
    answered = page.locator(".llm-run__facts div").filter(has_text=MARK)
    expect(answered.get_by_role("link")).to_have_attribute(
        "href", f"/admin/llm-actions/runs/{run.answered_from_id}/"
    )
    picture(page, "run")
    page.goto(f"{live_server.url}/admin/llm-actions/runs/")
    expect(page.get_by_role("row").filter(has_text=MARK)).to_have_count(1)
    picture(page, "runs")


def test_it_is_allowed_in_the_form_of_the_action(settings, page_of, live_server, admin, story):
    settings.WAGTAIL_AUTOSAVE_INTERVAL = 0  # saving is left to the button
    page, action = page_of(admin), LLMAction.objects.get()
    page.goto(f"{live_server.url}{FORM}/{action.pk}/")
    section = page.locator("section").filter(
        has=page.get_by_role("heading", name="Parameters of this action")
    )
    section.get_by_role("button").first.click()
    box = page.get_by_role("checkbox", name="Answer identical requests from the history")
    expect(box).to_be_checked()
    picture(page, "form", box)
    box.uncheck()
    with page.expect_navigation():
        page.get_by_role("button", name="Save draft").first.click()
    draft = LLMAction.objects.get().get_latest_revision_as_object()
    assert draft.answers_from_history is False
