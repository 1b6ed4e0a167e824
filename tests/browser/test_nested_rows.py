"""Inline children of inline children are filled in the editor like any field."""

from playwright.sync_api import expect

from tests import factories
from tests.browser.test_marks import save
from tests.testapp.models import BookPage, Chapter, ChapterNote
from wagtail_llm_actions.testing import reply_with


def test_a_child_of_a_child_and_a_child_with_children(settings, form_of, admin, rows):
    settings.WAGTAIL_AUTOSAVE_INTERVAL = 0
    factories.make_action("chapters.notes.text", model=BookPage)
    factories.make_action("chapters", model=BookPage)
    factories.make_action("chapters.notes", model=BookPage)
    book = factories.make_page(BookPage, title="A book")
    notes = [ChapterNote(text=text, sort_order=at) for at, text in enumerate(("Old", "b"))]
    book.chapters = [Chapter(heading="One", notes=notes)]
    book.save_revision().publish()
    form = form_of(admin, f"pages/{book.pk}/edit/")
    text = form.input("chapters-0-notes-0-text")
    with reply_with("New"):
        form.generate(form.control_in(text))
        form.press("Use this")
    expect(text).to_have_value("New")
    with reply_with('[{"heading": "Two"}]'):
        form.generate(form.control("chapter"))
        form.press("Use this")
    expect(form.input("chapters-1-heading")).to_have_value("Two")
    notes_of_first = form.page.locator("#id_chapters-0-notes-FORMS").locator("xpath=..")
    with reply_with('[{"text": "Added"}]'):
        form.generate(notes_of_first.locator(".llm-field__button").last)
        form.press("Use this")
    expect(form.input("chapters-0-notes-2-text")).to_have_value("Added")
    save(form)
    draft = BookPage.objects.get(pk=book.pk).get_latest_revision_as_object()
    notes = [[note.text for note in chapter.notes.all()] for chapter in draft.chapters.all()]
    assert notes == [["New", "b", "Added"], []]
    expect(form.shown_at("chapters-0-notes-0-text")).to_contain_text("AI, accepted by admin")
