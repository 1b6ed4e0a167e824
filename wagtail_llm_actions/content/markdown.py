"""Rich text as Markdown: what a language model reads, and what it writes."""

import re
from collections.abc import Iterable, Mapping
from itertools import groupby

from wagtail.rich_text import features as feature_registry

from wagtail_llm_actions.content.escaping import code, escape_inline, escape_lines
from wagtail_llm_actions.content.rich_text import HEADINGS, LISTS, Link, Paragraph, Run, read_html

MARKS = {"code": "", "italic": "*", "bold": "**", "strikethrough": "~~"}
"""From the innermost mark to the outermost."""
INDENTATION = "    "
HTML_ANSWER = re.compile(
    r"\s*<(?:!doctype|html|body|div|section|article|p|h[1-6]|ul|ol|blockquote|table)\b.*>\s*",
    re.IGNORECASE | re.DOTALL,
)
KEY = re.compile(r"[0-9]{1,18}")
"""A number that every database has room for."""
HREF = re.compile(r'href="([^"]*)"')


def html_to_markdown(html: str) -> str:
    """
    Return database HTML of any quality as Markdown.

    Links to pages and documents lead to their URLs; images and embeds stand as alternative text
    or address.
    """
    paragraphs = read_html(html)
    urls = _urls(paragraphs)
    numbers: dict[int, int] = {}
    lines = [_markdown(paragraph, urls, numbers) for paragraph in paragraphs]
    return _join(paragraphs, lines)


def markdown_to_paragraphs(text: str) -> list[Paragraph]:
    """
    Return what a language model wrote as paragraphs; HTML in Markdown is text.

    An answer that is HTML from beginning to end is read as HTML.
    """
    return read_html(text if HTML_ANSWER.fullmatch(text) else _render(text))


def linked_urls(*texts: str) -> dict[str, Link]:
    """Return the links in texts of database HTML by the URL they lead to, also as Markdown spells it."""
    paragraphs = [paragraph for html in texts for paragraph in read_html(html)]
    hrefs = {dict(run.link).get("href", "") for each in paragraphs for run in each.runs}
    plain = {url: (("href", href),) for href in hrefs - {""} for url in (href, _normalized(href))}
    return plain | {url: link for link, url in _urls(paragraphs).items()}


def _normalized(url):
    from markdown_it.common.normalize_url import normalizeLink

    return normalizeLink(url)


def _render(text):
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("strikethrough")
    # Bad addresses are dropped later: here they would stay in the text as they were written.
    parser.validateLink = lambda url: True
    return parser.render(text)


def _urls(paragraphs: Iterable[Paragraph]) -> dict[Link, str]:
    links = {run.link for paragraph in paragraphs for run in paragraph.runs if run.link}
    kinds: dict[str, list[Link]] = {}
    for link in sorted(links):
        attrs = dict(link)
        if "linktype" in attrs and "id" in attrs:
            kinds.setdefault(attrs["linktype"], []).append(link)
    return {
        link: url
        for kind, links_of_kind in kinds.items()
        for link, url in _urls_of_kind(kind, links_of_kind)
    }


def _urls_of_kind(kind, links):
    handler = feature_registry.get_link_types().get(kind)
    if handler is None:
        return
    known = [link for link in links if KEY.fullmatch(dict(link)["id"])]
    attrs = [{"id": int(dict(link)["id"])} for link in known]
    for link, tag in zip(known, handler.expand_db_attributes_many(attrs), strict=True):
        if found := HREF.search(tag):
            yield link, found[1].replace("&amp;", "&")


def _markdown(paragraph, urls, numbers):
    if paragraph.kind == "hr":
        return "---"
    text = escape_lines(_inline(paragraph.runs, urls))
    if paragraph.kind in LISTS:
        return _item(paragraph, text, numbers)
    numbers.clear()
    if paragraph.kind in HEADINGS:
        return "#" * int(paragraph.kind[1]) + " " + text.replace("\n", " ")
    if paragraph.kind == "blockquote":
        return "> " + text.replace("\n", "\n> ")
    return f"```\n{paragraph.text}\n```" if paragraph.kind == "pre" else text


def _item(paragraph, text, numbers):
    depth = paragraph.depth
    for deeper in [number for number in numbers if number > depth]:
        del numbers[deeper]
    numbers[depth] = numbers.get(depth, 0) + 1
    bullet = f"{numbers[depth]}. " if paragraph.kind == "ol" else "- "
    indentation = INDENTATION * depth
    return indentation + bullet + text.replace("\n", "\n" + indentation + " " * len(bullet))


def _inline(runs: Iterable[Run], urls: Mapping[Link, str]) -> str:
    parts = []
    for link, linked in groupby(runs, key=lambda run: run.link):
        text = "".join(
            _marked("".join(run.text for run in styled), styles)
            for styles, styled in groupby(linked, key=lambda run: run.styles)
        )
        url = urls.get(link) or dict(link).get("href")
        parts.append(f"[{text}]({url})" if url and text.strip() else text)
    return "".join(parts)


def _marked(text, styles):
    bare = text.strip()
    if not bare:
        return text
    marked = bare if "code" in styles else escape_inline(bare)
    for style, mark in MARKS.items():
        if style in styles:
            marked = code(marked) if style == "code" else f"{mark}{marked}{mark}"
    before, _, after = text.partition(bare)
    return before + marked + after


def _join(paragraphs, lines):
    text = ""
    previous = None
    for paragraph, line in zip(paragraphs, lines, strict=True):
        both_items = previous in LISTS and paragraph.kind in LISTS
        text += ("\n" if both_items else "\n\n") * bool(text) + line
        previous = paragraph.kind
    return text
