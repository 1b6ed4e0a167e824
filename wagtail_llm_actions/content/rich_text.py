"""
Rich text as a flat list of paragraphs, which any HTML can be read into.

Nothing in the HTML has to be right: unclosed, misnested and unknown tags, of a language model or
of an old import, lose their meaning but not their text. Scripts and the like lose their text too.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
LISTS = ("ul", "ol")
STYLES = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "code": "code",
    "s": "strikethrough",
    "del": "strikethrough",
    "strike": "strikethrough",
    "sup": "superscript",
    "sub": "subscript",
}
# fmt: off
DROPPED = frozenset([
    "applet", "canvas", "head", "iframe", "math", "noscript", "object", "script", "select", "style",
    "svg", "template", "textarea", "title",
])
# fmt: on
"""Elements that go with all that is in them."""
# fmt: off
PARAGRAPHS = frozenset([
    "address", "article", "aside", "body", "caption", "center", "dd", "details", "div", "dl", "dt",
    "figcaption", "figure", "footer", "form", "header", "html", "main", "nav", "p", "section",
    "summary", "table", "tbody", "tfoot", "thead", "tr", "li", "pre", *HEADINGS,
])
# fmt: on
"""Elements that begin a paragraph and end one."""

MAX_OPEN = 50
"""How many elements inside each other have a meaning; more only cost time."""
MAX_LIST_DEPTH = 4
"""How deep the rich text editor nests lists in lists."""

MAX_TAG = 20_000
"""How many characters a tag may have; what is longer is text."""
TAG = re.compile(r"""</?[a-z](?:[^<>"']++|"[^"]*+"|'[^']*+')*+>""", re.IGNORECASE)

Link = tuple[tuple[str, str], ...]
"""The attributes of an ``<a>`` that say where it leads."""


@dataclass(frozen=True, slots=True)
class Run:
    """Text that is all in the same styles."""

    text: str
    styles: frozenset[str] = frozenset()
    link: Link = ()


@dataclass(slots=True)
class Paragraph:
    """A paragraph, heading, list item, quotation, rule or embedded object."""

    kind: str
    """``"p"``, ``"h1"`` to ``"h6"``, ``"ul"``, ``"ol"``, ``"blockquote"``, ``"pre"``, ``"hr"``."""
    depth: int = 0
    """How many lists an item is nested in, besides its own."""
    runs: list[Run] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The text without styles."""
        return "".join(run.text for run in self.runs)


def read_html(html: str) -> list[Paragraph]:
    """Return the paragraphs of HTML of any origin, without those that are empty."""
    reader = _Reader()
    reader.feed("".join(_tamed(html)))
    reader.close()
    reader.end_paragraph()
    return [paragraph for paragraph in reader.paragraphs if _trim(paragraph)]


def _tamed(html: str) -> Iterator[str]:
    """
    Yield HTML without comments and declarations, and with each ``<`` that begins no tag escaped.

    What never ends would be searched for its end again and again by the parser.
    """
    at = 0
    endless: set[str] = set()
    while (start := html.find("<", at)) >= 0:
        yield html[at:start]
        if tag := TAG.match(html, start, start + MAX_TAG):
            yield tag[0]
            at = tag.end()
        else:
            at = _end_of_declaration(html, start, endless)
            if not at:
                yield "&lt;"
                at = start + 1
    yield html[at:]


def _end_of_declaration(html: str, start: int, endless: set[str]) -> int:
    """Return where a comment or declaration ends that begins at ``start``; 0 if none does."""
    if html[start + 1 : start + 2] not in ("!", "?"):
        return 0
    closing = "-->" if html.startswith("<!--", start) else ">"
    end = -1 if closing in endless else html.find(closing, start)
    if end < 0:
        endless.add(closing)
        return 0
    return end + len(closing)


def _trim(paragraph):
    runs = paragraph.runs
    while runs and not runs[-1].text.strip():
        runs.pop()
    if runs:
        runs[-1] = Run(runs[-1].text.rstrip(), runs[-1].styles, runs[-1].link)
    return bool(runs) or paragraph.kind == "hr"


class _Reader(HTMLParser):
    """Takes one tag after the other; nothing here recurses, so nothing can be nested too deep."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.paragraphs: list[Paragraph] = []
        self._current: Paragraph | None = None
        self._open: list[tuple[str, str | Link]] = []
        self._containers: list[str] = []
        self._dropped: list[str] = []

    def handle_starttag(self, tag, attrs):
        if self._dropped or tag in DROPPED:
            if tag in DROPPED and tag not in self._dropped:
                self._dropped.append(tag)
            return
        if tag in STYLES or tag == "a":
            if len(self._open) < MAX_OPEN:
                self._open.append((tag, STYLES.get(tag) or _link(dict(attrs))))
        else:
            self._start_element(tag, dict(attrs))

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag in DROPPED:
            self.handle_endtag(tag)

    def _start_element(self, tag, attrs):
        if tag == "br":
            self._break_line()
        elif tag == "img":
            self._add(attrs.get("alt") or "")
        elif tag == "embed":
            self.end_paragraph()
            self._add(attrs.get("alt") or attrs.get("url") or "")
            self.end_paragraph()
        elif tag in ("td", "th"):
            self._add(" | " if self._current and self._current.runs else "")
        elif tag == "hr":
            self.end_paragraph()
            self.paragraphs.append(Paragraph("hr"))
        elif tag == "p" and self._is_in_item():
            self._break_line()
        elif tag in (*LISTS, "blockquote"):
            self.end_paragraph()
            if len(self._containers) < MAX_OPEN:
                self._containers.append(tag)
        elif tag in PARAGRAPHS:
            self.end_paragraph()
            self._start_paragraph(tag)

    def handle_endtag(self, tag):
        if self._dropped:
            if tag in self._dropped:
                del self._dropped[self._dropped.index(tag) :]
        elif tag in STYLES or tag == "a":
            self._close(tag)
        elif tag in (*LISTS, "blockquote"):
            self.end_paragraph()
            if tag in self._containers:
                del self._containers[_last_index(self._containers, tag) :]
        elif tag in PARAGRAPHS and not (tag == "p" and self._is_in_item()):
            self.end_paragraph()

    def handle_data(self, data):
        if not self._dropped:
            self._add(data)

    def end_paragraph(self):
        """End the current paragraph; styles that are still open end with it."""
        if self._current is not None:
            self._current = None
            self._open.clear()

    def _is_in_item(self):
        return self._current is not None and self._current.kind in LISTS

    def _close(self, tag):
        for index in reversed(range(len(self._open))):
            if self._open[index][0] == tag:
                del self._open[index]
                return

    def _start_paragraph(self, tag="p"):
        lists = [name for name in self._containers if name in LISTS]
        if tag in HEADINGS or tag == "pre":
            kind = tag
        elif self._containers:
            kind = self._containers[-1]
        else:
            kind = "ul" if tag == "li" else "p"
        depth = min(len(lists) - 1, MAX_LIST_DEPTH) if kind in LISTS and lists else 0
        self._current = Paragraph(kind, depth)
        self.paragraphs.append(self._current)

    def _add(self, text):
        is_verbatim = self._current is not None and self._current.kind == "pre"
        text = text if is_verbatim else _collapse(text)
        if self._current is None:
            if not text.strip():
                return
            self._start_paragraph()
        runs = self._current.runs
        if not is_verbatim and (not runs or runs[-1].text[-1] in " \n"):
            text = text.lstrip(" ")
        if text:
            runs.append(Run(text, self._styles(), self._link()))

    def _break_line(self):
        if self._current is None:
            return
        runs = self._current.runs
        if runs and runs[-1].text.endswith(" "):
            last = runs.pop()
            if text := last.text.rstrip(" "):
                runs.append(Run(text, last.styles, last.link))
        if runs:
            runs.append(Run("\n", self._styles(), self._link()))

    def _styles(self):
        return frozenset(what for _, what in self._open if isinstance(what, str))

    def _link(self):
        return next((what for _, what in reversed(self._open) if isinstance(what, tuple)), ())


def _link(attrs) -> Link:
    wanted = {name: attrs.get(name) for name in ("linktype", "id", "href")}
    return tuple((name, value) for name, value in wanted.items() if value)


def _collapse(text):
    words = text.replace("\t", " ").replace("\n", " ").replace("\r", " ").replace("\f", " ")
    parts = [part for part in words.split(" ") if part]
    if not parts:
        return " " if words else ""
    return " " * words.startswith(" ") + " ".join(parts) + " " * words.endswith(" ")


def _last_index(names, name):
    return len(names) - 1 - names[::-1].index(name)
