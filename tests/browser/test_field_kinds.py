"""An output in a field of each kind: applied as typing would be, undone, redone, saved, reloaded."""

import json
import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import expect

from tests import factories
from tests.testapp.models import Award, Person, RelatedLink, StoryPage
from wagtail_llm_actions.models import LLMActionHistory
from wagtail_llm_actions.testing import reply_with

OLD = "Old words"
NEW = "Better words"
NESTED = "22222222-2222-4222-8222-222222222222"
WATCHED_AFTER = 3000
"""Milliseconds until Wagtail has read a form's first state; what comes before is no change."""


@dataclass(frozen=True)
class Kind:
    """A kind of field: where it is, and how a person gets to one that is not there yet."""

    path: str
    name: str
    """Of the input."""
    rich: bool = False
    block: str = ""
    """What the block is called where blocks are added."""
    child: str = ""
    """What the inline child is called where children are added."""
    tab: str = ""
    """The tab of the form that must be opened first."""

    def __str__(self):
        return f"{self.path} ({self.name})"


PAGE_KINDS = [
    Kind("title", "title"),
    Kind("search_description", "search_description", tab="Promote"),
    Kind("intro", "intro"),
    Kind("summary", "summary"),
    Kind("body", "body", rich=True),
    Kind("stream.heading", "stream-0-value", block="Heading"),
    Kind("stream.text", "stream-0-value", block="Text"),
    Kind("stream.rich_text", "stream-0-value", block="Rich text", rich=True),
    Kind("stream.section.heading", "stream-0-value-heading", block="Section"),
    Kind("stream.section.teaser", "stream-0-value-teaser", block="Section"),
    Kind("stream.section.body", "stream-0-value-body", block="Section", rich=True),
    Kind("related_links.caption", "related_links-0-caption", child="Related link"),
    Kind("related_links.note", "related_links-0-note", child="Related link", rich=True),
]
NESTED_KINDS = [
    Kind("stream.columns.heading", "stream-0-value-0-value"),
    Kind("stream.quotes.item", "stream-0-value-0-value"),
]
SNIPPET_KINDS = [
    Kind("role", "role"),
    Kind("biography", "biography"),
    Kind("profile", "profile", rich=True),
    Kind("awards.title", "awards-0-title", child="Award"),
]
BLOCKS = {
    "stream.heading": ("heading", OLD),
    "stream.text": ("text", OLD),
    "stream.rich_text": ("rich_text", f"<p>{OLD}</p>"),
    "stream.section.heading": ("section", {"heading": OLD}),
    "stream.section.teaser": ("section", {"teaser": OLD}),
    "stream.section.body": ("section", {"body": f"<p>{OLD}</p>"}),
    "stream.columns.heading": ("columns", [{"type": "heading", "value": OLD, "id": NESTED}]),
    "stream.quotes.item": ("quotes", [{"type": "item", "value": OLD, "id": NESTED}]),
}


def make_story(path, *, block_id="11111111-1111-4111-8111-111111111111"):
    """Return a page that has the old words in every field, and the block that ``path`` names."""
    kind, value = BLOCKS.get(path, ("heading", OLD))
    block = {"type": kind, "value": value} | ({"id": block_id} if block_id else {})
    page = factories.make_page(
        title=OLD,
        search_description=OLD,
        intro=OLD,
        summary=OLD,
        body=f"<p>{OLD}</p>",
        stream=json.dumps([block]),
    )
    RelatedLink.objects.create(page=page, caption=OLD, note=f"<p>{OLD}</p>")
    StoryPage.objects.get(pk=page.pk).save_revision(clean=False)
    return page


def make_person():
    """Return a snippet that has the old words in every field."""
    person = Person.objects.create(
        name="Ada", role=OLD, biography=OLD, profile=f"<p>{OLD}</p>", live=True
    )
    Award.objects.create(person=person, title=OLD)
    Person.objects.get(pk=person.pk).save_revision().publish()
    return person


@pytest.fixture
def no_autosave(settings):
    """
    Leave saving to the button.

    Autosave makes a new object by itself: a button pressed at that very moment makes it twice.
    """
    settings.WAGTAIL_AUTOSAVE_INTERVAL = 0


class Field:
    """A field in the browser, as a person handles it."""

    def __init__(self, form, kind, name=""):
        self.form = form
        self.input = form.input(name or kind.name)
        holder = self.input.locator("xpath=ancestor::*[@data-field][1]")
        self.editable = holder.locator("[contenteditable=true]") if kind.rich else self.input
        self.is_rich = kind.rich

    def fill(self, text):
        """Type a text in place of what stands there."""
        self.editable.click()
        self.form.page.keyboard.press("ControlOrMeta+a")
        self.form.page.keyboard.type(text)

    def press(self, keys):
        """Press keys in the field."""
        self.editable.focus()
        self.form.page.keyboard.press(keys)

    def expect(self, text):
        """Wait until the field shows a text."""
        if self.is_rich:
            expect(self.editable).to_have_text(text)
            if text:
                expect(self.input).to_have_value(containing(text))
        else:
            expect(self.input).to_have_value(text)


def containing(text):
    """Return a pattern that matches a value with ``text`` in it."""
    return re.compile(re.escape(text))


def save(form):
    """Press the button that saves a draft, and wait for what comes after."""
    with form.page.expect_navigation():
        form.page.get_by_role("button", name="Save draft").first.click()
    expect(form.page.locator(".messages .success")).to_be_visible()


