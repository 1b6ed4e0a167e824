"""What looks like Markdown in rich text is read as text, and comes back as the same."""

import re
from html import escape

import pytest
from bs4 import BeautifulSoup
from hypothesis import given, settings
from hypothesis import strategies as st

from wagtail_llm_actions.content.contentstate import markdown_to_html
from wagtail_llm_actions.content.markdown import html_to_markdown

FEATURES = ["h2", "bold", "italic", "ul", "ol", "blockquote", "hr", "code", "strikethrough"]
MARKS = "ab1 .)(*_`[]<>&#-+=~!\\:;/"

inner = st.text(alphabet=MARKS, max_size=6)
styled = st.tuples(st.sampled_from(["b", "i", "code", "s"]), inner.map(lambda text: f"a{text}b"))


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("1. Januar", "1\\. Januar"),
        ("a 1. b", "a 1. b"),
        ("*args", "\\*args"),
        ("5 * 3 - 2 = 13", "5 * 3 - 2 = 13"),
        ("snake_case", "snake_case"),
        ("https://example.com/a_b-c", "https://example.com/a_b-c"),
        ("[a](b) and [1]", "\\[a\\](b) and [1]"),
        ("- no item", "\\- no item"),
        ("# no heading", "\\# no heading"),
        ("#hashtag", "#hashtag"),
        ("a & b &amp;", "a & b \\&amp;"),
        ("C:\\dir", "C:\\dir"),
    ],
)
def test_no_more_is_escaped_than_needed(text, markdown):
    assert html_to_markdown(f"<p>{escape(text)}</p>") == markdown


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=MARKS + "\n", max_size=20), st.sampled_from(["p", "h2", "li"]))
def test_any_text_comes_back(text, tag):
    text = re.sub(r"\s*\n\s*" if tag == "p" else r"\s+", "\n" if tag == "p" else " ", text)
    text = re.sub(" +", " ", text).strip()
    if tag == "h2":
        text = text.rstrip("# ")
    content = escape(text, quote=False).replace("\n", "<br/>")
    html = f"<{tag}>{content}</{tag}>" if content else ""
    html = f"<ul>{html}</ul>" if html and tag == "li" else html
    assert same(markdown_to_html(html_to_markdown(html), FEATURES)) == same(html)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(inner, styled), min_size=1, max_size=4))
def test_the_text_of_any_styles_comes_back(parts):
    runs = (
        f"{escape(plain, quote=False)} <{tag}>{escape(text, quote=False)}</{tag}> "
        for plain, (tag, text) in parts
    )
    html = f"<p>{''.join(runs)}</p>"
    back = markdown_to_html(html_to_markdown(html), FEATURES)
    assert words(back) == words(html)


def same(html):
    """Return HTML as every library writes it."""
    return str(BeautifulSoup(html, "html.parser"))


def words(html):
    """Return the text of HTML."""
    return BeautifulSoup(html, "html.parser").get_text().split()
