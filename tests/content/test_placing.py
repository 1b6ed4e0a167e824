"""Values of every kind in their fields: what the browser applies, and what the form makes of it."""

import datetime
from decimal import Decimal

import pytest
from django.utils import timezone
from wagtail.models import Site
from wagtail.test.utils.form_data import inline_formset

from tests import factories
from tests.content.applying import applied
from tests.content.forms import edit_path, everything, items, rich_text, stream
from tests.testapp.models import EverythingItem, EverythingPage, Person, Topic
from wagtail_llm_actions.content.editors import find_editor
from wagtail_llm_actions.values import ApplyMethod, OutputMode

pytestmark = pytest.mark.django_db

REPLACE, APPEND = OutputMode.REPLACE, OutputMode.APPEND
TEXT, STATE, HTML = ApplyMethod.TEXT, ApplyMethod.STATE, ApplyMethod.HTML
MOMENT = datetime.datetime(2026, 3, 5, 9, 30)

PLAIN = [
    ("char", "A char", TEXT, "A char", "A char"),
    ("text", "Two\nlines", TEXT, "Two\nlines", "Two\nlines"),
    ("integer", 7, TEXT, 7, "7"),
    ("decimal", "12.50", TEXT, Decimal("12.50"), "12.50"),
    ("float", "1.5", TEXT, 1.5, "1.5"),
    ("boolean", True, STATE, True, "Yes"),
    ("boolean", False, STATE, False, "No"),
    ("switch", True, STATE, True, "Yes"),
    ("null_boolean", False, STATE, False, "No"),
    ("null_boolean", None, STATE, None, ""),
    ("date", "2026-03-05", TEXT, datetime.date(2026, 3, 5), "5 Mar 2026"),
    ("time", "09:30:00", TEXT, datetime.time(9, 30), "9:30 a.m."),
    (
        "datetime",
        "2026-03-05T09:30:00",
        TEXT,
        MOMENT.replace(tzinfo=datetime.UTC),
        "5 Mar 2026, 9:30 a.m.",
    ),
    ("choice", "blue", STATE, "blue", "Deep blue"),
    ("radio", "red", STATE, "red", "Red"),
    ("mood", "calm", STATE, "calm", "Calm"),
    ("size", "2", STATE, 2, "Middle"),
    ("colours", ["red", "blue"], STATE, ["red", "blue"], "Red, Deep blue"),
    ("sizes", ["1", "3"], STATE, [1, 3], "Small, Large"),
    ("url", "http://localhost/a/", TEXT, "http://localhost/a/", "http://localhost/a/"),
    ("email", "ada@example.com", TEXT, "ada@example.com", "ada@example.com"),
    ("own_slug", "a-slug", TEXT, "a-slug", "a-slug"),
    ("duration", "1 00:05:00", TEXT, datetime.timedelta(days=1, minutes=5), "1 00:05:00"),
    ("pair", "1–2", HTML, "1–2", "1–2"),
    ("tags", ["sea", "two words", 'a "quote"'], HTML, ["a quote", "sea", "two words"], None),
    ("slug", "another", TEXT, "another", "another"),
    ("title", "Another", TEXT, "Another", "Another"),
    ("char", None, TEXT, "", ""),
    ("date", None, TEXT, None, ""),
    ("choice", None, STATE, "", ""),
    ("page_link", None, STATE, None, ""),
]


@pytest.fixture
def page(home):
    return factories.make_page(EverythingPage, title="Everything", slug="everything")


@pytest.fixture
def bind(admin, page):
    """Return a function that binds the page's form."""
    editor = find_editor(edit_path(page), admin)
    return lambda **values: editor.bind(everything(**values))


@pytest.fixture
def objects(home, admin):
    """Something to choose of each kind, and how it is chosen."""
    topics = [Topic.objects.create(name=name) for name in ("Sea", "Sand")]
    return {
        "page_link": home,
        "story": factories.make_page(title="A story"),
        "image": factories.make_image(),
        "document": factories.make_document(),
        "person": Person.objects.create(name="Ada"),
        "topic": topics[0],
        "topics": topics,
        "boxes": topics[1:],
    }


def put(bound, address, value, mode=REPLACE):
    """Place a value, apply it as the browser does and return the placement and the form."""
    placed = bound.place(address, value, mode)
    assert placed.errors == ()
    again = bound.editor.bind(applied(bound, address, placed))
    return placed, again


