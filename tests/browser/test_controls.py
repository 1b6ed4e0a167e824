"""Which fields of which forms have a control, and what it shows."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from tests import factories
from tests.browser import fake_api
from tests.browser.fake_api import FakeApi
from tests.testapp.models import StoryPage
from wagtail_llm_actions.values import Decision, RunStatus

OPT_OUT = """
document.addEventListener('DOMContentLoaded', () => {
  const panel = document.querySelector('#panel-child-content-intro-section');
  if (panel) panel.dataset.llmActions = 'off';
});
"""
DECORATE = """async () => {
  const base = '/static/wagtail_llm_actions/js/';
  const { fieldsIn } = await import(base + 'addresses.js');
  const { decorate } = await import(base + 'decorate.js');
  const holder = document.createElement('div');
  const field = '<section data-panel><label for="x">Name</label><div class="w-field w-field--char_field" data-field'
    + ' data-contentpath="name"><div data-field-input><input type="text" id="x"></div></div></section>';
  holder.innerHTML = field.repeat(1000);
  document.querySelector('form[data-edit-form]').append(holder);
  await new Promise((resolve) => setTimeout(resolve, 500));
  const state = { action: { name: 'Write it', reads: [] }, ready: true, problem: '', run: null, kind: 'text' };
  const editor = { may_run: true, may_add: false };
  const start = performance.now();
  for (const place of fieldsIn(holder)) decorate(place, state, editor);
  await null;
  await null;
  const connected = holder.querySelectorAll('.llm-field__button').length;
  const time = performance.now() - start;
  const again = performance.now();
  const plain = document.createElement('div');
  holder.append(plain);
  for (let n = 0; n < 1000; n += 1) {
    const control = document.createElement('div');
    control.innerHTML = '<button><svg><use href="#icon-plus"></use></svg><span>x</span></button>';
    plain.append(control);
  }
  const result = { time, connected, plain: performance.now() - again };
  holder.remove();
  return result;
}"""


@pytest.fixture
def story(rows):
    """A page with a block and a child."""
    block = {"type": "heading", "value": "Winter", "id": "11111111-1111-4111-8111-111111111111"}
    return factories.make_page(title="A story", stream=json.dumps([block]))


@pytest.fixture
def edit(form_of, story):
    """Return a function that opens the story's edit form as a user, and waits for its controls."""

    def make(user):
        form = form_of(user, f"pages/{story.pk}/edit/")
        form.page.wait_for_timeout(1500)
        return form

    return make


def labels(form):
    """Return the labels of all controls."""
    return form.page.locator(".llm-field__button").evaluate_all(
        "buttons => buttons.map((button) => button.ariaLabel)"
    )


def test_only_fields_with_an_action_have_a_control(edit, editor):
    factories.make_action("title")
    factories.make_action("stream.heading")
    form = edit(editor)
    assert labels(form) == ["Generate title", "Generate heading"]
    expect(form.page.locator(".llm-field__add")).to_have_count(0)


def test_who_may_configure_is_offered_to_add_an_action(edit, admin):
    form = edit(admin)
    link = form.page.get_by_role("link", name="Add LLM action: Intro")
    expect(link).to_have_css("opacity", "0")
    form.input("intro").focus()
    expect(link).to_have_css("opacity", "1")
    query = parse_qs(urlsplit(link.get_attribute("href")).query)
    assert query["destination_path"] == ["intro"]
    for name in ("go_live_at", "expire_at"):
        assert (
            form.input(name).locator("xpath=ancestor::*[@data-field][1]//a[@target]").count() == 0
        )


def test_who_may_not_run_sees_nothing(edit, rows):
    factories.make_action("title")
    user = factories.make_user("reader", groups=["Editors"])
    assert labels(edit(user)) == []


def test_a_field_that_opts_out_has_no_control(page_of, live_server, editor, story):
    factories.make_action("title")
    factories.make_action("intro")
    page = page_of(editor)
    page.add_init_script(OPT_OUT)
    page.goto(f"{live_server.url}/admin/pages/{story.pk}/edit/")
    expect(page.locator(".llm-field__button")).to_have_count(1)


def test_read_only_and_hidden_fields_have_no_control(edit, editor):
    factories.make_action("title")
    factories.make_action("reference", broken=True)
    factories.make_action("internal_note")
    assert labels(edit(editor)) == ["Generate title"]


def test_a_locked_page_has_no_controls(edit, editor, story, admin):
    factories.make_action("title")
    StoryPage.objects.filter(pk=story.pk).update(locked=True, locked_by=admin)
    assert labels(edit(editor)) == []


@pytest.mark.parametrize("path", ["users/new/", "snippets/testapp/note/add/"])
def test_only_forms_of_content_have_controls(form_of, admin, path):
    form = form_of(admin, path)
    form.page.wait_for_timeout(1500)
    has_controls = form.page.locator(".llm-field").count() > 0
    assert has_controls is path.startswith("snippets/")


