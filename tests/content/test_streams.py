"""Blocks at any depth, and inline children: addresses, texts, places."""

import json

import pytest
from django.http import QueryDict
from wagtail.blocks import CharBlock, RawHTMLBlock, StreamBlock, URLBlock
from wagtail.embeds.blocks import EmbedBlock
from wagtail.test.utils.form_data import inline_formset

from tests import factories
from tests.content.forms import (
    STREAM_BODY,
    add_path,
    edit_path,
    items,
    rendered,
    rich_text,
    story,
    stream,
)
from tests.testapp.models import RelatedLink, StoryPage
from wagtail_llm_actions.content.addresses import posted_items
from wagtail_llm_actions.content.editors import find_editor
from wagtail_llm_actions.content.kinds import kind_of
from wagtail_llm_actions.exceptions import UnknownFieldError
from wagtail_llm_actions.values import FieldKind, OutputMode

pytestmark = pytest.mark.django_db

SECTION = {"heading": "First", "teaser": "Short", "body": rich_text("<p>Body one</p>")}
OTHER_SECTION = {"heading": "Second", "teaser": "", "body": rich_text("<p>Body two</p>")}
COLUMNS = stream(("heading", "Inner"), ("section", OTHER_SECTION), ids=["in-1", "in-2"])
STREAM = stream(
    ("heading", "Top"),
    ("text", "Some text"),
    ("rich_text", rich_text("<p>Rich <b>text</b></p>", **STREAM_BODY)),
    ("section", SECTION),
    ("columns", COLUMNS),
    ("quotes", items("One", "Two", ids=["q-1", ""])),
    ids=["b-0", "b-1", "b-2", "b-3", "b-4", ""],
)
LEAVES = [
    ("stream.b-0", "stream.heading", "Stream › Heading", FieldKind.TEXT, "Top"),
    ("stream.@0", "stream.heading", "Stream › Heading", FieldKind.TEXT, "Top"),
    ("stream.b-1", "stream.text", "Stream › Text", FieldKind.TEXT, "Some text"),
    ("stream.b-2", "stream.rich_text", "Stream › Rich text", FieldKind.RICH_TEXT, "Rich **text**"),
    (
        "stream.b-3.heading",
        "stream.section.heading",
        "Stream › Section › Heading",
        FieldKind.TEXT,
        "First",
    ),
    (
        "stream.b-4.in-2.body",
        "stream.columns.section.body",
        "Stream › Columns › Section › Body",
        FieldKind.RICH_TEXT,
        "Body two",
    ),
    ("stream.@5.q-1", "stream.quotes.item", "Stream › Quotes › Item", FieldKind.TEXT, "One"),
    ("stream.@5.@1", "stream.quotes.item", "Stream › Quotes › Item", FieldKind.TEXT, "Two"),
]


@pytest.fixture
def page(home):
    page = factories.make_page()
    page.related_links = [RelatedLink(caption="Saved", note="<p>Note</p>")]
    page.save()
    page.save_revision()
    return page


@pytest.fixture
def bind(editor, page):
    """Return a function that binds the page's form for its editor."""
    return lambda **values: find_editor(edit_path(page), editor).bind(story(**values))


@pytest.mark.parametrize(("address", "path", "label", "kind", "text"), LEAVES)
def test_a_block_is_found_by_its_address(bind, address, path, label, kind, text):
    bound = bind(stream=STREAM)
    spec = bound.spec(address)
    assert (spec.path, spec.label, spec.kind) == (path, label, kind)
    assert (bound.path(address), bound.text(address)) == (path, text)


@pytest.mark.parametrize("address", [leaf[0] for leaf in LEAVES])
def test_an_output_reaches_its_block_and_no_other(bind, address):
    bound = bind(stream=STREAM)
    placed = bound.place(address, "Changed", OutputMode.REPLACE)
    assert placed.errors == ()
    before, after = bound._post, bound._post.copy()
    name = bound._place(address).input_name
    after[name] = placed.state
    changed = bound.editor.bind(after)
    assert changed.text(address) == "Changed"
    assert [key for key in before if before[key] != after[key]] == [name]