@pytest.mark.parametrize(("address", "value", "method", "cleaned", "text"), PLAIN)
def test_a_value_reaches_its_field(bind, address, value, method, cleaned, text):
    placed, again = put(bind(), address, value)
    assert placed.method == method
    assert again.form.cleaned_data[address] == cleaned
    assert again.form.errors == {}
    if text is not None:
        assert placed.text == text == again.text(address)
    assert bool(placed.html) == (method == HTML)


@pytest.mark.parametrize("name", ["page_link", "story", "image", "document", "person", "topic"])
def test_an_object_is_chosen(bind, objects, name):
    chosen = objects[name]
    bound = bind()
    assert str(chosen.pk) in [option.value for option in bound.spec(name).options]
    placed, again = put(bound, name, str(chosen.pk))
    assert again.form.cleaned_data[name].pk == chosen.pk
    assert placed.method == STATE
    assert placed.text == again.text(name) == str(chosen)


@pytest.mark.parametrize("name", ["topics", "boxes"])
def test_several_objects_are_chosen(bind, objects, name):
    placed, again = put(bind(), name, [str(chosen.pk) for chosen in objects[name]])
    assert set(again.form.cleaned_data[name]) == set(objects[name])
    assert placed.method == STATE


@pytest.mark.parametrize(
    ("address", "before", "value", "cleaned"),
    [
        ("char", "One", "two", "One two"),
        ("text", "One", "two", "One\n\ntwo"),
        ("colours", ["red"], ["blue", "red"], ["red", "blue"]),
        ("tags", '"a b", c', ["d"], ["a b", "c", "d"]),
        ("choice", "red", "blue", "blue"),
        ("date", "2026-01-01", "2026-03-05", datetime.date(2026, 3, 5)),
    ],
)
def test_a_value_is_added_where_that_means_something(bind, address, before, value, cleaned):
    _, again = put(bind(**{address: before}), address, value, APPEND)
    assert again.form.cleaned_data[address] == cleaned


@pytest.mark.parametrize(
    ("address", "value", "error"),
    [
        ("char", "x" * 61, "Ensure this value has at most 60 characters (it has 61)."),
        ("integer", 501, "Ensure this value is less than or equal to 500."),
        ("decimal", "1.234", "Ensure that there are no more than 2 decimal places."),
        ("float", "many", "Enter a number."),
        ("date", "soon", "Enter a valid date."),
        ("datetime", "soon", "Enter a valid date/time."),
        ("datetime", "9999-12-31T23:59:59-12:00", "Enter a valid date/time."),
        ("datetime", "0001-01-01T00:00:00+14:00", "Enter a valid date/time."),
        ("time", "25:00", "Enter a valid time."),
        ("choice", "pink", "Select a valid choice. pink is not one of the available choices."),
        (
            "colours",
            ["red", "pink"],
            "Select a valid choice. pink is not one of the available choices.",
        ),
        ("email", "nobody", "Enter a valid email address."),
        ("duration", "long", "Enter a valid duration."),
        (
            "page_link",
            "99999",
            "Select a valid choice. That choice is not one of the available choices.",
        ),
        (
            "image",
            "no key",
            "Select a valid choice. That choice is not one of the available choices.",
        ),
        ("page_link", "9" * 400, "This cannot be chosen here."),
        ("topics", ["9" * 40], "This cannot be chosen here."),
        ("topics", ["99999"], "Select a valid choice. 99999 is not one of the available choices."),
        ("title", "", "This field is required."),
    ],
)
def test_what_does_not_fit_is_told_in_the_words_of_the_form(bind, address, value, error):
    placed = bind().place(address, value, REPLACE)
    assert placed.errors == (error,)
    assert (placed.method, placed.state, placed.html) == ("", None, "")


def test_a_slug_that_is_taken_is_an_error(bind, home):
    factories.make_page(slug="taken")
    (error,) = bind().place("slug", "taken", REPLACE).errors
    assert "already in use" in error


def section(**values):
    return {"heading": "H", "body": "", "on": None, "cards": []} | values


def card(**values):
    return {"title": "T", "colour": None, "image": None, "points": ["p"]} | values


