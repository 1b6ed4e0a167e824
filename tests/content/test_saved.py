"""Objects as they were saved say what their edit forms say."""

import datetime
import uuid
from decimal import Decimal

import pytest
from django.utils import timezone
from wagtail.documents.models import Document
from wagtail.images.models import Image
from wagtail.images.tests.utils import get_test_image_file
from wagtail.models import Collection

from tests import factories
from tests.content.browser_form import browser_post
from tests.content.forms import edit_path
from tests.testapp.everything import (
    Everything,
    EverythingItem,
    EverythingPage,
    EverythingPicture,
    Topic,
)
from tests.testapp.models import Note, Person, RelatedLink, StoryPage
from wagtail_llm_actions.content.catalogue import paths_of
from wagtail_llm_actions.content.editors import find_editor
from wagtail_llm_actions.content.saved import open_saved
from wagtail_llm_actions.exceptions import PermissionRefusedError, UnknownFieldError

pytestmark = pytest.mark.django_db


@pytest.fixture
def image(home):
    return Image.objects.create(
        title="A boat", description="A red boat at sea", file=get_test_image_file()
    )


@pytest.fixture
def values(image, home):
    """A value for every field but tags, children and objects of a page of their own."""
    topic = Topic.objects.create(name="Tides")
    person = Person.objects.create(name="Ada")
    document = Document.objects.create(title="A chart")
    return {
        "char": "A char",
        "text": "Two\nlines",
        "rich": '<h2>Part</h2><p>a <b>b</b> <a href="https://example.com/">c</a></p>',
        "rich_few": "<p><b>few</b></p>",
        "rich_lists": "<ul><li>one</li><li>two</li></ul>",
        "integer": 7,
        "decimal": Decimal("12.50"),
        "float": 1.5,
        "boolean": True,
        "null_boolean": False,
        "date": datetime.date(2026, 3, 5),
        "time": datetime.time(9, 30),
        "datetime": timezone.make_aware(datetime.datetime(2026, 3, 5, 9, 30)),
        "choice": "blue",
        "radio": "red",
        "mood": "calm",
        "size": 2,
        "colours": ["red", "blue"],
        "sizes": [1, 3],
        "url": "https://example.com/",
        "email": "ada@example.com",
        "own_slug": "a-slug",
        "page_link": home,
        "story": factories.make_page(title="Linked"),
        "image": image,
        "document": document,
        "person": person,
        "topic": topic,
        "json": {"a": [1, "ü"]},
        "duration": datetime.timedelta(days=1, minutes=5),
        "uuid": uuid.UUID(int=1),
        "ip": "127.0.0.1",
        "pair": "1–2",
        "stream": stream_value(image, person, document, home),
    }


def stream_value(image, person, document, home):
    section = {
        "heading": "Deep",
        "body": "<p>x <b>y</b></p>",
        "on": "2026-01-02",
        "cards": [
            {"title": "Card", "colour": "red", "image": image.pk, "points": ["p", "q"]},
            {"title": "Other", "colour": "", "image": None, "points": []},
        ],
    }
    content = [{"type": "section", "value": section}, {"type": "note", "value": "N"}]
    plain = {
        "char": "Char",
        "text": "Text",
        "email": "a@example.com",
        "integer": 7,
        "decimal": "3.25",
        "float": 0.5,
        "regex": "AB-1",
        "url": "https://example.com/x",
        "boolean": True,
        "date": "2026-03-05",
        "time": "10:20:00",
        "datetime": "2026-03-05T10:20:00Z",
        "rich_text": "<h2>H</h2><p><i>i</i></p>",
        "raw_html": "<p>Raw</p>",
        "block_quote": "Quoted",
        "choice": "green",
        "multiple_choice": ["red", "green"],
        "page": home.pk,
        "document": document.pk,
        "image_chooser": image.pk,
        "image": {"image": image.pk, "decorative": False, "alt_text": "Alt"},
        "person": person.pk,
        "embed": "https://example.com/video",
        "static": None,
        "chapter": {"heading": "C", "is_wide": False, "content": content},
        "dates": ["2026-01-01", "2026-01-02"],
        "stream": content,
        "table": {
            "data": [["H1", "H2"], ["a|b", None]],
            "first_row_is_table_header": True,
            "first_col_is_header": False,
            "table_header_choice": "row",
            "table_caption": "Plain",
        },
        "typed_table": {
            "columns": [{"type": "text", "heading": "T"}, {"type": "on", "heading": "On"}],
            "rows": [{"values": ["cell", "2026-02-01"]}],
            "caption": "Typed",
        },
    }
    block = EverythingPage._meta.get_field("stream").stream_block
    named = [{"type": key, "value": value, "id": f"id-{key}"} for key, value in plain.items()]
    return block.to_python(block.get_prep_value(block.to_python(named)))


