"""Limits and budgets: kept in the admin, said in the dialog before a run, and refusing one there."""

import re

import pytest
from playwright.sync_api import expect

from tests import factories
from tests.browser.pictures import picture
from wagtail_llm_actions.models import LLMActionHistory, LLMLimit
from wagtail_llm_actions.testing import reply_with
from wagtail_llm_actions.values import RunStatus

ADMIN = "/admin/llm-actions/limits/"
SAVE = re.compile("^(Create|Save)$")
"""As Wagtail calls it for what is new, and while it stands corrected."""


@pytest.fixture
def story(rows):
    """A page with an action whose model costs something."""
    config = factories.make_config(
        name="Paid", slug="paid", input_price=1, output_price=10, max_output_tokens=100
    )
    story = factories.make_page(title="The tide", intro="The tide comes and goes.")
    factories.make_action(
        "summary",
        prompt="Sum up: {{ intro }}",
        sources={"intro": "intro"},
        name="Sum up",
        llm_config=config,
    )
    return story


def test_a_limit_is_added_and_says_how_it_stands(page_of, live_server, admin, story):
    page = page_of(admin)
    page.goto(f"{live_server.url}{ADMIN}new/")
    page.get_by_role("textbox", name="Name").fill("Runs a day")
    page.get_by_role("spinbutton", name="Amount").fill("2.5")
    page.get_by_role("combobox", name="What is counted").select_option("requests")
    page.get_by_role("combobox", name="In each").select_option("day")
    picture(page, "add")
    page.get_by_role("button", name=SAVE).click()
    expect(page.get_by_text("Enter a whole number: only money has cents.")).to_be_visible()
    page.get_by_role("spinbutton", name="Amount").fill("20")
    page.get_by_role("button", name=SAVE).click()
    limit = LLMLimit.objects.get()
    assert (limit.amount, limit.is_active, limit.stops) == (20, True, True)
    factories.make_limit("money", 50, "month", name="Budget", stops=False, per_person=True)
    page.goto(f"{live_server.url}{ADMIN}")
    expect(page.get_by_role("row", name="Runs a day")).to_contain_text("0 runs of 20 runs")
    expect(page.get_by_role("row", name="Budget")).to_contain_text("for each person alone")
    picture(page, "list")


def test_what_is_left_is_said_before_a_run_and_a_full_limit_refuses_it(form_of, admin, story):
    factories.make_limit("requests", 1, name="Runs a day")
    factories.make_limit("money", 5, "month", name="Budget")
    form = form_of(admin, f"pages/{story.pk}/edit/")
    form.input("summary").focus()
    form.page.get_by_role("button", name="What is sent: Summary").click()
    expect(form.dialog).to_contain_text("It costs up to $0.0")
    expect(form.dialog).to_contain_text("Runs a day: 1 run of 1 run left until 00:00.")
    expect(form.dialog).to_contain_text("Budget: $5.00 of $5.00 left until")
    picture(form.page, "before")
    with reply_with("A short summary.") as echo:
        form.press("Generate")
        expect(form.box).to_have_value("A short summary.")
        expect(form.dialog).to_contain_text("The limit “Runs a day” of 1 run is reached.")
        form.press("Try again")
        expect(form.message).to_contain_text("The limit “Runs a day” of 1 run is reached.")
        expect(form.message).to_contain_text("Nothing was sent. Try again after 00:00.")
    assert len(echo.requests) == 1
    picture(form.page, "refused")
    assert LLMActionHistory.objects.filter(status=RunStatus.REFUSED).count() == 1
    form.dialog.get_by_label("Text 1").check()
    expect(form.box).to_have_value("A short summary.")


def test_a_full_limit_is_said_instead_of_the_facts(form_of, admin, story):
    factories.make_limit("requests", 0, name="None")
    form = form_of(admin, f"pages/{story.pk}/edit/")
    form.input("summary").focus()
    form.page.get_by_role("button", name="What is sent: Summary").click()
    expect(form.dialog).to_contain_text("The limit “None” of 0 runs is reached.")