@pytest.mark.parametrize(
    "address",
    ["stream.zzz", "stream.", "stream.@9", "stream.b-0.x", "stream.b-3.nothing", "stream.@5.q-9"],
)
def test_a_block_that_is_not_there_is_unknown(bind, address):
    with pytest.raises(UnknownFieldError):
        bind(stream=STREAM).spec(address)


@pytest.mark.parametrize(
    ("address", "kind", "names"),
    [
        (
            "stream",
            FieldKind.STREAM,
            ["heading", "text", "rich_text", "section", "columns", "quotes"],
        ),
        ("stream.b-3", FieldKind.STRUCT, ["heading", "teaser", "body"]),
        ("stream.b-4", FieldKind.STREAM, ["heading", "section"]),
        ("stream.@5", FieldKind.LIST, ["item"]),
    ],
)
def test_a_block_of_blocks_says_what_is_in_it(bind, address, kind, names):
    spec = bind(stream=STREAM).spec(address)
    assert (spec.kind, [inner.name for inner in spec.fields]) == (kind, names)


def test_a_deleted_block_is_unknown(bind):
    blocks = stream(("heading", "Gone"), ("heading", "Kept"), ids=["a", "b"])
    blocks["0"]["deleted"] = "1"
    bound = bind(stream=blocks)
    assert bound.text("stream.b") == "Kept"
    assert bound.read("stream.heading").text == "Kept"
    for address in ("stream.a", "stream.@0"):
        with pytest.raises(UnknownFieldError):
            bound.spec(address)


def test_blocks_are_read_in_the_order_on_the_screen(bind):
    blocks = stream(("heading", "Last"), ("heading", "First"))
    blocks["0"]["order"], blocks["1"]["order"] = "1", "0"
    assert bind(stream=blocks).read("stream.heading").text == "First\nLast"


def test_a_block_with_too_long_a_text_is_told_at_the_block(bind):
    bound = bind(stream=STREAM)
    placed = bound.place("stream.b-4.in-2.heading", "x" * 81, OutputMode.REPLACE)
    assert placed.errors == ("Ensure this value has at most 80 characters (it has 81).",)
    assert bound.spec("stream.b-4.in-2.heading").max_length == 80


def test_what_is_wrong_in_another_block_does_not_count(bind):
    bad = stream(("section", SECTION | {"heading": "x" * 90}), ("text", "Fine"), ids=["a", "b"])
    bound = bind(stream=bad)
    assert bound.place("stream.b", "Better", OutputMode.REPLACE).errors == ()
    assert bound.read("stream.section.heading").text == "x" * 90


def test_a_required_block_says_so(bind):
    bound = bind(stream=STREAM)
    assert bound.spec("stream.b-0").required
    assert not bound.spec("stream.b-3.heading").required


@pytest.mark.parametrize(
    ("block", "kind"),
    [
        (CharBlock(), FieldKind.TEXT),
        (RawHTMLBlock(), None),
        (EmbedBlock(), None),
        (URLBlock(), FieldKind.URL),
    ],
)
def test_a_model_never_writes_raw_html_nor_what_the_server_would_fetch(block, kind):
    assert kind_of(block.field, block) == kind


def test_a_source_in_the_same_block_is_read_from_there_alone(bind):
    blocks = stream(
        ("section", SECTION), ("section", OTHER_SECTION), ("columns", COLUMNS), ids=["a", "b", "c"]
    )
    bound = bind(stream=blocks)
    path = "stream.section.body"
    assert bound.read(path).text == "Body one\nBody two"
    assert bound.read(path, near="stream.b.teaser").text == "Body two"
    assert bound.read(path, near="stream.c.in-2.teaser").text == "Body one\nBody two"
    path = "stream.columns.section.body"
    assert bound.read(path, near="stream.c.in-2.teaser").text == "Body two"
    assert bound.read(path, near="intro").text == "Body two"


LINKS = [
    {"id": "", "caption": "New one", "note": rich_text("<p>A <b>note</b></p>", ["bold", "link"])},
    {"id": "", "caption": "Deleted", "note": rich_text(""), "DELETE": "1"},
    {"id": "", "caption": "New two", "note": rich_text("<p>B</p>")},
]