def chapter(*content):
    return {"heading": "Ch", "is_wide": True, "content": list(content)}


DEEP = [
    {"type": "char", "value": "Top"},
    {"type": "integer", "value": 3},
    {"type": "decimal", "value": "2.50"},
    {"type": "float", "value": "0.25"},
    {"type": "regex", "value": "AB-12"},
    {"type": "url", "value": "http://localhost/b/"},
    {"type": "email", "value": "ada@example.com"},
    {"type": "boolean", "value": True},
    {"type": "date", "value": "2026-03-05"},
    {"type": "time", "value": "09:30:00"},
    {"type": "datetime", "value": "2026-03-05T09:30:00"},
    {"type": "rich_text", "value": "## Part\n\nSome **bold**"},
    {"type": "block_quote", "value": "So it is."},
    {"type": "choice", "value": "green"},
    {"type": "multiple_choice", "value": ["red", "blue"]},
    {"type": "dates", "value": ["2026-03-05", "2026-03-06"]},
    {
        "type": "chapter",
        "value": chapter(
            {"type": "note", "value": "A note"},
            {
                "type": "section",
                "value": section(on="2026-01-02", cards=[card(colour="red", points=["a", "b"])]),
            },
        ),
    },
    {"type": "stream", "value": [{"type": "note", "value": "Flat"}]},
]


def test_a_whole_stream_reaches_its_field(bind):
    placed, again = put(bind(stream=stream(("char", "Gone"))), "stream", DEEP)
    value = again.form.cleaned_data["stream"]
    assert [child.block_type for child in value] == [block["type"] for block in DEEP]
    by_type = {child.block_type: child.value for child in value}
    assert by_type["decimal"] == Decimal("2.50")
    assert by_type["date"] == datetime.date(2026, 3, 5)
    assert by_type["datetime"] == timezone.make_aware(MOMENT)
    assert by_type["rich_text"].source.startswith("<h2")
    assert list(by_type["dates"]) == [datetime.date(2026, 3, 5), datetime.date(2026, 3, 6)]
    inner = by_type["chapter"]["content"][1].value
    assert list(inner["cards"][0]["points"]) == ["a", "b"]
    assert placed.method == STATE
    assert placed.text == again.text("stream")


def test_objects_in_blocks_are_chosen(bind, objects):
    image, page = objects["image"], objects["page_link"]
    value = [
        {"type": "page", "value": str(page.pk)},
        {"type": "document", "value": str(objects["document"].pk)},
        {"type": "person", "value": str(objects["person"].pk)},
        {"type": "image_chooser", "value": str(image.pk)},
        {
            "type": "image",
            "value": {"image": str(image.pk), "decorative": False, "alt_text": "A sea"},
        },
    ]
    _, again = put(bind(), "stream", value)
    found = [child.value for child in again.form.cleaned_data["stream"]]
    assert [one.pk for one in found] == [
        page.pk,
        *(objects[name].pk for name in ("document", "person", "image", "image")),
    ]
    assert found[-1].contextual_alt_text == "A sea"


def test_blocks_are_added_behind_those_that_are_there(bind):
    bound = bind(stream=stream(("char", "First"), ids=["a"]))
    _, again = put(bound, "stream", [{"type": "text", "value": "Second"}], APPEND)
    value = again.form.cleaned_data["stream"]
    assert [(child.block_type, child.value) for child in value] == [
        ("char", "First"),
        ("text", "Second"),
    ]
    assert value[0].id == "a"


def test_what_was_wrong_before_is_no_matter_of_the_blocks_behind_it(bind):
    bound = bind(stream=stream(("char", "x" * 90), ("char", "Fine")))
    assert bound.place("stream", [{"type": "text", "value": "More"}], APPEND).errors == ()
    placed = bound.place("stream", [{"type": "integer", "value": 2000}], APPEND)
    assert placed.errors == ("Integer 3: Ensure this value is less than or equal to 1000.",)


NESTED = stream(
    (
        "chapter",
        {
            "heading": "Ch",
            "content": stream(
                ("note", "A note"),
                (
                    "section",
                    {
                        "heading": "H",
                        "body": rich_text("<p>B</p>"),
                        "on": "",
                        "cards": items(
                            {"title": "T", "colour": "", "image": "", "points": items("p")},
                            ids=["card"],
                        ),
                    },
                ),
                ids=["note", "sec"],
            ),
        },
    ),
    ("date", "2026-01-01"),
    ids=["ch", "d"],
)


