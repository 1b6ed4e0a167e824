"""A template runs on what is selected in rich text; what is outside the selection stays."""

import pytest
from playwright.sync_api import expect

from tests import factories
from tests.testapp.models import RelatedLink, StoryPage
from wagtail_llm_actions.models import LLMActionHistory
from wagtail_llm_actions.testing import reply_with
from wagtail_llm_actions.values import Decision

HTML = (
    "<h2>The old ways</h2>"
    '<p>Boats <b>come</b> with the <a href="https://example.com/">old tide</a> and they go.</p>'
    "<ul><li>first thing</li><li>second thing</li></ul>"
)
BOLD = [("BOLD", "come")]
LINKED = [("LINK", "old tide")]
CONTENT = [
    ("header-two", "The old ways", []),
    ("unstyled", "Boats come with the old tide and they go.", BOLD + LINKED),
    ("unordered-list-item", "first thing", []),
    ("unordered-list-item", "second thing", []),
]

REST = 150
"""Milliseconds that a hand rests before it lets the mouse go: longer than our script waits."""

READ = """input => {
    const content = input.draftailEditor.getEditorState().getCurrentContent();
    const { blocks, entityMap } = window.DraftJS.convertToRaw(content);
    const marked = (text, { offset, length }) => text.slice(offset, offset + length);
    return blocks.map(({ type, text, inlineStyleRanges, entityRanges }) => [type, text, [
        ...inlineStyleRanges.map(range => [range.style, marked(text, range)]),
        ...entityRanges.map(range => [entityMap[range.key].type, marked(text, range)]),
    ]]);
}"""
EDGES = """([input, start, end]) => {
    const root = input.closest("[data-field]").querySelector(".public-DraftEditor-content");
    const edge = (words, isEnd) => {
        const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
        while (walker.nextNode()) {
            const at = walker.currentNode.data.indexOf(words);
            if (at < 0) continue;
            const range = document.createRange();
            range.setStart(walker.currentNode, at);
            range.setEnd(walker.currentNode, at + words.length);
            const { left, right, top, height } = range.getBoundingClientRect();
            return { x: isEnd ? right : left, y: top + height / 2 };
        }
        throw new Error(`no ${words}`);
    };
    root.scrollIntoView({ block: "center", behavior: "instant" });
    return [edge(start, false), edge(end, true)];
}"""


class RichText:
    """A rich text field in the browser."""

    def __init__(self, form, name, label):
        self.form, self.page = form, form.page
        self.input = form.input(name)
        self.menu = self.page.get_by_role(
            "button", name=f"On the selection: {label}", exact=True
        ).first

    @property
    def content(self):
        """The kind, the text, and the styles and entities of each block."""
        return [
            (kind, text, [tuple(mark) for mark in marks])
            for kind, text, marks in self.input.evaluate(READ)
        ]

    def select(self, start, end=None):
        """Drag the mouse from the beginning of one text to the end of another."""
        edges = self.page.evaluate(EDGES, [self.input.element_handle(), start, end or start])
        mouse, (first, last) = self.page.mouse, edges
        mouse.move(first["x"], first["y"])
        mouse.down()
        mouse.move(last["x"], last["y"], steps=4)
        self.page.wait_for_timeout(REST)
        mouse.up()

    def run(self, name="Improve"):
        """Run a template on the selection, and wait for the answer."""
        self.menu.click()
        self.page.get_by_role("button", name=name, exact=True).click()
        expect(self.form.dialog.get_by_role("button", name="Use this")).to_be_visible()

    def use(self):
        """Use the answer."""
        self.form.press("Use this")
        expect(self.form.dialog).to_be_hidden()


@pytest.fixture(autouse=True)
def templates(rows):
    """A template that replaces the selection, one that adds to it, and one for whole fields."""
    factories.make_config(is_default=True)
    prompt = "Improve: {{ selection }}"
    factories.make_template(prompt, name="Improve", slug="improve", category="rewrite")
    factories.make_template(prompt, name="Go on", slug="go-on", category="write")
    factories.make_template("{{ current_value }}", name="Not for selections")


@pytest.fixture
def body(form_of, admin):
    """The rich text field of a page."""
    story = factories.make_page(body=HTML)
    field = RichText(form_of(admin, f"pages/{story.pk}/edit/"), "body", "Body")
    expect(field.menu).to_be_disabled()
    assert field.content == CONTENT
    return field


def test_what_is_outside_the_selection_stays_and_one_undo_takes_it_back(body):
    body.select("and they go")
    with reply_with("while **others** wait"):
        body.run()
        expect(body.form.current).to_have_text("and they go")
        body.form.dialog.get_by_text("What is sent").click()
        sent = body.form.dialog.get_by_role("region", name="Prompt as it is sent")
        expect(sent).to_contain_text("Improve: ")
        expect(sent.locator("mark")).to_contain_text("and they go")
        expect(body.form.dialog.get_by_text("History of this field")).to_be_hidden()
        body.use()
    run = LLMActionHistory.objects.get()
    marks = [("BOLD", "come"), ("BOLD", "others"), ("LINK", "old tide")]
    text = "Boats come with the old tide while others wait."
    assert body.content == [CONTENT[0], ("unstyled", text, marks), *CONTENT[2:]]
    assert (run.prompt, run.action_name) == ("Improve: and they go", "Improve")
    body.page.keyboard.press("Control+z")
    assert body.content == CONTENT


