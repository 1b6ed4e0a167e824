"""A value of every kind in its field: used, taken back, replaced by what stood there, reloaded."""

import json
import re

import pytest
from playwright.sync_api import expect

from tests import factories
from tests.browser.editor_page import EditorPage
from tests.browser.placing_api import PlacingApi
from tests.testapp.models import EverythingItem, EverythingPage, Person, Topic

PATIENCE = 100
"""Tenths of a second that a form may take to show what was put into it."""
RICH_TEXT_FOLLOWS = 400
"""Milliseconds until its hidden input says what the editor shows."""
BOLD = "**New** words"
ID = "{0}{0}{0}{0}{0}{0}{0}{0}-1111-4111-8111-111111111111"
BLOCKS = {
    "char": "Old",
    "text": "Old\nlines",
    "email": "old@example.org",
    "integer": 1,
    "decimal": "1.50",
    "float": 1.5,
    "regex": "AA-1",
    "url": "https://old.example/",
    "boolean": False,
    "date": "2026-01-01",
    "time": "08:00",
    "datetime": "2026-01-01T08:00:00Z",
    "rich_text": "<p>Old</p>",
    "block_quote": "Old",
    "choice": "red",
    "multiple_choice": ["red"],
    "page": None,
    "document": None,
    "image_chooser": None,
    "image": None,
    "person": None,
    "chapter": {
        "heading": "Old",
        "is_wide": False,
        "content": [
            {
                "type": "section",
                "id": ID.format("e"),
                "value": {
                    "heading": "Old",
                    "body": "<p>Old</p>",
                    "on": None,
                    "cards": [
                        {
                            "type": "item",
                            "id": ID.format("f"),
                            "value": {"title": "Old", "colour": "", "image": None, "points": []},
                        }
                    ],
                },
            }
        ],
    },
    "dates": [{"type": "item", "id": ID.format("d"), "value": "2026-01-01"}],
}
IDS = {name: f"{number:08d}-2222-4222-8222-222222222222" for number, name in enumerate(BLOCKS)}
CARD = f"stream.{IDS['chapter']}.content.{ID.format('e')}.cards.{ID.format('f')}"
SECTION = {"heading": "New", "body": BOLD, "on": "2026-04-03", "cards": []}
FIND = """async (address) => {
  const { fieldsIn } = await import('/static/wagtail_llm_actions/js/addresses.js');
  const places = fieldsIn(document.querySelector('form[data-edit-form]'));
  const { field } = places.find((place) => place.address === address);
  document.querySelectorAll('.llm-field').forEach((element) => element.removeAttribute('data-testid'));
  const control = [...field.children].find((element) => element.matches('.llm-field'));
  control.dataset.testid = 'control';
}"""
CONTENTS = """() => {
  const form = document.querySelector('form[data-edit-form]');
  const left = /comment|csrf|-deleted$|-id$|-(INITIAL|TOTAL)_FORMS$|^(next|loaded|last|overwrite|llm)/;
  const content = ({ blocks }) => blocks.map(
    ({ text, inlineStyleRanges: ranges }) => [text, ...ranges.map((range) => range.style)]);
  return [...new FormData(form)]
    .filter(([name, value]) => !left.test(name) && !(value instanceof File))
    .map(([name, value]) => name + ' = ' + (
      value.startsWith('{"blocks"') ? JSON.stringify(content(JSON.parse(value)))
        : name === 'tags' ? value.replaceAll('"', '').split(',').sort() : value))
    .sort();
}"""
APPLY_AGAIN = """async (control) => {
  const field = window.wagtail.app.getControllerForElementAndIdentifier(control, 'llm-field');
  await field.apply(window.lastPresentation);
  field.focus();
}"""
RESTORE = """async (control) => {
  const { presentRun } = await import('/static/wagtail_llm_actions/js/api.js');
  const field = window.wagtail.app.getControllerForElementAndIdentifier(control, 'llm-field');
  const run = '00000000-0000-4000-8000-000000000000';
  const presentation = await presentRun(run, field.form, field.address, { restore: true });
  if (presentation.errors.length) throw new Error(presentation.errors.join(' '));
  await field.apply(presentation);
  field.focus();
}"""
KEEP = """(() => {
  const { fetch } = window;
  window.fetch = async (url, ...rest) => {
    const response = await fetch(url, ...rest);
    if (String(url).includes('/present?')) window.lastPresentation = await response.clone().json();
    return response;
  };
})()"""


@pytest.fixture
def objects(rows):
    """Something to choose of every kind."""
    return {
        "home": rows,
        "topics": [Topic.objects.create(name=name) for name in ("Sea", "Sand")],
        "person": Person.objects.create(name="Ada", live=True),
        "image": factories.make_image(),
        "document": factories.make_document(),
        "story": factories.make_page(title="A story"),
    }


