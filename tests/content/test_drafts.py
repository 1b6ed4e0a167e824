"""One field is written as a draft, and nothing else changes."""

import copy
import json
from datetime import timedelta

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db.models import UniqueConstraint
from django.utils import timezone
from wagtail.admin.models import EditingSession
from wagtail.models import GroupCollectionPermission, Page, PageLogEntry, Revision

from tests import factories
from tests.testapp.everything import EverythingItem, EverythingPage, Topic
from tests.testapp.models import Award, Note, Person, RelatedLink, StoryPage
from wagtail_llm_actions.content.drafts import write_draft
from wagtail_llm_actions.content.saved import latest_draft, open_saved
from wagtail_llm_actions.exceptions import (
    BeingEditedError,
    ContentError,
    EditorNotFoundError,
    InvalidOutputError,
    NoDraftsError,
    PermissionRefusedError,
    UnknownFieldError,
    UnsupportedFieldError,
    ValueChangedError,
)

pytestmark = pytest.mark.django_db

BOOKKEEPING = {"latest_revision", "latest_revision_created_at", "has_unpublished_changes"}


@pytest.fixture
def page(home):
    """A published page with blocks and inline children."""
    stream = [
        {"type": "heading", "value": "Top", "id": "h"},
        {
            "type": "section",
            "value": {"heading": "H", "teaser": "T", "body": "<p>B</p>"},
            "id": "s",
        },
        {"type": "quotes", "value": [{"type": "item", "value": "One", "id": "q"}], "id": "l"},
    ]
    page = factories.make_page(
        intro="Published", body="<p>A <b>bold</b> body</p>", internal_note="secret"
    )
    page.stream = StoryPage._meta.get_field("stream").stream_block.to_python(stream)
    page.related_links = [RelatedLink(caption="One"), RelatedLink(caption="Two", note="<p>n</p>")]
    page.save_revision(clean=False).publish()
    return StoryPage.objects.get(pk=page.pk)


def content_of(instance):
    """Return what a revision of the latest draft would hold."""
    return latest_draft(type(instance).objects.get(pk=instance.pk)).serializable_data()


def without(content, *names):
    """Return a copy of a revision's content without fields, and without its bookkeeping."""
    kept = copy.deepcopy(content)
    for name in (*names, *BOOKKEEPING):
        kept.pop(name, None)
    return kept


def write(instance, address, value, user, **options):
    expected = options.pop("expected", None)
    if expected is None:
        expected = open_saved(instance, user).value_hash(address)
    return write_draft(instance, address, value, user, expected, **options)


@pytest.mark.parametrize(
    ("address", "value", "text"),
    [
        ("title", "A new title", "A new title"),
        ("intro", "New\nintro", "New\nintro"),
        ("summary", "One line", "One line"),
        ("body", "## Part\n\nNew **text**", "## Part\n\nNew **text**"),
        ("reviewed_on", "2026-04-01", "1 Apr 2026"),
        ("stream.h", "New heading", "New heading"),
        ("stream.s.body", "New *body*", "New *body*"),
        ("stream.l.q", "New quote", "New quote"),
    ],
)
def test_one_field_is_written_and_nothing_else(page, editor, address, value, text):
    before = content_of(page)
    revision = write(page, address, value, editor)
    assert isinstance(revision, Revision)
    draft = StoryPage.objects.get(pk=page.pk)
    assert draft.latest_revision == revision
    assert revision.user == editor
    assert open_saved(draft, editor).text(address) == text
    name = address.partition(".")[0]
    also = {"draft_title"} if name == "title" else set()
    assert without(revision.content, name, *also) == without(before, name, *also)
    assert revision.content[name] != before[name]


def test_other_blocks_stay_as_they_are(page, editor):
    before = content_of(page)["stream"]
    after = write(page, "stream.s.heading", "New", editor).content["stream"]
    assert after == before.replace('"heading": "H"', '"heading": "New"')


def test_an_inline_child_is_written_and_its_siblings_stay(page, editor):
    before = content_of(page)
    revision = write(page, "related_links.1.caption", "New", editor)
    expected = copy.deepcopy(before["related_links"])
    expected[1]["caption"] = "New"
    assert revision.content["related_links"] == expected
    assert without(revision.content, "related_links") == without(before, "related_links")
    live = list(page.related_links.values_list("caption", flat=True))
    assert live == ["One", "Two"]


def test_rows_are_added_behind_those_that_are_there(page, editor):
    before = content_of(page)
    rows = [{"caption": "Three", "note": "**n**"}, {"caption": "Four"}]
    revision = write(page, "related_links", rows, editor)
    links = revision.content["related_links"]
    assert links[:2] == before["related_links"]
    assert [(row["pk"], row["caption"]) for row in links[2:]] == [(None, "Three"), (None, "Four")]
    assert "<b>n</b>" in links[2]["note"]
    assert without(revision.content, "related_links") == without(before, "related_links")
    assert page.related_links.count() == 2
    saved = open_saved(StoryPage.objects.get(pk=page.pk), editor)
    assert saved.path("related_links") == "related_links"
    assert saved.text("related_links.3.caption") == "Four"


