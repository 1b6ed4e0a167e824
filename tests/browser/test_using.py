"""What else can be done with an output: added to the end, in part, compared blindly, taken back."""

import pytest
from playwright.sync_api import expect

from tests import factories
from tests.browser.test_accessibility import violations
from wagtail_llm_actions.models import LLMActionHistory
from wagtail_llm_actions.testing import reply_with
from wagtail_llm_actions.values import Decision, OutputMode

CONTENTS = """() => [...new FormData(document.querySelector('form[data-edit-form]'))]
  .filter(([name]) => name.startsWith('stream-')).map(([name, value]) => name + ' = ' + value)"""
"""What the browser would post of the stream, identities included."""


@pytest.fixture
def story(rows):
    """A page whose summary says something."""
    factories.make_config(name="Usual", slug="usual", is_default=True)
    return factories.make_page(title="The tide", summary="The old tide comes", intro="Slowly.")


@pytest.fixture
def action(story):
    """The action of the summary."""
    return factories.make_action("summary", prompt="Sum up.", name="Sum up")


@pytest.fixture
def form(form_of, editor, story, action):
    """The edit form."""
    return form_of(editor, f"pages/{story.pk}/edit/")


def generate(form, output):
    """Run the action of the summary."""
    with reply_with(output):
        form.generate(form.control("summary"))


def test_an_output_is_added_to_the_end_instead(form):
    generate(form, "and goes.")
    expect(form.dialog.get_by_role("button", name="Replace the current text")).to_be_hidden()
    form.press("Add to the end")
    expect(form.input("summary")).to_have_value("The old tide comes and goes.")
    expect(form.control("summary")).to_be_focused()
    expect(form.shown_at("summary")).to_contain_text("AI, accepted by editor")
    run = LLMActionHistory.objects.get()
    assert (run.decision, run.output_mode) == (Decision.ACCEPTED, OutputMode.APPEND)


def test_an_output_replaces_though_its_action_adds(form, action):
    action.output_mode = OutputMode.APPEND
    action.save_revision().publish()
    generate(form, "All new.")
    expect(form.dialog.get_by_role("button", name="Add to the end")).to_be_hidden()
    form.press("Replace the current text")
    expect(form.input("summary")).to_have_value("All new.")


def test_an_empty_field_offers_neither(form):
    form.input("summary").fill("")
    generate(form, "All new.")
    for name in ("Add to the end", "Replace the current text"):
        expect(form.dialog.get_by_role("button", name=name)).to_be_hidden()


def test_too_long_a_text_is_not_added(form):
    generate(form, "x" * 95)
    form.press("Add to the end")
    expect(form.dialog).to_contain_text("The field would not take this text:")
    expect(form.input("summary")).to_have_value("The old tide comes")


def unfold_changes(form):
    """Show the changes; return them."""
    form.dialog.get_by_text("Changes", exact=True).click()
    changes = form.dialog.get_by_role("region", name="Changes")
    expect(changes).to_be_visible()
    return changes


def test_a_single_change_is_refused_and_made_again(form):
    generate(form, "The high tide returns")
    changes = unfold_changes(form)
    first = changes.get_by_role("button", name="Replace “old” by “high”")
    expect(first).to_have_attribute("aria-pressed", "true")
    first.click()
    expect(form.box).to_have_value("The old tide returns")
    expect(first).to_have_attribute("aria-pressed", "false")
    expect(first).to_be_focused()
    assert violations(form, "#llm-run-dialog") == []
    last = changes.get_by_role("button", name="Replace “comes” by “returns”")
    last.press("Enter")
    expect(form.box).to_have_value("The old tide comes")
    first.press("Space")
    expect(form.box).to_have_value("The high tide comes")
    form.press("Use this")
    expect(form.input("summary")).to_have_value("The high tide comes")
    expect(form.shown_at("summary")).to_contain_text("accepted with changes")
    assert LLMActionHistory.objects.get().mended_output == "The high tide comes"


def test_what_is_typed_after_a_refusal_stays(form):
    generate(form, "The high tide returns")
    changes = unfold_changes(form)
    changes.get_by_role("button", name="Replace “old” by “high”").click()
    form.box.fill("The old tide returns soon")
    expect(changes.get_by_role("button")).to_have_count(1)
    changes.get_by_role("button").click()
    expect(form.box).to_have_value("The old tide comes")