@pytest.fixture
def page(rows):
    """A page with the blocks that are written into."""
    stream = [{"type": name, "id": IDS[name], "value": BLOCKS[name]} for name in BLOCKS]
    page = factories.make_page(EverythingPage, title="Everything", stream=json.dumps(stream))
    EverythingItem.objects.create(page=page, caption="Old")
    EverythingPage.objects.get(pk=page.pk).save_revision(clean=False)
    return page


@pytest.fixture
def sink(page_of, live_server, admin, objects, page, settings):
    """The edit form of the page, and the API that offers values for its fields."""
    settings.WAGTAIL_AUTOSAVE_INTERVAL = 0
    browser = page_of(admin)
    browser.add_init_script(KEEP)
    api = PlacingApi(browser, admin, EverythingPage)
    form = EditorPage(browser)
    form.goto(f"{live_server.url}/admin/pages/{page.pk}/edit/")
    expect(browser.locator(".llm-field").first).to_be_attached()
    return form, api


def fields(objects):
    """Return a value for each field of the page."""
    topics = [str(topic.pk) for topic in objects["topics"]]
    return {
        "char": "New",
        "text": "New\nwords",
        "title": "New",
        "rich": BOLD,
        "rich_few": BOLD,
        "rich_lists": "- One\n- *Two*",
        "integer": 7,
        "decimal": "7.50",
        "float": "7.5",
        "boolean": True,
        "switch": True,
        "null_boolean": True,
        "date": "2026-02-03",
        "time": "10:30:00",
        "datetime": "2026-02-03T10:30:00",
        "choice": "green",
        "radio": "blue",
        "mood": "calm",
        "size": "2",
        "colours": ["red", "blue"],
        "sizes": ["1", "3"],
        "url": "http://localhost/new/",
        "email": "new@example.org",
        "own_slug": "new",
        "page_link": str(objects["home"].pk),
        "story": str(objects["story"].pk),
        "image": str(objects["image"].pk),
        "document": str(objects["document"].pk),
        "person": str(objects["person"].pk),
        "topic": topics[0],
        "topics": topics,
        "boxes": topics[1:],
        "duration": "01:00:00",
        "pair": "1–2",
        "tags": ["red", "deep blue"],
    }


def blocks(objects):
    """Return a value for each block, the inner ones before those that they are in."""
    values = {
        "char": "New",
        "text": "New\nwords",
        "email": "new@example.org",
        "integer": 7,
        "decimal": "7.50",
        "float": "7.5",
        "regex": "ZZ-9",
        "url": "http://localhost/new/",
        "boolean": True,
        "date": "2026-02-03",
        "time": "10:30:00",
        "datetime": "2026-02-03T10:30:00",
        "rich_text": BOLD,
        "block_quote": "New\nwords",
        "choice": "blue",
        "multiple_choice": ["blue", "green"],
        "page": str(objects["home"].pk),
        "person": str(objects["person"].pk),
        "document": str(objects["document"].pk),
        "image_chooser": str(objects["image"].pk),
        "image": {
            "image": str(objects["image"].pk),
            "alt_text": "A picture",
            "decorative": False,
        },
        "dates": ["2026-02-03", "2026-02-04"],
    }
    chapter = {
        "heading": "New",
        "is_wide": True,
        "content": [{"type": "section", "value": SECTION}, {"type": "note", "value": "New"}],
    }
    return {
        f"stream.{IDS['dates']}.{ID.format('d')}": "2026-06-07",
        **{f"stream.{IDS[name]}": value for name, value in values.items()},
        f"{CARD}.title": "New",
        f"{CARD}.colour": "green",
        f"{CARD}.points": ["One", "Two"],
        CARD: {"title": "Newer", "colour": "blue", "image": None, "points": ["Three"]},
        f"stream.{IDS['chapter']}": chapter,
    }


def use(form, api, address, value):
    """Generate a value at a field and use it; return the control."""
    api.value = value
    form.page.evaluate(FIND, address)
    control = form.page.get_by_test_id("control")
    # By keyboard: Wagtail's calendars open late, over the buttons of other fields.
    control.locator(".llm-field__button").press("Enter")
    expect(form.dialog.get_by_role("button", name="Use this")).to_be_visible()
    form.press("Use this")
    expect(form.dialog).to_be_hidden()
    expect(control.locator(".llm-field__button")).to_be_focused()
    return control


def take_back(form, control, address):
    """Press the undo of the control, or of the browser where it knows how."""
    undo = control.get_by_role("button", name="Undo")
    if undo.count():
        undo.press("Enter")
        expect(control.locator(".llm-field__status")).to_have_text("Taken back.")
        expect(control.locator(".llm-field__button")).to_be_focused()
        expect(undo).to_have_count(0)
        return
    field = control.locator("xpath=..")
    editor = field.locator("[contenteditable=true]")
    (editor if editor.count() else field.locator("input, textarea").first).focus()
    form.page.keyboard.press("ControlOrMeta+z")


