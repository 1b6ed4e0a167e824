"""The request side of the dialog: what would be sent, changed for one run, and saved."""

import re

import pytest
from playwright.sync_api import expect

from tests import factories
from tests.browser.test_accessibility import violations
from wagtail_llm_actions.models import LLMAction, LLMActionHistory, PromptTemplate
from wagtail_llm_actions.testing import reply_with


@pytest.fixture
def story(rows):
    """A page that says something."""
    factories.make_config(name="Usual", slug="usual", is_default=True)
    return factories.make_page(title="The tide", intro="The tide comes and goes.")


@pytest.fixture
def action(story):
    """The action of a field."""
    template = factories.make_template("Sum up: {{ intro }}", name="Summary", slug="summary")
    return factories.make_action(
        "summary", prompt_template=template, sources={"intro": "intro"}, name="Sum up"
    )


@pytest.fixture
def edit(form_of, story):
    """Return a function that opens the story's edit form as a user."""
    return lambda user: form_of(user, f"pages/{story.pk}/edit/")


def prepare(form):
    """Open the dialog at the summary without running anything."""
    form.input("summary").focus()
    form.page.get_by_role("button", name="What is sent: Summary").click()
    expect(form.dialog.get_by_role("button", name="Generate", exact=True)).to_be_focused()


def prompt(form):
    """Return the prompt as it is shown."""
    return form.dialog.get_by_role("region", name="Prompt as it is sent")


def test_what_would_be_sent_is_shown_before_anything_is(edit, editor, action):
    form = edit(editor)
    with reply_with("Never.") as echo:
        prepare(form)
        expect(form.status).to_have_text("Nothing has been sent yet.")
        expect(prompt(form)).to_contain_text("Sum up: ")
        expect(prompt(form).locator("mark")).to_have_text("IntroThe tide comes and goes.")
        expect(form.dialog).to_contain_text("About 7 tokens, to echo of Echo.")
        expect(form.dialog.get_by_label("Prompt template")).to_be_hidden()
        assert violations(form, "#llm-run-dialog") == []
        form.press("Close")
        expect(form.dialog).to_be_hidden()
        expect(form.control("summary")).to_be_focused()
    assert echo.requests == []
    assert not LLMActionHistory.objects.exists()


def test_it_is_generated_from_there(edit, editor, action):
    form = edit(editor)
    prepare(form)
    with reply_with("A short summary."):
        form.press("Generate")
        expect(form.box).to_have_value("A short summary.")
        form.press("Use this")
        expect(form.input("summary")).to_have_value("A short summary.")


def test_what_is_unsaved_in_the_form_is_in_the_preview(edit, editor, action):
    form = edit(editor)
    form.input("intro").fill("Typed just now")
    prepare(form)
    expect(prompt(form)).to_contain_text("Typed just now")


def test_a_run_is_changed_and_the_preview_follows(edit, admin, action):
    form = edit(admin)
    prepare(form)
    form.dialog.get_by_label("Prompt", exact=True).fill("Title {{ title }}")
    expect(form.dialog).to_contain_text("title")
    expect(prompt(form)).to_be_hidden()
    form.dialog.get_by_label("Title (2 words)").check()
    expect(prompt(form).locator("mark")).to_have_text("TitleThe tide")
    form.page.get_by_text("System prompt, model and parameters").click()
    form.dialog.get_by_label("Temperature").fill("0.5")
    form.dialog.get_by_label("Maximum output tokens").fill("60")
    assert violations(form, "#llm-run-dialog") == []
    with reply_with("Changed.") as echo:
        form.press("Generate")
        expect(form.box).to_have_value("Changed.")
    sent = echo.requests[0]
    assert sent.messages[-1].content == "Title The tide"
    assert (sent.temperature, sent.max_output_tokens) == (0.5, 60)
    assert LLMActionHistory.objects.get().changes == {
        "prompt": "Title {{ title }}",
        "sources": ["intro", "title"],
        "temperature": 0.5,
        "max_output_tokens": 60,
    }
    assert LLMAction.objects.get().temperature is None


def test_what_was_changed_is_used_when_it_is_tried_again(edit, admin, action):
    form = edit(admin)
    with reply_with("First."):
        form.generate(form.control("summary"))
    form.page.get_by_text("What is sent", exact=True).last.click()
    form.dialog.get_by_label("Prompt", exact=True).fill("Otherwise: {{ intro }}")
    with reply_with("Second.") as echo:
        form.press("Try again")
        expect(form.box).to_have_value("Second.")
    assert echo.requests[0].messages[-1].content == "Otherwise: The tide comes and goes."


def test_another_template_brings_its_texts_but_takes_none_that_was_typed(edit, admin, action):
    factories.make_template("Other: {{ intro }}", name="Other", slug="other")
    form = edit(admin)
    prepare(form)
    box = form.dialog.get_by_label("Prompt", exact=True)
    expect(box).to_have_value("Sum up: {{ intro }}")
    form.dialog.get_by_label("Prompt template").select_option("other")
    expect(box).to_have_value("Other: {{ intro }}")
    box.fill("Mine: {{ intro }}")
    form.dialog.get_by_label("Prompt template").select_option("summary")
    expect(box).to_have_value("Mine: {{ intro }}")
    form.page.keyboard.press("Escape")
    form.press("Close and discard")
    prepare(form)
    expect(box).to_have_value("Sum up: {{ intro }}")
    form.dialog.get_by_label("Prompt template").select_option("other")
    expect(box).to_have_value("Other: {{ intro }}")


