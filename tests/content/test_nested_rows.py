"""Inline children of inline children: each is read, filled and added to."""

import pytest
from wagtail.test.utils.form_data import inline_formset

from tests import factories
from tests.content.applying import applied
from tests.content.forms import edit_path, posted
from tests.testapp.models import BookPage, Chapter, ChapterNote
from wagtail_llm_actions.content import paths_of
from wagtail_llm_actions.content.drafts import write_draft
from wagtail_llm_actions.content.editors import find_editor
from wagtail_llm_actions.content.saved import open_saved
from wagtail_llm_actions.values import FieldKind, OutputMode

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(home):
    """A book of two chapters, each with notes."""
    book = factories.make_page(BookPage, title="A book", slug="book")
    book.chapters = [
        Chapter(heading="One", sort_order=0, notes=notes("1a", "1b")),
        Chapter(heading="Two", sort_order=1, notes=notes("2a")),
    ]
    book.save_revision().publish()
    return BookPage.objects.get(pk=book.pk)


@pytest.fixture
def bound(page, admin):
    """The book's edit form."""
    return find_editor(edit_path(page), admin).bind(data(page))


def notes(*texts):
    return [ChapterNote(text=text, sort_order=number) for number, text in enumerate(texts)]


def data(page):
    chapters = [
        {
            "id": str(chapter.pk),
            "heading": chapter.heading,
            "notes": formset(
                [{"id": str(note.pk), "text": note.text} for note in chapter.notes.all()]
            ),
        }
        for chapter in page.chapters.all()
    ]
    fields = dict.fromkeys(("seo_title", "search_description", "go_live_at", "expire_at"), "")
    own = {"title": page.title, "slug": page.slug, "chapters": formset(chapters)}
    return posted(fields | own | {"comments": inline_formset([])})


def formset(rows):
    return inline_formset(rows, initial=len(rows))


def test_the_fields_of_all_children_can_be_filled():
    known = {path: kind for path, _label, kind in paths_of(BookPage)}
    assert known["chapters"] == known["chapters.notes"] == FieldKind.ROWS
    assert known["chapters.heading"] == known["chapters.notes.text"] == FieldKind.TEXT


def test_a_child_of_a_child_is_read_and_filled(page, bound):
    first, _ = page.chapters.all()
    _, note = first.notes.all()
    address = f"chapters.pk-{first.pk}.notes.pk-{note.pk}.text"
    assert bound.path(address) == "chapters.notes.text"
    assert bound.text(address) == bound.text("chapters.0.notes.1.text") == "1b"
    assert bound.read("chapters.notes.text").text == "1a\n1b\n2a"
    assert bound.read("chapters.heading", near=address).text == "One"
    placement = bound.place(address, "New", OutputMode.REPLACE)
    assert (placement.errors, placement.state) == ((), "New")
    assert bound.place(address, "x" * 81, OutputMode.REPLACE).errors


def test_a_child_that_has_children_is_added(bound):
    placement = bound.place("chapters", [{"heading": "Three"}], OutputMode.APPEND)
    assert placement.errors == ()
    assert placement.text == "- Three"
    post = applied(bound, "chapters", placement)
    for name in ("TOTAL_FORMS", "INITIAL_FORMS"):
        post[f"chapters-2-notes-{name}"] = "0"  # as the empty form has them
    again = bound.editor.bind(post)
    assert again.form.is_valid()
    assert again.text("chapters.2.heading") == "Three"


def test_children_of_a_child_are_added(bound):
    placement = bound.place("chapters.1.notes", [{"text": "2b"}], OutputMode.APPEND)
    assert (placement.errors, placement.text) == ((), "- 2b")


def test_children_of_a_child_are_written_as_a_draft(page, admin):
    first, _ = page.chapters.all()
    for address, value in (
        (f"chapters.pk-{first.pk}.notes.pk-{first.notes.first().pk}.text", "New"),
        ("chapters.1.notes", [{"text": "2b"}]),
        ("chapters", [{"heading": "Three"}]),
    ):
        expected = open_saved(page, admin).value_hash(address)
        write_draft(BookPage.objects.get(pk=page.pk), address, value, admin, expected)
        page = BookPage.objects.get(pk=page.pk)
    draft = page.get_latest_revision_as_object()
    texts = [[note.text for note in chapter.notes.all()] for chapter in draft.chapters.all()]
    assert texts == [["New", "1b"], ["2a", "2b"], []]
    assert [chapter.heading for chapter in draft.chapters.all()] == ["One", "Two", "Three"]
