"""Plain fields of a bound form: what they take, say, and would become."""

import pytest
from wagtail.test.utils.form_data import inline_formset

from tests import factories
from tests.content.forms import add_path, edit_path, posted, rich_text, story, stream
from tests.testapp.models import Note, Person
from wagtail_llm_actions.content.editors import find_editor
from wagtail_llm_actions.exceptions import (
    FormDataError,
    PermissionRefusedError,
    UnknownFieldError,
    UnsupportedFieldError,
)
from wagtail_llm_actions.values import FieldKind, OutputMode

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(home):
    return factories.make_page(title="Saved title", intro="Saved intro", reference="R-7")


@pytest.fixture
def bind(editor, page):
    """Return a function that binds the page's form for its editor."""
    return lambda user=editor, **values: find_editor(edit_path(page), user).bind(story(**values))


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("title", ("Title", FieldKind.TEXT, True, 255, False)),
        ("search_description", ("Meta description", FieldKind.TEXT, False, None, True)),
        ("seo_title", ("Title tag", FieldKind.TEXT, False, 255, False)),
        ("intro", ("Intro", FieldKind.TEXT, False, 500, True)),
        ("summary", ("Summary", FieldKind.TEXT, False, 100, False)),
        ("body", ("Body", FieldKind.RICH_TEXT, False, None, True)),
    ],
)
def test_a_field_says_what_it_takes(bind, address, expected):
    spec = bind().spec(address)
    found = (spec.label, spec.kind, spec.required, spec.max_length, spec.multiline)
    assert (spec.path, found) == (address, expected)


def test_rich_text_says_its_features(bind):
    assert bind().spec("body").features == ("bold", "italic", "h2", "link", "ul", "ol")


@pytest.mark.parametrize("address", ["go_live_at", "expire_at"])
def test_when_a_page_goes_live_is_not_for_a_model_to_say(bind, address):
    with pytest.raises(UnsupportedFieldError):
        bind().spec(address)
    with pytest.raises(UnsupportedFieldError):
        bind().place(address, "2030-01-01T09:00:00", OutputMode.REPLACE)


@pytest.mark.parametrize(
    "address",
    [
        "",
        ".",
        "nonsense",
        "title.x",
        "internal_note",
        "reference",
        "owner",
        "pk",
        "comments.0.text",
    ],
)
def test_what_the_form_does_not_show_is_unknown(bind, address):
    with pytest.raises(UnknownFieldError):
        bind().spec(address)


def test_a_field_shows_only_to_who_has_its_permission(bind, admin):
    assert bind(user=admin).spec("internal_note").label == "Internal note"
    with pytest.raises(PermissionRefusedError):
        bind().read("internal_note")


def test_text_is_read_as_it_stands_in_the_form(bind):
    bound = bind(intro="One\r\n\r\nTwo", body=rich_text("<h2>A</h2><p>b <b>c</b></p>"))
    assert bound.text("title") == "A story"
    assert bound.text("intro") == "One\n\nTwo"
    assert bound.text("body") == "## A\n\nb **c**"
    assert bound.path("intro") == "intro"


def test_a_create_form_is_bound(editor, home):
    bound = find_editor(add_path(home), editor).bind(story(title="", slug="", intro="New"))
    assert bound.text("intro") == "New"
    assert bound.place("title", "A title", OutputMode.REPLACE).errors == ()


def test_snippets_are_bound(admin):
    person = Person.objects.create(name="Ada")
    data = {"name": "Ada", "role": "", "biography": "Wrote.", "profile": rich_text("")}
    bound = find_editor(edit_path(person), admin).bind(
        posted(data | {"awards": inline_formset([{"title": "Medal", "id": ""}])})
    )
    assert bound.text("biography") == "Wrote."
    assert bound.text("awards.0.title") == "Medal"
    assert bound.spec("awards.0.title").label == "Award › Title"
    note = Note.objects.create(subject="S")
    bound = find_editor(edit_path(note), admin).bind(posted({"subject": "S", "text": "T"}))
    assert bound.place("text", "Better", OutputMode.REPLACE).state == "Better"


def test_an_error_elsewhere_hides_nothing(bind):
    bound = bind(title="x" * 300, reviewed_on="no date", intro="Fine")
    assert bound.read("intro").text == bound.text("intro") == "Fine"
    assert bound.read("title").text == "x" * 300
    assert bound.place("intro", "Better", OutputMode.REPLACE).errors == ()


