"""What was tried is kept from the dialog: for other fields, as a template, or not at all."""

import re

import pytest
from playwright.sync_api import expect

from tests import factories
from tests.browser.test_accessibility import violations
from tests.browser.test_request import prepare
from wagtail_llm_actions.models import LLMAction, PromptTemplate
from wagtail_llm_actions.testing import reply_with


@pytest.fixture
def story(rows):
    """A page."""
    factories.make_config(name="Usual", slug="usual", is_default=True)
    return factories.make_page(title="The tide")


@pytest.fixture
def form(form_of, admin, story):
    """The edit form, with the request of the summary's action unfolded."""
    factories.make_action("summary", prompt="Sum up.", name="Sum up")
    form = form_of(admin, f"pages/{story.pk}/edit/")
    prepare(form)
    form.dialog.get_by_text("For another field, or not at all").click()
    return form


def link_to_add(form, label):
    """Return the link that adds an action to a field."""
    return form.page.get_by_role("link", name=f"Add LLM action: {label}", exact=True)


def live_region(form):
    """Return where messages are said."""
    return form.page.locator("[data-controller=llm-editor]")


def test_another_field_gets_an_action_like_it(form):
    move = form.dialog.get_by_role("button", name="Move the LLM action there")
    expect(move).to_be_disabled()
    form.dialog.get_by_label("Field to fill").select_option("Intro")
    expect(move).to_be_enabled()
    assert violations(form, "#llm-run-dialog") == []
    form.press("Save as another LLM action")
    expect(form.dialog).to_contain_text(
        "The LLM action “Story page: Intro” is saved and published."
    )
    expect(form.dialog.locator("summary", has_text="What is sent")).to_be_focused()
    expect(form.control("intro")).to_be_attached()
    assert {action.destination_path for action in LLMAction.objects.all()} == {"summary", "intro"}


def test_it_is_moved_to_another_field(form):
    form.dialog.get_by_label("Field to fill").select_option("Intro")
    form.press("Move the LLM action there")
    expect(form.dialog).to_be_hidden()
    expect(form.control("intro")).to_be_visible()
    expect(link_to_add(form, "Summary")).to_be_focused()
    expect(live_region(form)).to_have_text("The LLM action “Sum up” is saved and published.")
    assert LLMAction.objects.get().destination_path == "intro"


def test_it_is_deleted_once_that_is_said_twice(form):
    form.press("Delete the LLM action")
    expect(form.dialog.get_by_role("button", name="Keep it")).to_be_focused()
    form.press("Keep it")
    expect(form.dialog.get_by_role("button", name="Delete the LLM action")).to_be_focused()
    form.press("Delete the LLM action")
    expect(form.dialog).to_contain_text("Its runs stay in the history.")
    form.press("Delete it")
    expect(form.dialog).to_be_hidden()
    expect(live_region(form)).to_have_text("The LLM action “Sum up” is deleted.")
    expect(link_to_add(form, "Summary")).to_be_focused()
    assert not LLMAction.objects.exists()


def test_what_cannot_be_saved_is_said_and_nothing_is_lost(form):
    factories.make_action("intro", name="Rival")
    form.dialog.get_by_label("Prompt", exact=True).fill("Mine.")
    form.dialog.get_by_label("Field to fill").select_option("Intro")
    form.press("Move the LLM action there")
    expect(form.dialog).to_contain_text("“Rival” already fills this field.")
    expect(form.dialog.get_by_label("Prompt", exact=True)).to_have_value("Mine.")
    assert not PromptTemplate.objects.filter(prompt="Mine.").exists()


def test_a_prompt_is_saved_as_a_template_only(form):
    form.dialog.get_by_label("Prompt", exact=True).fill("Shorter.")
    form.press("Save the template only")
    name = form.dialog.get_by_label(re.compile("becomes a template"))
    expect(name).to_be_focused()
    name.fill("Short ones")
    form.press("Save the template only")
    expect(form.dialog).to_contain_text("The prompt template “Short ones” is saved and published.")
    expect(form.dialog.get_by_label("Prompt template")).to_have_value("short-ones")
    assert PromptTemplate.objects.get(slug="short-ones").prompt == "Shorter."
    assert LLMAction.objects.get().prompt_template.slug != "short-ones"
    form.press("Save the LLM action")
    expect(form.dialog).to_contain_text("The LLM action “Sum up” is saved and published.")
    assert LLMAction.objects.get().prompt_template.slug == "short-ones"