def test_just_added_children_are_found_by_their_number(bind):
    bound = bind(related_links=inline_formset(LINKS))
    assert bound.text("related_links.0.caption") == "New one"
    assert bound.text("related_links.0.note") == "A **note**"
    assert bound.path("related_links.2.caption") == "related_links.caption"
    spec = bound.spec("related_links.2.caption")
    assert (spec.label, spec.max_length) == ("Related link › Caption", 120)


@pytest.mark.parametrize(
    "address",
    ["related_links.0", "related_links.1", "related_links.1.caption", "related_links.3.caption"],
)
def test_a_deleted_or_absent_child_is_unknown(bind, address):
    with pytest.raises(UnknownFieldError):
        bind(related_links=inline_formset(LINKS)).spec(address)


def test_an_existing_child_is_read_and_filled(bind, page):
    link = page.related_links.get()
    children = inline_formset(
        [{"id": str(link.pk), "caption": "Typed", "note": rich_text("")}, LINKS[0]], initial=1
    )
    bound = bind(related_links=children)
    assert bound.text("related_links.0.caption") == "Typed"
    placed = bound.place("related_links.0.caption", "x" * 121, OutputMode.REPLACE)
    assert placed.errors == ("Ensure this value has at most 120 characters (it has 121).",)
    assert bound.place("related_links.1.note", "Fine", OutputMode.APPEND).errors == ()


def test_children_are_read_one_a_line(bind):
    bound = bind(related_links=inline_formset(LINKS))
    assert bound.read("related_links").text == "- New one; A **note**\n- New two; B"
    assert bound.read("related_links").label == "Related link"
    assert bound.read("related_links.caption").text == "New one\nNew two"
    assert bound.read("related_links.note", near="related_links.2.caption").text == "B"
    assert bind().read("related_links.caption").text == ""


def test_names_are_those_that_wagtail_renders(admin, admin_client, page):
    page = StoryPage.objects.get(pk=page.pk)
    page.stream = json.dumps(
        [
            {"type": "heading", "value": "Top", "id": "b-0"},
            {"type": "section", "value": {"heading": "H", "body": "<p>Body</p>"}, "id": "b-1"},
            {"type": "quotes", "value": [{"type": "item", "value": "One", "id": "q"}], "id": "b-2"},
            {
                "type": "columns",
                "value": [{"type": "heading", "value": "In", "id": "c"}],
                "id": "d",
            },
        ]
    )
    page.intro, page.body = "Intro", "<p>Rich</p>"
    page.save_revision()
    action, post = rendered(admin_client.get(edit_path(page)).content.decode())
    bound = find_editor(action, admin).bind(post)
    texts = {
        "title": page.title,
        "intro": "Intro",
        "body": "Rich",
        "internal_note": "",
        "stream.b-0": "Top",
        "stream.b-1.heading": "H",
        "stream.b-1.body": "Body",
        "stream.b-2.q": "One",
        "stream.d.c": "In",
        "related_links.0.caption": "Saved",
        "related_links.0.note": "Note",
    }
    assert {address: bound.text(address) for address in texts} == texts
    assert not bound.form.errors
    for address in texts:
        assert bound.place(address, "New", OutputMode.REPLACE).errors == ()


def test_names_are_those_that_wagtail_renders_on_create(admin, admin_client, home):
    action, post = rendered(admin_client.get(add_path(home)).content.decode())
    bound = find_editor(action, admin).bind(post)
    assert bound.text("title") == ""
    assert bound.place("intro", "New", OutputMode.REPLACE).errors == ()


def test_items_of_a_stream_keep_their_numbers():
    post = QueryDict(
        "s-count=3&s-0-order=2&s-0-deleted=&s-0-type=a&s-1-order=0&s-1-deleted=1&s-1-type=a"
        "&s-2-order=0&s-2-deleted=&s-2-type=b&s-2-id=x"
    )
    found = [(item.number, item.type, item.id) for item in posted_items(post, "s")]
    assert found == [(2, "b", "x"), (0, "a", "")]


def test_a_stream_in_a_stream_of_a_subclass_is_walked():
    class Inner(StreamBlock):
        note = CharBlock()

    assert kind_of(Inner().child_blocks["note"].field, Inner().child_blocks["note"])