@pytest.mark.parametrize(
    ("address", "value", "method", "state"),
    [
        ("stream.d", "2026-03-05", STATE, "2026-03-05"),
        ("stream.ch.heading", "New", TEXT, "New"),
        ("stream.ch.is_wide", True, STATE, True),
        ("stream.ch.content.sec.on", "2026-03-05", STATE, "2026-03-05"),
        ("stream.ch.content.sec.cards.card.colour", "blue", STATE, ["blue"]),
        ("stream.ch.content.sec.cards.card.title", "New", TEXT, "New"),
    ],
)
def test_a_leaf_at_any_depth_gets_its_own_state(bind, address, value, method, state):
    placed = bind(stream=NESTED).place(address, value, REPLACE)
    assert (placed.errors, placed.method, placed.state) == ((), method, state)


def test_a_group_at_any_depth_gets_its_own_state(bind):
    bound = bind(stream=NESTED)
    points = "stream.ch.content.sec.cards.card.points"
    assert bound.path(points) == "stream.chapter.content.section.cards.points"
    placed = bound.place(points, ["q"], APPEND)
    assert [item["value"] for item in placed.state] == ["p", "q"]
    placed = bound.place("stream.ch.content.sec.cards.card", card(title="New"), REPLACE)
    assert placed.state["title"] == "New"
    assert bound.path("stream.ch.content.sec.cards.card").endswith(".cards.item")
    placed = bound.place("stream.ch.content", [{"type": "note", "value": "n"}], APPEND)
    assert [child["type"] for child in placed.state] == ["note", "section", "note"]
    assert [child["id"] for child in placed.state][:2] == ["note", "sec"]


def test_what_a_value_does_not_speak_of_stays_in_the_group(bind):
    placed = bind(stream=NESTED).place("stream.ch", {"heading": "New"}, REPLACE)
    assert placed.state["heading"] == "New"
    assert len(placed.state["content"]) == 2


def test_errors_in_blocks_say_where_they_are(bind):
    bound = bind(stream=NESTED)
    value = chapter({"type": "section", "value": section(cards=[card(title="x" * 61)])})
    length = "Ensure this value has at most 60 characters (it has 61)."
    assert bound.place("stream.ch", value, REPLACE).errors == (
        f"Content › Section 1 › Cards › Item 1 › Title: {length}",
    )
    many = [{"type": "note", "value": str(number)} for number in range(5)]
    assert bound.place("stream.ch.content", many, REPLACE).errors == (
        "The maximum number of items is 4",
    )


@pytest.mark.parametrize(
    ("address", "value", "mode", "error"),
    [
        (
            "stream",
            [{"type": "char", "value": ""}],
            REPLACE,
            "Char 1: This field is required.",
        ),
        (
            "stream",
            [{"type": "text", "value": ""}],
            APPEND,
            "Text 1: This field is required.",
        ),
        ("stream.ch.heading", "", REPLACE, "This field is required."),
        ("stream.d", None, REPLACE, "This field is required."),
        ("stream.ch", {"heading": ""}, REPLACE, "Heading: This field is required."),
        ("items", [{"caption": "", "colour": "red"}], REPLACE, "Caption: This field is required."),
        ("items", [{"colour": "red"}], REPLACE, "Caption: This field is required."),
    ],
)
def test_what_a_draft_may_lack_is_an_error_all_the_same(bind, address, value, mode, error):
    assert bind(stream=NESTED).place(address, value, mode).errors == (error,)


def test_an_image_in_a_block_needs_a_text(bind, objects):
    image = {"image": str(objects["image"].pk), "decorative": False, "alt_text": ""}
    (error,) = bind().place("stream", [{"type": "image", "value": image}], REPLACE).errors
    assert error.startswith("Image 1 › Alt text: Please add some alt text")


def test_what_is_missing_beside_a_value_is_no_error_of_it(bind):
    unfinished = stream(("chapter", {"heading": "", "content": stream()}), ids=["ch"])
    assert bind(stream=unfinished).place("stream.ch", {"is_wide": True}, REPLACE).errors == ()