def test_only_what_one_may_is_offered(form_of, story):
    names = [f"{verb}_llmaction" for verb in ("run", "customise", "change", "publish")]
    keeper = factories.make_user("keeper", *names, groups=["Editors"])
    factories.make_action("summary", prompt="Sum up.", name="Sum up")
    form = form_of(keeper, f"pages/{story.pk}/edit/")
    prepare(form)
    form.dialog.get_by_text("For another field, or not at all").click()
    expect(form.dialog.get_by_role("button", name="Move the LLM action there")).to_be_visible()
    for name in ("Save as another LLM action", "Delete the LLM action"):
        expect(form.dialog.get_by_role("button", name=name)).to_be_hidden()
    form.dialog.get_by_label("Prompt", exact=True).fill("Shorter.")
    expect(form.dialog.get_by_role("button", name="Save the template only")).to_be_hidden()
    assert_refused_beforehand(form, "which you may not add")


def assert_refused_beforehand(form, reason):
    """Assert that nothing of this can be saved, and that it says why."""
    form.dialog.get_by_label("Field to fill").select_option("Intro")
    for name in ("Save the LLM action", "Move the LLM action there"):
        expect(form.dialog.get_by_role("button", name=name)).to_be_disabled()
    save = form.dialog.get_by_role("button", name="Save the LLM action")
    expect(save).to_have_accessible_description(re.compile(reason))
    expect(form.dialog.locator("#llm-saving-reason")).to_be_visible()
    assert violations(form, "#llm-run-dialog") == []


def test_a_model_for_this_run_only_is_not_offered_to_be_saved(form):
    form.dialog.get_by_text("System prompt, model and parameters").click()
    model = form.dialog.get_by_label("Model name")
    usual = model.input_value()
    model.fill("another")
    assert_refused_beforehand(form, "The model name belongs to an LLM configuration")
    another = form.dialog.get_by_role("button", name="Save as another LLM action")
    expect(another).to_be_disabled()
    model.fill(usual)
    expect(another).to_be_enabled()
    expect(form.dialog.locator("#llm-saving-reason")).to_have_text("")
    form.dialog.get_by_label("Temperature").fill("1")
    expect(form.dialog.get_by_role("button", name="Save the LLM action")).to_be_enabled()
    form.dialog.get_by_label("Temperature").fill("5")
    assert_refused_beforehand(form, "less than or equal to 2")


def test_an_action_with_a_draft_is_not_offered_to_be_saved(form_of, admin, story):
    action = factories.make_action("summary", prompt="Sum up.", name="Sum up")
    action.temperature = 1.0
    action.save_revision()
    form = form_of(admin, f"pages/{story.pk}/edit/")
    prepare(form)
    form.dialog.get_by_text("For another field, or not at all").click()
    form.dialog.get_by_label("Prompt", exact=True).fill("Shorter.")
    assert_refused_beforehand(form, "changes that are not published")
    another = form.dialog.get_by_role("button", name="Save as another LLM action")
    expect(another).to_be_enabled()


def test_no_text_is_lost_by_deleting_its_action(form):
    with reply_with("A text."):
        form.press("Generate")
        expect(form.box).to_have_value("A text.")
    form.press("Delete the LLM action")
    form.press("Delete it")
    expect(form.dialog).to_contain_text("Use or discard the text first.")
    assert LLMAction.objects.count() == 1
    form.press("Use this")
    expect(form.input("summary")).to_have_value("A text.")


def test_what_cannot_be_read_is_not_lost_by_closing(form):
    form.dialog.get_by_label("Prompt", exact=True).fill("Mine.")
    form.dialog.get_by_text("System prompt, model and parameters").click()
    form.dialog.get_by_label("Temperature").fill("5")
    expect(form.dialog).to_contain_text("Ensure this value is less than or equal to 2.")
    form.page.keyboard.press("Escape")
    expect(form.dialog).to_contain_text("What you changed for this run would be lost. Close?")


def test_the_field_itself_is_offered_where_its_action_is_of_a_base(form):
    options = form.dialog.get_by_label("Field to fill").locator("option")
    expect(options.first).to_have_text("Choose a field")
    expect(form.dialog.get_by_role("button", name="Save as another LLM action")).to_be_disabled()
