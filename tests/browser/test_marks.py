"""What a field says of an output that was accepted: by whom, and whether it still stands there."""

import json
import re
from dataclasses import asdict

import pytest
from playwright.sync_api import expect

from tests import factories
from tests.browser.test_field_kinds import WATCHED_AFTER
from tests.testapp.models import RelatedLink, StoryPage
from wagtail_llm_actions.content import resolve_path
from wagtail_llm_actions.models import LLMActionHistory
from wagtail_llm_actions.testing import reply_with
from wagtail_llm_actions.values import Decision

ACCEPTED = "AI, accepted by admin"
EDITED = "AI, edited since"
OUTPUT = "## Tides\n\nThe tide **comes** and [goes](https://example.com/).\n\n- in\n- out"
HTML = (
    "<h2>Tides</h2>"
    '<p>The tide <b>comes</b> and <a href="https://example.com/">goes</a>.</p>'
    "<ul><li>in</li><li>out</li></ul>"
)


@pytest.fixture
def new_story(form_of, admin, rows):
    """The create form of a page, on which the introduction was generated and accepted."""
    factories.make_action("intro")
    form = form_of(admin, f"pages/add/testapp/storypage/{rows.pk}/")
    with reply_with("A fine introduction."):
        form.generate(form.control("intro"))
        form.press("Use this")
    expect(form.shown_at("intro")).to_contain_text(ACCEPTED)
    return form


@pytest.fixture
def no_autosave(settings):
    """Leave saving to the button."""
    settings.WAGTAIL_AUTOSAVE_INTERVAL = 0


def save(form):
    """Press the button that saves a draft, and wait for the form that comes after."""
    with form.page.expect_navigation():
        form.page.get_by_role("button", name="Save draft").first.click()
    form.page.wait_for_function("document.body.classList.contains('ready')")


def test_a_mark_is_there_after_the_first_save(no_autosave, new_story):
    new_story.input("title").fill("A new story")
    new_story.page.get_by_role("tab", name="Promote").click()
    new_story.input("slug").fill("a-new-story")
    save(new_story)
    expect(new_story.page).to_have_url(re.compile("/edit/$"))
    expect(new_story.shown_at("intro")).to_contain_text(ACCEPTED)
    page = StoryPage.objects.get(title="A new story")
    assert LLMActionHistory.objects.get().page_id == page.pk


def test_a_mark_is_there_after_a_save_that_was_refused_at_first(no_autosave, new_story):
    save(new_story)
    expect(new_story.page.locator(".messages .error")).to_be_visible()
    assert LLMActionHistory.objects.get().page_id is None
    new_story.input("title").fill("A new story")
    new_story.page.get_by_role("tab", name="Promote").click()
    new_story.input("slug").fill("a-new-story")
    save(new_story)
    expect(new_story.page).to_have_url(re.compile("/edit/$"))
    expect(new_story.shown_at("intro")).to_contain_text(ACCEPTED)


def test_a_mark_is_there_after_autosave_has_made_the_page(new_story):
    new_story.page.wait_for_timeout(WATCHED_AFTER)
    new_story.input("title").press_sequentially("A new story")
    new_story.page.wait_for_url("**/edit/")
    new_story.page.goto(new_story.page.url)
    expect(new_story.shown_at("intro")).to_contain_text(ACCEPTED)


def test_another_page_gets_no_mark_from_a_form_that_was_left(new_story, no_autosave, rows, form_of):
    page = new_story.page
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(page.url)
    new_story.input("title").press_sequentially("Another story")
    new_story.input("intro").fill("A fine introduction.")
    save(new_story)
    expect(new_story.control("intro")).to_be_visible()
    expect(new_story.shown_at("intro")).to_have_text("")