def use(form, field):
    """Generate a text and use it."""
    with reply_with(NEW):
        form.generate(form.control_in(field.input))
        form.press("Use this")
        expect(form.dialog).to_be_hidden()
    field.expect(NEW)


def undo_and_redo(field):
    """Take the text back, and the taking back."""
    field.press("ControlOrMeta+z")
    field.expect(OLD)
    field.press("ControlOrMeta+Shift+z")
    field.expect(NEW)


def expect_it_after_a_reload(form, kind, name=""):
    """Save, open the form anew and find the new words."""
    save(form)
    form.page.goto(form.page.url)
    Field(form, kind, name).expect(NEW)
    assert [run.decision for run in LLMActionHistory.objects.all()] == ["accepted"]


@pytest.mark.parametrize("kind", [*PAGE_KINDS, *NESTED_KINDS], ids=str)
def test_a_field_of_a_page_is_filled(form_of, admin, kind):
    factories.make_action(kind.path)
    page = make_story(kind.path)
    form = form_of(admin, f"pages/{page.pk}/edit/")
    reach(form, kind)
    field = Field(form, kind)
    use(form, field)
    undo_and_redo(field)
    expect_it_after_a_reload(form, kind)
    expect(form.shown_at(kind.name)).to_contain_text("AI, accepted by admin")


@pytest.mark.parametrize("kind", PAGE_KINDS, ids=str)
def test_a_field_of_a_page_that_was_never_saved_is_filled(form_of, admin, rows, kind, no_autosave):
    factories.make_action(kind.path)
    form = form_of(admin, f"pages/add/testapp/storypage/{rows.pk}/")
    Field(form, PAGE_KINDS[0]).fill("A new story")
    add(form, kind)
    field = Field(form, kind)
    field.fill(OLD)
    use(form, field)
    undo_and_redo(field)
    expect_it_after_a_reload(form, kind)


@pytest.mark.parametrize("kind", SNIPPET_KINDS, ids=str)
def test_a_field_of_a_snippet_is_filled(form_of, admin, kind):
    factories.make_action(kind.path, Person)
    person = make_person()
    form = form_of(admin, f"snippets/testapp/person/edit/{person.pk}/")
    field = Field(form, kind)
    use(form, field)
    undo_and_redo(field)
    expect_it_after_a_reload(form, kind)


@pytest.mark.parametrize("kind", SNIPPET_KINDS, ids=str)
def test_a_field_of_a_snippet_that_was_never_saved_is_filled(form_of, admin, kind, no_autosave):
    factories.make_action(kind.path, Person)
    form = form_of(admin, "snippets/testapp/person/add/")
    Field(form, Kind("name", "name")).fill("Grace")
    add(form, kind)
    field = Field(form, kind)
    field.fill(OLD)
    use(form, field)
    undo_and_redo(field)
    expect_it_after_a_reload(form, kind)


@pytest.mark.parametrize("kind", PAGE_KINDS[-2:], ids=str)
def test_a_child_added_to_a_page_that_has_one_is_filled(form_of, admin, kind):
    factories.make_action(kind.path)
    form = form_of(admin, f"pages/{make_story(kind.path).pk}/edit/")
    add(form, kind)
    name = kind.name.replace("-0-", "-1-")
    field = Field(form, kind, name)
    field.fill(OLD)
    use(form, field)
    undo_and_redo(field)
    Field(form, kind).expect(OLD)
    expect_it_after_a_reload(form, kind, name)


def test_a_block_that_was_saved_without_an_id_is_filled(form_of, admin):
    kind = PAGE_KINDS[5]
    factories.make_action(kind.path)
    form = form_of(admin, f"pages/{make_story(kind.path, block_id='').pk}/edit/")
    use(form, Field(form, kind))


@pytest.mark.parametrize("kind", [PAGE_KINDS[2], PAGE_KINDS[4], PAGE_KINDS[5]], ids=str)
def test_autosave_sees_a_text_that_was_used(form_of, admin, kind):
    factories.make_action(kind.path)
    page = make_story(kind.path)
    form = form_of(admin, f"pages/{page.pk}/edit/")
    form.page.wait_for_timeout(WATCHED_AFTER)
    with form.page.expect_response(lambda answer: answer.url.endswith(f"/{page.pk}/edit/")):
        use(form, Field(form, kind))
    assert NEW in json.dumps(page.revisions.order_by("pk").last().content)


def test_the_slug_follows_a_title_that_was_generated(form_of, admin, rows):
    factories.make_action("title")
    form = form_of(admin, f"pages/add/testapp/storypage/{rows.pk}/")
    use(form, Field(form, PAGE_KINDS[0]))
    expect(form.input("slug")).to_have_value("better-words")


def reach(form, kind):
    """Open the tab that the field is on, if it is not the first one."""
    if kind.tab:
        form.page.get_by_role("tab", name=kind.tab).click()


def add(form, kind):
    """Add the block or child that the field is in, if any."""
    reach(form, kind)
    if kind.block:
        form.page.get_by_role("button", name="Insert a block").last.click()
        form.page.get_by_role("option", name=kind.block, exact=True).click()
    if kind.child:
        form.page.get_by_role("button", name=f"Add {kind.child}").click()
    expect(form.control_in(form.input(kind.name))).to_be_visible()