def test_changes_are_not_lost_by_closing(edit, admin, action):
    form = edit(admin)
    prepare(form)
    form.dialog.get_by_label("Prompt", exact=True).fill("Mine: {{ intro }}")
    form.page.keyboard.press("Escape")
    expect(form.dialog).to_contain_text("What you changed for this run would be lost. Close?")
    form.press("Go back")
    expect(form.dialog.get_by_label("Prompt", exact=True)).to_have_value("Mine: {{ intro }}")
    form.page.keyboard.press("Escape")
    form.press("Close and discard")
    expect(form.dialog).to_be_hidden()


def test_a_changed_prompt_is_saved_as_a_template_of_its_own(edit, admin, action):
    form = edit(admin)
    prepare(form)
    save = form.dialog.get_by_role("button", name="Save the LLM action")
    expect(save).to_be_disabled()
    form.dialog.get_by_label("Prompt", exact=True).fill("Shorter: {{ intro }}")
    expect(form.dialog).to_contain_text("every object of type “Story page”")
    form.dialog.get_by_label(re.compile("becomes a template")).fill("Short ones")
    save.click()
    expect(form.dialog).to_contain_text("The LLM action “Sum up” is saved and published.")
    expect(form.dialog.get_by_label("Prompt", exact=True)).to_have_value("Shorter: {{ intro }}")
    assert LLMAction.objects.get().prompt_template.name == "Short ones"
    assert PromptTemplate.objects.get(slug="summary").prompt == "Sum up: {{ intro }}"
    form.page.keyboard.press("Escape")
    expect(form.dialog).to_be_hidden()


def test_what_was_asked_before_saving_takes_no_place_of_what_is_said_then(edit, admin, action):
    form = edit(admin)
    prepare(form)
    expect(prompt(form)).to_be_visible()
    late = []
    form.page.route("**/api/preview?*", lambda route: late.append(route), times=1)
    form.dialog.get_by_label("Prompt", exact=True).fill("Shorter: {{ intro }}")
    name = form.dialog.get_by_label(re.compile("becomes a template"))
    with form.page.expect_request("**/api/preview?*"):
        name.fill("Short ones")
    form.press("Save the LLM action")
    expect(form.dialog).to_contain_text("The LLM action “Sum up” is saved and published.")
    late[0].continue_()
    form.page.wait_for_timeout(500)
    expect(form.dialog).to_contain_text("The LLM action “Sum up” is saved and published.")


def test_what_changed_in_the_template_is_one_click_away(edit, admin, action):
    template = action.prompt_template
    first = template.live_revision
    form = edit(admin)
    prepare(form)
    fold = form.dialog.get_by_text("What changed in this template")
    expect(form.dialog.get_by_label("Prompt", exact=True)).to_have_value("Sum up: {{ intro }}")
    expect(fold).to_be_hidden()
    template.prompt = "Shorter: {{ intro }}"
    template.save_revision().publish()
    form.page.reload()
    prepare(form)
    fold.click()
    link = form.dialog.get_by_role("link", name=re.compile("^Since version 1, published on"))
    assert violations(form, "#llm-run-dialog") == []
    with form.page.context.expect_page() as opened:
        link.click()
    row = opened.value.get_by_role("row", name=re.compile("^Prompt"))
    expect(row).to_contain_text("Shorter")
    assert f"/{first.pk}...live/" in opened.value.url
    opened.value.close()


def test_who_is_at_a_field_before_its_state_is_known_can_look_too(edit, editor, action):
    form = edit(editor)
    answers = []
    form.page.route("**/api/fields", lambda route: answers.append(route), times=1)
    form.page.reload()
    form.input("summary").focus()
    expect(form.control("summary")).to_have_count(0)
    form.page.wait_for_function("document.querySelector('[data-controller~=llm-editor]')")
    answers[0].continue_()
    expect(form.page.get_by_role("button", name="What is sent: Summary")).to_be_visible()


def test_the_models_are_offered_that_the_provider_has(edit, admin, action):
    form = edit(admin)
    prepare(form)
    form.page.get_by_text("System prompt, model and parameters").click()
    form.dialog.get_by_label("Model name").focus()
    expect(form.page.locator("#llm-request-models option")).to_have_attribute("value", "echo")


def test_an_action_is_made_from_nothing_tried_and_saved(edit, admin, story):
    factories.make_template("Sum up:\n{{ sources }}", name="Summary", slug="summary")
    form = edit(admin)
    form.input("summary").focus()
    form.page.get_by_role("link", name="Add LLM action: Summary").click()
    expect(form.dialog.get_by_label("Prompt template")).to_have_value("summary")
    expect(form.dialog.get_by_label(re.compile("^Content"))).to_be_checked()
    expect(prompt(form)).to_contain_text("The tide comes and goes.")
    assert violations(form, "#llm-run-dialog") == []
    with reply_with("A first try."):
        form.press("Generate")
        expect(form.box).to_have_value("A first try.")
    form.press("Save the LLM action")
    expect(form.dialog).to_contain_text("is saved and published.")
    action = LLMAction.objects.get()
    assert (action.destination_path, action.live) == ("summary", True)
    assert [source.path for source in action.sources.all()] == ["@content"]
    form.press("Use this")
    expect(form.input("summary")).to_have_value("A first try.")
    expect(form.control("summary")).to_be_focused()
    expect(form.page.get_by_role("link", name="Add LLM action: Summary")).to_have_count(0)


def test_a_link_to_add_an_action_keeps_what_a_link_does(edit, admin, story):
    form = edit(admin)
    form.input("summary").focus()
    link = form.page.get_by_role("link", name="Add LLM action: Summary")
    with form.page.context.expect_page() as opened:
        link.click(modifiers=["ControlOrMeta"])
    assert "destination_path=summary" in opened.value.url
    expect(form.dialog).to_have_count(0)