def test_the_title_is_the_one_in_the_form(bind, editor, home, monkeypatch):
    from tests.testapp.models import StoryPage

    assert bind(title="Typed").title == "Typed"
    new = find_editor(add_path(home), editor)
    assert new.bind(story(title="")).title == ""
    monkeypatch.setattr(StoryPage, "__str__", lambda page: page.nothing.title)
    assert bind().title == ""


@pytest.mark.parametrize(
    "values",
    [
        {"body": "no json"},
        {"body": "[]"},
        {"stream": {}},
        {"stream": {"count": "1"}},
        {"stream": {"count": "many"}},
        {"related_links": {"TOTAL_FORMS": "1", "INITIAL_FORMS": "0"}},
        {"related_links": {"TOTAL_FORMS": "1", "INITIAL_FORMS": "1", "0": {"id": "x"}}},
    ],
)
def test_data_of_another_form_are_an_error_of_ours(bind, values):
    with pytest.raises(FormDataError):
        bind(**values)


@pytest.mark.parametrize(
    "values",
    [
        {"stream": stream(("section", {}))},
        {"stream": stream(("gone", "x"))},
        {"related_links": {}},
        {"related_links": {"TOTAL_FORMS": "1", "INITIAL_FORMS": "1", "0": {"id": "999"}}},
        {"related_links": {"TOTAL_FORMS": "9999999999", "INITIAL_FORMS": "0"}},
        {"comments": {}},
    ],
)
def test_what_is_odd_elsewhere_does_not_matter(bind, values):
    bound = bind(**values)
    assert bound.text("title") == "A story"
    assert "# A story" in bound.read("@content").text
    assert bound.place("intro", "New", OutputMode.REPLACE).errors == ()


def test_an_empty_post_is_an_error_of_ours(editor, page):
    with pytest.raises(FormDataError):
        find_editor(edit_path(page), editor).bind(posted({}))


def test_text_replaces_the_current_value(bind):
    placed = bind(intro="Old").place("intro", "New\n\ntext", OutputMode.REPLACE)
    assert (placed.state, placed.errors) == ("New\n\ntext", ())


@pytest.mark.parametrize(
    ("address", "current", "state"),
    [
        ("intro", "Old \r\n", "Old\n\nNew\nline"),
        ("summary", "Old ", "Old New line"),
        ("summary", "", "New line"),
    ],
)
def test_text_is_appended_as_the_field_allows(bind, address, current, state):
    placed = bind(**{address: current}).place(address, "New\nline", OutputMode.APPEND)
    assert placed.state == state


def test_an_output_that_does_not_fit_is_told_in_the_words_of_the_form(bind):
    placed = bind(summary="Old").place("summary", "x" * 101, OutputMode.REPLACE)
    assert placed.errors == ("Ensure this value has at most 100 characters (it has 101).",)


def test_errors_that_were_there_before_do_not_count(bind):
    bound = bind(title="x" * 300, reviewed_on="no date")
    assert bound.place("summary", "Short", OutputMode.REPLACE).errors == ()
    assert len(bound.place("title", "y" * 300, OutputMode.REPLACE).errors) == 1


def test_an_error_that_the_output_brings_elsewhere_names_the_field(bind, monkeypatch):
    from django.core.exceptions import ValidationError

    from tests.testapp.models import StoryPage

    def clean(page):
        if page.summary == "Forbidden":
            raise ValidationError({"intro": "Does not go with it.", "summary": "Not this."})

    monkeypatch.setattr(StoryPage, "clean", clean)
    placed = bind(summary="Fine").place("summary", "Forbidden", OutputMode.REPLACE)
    assert sorted(placed.errors) == ["Intro: Does not go with it.", "Not this."]


def test_nothing_is_saved_and_the_object_stays_as_it_was(editor, page):
    found = find_editor(edit_path(page), editor)
    bound = found.bind(story(title="Other"))
    bound.place("intro", "Other", OutputMode.REPLACE)
    assert (found.instance.title, found.instance.intro) == ("Saved title", "Saved intro")
    page.refresh_from_db()
    assert page.title == "Saved title"
    assert bound.text("intro") == ""