def test_rows_that_do_not_fit_are_refused(admin):
    page = factories.make_page(EverythingPage)
    for rows in ([{"caption": "x" * 61}], [{"caption": ""}], [{"caption": "c"}] * 7):
        with pytest.raises(InvalidOutputError) as caught:
            write(page, "items", rows, admin)
        assert caught.value.reasons


def test_nothing_is_published(page, editor):
    write(page, "intro", "New", editor)
    live = StoryPage.objects.get(pk=page.pk)
    assert (live.intro, live.live, live.has_unpublished_changes) == ("Published", True, True)
    assert PageLogEntry.objects.filter(page=page, action="wagtail.edit", user=editor).exists()
    assert not PageLogEntry.objects.filter(
        page=page, action="wagtail.publish", user=editor
    ).exists()


def test_the_latest_draft_is_what_is_written_to(page, editor):
    page.summary = "Only in the draft"
    page.save_revision()
    revision = write(StoryPage.objects.get(pk=page.pk), "intro", "New", editor)
    assert revision.content["summary"] == "Only in the draft"
    assert revision.content["intro"] == "New"


def test_children_that_are_only_in_the_draft_stay(page, editor):
    page.related_links = [RelatedLink(caption="Unsaved"), RelatedLink(caption="Other")]
    page.save_revision()
    revision = write(StoryPage.objects.get(pk=page.pk), "related_links.0.caption", "New", editor)
    assert [row["caption"] for row in revision.content["related_links"]] == ["New", "Other"]


@pytest.mark.parametrize(
    ("address", "value", "text"),
    [
        ("integer", 12, "12"),
        ("decimal", "1.25", "1.25"),
        ("boolean", True, "Yes"),
        ("choice", "blue", "Deep blue"),
        ("colours", ["red", "blue"], "Red, Deep blue"),
        ("tags", ["sea", "salt"], "salt, sea"),
        ("email", "a@example.com", "a@example.com"),
        ("own_slug", "a-slug", "a-slug"),
        ("time", "10:30", "10:30 a.m."),
    ],
)
def test_other_kinds_are_written(admin, address, value, text):
    page = factories.make_page(EverythingPage)
    topic = Topic.objects.create(name="Tides")
    page.topics = [topic]
    page.tags.add("old")
    page.items = [EverythingItem(caption="Child", note="<p>n</p>")]
    page.save_revision(clean=False).publish()
    page = EverythingPage.objects.get(pk=page.pk)
    before = content_of(page)
    revision = write(page, address, value, admin)
    assert open_saved(EverythingPage.objects.get(pk=page.pk), admin).text(address) == text
    name = "tagged_items" if address == "tags" else address
    assert without(revision.content, name) == without(before, name)


def test_objects_and_choices_among_objects_are_written(admin, home):
    page = factories.make_page(EverythingPage)
    topics = [Topic.objects.create(name=name) for name in ("Tides", "Ships", "Salt")]
    write(page, "topic", str(topics[0].pk), admin)
    page.refresh_from_db()
    revision = write(page, "topics", [str(topics[1].pk), str(topics[2].pk)], admin)
    assert revision.content["topic"] == topics[0].pk
    assert set(revision.content["topics"]) == {topics[1].pk, topics[2].pk}
    with pytest.raises(InvalidOutputError):
        write(page, "topic", "999", admin)
    assert "Salt" in {option.label for option in open_saved(page, admin).spec("topic").options}


def test_an_object_that_the_user_may_not_choose_is_refused(editor):
    page = factories.make_page(EverythingPage)
    GroupCollectionPermission.objects.all().delete()
    image = factories.make_image()
    with pytest.raises(InvalidOutputError, match="cannot be chosen"):
        write(page, "image", str(image.pk), editor)


def test_a_snippet_with_drafts_is_written_as_a_draft(admin):
    person = Person.objects.create(name="Ada", biography="Old")
    person.awards = [Award(title="Medal")]
    person.save_revision().publish()
    revision = write(Person.objects.get(pk=person.pk), "awards.0.title", "Prize", admin)
    assert [award["title"] for award in revision.content["awards"]] == ["Prize"]
    assert revision.content["biography"] == "Old"
    assert Award.objects.get().title == "Medal"