def make_story_with_rich_text(user, html=HTML, **values):
    """Return a page whose body was accepted, and now is ``html``."""
    action = factories.make_action("body")
    story = factories.make_page(title="A story", body=html)
    factories.make_run(
        action,
        target=story,
        user=user,
        decision=Decision.ACCEPTED,
        field_spec=json.loads(json.dumps(asdict(resolve_path(StoryPage, "body")))),
        **({"output": OUTPUT} | values),
    )
    return story


def mark(form):
    return form.shown_at("body")


def test_rich_text_that_stands_as_accepted_is_not_called_edited(form_of, admin):
    story = make_story_with_rich_text(admin)
    form = form_of(admin, f"pages/{story.pk}/edit/")
    expect(mark(form)).to_contain_text(ACCEPTED)


@pytest.mark.parametrize(
    "html",
    [
        HTML.replace("comes", "came"),
        HTML.replace("<b>comes</b>", "comes"),
        HTML.replace("h2", "p"),
        HTML.replace("<li>out</li>", ""),
        "",
    ],
)
def test_rich_text_that_a_person_changed_is_called_edited(form_of, admin, html):
    story = make_story_with_rich_text(admin, html)
    form = form_of(admin, f"pages/{story.pk}/edit/")
    expect(mark(form)).to_have_text(EDITED)


def test_rich_text_is_compared_while_it_is_typed(form_of, admin):
    story = make_story_with_rich_text(admin)
    form = form_of(admin, f"pages/{story.pk}/edit/")
    expect(mark(form)).to_contain_text(ACCEPTED)
    editable = (
        form.input("body")
        .locator("xpath=ancestor::*[@data-field][1]")
        .locator("[contenteditable=true]")
    )
    editable.click()
    form.page.keyboard.press("ControlOrMeta+End")
    form.page.keyboard.type("!")
    expect(mark(form)).to_have_text(EDITED)
    form.page.keyboard.press("Backspace")
    expect(mark(form)).to_contain_text(ACCEPTED)


def test_rich_text_that_was_added_to_the_end_is_not_called_edited(form_of, admin):
    story = make_story_with_rich_text(admin, f"<p>Mine.</p>{HTML}", output_mode="append")
    form = form_of(admin, f"pages/{story.pk}/edit/")
    expect(mark(form)).to_contain_text(ACCEPTED)


def test_a_row_keeps_its_mark_when_another_goes(no_autosave, form_of, admin, rows):
    factories.make_action("related_links.caption")
    story = factories.make_page(title="A story")
    story.related_links = [RelatedLink(caption=""), RelatedLink(caption="")]
    story.save_revision().publish()
    form = form_of(admin, f"pages/{story.pk}/edit/")
    for number, text in enumerate(("First", "Second")):
        with reply_with(text):
            form.generate(form.control_in(form.input(f"related_links-{number}-caption")))
            form.press("Use this")
    form.page.evaluate("document.getElementById('id_related_links-0-DELETE-button').click()")
    save(form)
    expect(form.input("related_links-0-caption")).to_have_value("Second")
    expect(form.shown_at("related_links-0-caption")).to_contain_text(ACCEPTED)
    addresses = {run.output: run.destination_address for run in LLMActionHistory.objects.all()}
    (left,) = StoryPage.objects.get(pk=story.pk).get_latest_revision_as_object().related_links.all()
    assert addresses["Second"] == f"related_links.pk-{left.pk}.caption"
    assert addresses["First"] != addresses["Second"]


def test_a_new_row_keeps_its_mark_when_it_is_saved(no_autosave, form_of, admin, rows):
    factories.make_action("related_links.caption")
    story = factories.make_page(title="A story")
    form = form_of(admin, f"pages/{story.pk}/edit/")
    form.page.get_by_role("button", name="Add Related link").click()
    with reply_with("First"):
        form.generate(form.control_in(form.input("related_links-0-caption")))
        form.press("Use this")
    save(form)
    expect(form.input("related_links-0-caption")).to_have_value("First")
    expect(form.shown_at("related_links-0-caption")).to_contain_text(ACCEPTED)
