"""
Every button of the dialog by keyboard alone: reached, pressed, and what is said and focused then.

A button that the dialog's template has, and the table here has not, fails.
"""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse
from playwright.sync_api import expect

from tests import factories
from tests.browser import fake_api
from tests.browser.editor_page import EditorPage
from tests.browser.fake_api import FakeApi

MOST_STOPS = 40
"""More stops than the dialog has in any state."""
DONE = "Done: 14 characters."
APPLIED = "Title: the new text stands in the field."
DISCARDED = "Discarded. Nothing was changed."
SAVED = "The LLM action “Write it” is saved and published."
REST = "For another field, or not at all"
VERSIONS = "What changed in this template"
VERSION = {"number": 1, "date": "1 January 2026", "url": "/admin/snippets/"}
DOWN = [fake_api.started(), fake_api.failed("It is down.")]
PAST_RUN = {
    "id": fake_api.OTHER_ID,
    "when": "1 Jan 2026",
    "user": "admin",
    "model": "echo",
    "outcome": "Rejected",
    "decision": "rejected",
    "output": "An earlier title",
    "message": "",
    "mode": "replace",
    "of_selection": False,
    "restorable": True,
    "retryable": True,
    "url": "/admin/llm-actions/runs/",
}
CHOICES = {
    "templates": [
        {
            "slug": "usual",
            "name": "Usual",
            "prompt": "Write.",
            "system_prompt": "",
            "versions": [VERSION],
        }
    ],
    "configs": [{"slug": "echo", "name": "Echo", "model_name": "echo", "is_default": True}],
    "sources": [{"path": "intro", "label": "Intro", "words": 2}],
    "suggested": [],
    "destinations": [{"path": "summary", "label": "Summary"}],
}
REQUEST = {
    "version": "1",
    "is_own": True,
    "prompt_template": "usual",
    "prompt": "Write.",
    "sources": [],
    "output_mode": "replace",
}
CHANGEABLE = {
    "choices": CHOICES,
    "request": REQUEST,
    "rights": {"save": True, "save_as": True, "save_template": True, "delete": True},
    "edit_url": "/admin/snippets/",
    "serves": "Saving changes it for all.",
}


class Keyboard:
    """A person without a mouse on an edit form, and the API that it talks to."""

    def __init__(self, form: EditorPage, api: FakeApi):
        self.form, self.api, self.dialog = form, api, form.dialog
        self.said = form.page.locator("[data-controller=llm-editor]")

    def press(self, *keys):
        for key in keys:
            self.form.page.keyboard.press(key)

    def type(self, text):
        self.form.page.keyboard.type(text)

    def button(self, name):
        return self.dialog.get_by_role("button", name=name, exact=True)

    def reach(self, target):
        """Go on with Tab until the target has the focus, which stays in the dialog."""
        expect(target).to_be_visible()
        for _ in range(MOST_STOPS):
            if target.evaluate("one => one === document.activeElement"):
                return
            self.press("Tab")
            self.dialog.locator(":focus").wait_for(state="attached")
        raise AssertionError("Tab does not lead there")

    def use(self, target, key="Enter"):
        """Reach something, and press a key on it."""
        self.reach(target)
        self.press(key)

    def open(self):
        """Press the field's own button."""
        expect(self.dialog).to_be_hidden()
        self.form.control("title").focus()
        self.press("Enter")

    def prepare(self, **preview):
        """Press the button at the field that shows what would be sent."""
        self.api.preview = fake_api.preview(**preview)
        expect(self.dialog).to_be_hidden()
        self.form.control("title").focus()
        self.press("Tab")
        expect(self.form.page.get_by_role("button", name="What is sent: Title")).to_be_focused()
        self.press("Enter")
        expect(self.button("Generate")).to_be_focused()

    def generate(self):
        """Press the field's own button, and wait for the text."""
        self.open()
        expect(self.form.status).to_have_text(DONE)
        expect(self.form.box).to_be_focused()

    def leave(self):
        """Close the dialog by Escape, whatever it says."""
        closed, asking = (
            "#llm-run-dialog[aria-hidden=true]",
            "[data-llm-run-dialog-state-value=leaving]",
        )
        locate = self.form.page.locator
        if not locate(f"{closed}, {asking}").count():
            self.press("Escape")
            expect(locate(f"{closed}, {asking}").first).to_be_attached()
        if locate(asking).count():
            self.use(self.button("Close and discard"))
        expect(self.dialog).to_be_hidden()

    def answer_as_usual(self):
        """Take back what a test has made of the API's answers."""
        api = self.api
        api.refusals, api.hold = {}, set()
        api.events = [fake_api.started(), fake_api.succeeded("A better title")]
        api.presentation = fake_api.presentation("A better title")
        api.preview = fake_api.preview()


