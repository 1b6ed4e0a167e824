"""Markdown to rich text and back, whatever a language model answers."""

import json

import pytest
from bs4 import BeautifulSoup
from wagtail.admin.rich_text import DraftailRichTextArea
from wagtail.admin.rich_text.converters.contentstate import ContentstateConverter

from tests import factories
from tests.content.forms import edit_path, rich_text, story
from tests.processor_time import limited_time, repeated
from wagtail_llm_actions.content.contentstate import (
    append_state,
    is_empty_state,
    markdown_to_html,
    markdown_to_state,
)
from wagtail_llm_actions.content.editors import find_editor
from wagtail_llm_actions.content.markdown import html_to_markdown, linked_urls
from wagtail_llm_actions.content.rich_text import read_html
from wagtail_llm_actions.values import OutputMode

ALL = ["h2", "h3", "bold", "italic", "link", "ul", "ol", "blockquote", "hr", "code"]
ALL += ["strikethrough", "superscript", "subscript"]
PLAIN = ["bold"]


@pytest.fixture(autouse=True)
def linkable_hosts(settings):
    """Let answers link to one host."""
    settings.WAGTAIL_LLM_ACTIONS = settings.WAGTAIL_LLM_ACTIONS | {"ALLOWED_LINK_HOSTS": ["e.org"]}


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("One\n\nTwo", "<p>One</p><p>Two</p>"),
        ("One\nTwo", "<p>One<br/>Two</p>"),
        ("## H\n\ntext", "<h2>H</h2><p>text</p>"),
        ("# H", "<h2>H</h2>"),
        ("###### H", "<h3>H</h3>"),
        (
            "a **b** *c* ***d*** `e` ~~f~~",
            "<p>a <b>b</b> <i>c</i> <b><i>d</i></b> <code>e</code> <s>f</s></p>",
        ),
        ("[a](https://e.org/?b=1&c=2)", '<p><a href="https://e.org/?b=1&amp;c=2">a</a></p>'),
        ("<https://e.org>", '<p><a href="https://e.org">https://e.org</a></p>'),
        ("- a\n- b\n    - c\n- d", "<ul><li>a</li><li>b<ul><li>c</li></ul></li><li>d</li></ul>"),
        ("- a\n\n- b", "<ul><li>a</li><li>b</li></ul>"),
        ("- a\n\n  more", "<ul><li>a<br/>more</li></ul>"),
        ("1. a\n2. b\n\n- c", "<ol><li>a</li><li>b</li></ol><ul><li>c</li></ul>"),
        ("- a\n    1. b\n    2. c", "<ul><li>a<ol><li>b</li><li>c</li></ol></li></ul>"),
        ("> q\n>\n> r", "<blockquote>q</blockquote><blockquote>r</blockquote>"),
        ("a\n\n---\n\nb", "<p>a</p><hr/><p>b</p>"),
        ("```\nx = 1\n  y\n```", "<p><code>x = 1<br/>  y</code></p>"),
        ("a & b < c", "<p>a &amp; b &lt; c</p>"),
        ("![A cat](https://e.org/cat.png) sleeps", "<p>A cat sleeps</p>"),
        ("", ""),
        ("   \n\n  ", ""),
    ],
)
def test_markdown_becomes_database_html(markdown, html):
    assert markdown_to_html(markdown, ALL) == html


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("# H\n\ntext", "<p>H</p><p>text</p>"),
        ("- a\n    - b\n- c", "<p>a</p><p>b</p><p>c</p>"),
        ("> q", "<p>q</p>"),
        ("a [b](https://e.org) *c* **d** `e`", "<p>a b c <b>d</b> e</p>"),
        ("a\n\n***\n\nb", "<p>a</p><p>b</p>"),
    ],
)
def test_what_the_field_does_not_allow_becomes_plain_paragraphs(markdown, html):
    assert markdown_to_html(markdown, PLAIN) == html