@pytest.fixture
def page(values, image):
    page = factories.make_page(EverythingPage, title="Everything", **values)
    page.topics = [values["topic"]]
    page.tags.add("sea", "a tag")
    page.items = [
        EverythingItem(caption="First", note="<p><b>n</b></p>", colour="red", image=image),
        EverythingItem(caption="Second"),
    ]
    page.gallery = [EverythingPicture(image=image, caption="Pic")]
    page.save_revision(clean=False).publish()
    return EverythingPage.objects.get(pk=page.pk)


def bind(instance, user, client):
    path = edit_path(instance)
    post = browser_post(
        client.get(path).text, stream=open_saved(instance, user).editor.instance.stream
    )
    return find_editor(path, user).bind(post)


def sources_of(model):
    """Every field, relation and block that the panels show, whether it can be written or not."""
    paths = {known.path for known in paths_of(model)}
    parents = {".".join(path.split(".")[:n]) for path in paths for n in range(1, 9)}
    names = {field.name for field in model._meta.get_fields() if field.name in EXTRA}
    return sorted((paths | parents | names) - {""})


EXTRA = {"image", "document", "json", "duration", "uuid", "ip", "pair", "tags", "stream", "sizes"}


def test_a_saved_page_says_what_its_form_says(page, admin, admin_client):
    bound, saved = bind(page, admin, admin_client), open_saved(page, admin)
    paths = sources_of(EverythingPage)
    assert len(paths) > 40
    read = {path: saved.read(path) for path in paths}
    assert {path: bound.read(path) for path in paths} == read
    silent = {path for path, value in read.items() if not value.text}
    assert silent <= {"seo_title", "search_description", "boxes", "switch"}
    assert bound.read("@content") == saved.read("@content")
    assert bound.title == saved.title == "Everything"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("choice", "Deep blue"),
        ("mood", "Calm"),
        ("size", "Middle"),
        ("colours", "Red, Deep blue"),
        ("sizes", "Small, Large"),
        ("boolean", "Yes"),
        ("null_boolean", "No"),
        ("integer", "7"),
        ("datetime", "5 Mar 2026, 9:30 a.m."),
        ("duration", "1 00:05:00"),
        ("json", '{"a": [1, "ü"]}'),
        ("tags", "a tag, sea"),
        ("topics", "Tides"),
        ("person", "Ada"),
        ("document", "A chart"),
        ("image", "A boat: A red boat at sea"),
        ("story", "Linked"),
        ("pair", "1–2"),
        ("items", "- First; **n**; Colour: Red; Image: A boat: A red boat at sea\n- Second"),
        ("stream.embed", "https://example.com/video"),
        ("stream.block_quote", "> Quoted"),
        ("stream.image", "A boat: Alt"),
        ("stream.image.alt_text", "Alt"),
        ("stream.static", ""),
        ("stream.chapter.content.section.cards.points", "- p\n- q"),
        ("stream.dates", "- 1 Jan 2026\n- 2 Jan 2026"),
        ("stream.table", "Plain\n\n| H1 | H2 |\n| --- | --- |\n| a\\|b |  |"),
        ("stream.typed_table", "Typed\n\n| T | On |\n| --- | --- |\n| cell | 1 Feb 2026 |"),
        (
            "stream.chapter",
            "C\n\nIs wide: No\n\nDeep\n\nx **y**\n\nOn: 2 Jan 2026\n\n"
            "Card\n\nColour: Red\n\nImage: A boat: A red boat at sea\n\n- p\n- q\n\nOther\n\nN",
        ),
    ],
)
def test_every_kind_reads_as_a_person_would_see_it(page, admin, path, text):
    assert open_saved(page, admin).read(path).text == text