@pytest.mark.parametrize(
    "value",
    [
        "text",
        {"type": "char"},
        [None],
        [{"type": "nothing", "value": 1}],
        [{"type": "raw_html", "value": "<b>"}],
        [{"type": "char", "value": {"a": 1}}],
        [{"type": "chapter", "value": ["x"]}],
        [{"type": "chapter", "value": {"unknown": "x"}}],
        [{"type": "page", "value": "99999"}],
        [{"type": "image", "value": {"image": "x", "alt_text": "", "decorative": True}}],
    ],
)
def test_wrong_shapes_are_errors(bind, value):
    placed = bind().place("stream", value, REPLACE)
    assert placed.errors
    assert placed.state is None


ROWS = [
    {"caption": "One", "note": "A **note**", "colour": "red", "image": None},
    {"caption": "Two", "note": "", "colour": None, "image": None},
]


def test_rows_are_added_behind_those_that_are_there(bind, page):
    page.items = [EverythingItem(caption="Saved")]
    page.save()
    page.save_revision()
    saved = page.items.get()
    row = {"id": str(saved.pk), "caption": "Saved", "note": rich_text(""), "colour": ""}
    bound = bind(items=inline_formset([row | {"image": ""}], initial=1))
    placed, again = put(bound, "items", ROWS)
    assert placed.method == ApplyMethod.ROWS
    assert [cell["method"] for cell in placed.state[0].values()] == [
        "text",
        "rich_text",
        "html",
        "html",
    ]
    rows = again.form.formsets["items"].cleaned_data
    assert [row["caption"] for row in rows] == ["Saved", "One", "Two"]
    assert [row["colour"] for row in rows] == ["", "red", ""]
    assert rows[1]["note"] == "<p>A <b>note</b></p>" or "<b>note</b>" in rows[1]["note"]
    assert placed.text == "- One; A **note**; Red\n- Two"


def test_an_object_in_a_row_is_chosen(bind, objects):
    row = {"image": str(objects["image"].pk), "caption": "C"}
    placed, again = put(bind(), "gallery", [row])
    assert again.form.formsets["gallery"].cleaned_data[0]["image"] == objects["image"]
    assert placed.state[0]["image"]["method"] == HTML


def test_errors_in_rows_say_where_they_are(bind):
    bound = bind()
    placed = bound.place("items", [ROWS[0] | {"caption": "x" * 61}], REPLACE)
    assert placed.errors == ("Caption: Ensure this value has at most 60 characters (it has 61).",)
    (error,) = bound.place("items", ROWS * 4, REPLACE).errors
    assert "at most 6 forms" in error
    for value in ([{"nothing": "x"}], ["x"], "x", [{"caption": ["x"]}]):
        assert bound.place("items", value, REPLACE).errors


def test_one_field_of_a_row_is_filled(bind, objects):
    row = {"id": "", "caption": "C", "note": rich_text(""), "colour": "", "image": ""}
    bound = bind(items=inline_formset([row]))
    placed, again = put(bound, "items.0.colour", "blue")
    assert placed.method == HTML
    assert again.form.formsets["items"].cleaned_data[0]["colour"] == "blue"
    assert bound.place("items.0.caption", "New", REPLACE).method == TEXT
    placed, again = put(bound, "items.0.image", str(objects["image"].pk))
    assert again.form.formsets["items"].cleaned_data[0]["image"] == objects["image"]


def test_rows_say_what_they_take_and_what_is_there(bind):
    row = {"id": "", "caption": "C", "note": rich_text(""), "colour": "", "image": ""}
    bound = bind(items=inline_formset([row]))
    spec = bound.spec("items")
    assert [inner.path for inner in spec.fields] == ["caption", "note", "colour", "image"]
    assert (spec.label, spec.max_items) == ("Items", 6)
    assert bound.text("items") == "- C"
    assert bound.path("items") == "items"
    assert bound.read("title", near="items").text == "Everything"


def test_nothing_is_saved_by_placing(bind, page):
    bound = bind(tags="old")
    bound.place("tags", ["new"], REPLACE)
    bound.place("items", ROWS, REPLACE)
    bound.place("stream", DEEP, REPLACE)
    page.refresh_from_db()
    assert (page.tags.count(), page.items.count(), len(page.stream)) == (0, 0, 0)
    assert Site.objects.count() == 1
