"""The history of a field in the dialog: seen, used again, told in full."""

import pytest
from playwright.sync_api import expect

from tests import factories
from tests.browser.test_accessibility import violations
from wagtail_llm_actions.models import LLMActionHistory
from wagtail_llm_actions.testing import reply_with
from wagtail_llm_actions.values import Decision, RunStatus


@pytest.fixture
def story(rows):
    """A page whose summary was generated before."""
    return factories.make_page(title="The tide", summary="What stands there")


@pytest.fixture
def runs(story, admin):
    """A run that was rejected, and one that failed."""
    action = factories.make_action("summary", prompt="Sum up.")
    rejected = factories.make_run(
        action,
        target=story,
        user=admin,
        output="Rejected before",
        decision=Decision.REJECTED,
        value_before="What stands there",
    )
    failed = factories.make_run(
        action,
        target=story,
        user=admin,
        status=RunStatus.FAILED,
        error_code="provider_unavailable",
        error_message="The service was down.",
    )
    return rejected, failed


def test_what_was_made_of_a_selection_is_not_shown_for_the_field(form_of, admin, story, runs):
    LLMActionHistory.objects.update(of_selection=True)
    form = form_of(admin, f"pages/{story.pk}/edit/")
    form.input("summary").focus()
    form.page.get_by_role("button", name="What is sent: Summary").click()
    form.dialog.get_by_text("History of this field").click()
    expect(form.dialog.locator(".llm-history li")).to_have_count(2)
    expect(form.dialog.locator(".llm-history button")).to_have_count(0)


@pytest.fixture
def form(form_of, admin, story, runs):
    """The edit form, with the dialog prepared and the history unfolded."""
    form = form_of(admin, f"pages/{story.pk}/edit/")
    form.input("summary").focus()
    form.page.get_by_role("button", name="What is sent: Summary").click()
    form.dialog.get_by_text("History of this field").click()
    return form


def test_an_earlier_text_is_used_after_all(form, runs):
    rejected, _ = runs
    entries = form.dialog.locator(".llm-history li")
    expect(entries).to_have_count(2)
    expect(entries.first).to_contain_text("The service was down.")
    expect(entries.last).to_contain_text("Rejected")
    assert violations(form, "#llm-run-dialog") == []
    entries.last.get_by_role("button", name="Show").click()
    expect(form.box).to_have_value("Rejected before")
    expect(form.box).to_be_focused()
    expect(form.current).to_have_text("What stands there")
    form.press("Use this")
    expect(form.input("summary")).to_have_value("Rejected before")
    expect(form.shown_at("summary")).to_contain_text("AI, accepted by admin")
    rejected.refresh_from_db()
    assert rejected.decision == Decision.ACCEPTED


def test_looking_at_an_earlier_text_asks_nothing_and_decides_nothing(form, runs):
    form.dialog.locator(".llm-history li").last.get_by_role("button").click()
    expect(form.box).to_have_value("Rejected before")
    form.page.keyboard.press("Escape")
    expect(form.dialog).to_be_hidden()
    assert {run.decision for run in LLMActionHistory.objects.all()} == {
        Decision.REJECTED,
        Decision.NONE,
    }


def test_an_earlier_text_stands_among_the_new_ones(form):
    with reply_with("New."):
        form.press("Generate")
        expect(form.box).to_have_value("New.")
    form.dialog.get_by_text("History of this field").click()
    form.dialog.get_by_text("History of this field").click()
    form.dialog.locator(".llm-history li").last.get_by_role("button").click()
    expect(form.dialog.get_by_label("Text 2")).to_be_checked()
    form.dialog.get_by_label("Text 1").check()
    expect(form.box).to_have_value("New.")
    form.press("Use this")
    expect(form.input("summary")).to_have_value("New.")
    expect(form.shown_at("summary")).to_contain_text("AI, accepted")
    decisions = [run.decision for run in LLMActionHistory.objects.order_by("-created_at")]
    assert decisions == [Decision.ACCEPTED, Decision.NONE, Decision.REJECTED]


def test_each_run_leads_to_all_that_was_sent(form, runs):
    link = form.dialog.locator(".llm-history li").first.get_by_role("link")
    assert link.get_attribute("href").endswith(f"/llm-actions/runs/{runs[1].pk}/")
    every = form.dialog.get_by_role("link", name="All runs on this page or object")
    assert f"object_id={runs[0].object_id}" in every.get_attribute("href")