HOSTILE = [
    "<script>alert(1)</script>",
    "before <script>alert(1)</script> after",
    "<p>x</p><script>alert(1)</script><p>y</p>",
    "<p>x<style>p {color: red}</style></p>",
    '<p>x <iframe src="https://evil.example"></iframe></p>',
    "<p>x<svg onload=alert(1)><circle/></svg></p>",
    '<p onclick="alert(1)" style="x">x <b onmouseover=alert(1)>y</b></p>',
    '<p><a href="javascript:alert(1)">x</a></p>',
    '<p><a href="jav&#x09;ascript:alert(1)">x</a></p>',
    '<p><a href=" JAVASCRIPT:alert(1)">x</a></p>',
    '<p><a href="data:text/html,<script>alert(1)</script>">x</a></p>',
    "[x](javascript:alert(1))",
    "[x](<java script:alert(1)>)",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:alert)",
    "![x](javascript:alert(1))",
    '[x](https://e.org "onclick=alert(1)")',
    '[x](https://e.org/"onclick="alert(1))',
    '<p><img src=x onerror=alert(1) alt="picture"></p>',
    '<p><embed embedtype="image" id="1" format="left" alt="a"/></p>',
    '<p><embed embedtype="media" url="https://evil.example"/></p>',
    '<p><a linktype="page" id="1">x</a><a linktype="nonsense" id="x">y</a></p>',
    '<p data-embedtype="image" data-id="1">x</p>',
    "<p><b>never closed <i>nor this</p><p>next</b></p>",
    "<p>x</b></i></p></div></p>",
    "<ul><li>a<li>b<ul><li>c</ul></ul>",
    "<div><li>stray</li></div>",
    "<b><p>block in inline</p></b>",
    "<a href='https://e.org'><h2>x</h2><p>y</p></a>",
    "<table><tr><td>a</td><td>b</td></tr></table>",
    "<p>" + "<b>" * 5000 + "deep",
    "<div>" * 5000 + "deep" + "</div>" * 5000,
    "<ul><li>" * 500 + "deep",
    "> " * 500 + "deep",
    "[" * 2000,
    "*" * 2000,
    "<p>unclosed <a href='",
    "<p>x</p><!-- comment --><![CDATA[x]]><?php echo 1 ?>",
    "<p>null \x00 and \ufffd and 😀 **b**</p>",
    "😀😀 **bold** 😀",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>",
]
ACTIVE = ("<script", "<style", "<iframe", "<svg", "<img", "<embed")


@pytest.mark.parametrize("features", [ALL, PLAIN, []], ids=["all", "bold", "none"])
@pytest.mark.parametrize("output", HOSTILE, ids=range(len(HOSTILE)))
def test_no_output_breaks_the_field_or_does_harm(output, features):
    widget = DraftailRichTextArea(features=features)
    html = markdown_to_html(output, features)
    state = markdown_to_state(output, widget)
    saved = widget.value_from_datadict({"body": state}, {}, "body")
    for text in (html, saved):
        assert not [word for word in ACTIVE if word in text.lower()]
        tags = BeautifulSoup(text, "html.parser").find_all(True)
        assert {name for tag in tags for name in tag.attrs} <= {"href", "data-block-key"}
    for entity in json.loads(state)["entityMap"].values():
        assert entity["data"].get("url", "https://e.org").startswith("https://e.org")
    assert ContentstateConverter(features).from_database_format(saved)


def test_an_answer_in_html_is_read_as_html():
    html = "<div><h2>T</h2><p>a <strong>b</strong><br>c</p></div>"
    assert markdown_to_html(html, ALL) == "<h2>T</h2><p>a <b>b</b><br/>c</p>"


def test_html_within_markdown_stays_text():
    assert markdown_to_html("Use <b>", ALL) == "<p>Use &lt;b&gt;</p>"


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("<p>a</p><p>b</p>", "a\n\nb"),
        ('<h2 data-block-key="x">T</h2><p>a<br/>b</p>', "## T\n\na\nb"),
        ("<p>a <b>b </b><i>c</i></p>", "a **b** *c*"),
        ("<p><b>b <i>c</i></b></p>", "**b** ***c***"),
        ('<p><a href="https://e.org">a <b>b</b></a></p>', "[a **b**](https://e.org)"),
        ("<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul>", "- a\n- b\n    - c"),
        ("<ol><li>a</li><li>b</li></ol><p>x</p><ol><li>c</li></ol>", "1. a\n2. b\n\nx\n\n1. c"),
        ("<blockquote>a</blockquote><hr/><p>b</p>", "> a\n\n---\n\nb"),
        ('<embed embedtype="image" id="1" alt="A cat" format="left"/>', "A cat"),
        (
            '<p>a</p><embed embedtype="media" url="https://e.org/v"/><p>b</p>',
            "a\n\nhttps://e.org/v\n\nb",
        ),
        ('<p><a linktype="nonsense" id="1">a</a></p>', "a"),
        ("<p>  a \n b </p>\n\n", "a b"),
        ("<script>x</script><p>broken <b>html", "broken **html**"),
        ("", ""),
    ],
)
def test_database_html_is_read_as_markdown(html, markdown):
    assert html_to_markdown(html) == markdown


@pytest.mark.parametrize(
    "html",
    [
        "<h2>T</h2><p>a <b>b</b> <i>c</i></p><ul><li>a</li><li>b<ol><li>c</li></ol></li></ul>",
        '<p><a href="https://e.org/?a=1&amp;b=2">a</a><br/>b</p><blockquote>q</blockquote><hr/>',
    ],
)
def test_markdown_leads_back_to_the_same_html(html):
    assert markdown_to_html(html_to_markdown(html), ALL) == html


