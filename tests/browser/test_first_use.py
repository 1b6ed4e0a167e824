"""
How much a person has to do from the opened page to the first output in a field.

Clicks and keys are counted in the browser, as it gets them; seconds are printed, not judged.
"""

import sys
import time

import pytest
from django.core.management import call_command
from playwright.sync_api import expect

from tests import factories
from wagtail_llm_actions.models import LLMAction
from wagtail_llm_actions.testing import reply_with

COUNT = """() => {
  window.__done = { clicks: 0, keys: 0 };
  const count = (name) => (event) => { if (event.isTrusted) window.__done[name] += 1; };
  window.addEventListener('pointerdown', count('clicks'), true);
  window.addEventListener('keydown', count('keys'), true);
}"""


@pytest.fixture
def story(rows):
    """A page that says something, on a site with the predefined templates and a model."""
    call_command("load_prompt_templates", verbosity=0)
    factories.make_config(name="Usual", slug="usual", is_default=True)
    return factories.make_page(title="The tide", intro="The tide comes and goes.")


@pytest.fixture
def begin(form_of, story):
    """Return a function that opens the story's edit form, and begins to count."""

    def make(user):
        form = form_of(user, f"pages/{story.pk}/edit/")
        expect(form.page.locator(".llm-field").first).to_be_attached()
        form.page.evaluate(COUNT)
        form.begun_at = time.monotonic()
        return form

    return make


def done(form, name):
    """Return the clicks and keys so far, and print them with the seconds that it took."""
    counts = form.page.evaluate("window.__done")
    seconds = time.monotonic() - form.begun_at
    clicks, keys = counts["clicks"], counts["keys"]
    sys.stdout.write(f"\n{name}: {clicks} clicks, {keys} keys, {seconds:.1f} s\n")
    return counts


def test_a_field_with_an_action_takes_two_clicks(begin, editor, story):
    factories.make_action("summary", prompt="Sum up {{ intro }}", sources={"intro": "intro"})
    form = begin(editor)
    with reply_with("Tides."):
        form.control("summary").click()
        form.press("Use this")
    expect(form.input("summary")).to_have_value("Tides.")
    expect(form.shown_at("summary")).to_contain_text("AI, accepted by editor")
    assert done(form, "With an LLM action") == {"clicks": 2, "keys": 0}


def test_a_field_without_one_takes_three_and_keeping_the_action_a_fourth(begin, story):
    may = ("run_llmaction", "customise_llmaction", "add_llmaction", "publish_llmaction")
    form = begin(factories.make_user("editor", *may, groups=["Editors"]))
    with reply_with("Tides."):
        form.page.get_by_role("link", name="Add LLM action: Summary").click()
        form.press("Generate")
        expect(form.box).to_have_value("Tides.")
        form.press("Save the LLM action")
        expect(form.dialog).to_contain_text("is saved and published.")
        form.press("Use this")
    expect(form.input("summary")).to_have_value("Tides.")
    expect(form.shown_at("summary")).to_contain_text("AI, accepted by editor")
    assert LLMAction.objects.get().live
    assert done(form, "Without an LLM action, and it is kept") == {"clicks": 4, "keys": 0}


def test_a_first_try_takes_three_clicks(begin, story):
    may = ("run_llmaction", "customise_llmaction", "add_llmaction")
    form = begin(factories.make_user("editor", *may, groups=["Editors"]))
    with reply_with("Tides."):
        form.page.get_by_role("link", name="Add LLM action: Summary").click()
        form.press("Generate")
        form.press("Use this")
    expect(form.input("summary")).to_have_value("Tides.")
    assert done(form, "Without an LLM action") == {"clicks": 3, "keys": 0}
