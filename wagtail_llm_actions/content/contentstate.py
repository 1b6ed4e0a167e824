"""
What a language model wrote, as the state of a rich text field.

Everything it wrote becomes paragraphs first, and only what the field's features allow is written
from them; what is not allowed becomes plain paragraphs. So the state cannot hold what the field
cannot, whatever the model answered.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import groupby

from django.utils.html import escape
from wagtail.admin.rich_text import DraftailRichTextArea

from wagtail_llm_actions.content.links import is_allowed, lost_links
from wagtail_llm_actions.content.markdown import markdown_to_paragraphs
from wagtail_llm_actions.content.rich_text import HEADINGS, LISTS, Link, Paragraph

STYLE_TAGS = {
    "superscript": "sup",
    "subscript": "sub",
    "code": "code",
    "strikethrough": "s",
    "italic": "i",
    "bold": "b",
}


def markdown_to_html(text: str, features: Iterable[str], links: Mapping[str, Link] = {}) -> str:
    """
    Return Markdown as database HTML of these rich text features.

    A link that may not be there keeps its text and loses its address.

    :param links: the links of the field as it is, by URL; where the text links to such a URL, the
        link stays what it is.
    """
    features = frozenset(features)
    paragraphs = [_fitted(paragraph, features) for paragraph in markdown_to_paragraphs(text)]
    return "".join(_write(paragraphs, features, links))


def markdown_to_state(
    text: str, widget: DraftailRichTextArea, links: Mapping[str, Link] = {}
) -> str:
    """
    Return Markdown as the contentstate JSON of a rich text widget.

    :param links: those of the field as it is, by URL, which stay what they are.
    """
    return widget.format_value(markdown_to_html(text, widget.features, links))


def accepted_state(text: str, features: Iterable[str]) -> str:
    """Return the contentstate JSON that Markdown becomes in an empty field of these features."""
    return markdown_to_state(text, DraftailRichTextArea(features=list(features)))


def notices_of(text: str, features: Iterable[str], known: Collection[str] = ()) -> tuple[str, ...]:
    """
    Return what the editor is told of Markdown that becomes rich text: the links that it loses.

    :param known: addresses that the field links to already.
    """
    if "link" not in features:
        return ()
    runs = [run for paragraph in markdown_to_paragraphs(text) for run in paragraph.runs]
    addresses = (dict(run.link).get("href", "").strip() for run in runs if run.link)
    return lost_links(filter(None, addresses), known)


def append_state(current: str | None, addition: str) -> str:
    """Return contentstate JSON with the blocks of another behind its own, which stay the same."""
    before = json.loads(current or "null") or {"blocks": [], "entityMap": {}}
    after = json.loads(addition)
    blocks = list(before["blocks"])
    while blocks and _is_blank(blocks[-1]):
        blocks.pop()
    keys = _new_keys(before["entityMap"], after["entityMap"])
    entities = {keys[key]: entity for key, entity in after["entityMap"].items()}
    added = [_rekeyed(block, keys) for block in after["blocks"]]
    state = {**before, "blocks": blocks + added, "entityMap": before["entityMap"] | entities}
    return json.dumps(state)


def is_empty_state(state: str) -> bool:
    """Return whether contentstate JSON has no text."""
    return all(_is_blank(block) for block in json.loads(state)["blocks"])


def _is_blank(block):
    return block["type"] == "unstyled" and not block["text"].strip()


def _new_keys(taken, keys):
    first = max((int(key) for key in taken if key.isdecimal()), default=-1) + 1
    return {key: str(first + index) for index, key in enumerate(keys)}


def _rekeyed(block, keys):
    ranges = [{**item, "key": int(keys[str(item["key"])])} for item in block["entityRanges"]]
    return {**block, "entityRanges": ranges}


def _fitted(paragraph, features):
    if paragraph.kind in ("p", "pre") or paragraph.kind in features:
        return paragraph
    if paragraph.kind in HEADINGS and (kind := _nearest_heading(paragraph.kind, features)):
        return Paragraph(kind, 0, paragraph.runs)
    return Paragraph("hr" if paragraph.kind == "hr" else "p", 0, paragraph.runs)


def _nearest_heading(kind, features):
    """A lower heading is the better stand-in: it cannot outrank those around it."""
    rank = HEADINGS.index(kind)
    candidates = [*HEADINGS[rank:], *reversed(HEADINGS[:rank])]
    return next((heading for heading in candidates if heading in features), None)


def _write(paragraphs, features, links) -> Iterator[str]:
    for is_item, group in groupby(paragraphs, key=lambda paragraph: paragraph.kind in LISTS):
        if is_item:
            yield from _write_items(list(group), features, links)
        else:
            yield from (_write_one(paragraph, features, links) for paragraph in group)


def _write_one(paragraph, features, links):
    if paragraph.kind == "hr":
        return "<hr/>" if "hr" in features else ""
    tag = "p" if paragraph.kind == "pre" else paragraph.kind
    return f"<{tag}>{_inline(paragraph.runs, features, links)}</{tag}>"


def _write_items(items, features, links):
    open_lists: list[str] = []
    for item in items:
        depth = min(item.depth, len(open_lists))
        while len(open_lists) > depth + 1:
            yield f"</li></{open_lists.pop()}>"
        if len(open_lists) == depth + 1 and open_lists[-1] != item.kind:
            yield f"</li></{open_lists.pop()}>"
        if len(open_lists) == depth + 1:
            yield "</li>"
        else:
            open_lists.append(item.kind)
            yield f"<{item.kind}>"
        yield f"<li>{_inline(item.runs, features, links)}"
    while open_lists:
        yield f"</li></{open_lists.pop()}>"


def _inline(runs, features, links):
    html = ""
    for link, linked in groupby(runs, key=lambda run: run.link):
        inner = "".join(_styled(run, features) for run in linked)
        attributes = _link_attributes(link, links) if "link" in features else ""
        html += f"<a {attributes}>{inner}</a>" if attributes else inner
    return html


def _styled(run, features):
    html = escape(run.text).replace("\n", "<br/>")
    for style, tag in STYLE_TAGS.items():
        if style in run.styles and style in features:
            html = f"<{tag}>{html}</{tag}>"
    return html


def _link_attributes(link, links):
    href = dict(link).get("href", "").strip()
    known = dict(links.get(href, ()))
    if "linktype" in known:
        return f'linktype="{escape(known["linktype"])}" id="{escape(known["id"])}"'
    return f'href="{escape(href)}"' if href and is_allowed(href, links) else ""