def test_the_states_of_all_fields_come_in_one_request(page_of, live_server, admin, story):
    page = page_of(admin)
    api = FakeApi(page)
    page.goto(f"{live_server.url}/admin/pages/{story.pk}/edit/")
    expect(page.locator(".llm-field").first).to_be_attached()
    page.wait_for_timeout(500)
    assert len(api.asked("fields")) == 1
    asked = json.loads(api.asked("fields")[0].post_data)
    assert asked["editor"] == f"/admin/pages/{story.pk}/edit/"
    assert {"address": "title", "path": "title"} in asked["fields"]
    block = "stream.11111111-1111-4111-8111-111111111111"
    assert {"address": block, "path": "stream.heading"} in asked["fields"]


def test_the_control_comes_after_the_input_in_the_tab_order(edit, editor):
    factories.make_action("intro")
    form = edit(editor)
    form.input("intro").focus()
    form.page.keyboard.press("Tab")
    if not form.control("intro").evaluate("button => button === document.activeElement"):
        form.page.keyboard.press("Tab")
    expect(form.control("intro")).to_be_focused()


def test_an_action_that_is_not_ready_says_why(page_of, live_server, admin, story):
    page = page_of(admin)
    api = FakeApi(page)
    api.state |= {"ready": False}
    page.goto(f"{live_server.url}/admin/pages/{story.pk}/edit/")
    expect(page.get_by_role("button", name="Generate title")).to_be_disabled()


def test_an_accepted_text_that_a_person_changed_is_called_edited(edit, editor, story):
    action = factories.make_action("title")
    factories.make_run(
        action, target=story, user=editor, output="A story", decision=Decision.ACCEPTED
    )
    form = edit(editor)
    expect(form.shown_at("title")).to_contain_text("AI, accepted by editor")
    form.input("title").fill("My story")
    expect(form.shown_at("title")).to_have_text("AI, edited since")


def test_a_text_that_was_added_to_the_end_is_not_called_edited(edit, editor, story):
    action = factories.make_action("title", output_mode="append")
    factories.make_run(
        action,
        target=story,
        user=editor,
        output="story",
        output_mode="append",
        decision=Decision.ACCEPTED,
    )
    form = edit(editor)
    expect(form.shown_at("title")).to_contain_text("AI, accepted by editor")
    form.input("title").fill("A tale")
    form.input("title").blur()
    expect(form.shown_at("title")).to_have_text("AI, edited since")


def test_a_failed_run_says_why_and_is_retried_from_the_field(page_of, live_server, admin, story):
    page = page_of(admin)
    api = FakeApi(page)
    api.runs["title"] = fake_api.run(
        status="failed", label="The model is not loaded.", retryable=True
    )
    page.goto(f"{live_server.url}/admin/pages/{story.pk}/edit/")
    expect(page.locator(".llm-field--failed").first).to_contain_text("The model is not loaded.")
    page.locator(".llm-field--failed").get_by_role("button", name="Retry").click()
    expect(page.get_by_role("button", name="Use this")).to_be_visible()
    assert api.query("runs")["retry_of"] == [fake_api.RUN_ID]


def test_a_run_that_still_goes_on_can_be_cancelled_at_the_field(page_of, live_server, admin, story):
    page = page_of(admin)
    api = FakeApi(page)
    api.runs["title"] = fake_api.run(status="running", label="Generating…")
    page.goto(f"{live_server.url}/admin/pages/{story.pk}/edit/")
    expect(page.get_by_text("Generating…")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Generating…")).to_have_count(0)
    assert len(api.asked("cancel")) == 1


def test_an_output_that_waits_is_reviewed_without_a_new_run(edit, editor, story):
    action = factories.make_action("title")
    run = factories.make_run(
        action, target=story, user=editor, output="Waiting title", value_before="A story"
    )
    form = edit(editor)
    expect(form.shown_at("title")).to_contain_text("1 suggestion to review")
    form.page.get_by_role("button", name="Review", exact=True).click()
    expect(form.result).to_have_text("Waiting title")
    expect(form.current).to_have_text("A story")
    form.press("Use this")
    expect(form.input("title")).to_have_value("Waiting title")
    expect(form.shown_at("title")).to_contain_text("AI, accepted by editor")
    run.refresh_from_db()
    assert (run.status, run.decision) == (RunStatus.SUCCEEDED, Decision.ACCEPTED)


def test_decorating_a_thousand_fields_takes_little_more_than_making_the_elements(
    page_of, live_server, admin, story
):
    page = page_of(admin)
    FakeApi(page)
    page.goto(f"{live_server.url}/admin/pages/{story.pk}/edit/")
    expect(page.locator(".llm-field").first).to_be_attached()
    results = [page.evaluate(DECORATE) for _ in range(5)]
    assert {result["connected"] for result in results} == {1000}