def test_what_stood_there_before_comes_back(form):
    generate(form, "All new.")
    form.press("Use this")
    expect(form.shown_at("summary")).to_contain_text("AI, accepted by editor")
    form.input("summary").focus()
    form.page.get_by_role("button", name="What is sent: Summary").click()
    form.dialog.get_by_text("History of this field").click()
    form.dialog.get_by_role("button", name="Restore what stood before").click()
    box = form.dialog.get_by_role("textbox", name="Text before")
    expect(box).to_have_value("The old tide comes")
    expect(box).to_be_focused()
    expect(form.status).to_contain_text("this stood in the field. Use it to restore it.")
    expect(form.current).to_have_text("All new.")
    form.press("Use this")
    expect(form.input("summary")).to_have_value("The old tide comes")
    expect(form.page.locator("[data-controller=llm-editor]")).to_contain_text("before is back")
    expect(form.shown_at("summary")).to_have_text("AI, edited since")
    expect_taken_back(form, "Summary")
    run = LLMActionHistory.objects.get()
    assert (run.decision, run.restored_by_username) == (Decision.ACCEPTED, "editor")


def expect_taken_back(form, label):
    """Look for it in the history of the field."""
    form.page.get_by_role("button", name=f"What is sent: {label}").click()
    form.dialog.get_by_text("History of this field").click()
    expect(form.dialog.get_by_role("listitem").first).to_contain_text("Accepted, then taken back")


def test_a_stream_comes_back_as_it_was(form_of, editor, story):
    stream = [("heading", "Kept"), ("text", "Old words")]
    story.stream = stream
    story.save_revision().publish()
    factories.make_action("stream", prompt="Build it.", name="Build")
    form = form_of(editor, f"pages/{story.pk}/edit/")
    contents = form.page.evaluate(CONTENTS)
    with reply_with('{"value": [{"type": "heading", "value": "All new"}]}'):
        form.generate(form.control("stream"))
    form.press("Use this")
    heading = form.page.locator("[name=stream-0-value]")
    expect(heading).to_have_value("All new")
    form.page.get_by_role("button", name="What is sent: stream").click()
    form.dialog.get_by_text("History of this field").click()
    form.dialog.get_by_role("button", name="Restore what stood before").click()
    expect(form.dialog).to_contain_text("Old words")
    form.press("Use this")
    expect(form.page.locator("[name=stream-1-value]")).to_have_value("Old words")
    assert form.page.evaluate(CONTENTS) == contents
    expect_taken_back(form, "stream")


def test_a_failed_run_is_retried_from_the_history(form, action, story, editor):
    factories.make_run(
        action,
        target=story,
        user=editor,
        status="failed",
        error_code="provider_unavailable",
        error_message="The service was down.",
    )
    form.input("summary").focus()
    form.page.get_by_role("button", name="What is sent: Summary").click()
    form.dialog.get_by_text("History of this field").click()
    with reply_with("It works."):
        form.dialog.get_by_role("button", name="Retry the run of").click()
        expect(form.box).to_have_value("It works.")
    assert LLMActionHistory.objects.exclude(retry_of=None).count() == 1


def test_another_model_is_chosen_to_compare(form_of, admin, story, action):
    form = form_of(admin, f"pages/{story.pk}/edit/")
    generate(form, "One.")
    form.press("Compare")
    model = form.dialog.get_by_label("Model name")
    expect(model).to_be_focused()
    expect(form.status).to_contain_text("Both texts stay.")
    model.fill("bigger")
    with reply_with("Two."):
        form.press("Try again")
        expect(form.dialog.get_by_label("Text 2 (bigger)")).to_be_checked()
    form.dialog.get_by_label("Compare with").select_option("Text 1 (echo)")
    expect(form.current).to_have_text("One.")


def test_who_may_change_nothing_is_not_asked_to_compare(form):
    generate(form, "One.")
    expect(form.dialog.get_by_role("button", name="Compare", exact=True)).to_have_count(0)


def test_what_is_mended_to_be_added_is_added(form):
    generate(form, "x" * 95)
    form.press("Add to the end")
    expect(form.dialog).to_contain_text("The field would not take this text:")
    form.box.fill("and goes.")
    form.press("Use the mended text")
    expect(form.input("summary")).to_have_value("The old tide comes and goes.")


def test_a_suggestion_of_somebody_else_that_is_only_looked_at_stays(form, action, story, admin):
    theirs = factories.make_run(
        action, target=story, user=admin, output="Theirs.", decision=Decision.PENDING
    )
    generate(form, "Mine.")
    form.dialog.get_by_text("History of this field").click()
    form.dialog.get_by_role("button", name="Show the text of").last.click()
    expect(form.box).to_have_value("Theirs.")
    form.dialog.get_by_label("Text 1").check()
    expect(form.box).to_have_value("Mine.")
    form.press("Use this")
    expect(form.shown_at("summary")).to_contain_text("AI, accepted by editor")
    theirs.refresh_from_db()
    assert theirs.decision == Decision.PENDING