def test_links_and_styles_in_the_selection_stay_where_the_template_keeps_them(body):
    body.select("come", "old tide")
    with reply_with("**leave** on the [high tide](https://example.com/)") as echo:
        body.run()
        body.use()
    sent = echo.requests[0].messages[-1].content
    assert sent == "Improve: **come** with the [old tide](https://example.com/)"
    marks = [("BOLD", "leave"), ("LINK", "high tide")]
    assert body.content[1] == ("unstyled", "Boats leave on the high tide and they go.", marks)


@pytest.mark.parametrize(
    "old, new, index, kind, text",
    [
        ("old", "young", 0, "header-two", "The young ways"),
        ("first thing", "the very first", 2, "unordered-list-item", "the very first"),
    ],
)
def test_a_heading_stays_a_heading_and_an_item_an_item(body, old, new, index, kind, text):
    body.select(old)
    with reply_with(new):
        body.run()
        body.use()
    expected = list(CONTENT)
    expected[index] = (kind, text, [])
    assert body.content == expected


def test_several_blocks_are_replaced_by_several(body):
    body.select("first thing", "second thing")
    with reply_with("- one\n- two\n- three") as echo:
        body.run()
        body.use()
    assert echo.requests[0].messages[-1].content == "Improve: - first thing\n- second thing"
    items = [("unordered-list-item", text, []) for text in ("one", "two", "three")]
    assert body.content == [*CONTENT[:2], *items]
    body.page.keyboard.press("Control+z")
    assert body.content == CONTENT


def test_what_is_new_is_added_behind_the_selection(body):
    body.select("and they go.")
    with reply_with("Nobody stays."):
        body.run("Go on")
        body.use()
    assert body.content[1][1] == "Boats come with the old tide and they go. Nobody stays."
    body.page.keyboard.press("Control+z")
    assert body.content == CONTENT


def test_an_answer_that_is_discarded_changes_nothing(body):
    body.select("and they go")
    with reply_with("new"):
        body.run()
        body.form.press("Discard")
        expect(body.form.dialog).to_be_hidden()
        expect(body.menu).to_be_focused()
    assert body.content == CONTENT
    assert LLMActionHistory.objects.get().decision == Decision.REJECTED


def test_the_menu_is_for_a_selection_and_for_templates_that_read_it(body):
    body.select("and they go")
    expect(body.menu).to_be_enabled()
    body.menu.click()
    expect(body.page.get_by_role("button", name="Improve", exact=True)).to_be_visible()
    expect(body.page.get_by_role("button", name="Not for selections")).to_have_count(0)
    body.page.keyboard.press("Tab")
    body.page.keyboard.press("Escape")
    expect(body.menu).to_be_focused()
    expect(body.menu).to_have_attribute("aria-expanded", "false")
    body.page.get_by_text("second thing").click()
    expect(body.menu).to_be_disabled()


def test_an_undone_selection_is_asked_about_no_more(body):
    body.select("and they go")
    with reply_with("new"):
        body.run()
        body.input.evaluate(
            """input => {
                const { EditorState, ContentState } = window.DraftJS;
                const editor = input.draftailEditor;
                editor.onChange(EditorState.push(
                    editor.getEditorState(), ContentState.createFromText("Other"), "undo"
                ));
            }"""
        )
        body.form.press("Use this")
        expect(body.form.status).to_contain_text("deleted")
    assert [text for _, text, _ in body.content] == ["Other"]


NESTED = {
    "a block of a StreamField": ("stream-0-value-body", "Body"),
    "an inline child": ("related_links-0-note", "Note"),
}


@pytest.mark.parametrize("where", NESTED)
def test_rich_text_at_any_depth_has_the_menu(form_of, admin, where):
    name, label = NESTED[where]
    story = factories.make_page()
    RelatedLink.objects.create(page=story, caption="A", note="<p>some old words</p>")
    section = {"heading": "A", "teaser": "B", "body": "<p>some old words</p>"}
    story = StoryPage.objects.get(pk=story.pk)
    story.stream = [("section", section)]
    story.save_revision().publish()
    form = form_of(admin, f"pages/{story.pk}/edit/")
    field = RichText(form, name, label)
    field.menu = field.input.locator("xpath=ancestor::*[@data-field][1]").locator(
        ".llm-selection__button"
    )
    expect(field.menu).to_be_disabled()
    field.select("old")
    with reply_with("new"):
        field.run()
        field.use()
    assert field.content == [("unstyled", "some new words", [])]