# How a person comes to each button.


def fail(person):
    person.api.events = DOWN
    person.open()
    expect(person.form.message).to_have_text("It is down.")
    expect(person.button("Retry")).to_be_focused()
    person.answer_as_usual()


def run_long(person):
    person.api.hold.add("runs")
    person.open()
    expect(person.form.status).to_have_text("Generating…")


def mend(person):
    person.api.presentation |= {"errors": ["3 characters too many."], "state": None}
    person.open()
    expect(person.form.status).to_have_text("The field would not take this text:")
    expect(person.form.box).to_be_focused()
    person.type("!")
    person.answer_as_usual()


def leave_unchecked(person):
    person.api.refuse("present", 400, code="form_data", message="It could not be read.")
    person.open()
    expect(person.button("Check again")).to_be_focused()
    person.answer_as_usual()


def find_it_changed(person):
    person.api.presentation |= {"changed_meanwhile": True, "current": "Mine"}
    person.generate()
    person.use(person.button("Use this"))
    expect(person.form.status).to_contain_text("The field has changed since")
    expect(person.form.current).to_be_focused()


def find_it_too_long(person):
    person.api.refuse("runs", 409, code="sources_cut", message="Too long.", reasons=["Intro."])
    person.open()
    expect(person.button("Generate from the shortened sources")).to_be_focused()
    person.answer_as_usual()


def be_asked(person):
    person.generate()
    person.press("Escape")
    expect(person.button("Go back")).to_be_focused()
    expect(person.button("Go back")).to_have_accessible_description(
        "The text has not been used. Discard it and close?"
    )


def wish(person):
    person.generate()
    person.reach(person.dialog.get_by_role("textbox", name="What should be different?"))
    person.type("Shorter")


def change_the_request(person):
    person.prepare(**CHANGEABLE)
    person.reach(person.dialog.get_by_role("textbox", name="Prompt", exact=True))
    person.type(" Otherwise.")
    expect(person.button("Save the LLM action")).to_be_enabled()


def name_the_template(person):
    change_the_request(person)
    person.reach(person.dialog.get_by_label("becomes a template of its own"))
    person.type("Mine")


def unfold_the_rest(person):
    person.prepare(**CHANGEABLE)
    person.use(folded(REST)(person))
    expect(person.button("Save as another LLM action")).to_be_visible()


def choose_another_field(person):
    unfold_the_rest(person)
    person.reach(person.dialog.get_by_label("Field to fill"))
    person.type("S")
    expect(person.button("Move the LLM action there")).to_be_enabled()


def want_it_deleted(person):
    unfold_the_rest(person)
    person.use(person.button("Delete the LLM action"))
    expect(person.button("Keep it")).to_be_focused()


def be_adding(person):
    person.api.presentation |= {"other_mode": "replace"}
    person.generate()


def unfold_the_changes(person):
    person.generate()
    person.use(folded("Changes")(person))


def see_the_request(person):
    person.prepare(**CHANGEABLE)


def unfold_the_history(person):
    person.generate()
    person.use(person.dialog.get_by_text("History of this field"))
    expect(person.button("Show the text of 1 Jan 2026")).to_be_visible()


# Where the focus is afterwards.


def box(person):
    return person.form.box


def control(person):
    return person.form.control("title")


def itself(name):
    return lambda person: person.button(name)


def folded(name):
    return lambda person: person.dialog.get_by_text(name, exact=True)


# Where it is said.


def status(person):
    return person.form.status


def page(person):
    return person.said