def test_the_very_block_is_read(page, admin, admin_client):
    bound, saved = bind(page, admin, admin_client), open_saved(page, admin)
    address = "stream.id-chapter.content.@0.cards.@0.title"
    assert saved.text(address) == bound.text(address) == "Card"
    path = "stream.chapter.content.section.cards.title"
    assert saved.path(address) == path
    assert saved.read(path).text == "Card\nOther"
    assert saved.read(path, near=address).text == bound.read(path, near=address).text == "Card"
    assert saved.text("items.1.caption") == bound.text("items.1.caption") == "Second"
    for unknown in ("stream.nothing", "stream.id-chapter.x", "items.2.caption", "nothing"):
        with pytest.raises(UnknownFieldError):
            saved.text(unknown)


def test_a_saved_snippet_says_what_its_form_says(values, admin, admin_client):
    values.pop("story")
    row = Everything.objects.create(**values)
    row.topics.set([values["topic"]])
    row.save_revision(clean=False).publish()
    bound, saved = bind(row, admin, admin_client), open_saved(row, admin)
    for path in sources_of(Everything):
        assert bound.read(path) == saved.read(path), path


def test_the_latest_draft_is_read(editor, home):
    page = factories.make_page(intro="Published")
    page.intro = "Draft"
    page.related_links = [RelatedLink(caption="Only in the draft")]
    page.save_revision()
    saved = open_saved(StoryPage.objects.get(pk=page.pk), editor)
    assert saved.text("intro") == "Draft"
    assert saved.read("related_links").text == "- Only in the draft"
    note = Note.objects.create(subject="S", text="T")
    assert open_saved(note, factories.make_superuser("other")).text("text") == "T"


def test_a_saved_object_is_read_by_those_who_may_edit_it(stranger, editor, page):
    with pytest.raises(PermissionRefusedError):
        open_saved(page, stranger)
    with pytest.raises(PermissionRefusedError):
        open_saved(Note.objects.create(subject="S"), editor)


def test_what_the_user_does_not_see_is_not_read(editor, home):
    page = factories.make_page(internal_note="secret")
    saved = open_saved(page, editor)
    with pytest.raises(PermissionRefusedError):
        saved.read("internal_note")
    with pytest.raises(UnknownFieldError):
        saved.text("internal_note")
    assert "secret" not in saved.read("@content").text


@pytest.fixture
def hidden(page):
    """The page with an image and a page that its editor may not see."""
    elsewhere = Collection.get_first_root_node().add_child(name="Secret")
    image = Image.objects.create(
        title="Secret boat", collection=elsewhere, file=get_test_image_file()
    )
    private = factories.make_page(title="Secret page", live=False)
    page.image, page.page_link = image, private
    page.items = [EverythingItem(caption="Shown", image=image)]
    page.save_revision()
    return page


def test_a_chosen_object_that_the_user_may_not_see_is_refused(hidden):
    user = make_owner(hidden)
    saved = open_saved(hidden, user)
    for path in ("image", "page_link", "items.image"):
        with pytest.raises(PermissionRefusedError) as caught:
            saved.read(path)
        assert "Secret" not in str(caught.value.user_message)
    assert saved.read("items").text == "- Shown"
    assert "Secret" not in saved.read("@content").text


def make_owner(page):
    """Return a user who may edit this page and nothing else."""
    from django.contrib.auth.models import Group
    from wagtail.models import GroupPagePermission, Page

    group = Group.objects.create(name="Owners")
    GroupPagePermission.objects.create(
        group=group,
        page=Page.objects.get(pk=page.pk),
        permission=factories.permission("wagtailcore.change_page"),
    )
    user = factories.make_user("owner", "run_llmaction")
    user.groups.add(group)
    return user