@pytest.mark.django_db
def test_links_to_pages_are_read_as_addresses_and_stay_links_to_pages(home):
    page = factories.make_page()
    html = f'<p><a linktype="page" id="{page.pk}">a</a> <a linktype="page" id="999">b</a></p>'
    assert html_to_markdown(html) == f"[a]({page.url}) b"
    widget = DraftailRichTextArea(features=ALL)
    state = markdown_to_state(f"See [it]({page.url}).", widget, linked_urls(html))
    entity = json.loads(state)["entityMap"]["0"]
    assert (entity["type"], entity["data"]["id"]) == ("LINK", page.pk)
    assert linked_urls(html) == {page.url: (("linktype", "page"), ("id", str(page.pk)))}


@pytest.mark.django_db
def test_a_link_to_no_possible_page_is_text(home):
    assert html_to_markdown(f'<p><a linktype="page" id="{"9" * 40}">a</a></p>') == "a"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>a < b <a c</p>", "a < b <a c"),
        ("a<!-- <b>x</b> -->b<!doctype x>c<?x?>d", "abcd"),
        ("a <!-- b", "a <!-- b"),
        ("<p title='a>b' lang=\"c>d\">e</p>", "e"),
        (f"<p title='{'x' * 20_000}'>a</p>", f"<p title='{'x' * 20_000}'>a"),
        ("<svg><svg><title>x</svg>a", "a"),
        ("1 <2 and 3> 2", "1 <2 and 3> 2"),
    ],
)
def test_what_is_no_tag_is_text(html, text):
    assert "\n".join(paragraph.text for paragraph in read_html(html)) == text


UNITS = [
    "<a ",
    "<!--",
    "<!x",
    "<?",
    "</",
    "<",
    "<svg></title>",
    "<a '",
    '<a "',
    "<a '\"",
    "<b>",
    "&",
]
UNITS += ["<script>", "<br> ", "<p>", "</p>", "<ul><li>", "<a b='<' ", "<a ''", '<a "\'""', "<!-->"]


@pytest.mark.parametrize("unit", UNITS)
def test_much_of_what_is_no_html_is_no_work(unit):
    with limited_time():
        read_html(repeated(unit))


def test_links_to_many_pages_take_a_constant_number_of_queries(home, django_assert_max_num_queries):
    pages = [factories.make_page() for _ in range(8)]
    html = "".join(f'<p><a linktype="page" id="{page.pk}">a</a></p>' for page in pages)
    with django_assert_max_num_queries(4):
        assert html_to_markdown(html).count("](") == 8


def test_appending_keeps_what_is_there_as_it_is():
    before = json.loads(rich_text('<p>x <a href="https://a.org">a</a></p><p></p>', ALL))
    addition = rich_text('<h2>y</h2><p><a href="https://b.org">b</a></p>', ALL)
    after = json.loads(append_state(json.dumps(before), addition))
    assert after["blocks"][0] == before["blocks"][0]
    assert [block["text"] for block in after["blocks"]] == ["x a", "y", "b"]
    assert [after["entityMap"][key]["data"]["url"] for key in ("0", "1")] == [
        "https://a.org",
        "https://b.org",
    ]
    assert after["blocks"][2]["entityRanges"][0]["key"] == 1


def test_appending_to_nothing_is_the_addition():
    addition = rich_text("<p>y</p>")
    for nothing in (None, "", "null", rich_text("")):
        blocks = json.loads(append_state(nothing, addition))["blocks"]
        assert [block["text"] for block in blocks] == ["y"]


@pytest.mark.django_db
def test_rich_text_is_placed_in_the_form(editor, home):
    page = factories.make_page()
    bound = find_editor(edit_path(page), editor).bind(story(body=rich_text("<p>Old</p>", ALL)))
    replaced = bound.place("body", "## New\n\n*text*", OutputMode.REPLACE)
    appended = bound.place("body", "New", OutputMode.APPEND)
    texts = [
        [block["text"] for block in json.loads(placed.state)["blocks"]]
        for placed in (replaced, appended)
    ]
    assert texts == [["New", "text"], ["Old", "New"]]
    assert replaced.errors == appended.errors == ()


@pytest.mark.django_db
@pytest.mark.parametrize("output", ["<p><script>x</script></p>", "![](x)", "  "])
def test_an_output_of_which_nothing_stays_is_an_error(editor, home, output):
    bound = find_editor(edit_path(factories.make_page()), editor).bind(story())
    assert bound.place("body", output, OutputMode.REPLACE).errors == (
        "Nothing of it can be kept here.",
    )


def test_a_state_without_text_is_empty():
    assert is_empty_state(rich_text("<p> </p>"))
    assert not is_empty_state(rich_text("<p>x</p>"))