def problem(person):
    return person.dialog.locator("[data-llm-request-target=problem]")


@dataclass(frozen=True, kw_only=True)
class Row:
    """A button: how a person comes to it, and what comes of pressing it."""

    before: Callable = Keyboard.generate
    focus: Callable
    where: Callable = status
    says: str
    target: Callable | None = None


ROWS = {
    "Add to the end": Row(focus=control, where=page, says=APPLIED),
    "Replace the current text": Row(before=be_adding, focus=control, where=page, says=APPLIED),
    "Compare": Row(
        before=Keyboard.generate,
        focus=folded("What is sent"),
        says="Choose another template or model, then press “Try again”. Both texts stay.",
    ),
    "Replace a word": Row(
        before=unfold_the_changes,
        focus=itself("Replace “story” by “better title”"),
        says=DONE,
        target=itself("Replace “story” by “better title”"),
    ),
    "Save the template only": Row(
        before=name_the_template,
        focus=folded("What is sent"),
        where=problem,
        says="The prompt template “Mine” is saved and published.",
    ),
    VERSIONS: Row(
        before=see_the_request,
        focus=folded(VERSIONS),
        says="Nothing has been sent yet.",
        target=folded(VERSIONS),
    ),
    REST: Row(
        before=see_the_request,
        focus=folded(REST),
        says="Nothing has been sent yet.",
        target=folded(REST),
    ),
    "Save as another LLM action": Row(
        before=choose_another_field,
        focus=folded("What is sent"),
        where=problem,
        says=SAVED,
    ),
    "Move the LLM action there": Row(
        before=choose_another_field, focus=control, where=page, says=SAVED
    ),
    "Delete the LLM action": Row(
        before=unfold_the_rest,
        focus=itself("Keep it"),
        where=lambda person: person.dialog.locator("#llm-saving-question"),
        says="Delete it wherever it serves? Its runs stay in the history.",
    ),
    "Keep it": Row(
        before=want_it_deleted,
        focus=itself("Delete the LLM action"),
        says="Nothing has been sent yet.",
    ),
    "Delete it": Row(
        before=want_it_deleted,
        focus=control,
        where=page,
        says="The LLM action “Write it” is deleted.",
    ),
    "Restore": Row(
        before=unfold_the_history,
        focus=lambda person: person.dialog.get_by_role("textbox", name="Text before"),
        says="Before the run of 1 Jan 2026 this stood in the field. Use it to restore it.",
        target=itself("Restore what stood before the run of 1 Jan 2026"),
    ),
    "Retry a past run": Row(
        before=unfold_the_history,
        focus=box,
        says=DONE,
        target=itself("Retry the run of 1 Jan 2026"),
    ),
    "Generate": Row(before=Keyboard.prepare, focus=box, says=DONE),
    "Use this": Row(focus=control, where=page, says=APPLIED),
    "Use the mended text": Row(before=mend, focus=control, where=page, says=APPLIED),
    "Check again": Row(before=leave_unchecked, focus=box, says=DONE),
    "Keep mine": Row(before=find_it_changed, focus=control, where=page, says=DISCARDED),
    "Use the new text": Row(before=find_it_changed, focus=control, where=page, says=APPLIED),
    "Retry": Row(before=fail, focus=box, says=DONE),
    "Generate from the shortened sources": Row(before=find_it_too_long, focus=box, says=DONE),
    "Go back": Row(before=be_asked, focus=box, says=DONE),
    "Close and discard": Row(before=be_asked, focus=control, where=page, says=DISCARDED),
    "Try again": Row(focus=box, says=DONE),
    "Two alternatives": Row(focus=box, says=DONE),
    "Copy": Row(focus=itself("Copy"), says="Copied."),
    "Cancel": Row(before=run_long, focus=itself("Retry"), says="Cancelled. Nothing was changed."),
    "Discard": Row(focus=control, where=page, says=DISCARDED),
    # Nothing happened that the focus on the field's button would not tell.
    "Close": Row(before=fail, focus=control, where=page, says=""),
    "Revise": Row(before=wish, focus=box, says=DONE),
    "Close dialog": Row(
        focus=itself("Go back"),
        where=lambda person: person.dialog.get_by_role("status").filter(has_text="Discard it"),
        says="The text has not been used. Discard it and close?",
    ),
    "Save the LLM action": Row(
        before=change_the_request,
        focus=folded("What is sent"),
        where=problem,
        says=SAVED,
    ),
    "What is sent": Row(
        focus=folded("What is sent"),
        where=lambda person: person.dialog.locator("[data-llm-request-target=facts]"),
        says="About 2 tokens, to echo.",
        target=folded("What is sent"),
    ),
    "System prompt, model and parameters": Row(
        before=see_the_request,
        focus=folded("System prompt, model and parameters"),
        says="Nothing has been sent yet.",
        target=folded("System prompt, model and parameters"),
    ),
    "Changes": Row(focus=folded("Changes"), says=DONE, target=folded("Changes")),
    "History of this field": Row(
        focus=folded("History of this field"), says=DONE, target=folded("History of this field")
    ),
    "Show": Row(
        before=unfold_the_history,
        focus=box,
        says="Done: 16 characters.",
        target=itself("Show the text of 1 Jan 2026"),
    ),
}
MADE_BY_SCRIPT = {"Show", "Restore", "Retry a past run", "Replace a word"}
DETAILS = "Details (in a new tab)"
OWN_FORM = "Open its own form (in a new tab)"
ALL_RUNS = "All runs on this page or object (in a new tab)"