@pytest.mark.parametrize("field", ["rich", "image", "stream"])
def test_a_change_that_has_no_text(home, admin, field):
    one, other = factories.make_image("Same"), factories.make_image("Same")
    page = factories.make_page(EverythingPage, rich="<p>Text</p>", image=one)
    expected = open_saved(page, admin).value_hash(field)
    embed = f'<embed embedtype="image" format="left" id="{one.pk}" alt=""/>'
    raw = [{"type": "raw_html", "value": "<img src='x.png'>", "id": "r"}]
    values = {"rich": f"<p>Text</p>{embed}", "image": other, "stream": json.dumps(raw)}
    setattr(page, field, values[field])
    page.save_revision(clean=False)
    value = {"rich": "New", "image": None, "stream": []}[field]
    with pytest.raises(ValueChangedError):
        write(page, field, value, admin, expected=expected)


class TestRefusals:
    """Each leaves everything as it is."""

    @pytest.fixture(autouse=True)
    def nothing_changes(self, page):
        before = (Revision.objects.count(), page.latest_revision_id)
        yield
        page.refresh_from_db()
        assert (Revision.objects.count(), page.latest_revision_id) == before

    @pytest.mark.parametrize(
        ("address", "value"),
        [
            ("intro", "x" * 501),
            ("title", ""),
            ("reviewed_on", "never"),
            ("stream.s.heading", "x" * 81),
            ("stream.h", ""),
            ("related_links.0.caption", "x" * 121),
        ],
    )
    def test_what_does_not_fit(self, page, editor, address, value):
        with pytest.raises(InvalidOutputError) as caught:
            write(page, address, value, editor)
        assert caught.value.reasons
        assert caught.value.reasons[0] in str(caught.value.user_message)

    def test_a_value_that_changed_meanwhile(self, page, editor):
        with pytest.raises(ValueChangedError) as caught:
            write(page, "intro", "New", editor, expected="What it said before")
        assert isinstance(caught.value, ContentError)

    def test_an_object_without_edit_permission(self, page, stranger):
        with pytest.raises(PermissionRefusedError):
            write_draft(page, "intro", "New", stranger, "Published")

    @pytest.mark.parametrize(
        ("address", "value"), [("internal_note", "New"), ("reference", "R-9"), ("nothing", "x")]
    )
    def test_a_field_that_the_user_may_not_write(self, page, editor, address, value):
        with pytest.raises((UnknownFieldError, UnsupportedFieldError)):
            write_draft(page, address, value, editor, "secret")

    def test_an_object_that_is_gone(self, page, editor):
        other = factories.make_page(slug="gone")
        Page.objects.get(pk=other.pk).delete()
        with pytest.raises(EditorNotFoundError):
            write_draft(other, "intro", "New", editor, "")

    def test_a_locked_page(self, page, editor, admin):
        StoryPage.objects.filter(pk=page.pk).update(locked=True, locked_by=admin)
        with pytest.raises(PermissionRefusedError, match="locked"):
            write(page, "intro", "New", editor)

    def test_an_alias(self, page, editor):
        alias = page.create_alias(update_slug="alias").specific
        count = Revision.objects.count()
        with pytest.raises(PermissionRefusedError, match="alias"):
            write(alias, "intro", "New", editor)
        assert Revision.objects.count() == count

    @pytest.mark.parametrize("own", [True, False])
    def test_a_page_that_somebody_is_editing(self, page, editor, admin, own):
        session = EditingSession.objects.create(
            user=editor if own else admin,
            content_type=ContentType.objects.get_for_model(page),
            object_id=str(page.pk),
            last_seen_at=timezone.now() - timedelta(minutes=5),
        )
        with pytest.raises(BeingEditedError):
            write(page, "intro", "New", editor)
        session.delete()

    def test_an_object_without_drafts(self, admin):
        note = Note.objects.create(subject="S", text="T")
        with pytest.raises(NoDraftsError):
            write(note, "text", "New", admin)
        note.refresh_from_db()
        assert note.text == "T"


def test_a_session_that_has_ended_is_in_nobodys_way(page, editor):
    EditingSession.objects.create(
        user=editor,
        content_type=ContentType.objects.get_for_model(page),
        object_id=str(page.pk),
        last_seen_at=timezone.now() - timedelta(hours=1),
    )
    assert write(page, "intro", "New", editor).content["intro"] == "New"


def test_an_object_without_drafts_is_written_if_that_is_asked_for(admin):
    note = Note.objects.create(subject="S", text="T")
    assert write(note, "text", "New", admin, or_live=True) == note
    note.refresh_from_db()
    assert (note.subject, note.text) == ("S", "New")


def test_what_may_be_there_but_once_is_not_written_twice(admin, monkeypatch):
    once = UniqueConstraint(fields=["subject", "text"], name="note_once")
    monkeypatch.setattr(Note._meta, "constraints", [once])
    Note.objects.create(subject="S", text="T")
    note = Note.objects.create(subject="S", text="Other")
    with pytest.raises(InvalidOutputError, match="already exists"):
        write(note, "text", "T", admin, or_live=True)
    note.refresh_from_db()
    assert note.text == "Other"