def expect_contents(form, contents):
    """Wait until the form holds these contents; rich text follows late."""
    for _ in range(PATIENCE):
        if form.page.evaluate(CONTENTS) == contents:
            return
        form.page.wait_for_timeout(100)
    assert form.page.evaluate(CONTENTS) == contents


def changed_contents(form, before, value):
    """Return the contents of the form once they are others than ``before``."""
    for _ in range(PATIENCE):
        if form.page.evaluate(CONTENTS) != before:
            break
        form.page.wait_for_timeout(100)
    if BOLD in str(value):
        form.page.wait_for_timeout(RICH_TEXT_FOLLOWS)
    after = form.page.evaluate(CONTENTS)
    assert after != before
    return after


def use_and_take_back(form, api, values):
    """
    Use each value, take it back, use it again, restore what stood there before and use it once more.

    Return what the form holds at last.
    """
    for address, value in values.items():
        before = form.page.evaluate(CONTENTS)
        control = use(form, api, address, value)
        after = changed_contents(form, before, value)
        take_back(form, control, address)
        expect_contents(form, before)
        control.evaluate(APPLY_AGAIN)
        expect_contents(form, after)
        control.evaluate("async () => { window.used = window.lastPresentation; }")
        control.evaluate(RESTORE)
        expect_contents(form, before)
        control.evaluate("async () => { window.lastPresentation = window.used; }")
        control.evaluate(APPLY_AGAIN)
        expect_contents(form, after)
    return form.page.evaluate(CONTENTS)


def expect_them_after_a_reload(form, contents):
    """Save, open the form anew and find the same in it."""
    with form.page.expect_navigation():
        form.page.get_by_role("button", name="Save draft").first.click()
    expect(form.page.locator(".messages .success")).to_be_visible()
    form.goto(form.page.url)
    expect_contents(form, contents)


def test_a_value_of_every_kind_in_a_field(sink, objects):
    form, api = sink
    contents = use_and_take_back(form, api, fields(objects))
    expect_them_after_a_reload(form, contents)


def test_a_value_of_every_kind_in_a_block(sink, objects):
    form, api = sink
    contents = use_and_take_back(form, api, blocks(objects))
    expect_them_after_a_reload(form, contents)


def test_a_whole_stream_and_the_controls_of_its_new_blocks(sink):
    form, api = sink
    value = [
        {"type": "char", "value": "New"},
        {"type": "rich_text", "value": BOLD},
        {"type": "chapter", "value": {"heading": "New", "is_wide": False, "content": []}},
    ]
    contents = use_and_take_back(form, api, {"stream": value})
    expect(form.control("char")).to_have_count(2)
    expect_them_after_a_reload(form, contents)


def test_rows_are_added_and_taken_back(sink, objects):
    form, api = sink
    rows = [
        {"caption": "One", "note": BOLD, "colour": "blue"},
        {"caption": "Two", "image": str(objects["image"].pk)},
    ]
    captions = form.page.locator("input[name^=items-][name$=-caption]:visible")
    control = use(form, api, "items", rows)
    expect(captions).to_have_count(3)
    control.get_by_role("button", name="Undo").click()
    expect(captions).to_have_count(1)
    use(form, api, "items", rows)
    expect(captions).to_have_count(3)
    expect(form.page.locator("[name=items-3-note]")).to_have_value(re.compile("New words"))
    with form.page.expect_navigation():
        form.page.get_by_role("button", name="Save draft").first.click()
    items = EverythingPage.objects.get().get_latest_revision_as_object().items.all()
    assert [item.caption for item in items] == ["Old", "One", "Two"]
    assert [item.colour for item in items] == ["", "blue", ""]
    assert [item.image for item in items] == [None, None, objects["image"]]
    assert re.search("<b>New</b> words", items[1].note)


def test_a_value_that_a_person_changed_is_not_taken_back(sink):
    form, api = sink
    control = use(form, api, "choice", "green")
    undo = control.get_by_role("button", name="Undo")
    expect(undo).to_be_visible()
    form.input("choice").select_option("blue")
    expect(undo).to_have_count(0)
    expect(form.input("choice")).to_have_value("blue")


def test_what_no_action_can_write_has_no_control(sink):
    form, _ = sink
    form.page.wait_for_timeout(500)
    labels = form.page.locator(".llm-field__button").evaluate_all(
        "buttons => buttons.map((button) => button.ariaLabel)"
    )
    assert {"Generate json", "Generate uuid", "Generate ip"}.isdisjoint(labels)
    assert {"Generate items", "Generate stream", "Generate tags"} <= set(labels)
    assert not any("live" in label or "expir" in label for label in labels)