@pytest.fixture
def person(page_of, live_server, admin):
    """The edit form of a page."""
    story = factories.make_page(title="A story")
    browser = page_of(admin)
    browser.context.grant_permissions(["clipboard-read"])
    api = FakeApi(browser)
    api.past_runs = [PAST_RUN]
    form = EditorPage(browser)
    form.goto(f"{live_server.url}/admin/pages/{story.pk}/edit/")
    expect(form.control("title")).to_be_visible()
    return Keyboard(form, api)


def test_every_button_of_the_dialog_has_its_row(admin_client):
    html = admin_client.get(reverse("wagtail_llm_actions:dialog")).content
    found = BeautifulSoup(html, "html.parser").find_all(["a", "button", "summary"])
    assert {name_of(one) for one in found} == ROWS.keys() - MADE_BY_SCRIPT | {
        OWN_FORM,
        ALL_RUNS,
        DETAILS,
    }


def name_of(element):
    """Return what an element of the dialog's ``<template>`` is called."""
    text = " ".join("".join(element.find_all(string=True)).split())
    return element.get("aria-label") or text


def test_every_button_works_by_keyboard_and_says_so(person):
    for name, row in ROWS.items():
        person.answer_as_usual()
        person.said.evaluate("one => { one.textContent = ''; }")
        try:
            press(person, name, row)
        except AssertionError as error:
            error.add_note(f"Button: {name}")
            raise
        person.answer_as_usual()
        person.leave()


def press(person, name, row):
    """Do what a row says, and look at what comes of it."""
    row.before(person)
    person.use(row.target(person) if row.target else person.button(name))
    expect(row.where(person)).to_have_text(row.says)
    expect(row.focus(person)).to_be_focused()


def test_space_presses_too_and_arrows_choose_among_texts(person):
    person.answer_as_usual()
    person.generate()
    person.api.events = [
        fake_api.started(run_id=fake_api.OTHER_ID),
        fake_api.succeeded("Another title"),
    ]
    person.use(person.button("Try again"), "Space")
    expect(person.form.box).to_have_value("Another title")
    person.press("Shift+Tab", "Shift+Tab")
    expect(person.dialog.get_by_label("Text 2")).to_be_focused()
    person.press("ArrowLeft")
    expect(person.dialog.get_by_label("Text 1")).to_be_focused()
    expect(person.form.box).to_have_value("A better title")


def test_the_link_to_the_actions_own_form_is_reached(person):
    person.answer_as_usual()
    see_the_request(person)
    link = person.dialog.get_by_role("link", name=OWN_FORM)
    with person.form.page.context.expect_page() as opened:
        person.use(link)
    assert opened.value.url.endswith("/admin/snippets/")
