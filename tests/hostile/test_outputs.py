"""Nothing that a model might answer becomes active, whatever field it is for."""

import html as html_module
import json
import re

import pytest
from bs4 import BeautifulSoup, Comment
from wagtail.rich_text import expand_db_html

from tests import factories
from tests.content.applying import applied
from tests.content.forms import edit_path, everything
from tests.hostile.outputs import CLASSES, OUTPUTS
from tests.testapp.models import EverythingPage
from wagtail_llm_actions.content import problems_of_value
from wagtail_llm_actions.content.contentstate import markdown_to_html
from wagtail_llm_actions.content.editors import find_editor
from wagtail_llm_actions.content.links import is_allowed
from wagtail_llm_actions.exceptions import OutputError
from wagtail_llm_actions.outputs import clean, fit
from wagtail_llm_actions.values import FieldKind, FieldSpec, OutputMode

pytestmark = pytest.mark.django_db

FEATURE_SETS = [
    [],
    ["bold"],
    ["link"],
    ["bold", "italic", "link", "ol", "ul"],
    [
        "h2",
        "h3",
        "h4",
        "bold",
        "italic",
        "ol",
        "ul",
        "hr",
        "link",
        "document-link",
        "image",
        "embed",
    ],
    ["h1", "h5", "h6", "blockquote", "code", "superscript", "subscript", "strikethrough", "link"],
]
TAGS = {"p", "br", "hr", "b", "i", "s", "code", "sup", "sub", "a", "ul", "ol", "li", "blockquote"}
TAGS |= {f"h{level}" for level in range(1, 7)}
ADDRESSED = {"url": FieldKind.URL, "email": FieldKind.EMAIL, "own_slug": FieldKind.SLUG}
UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)


def test_there_are_enough_hostile_outputs():
    assert len(OUTPUTS) >= 300
    assert all(len(outputs) >= 15 for outputs in CLASSES.values())


def fitted(spec, text):
    """Return the value that an answer becomes, or ``None`` where it is refused."""
    try:
        return fit(spec, clean(text))
    except OutputError:
        return None


def readings_of(spec, output):
    """Return what a field makes of an answer: as it is, and as the value that was asked for."""
    answers = [output, json.dumps({"value": output}), json.dumps({"value": [output]})]
    values = (fitted(spec, answer) for answer in answers)
    found = [value for value in values if value not in (None, [])]
    return [value for index, value in enumerate(found) if value not in found[:index]]


def active_parts(html):
    """Return everything in HTML that is more than formatted text and allowed links."""
    soup = BeautifulSoup(html, "html.parser")
    found = [str(node) for node in soup.find_all(string=lambda text: isinstance(text, Comment))]
    for tag in soup.find_all(True):
        allowed = {"href", "linktype", "id"} if tag.name == "a" else {"data-block-key"}
        attributes = set(tag.attrs) - allowed
        href = tag.get("href", "/")
        if tag.name not in TAGS or attributes or not is_allowed(href):
            found.append(str(tag))
    return found


@pytest.mark.parametrize(
    "html",
    [
        "<p onclick=x>x</p>",
        "<script>x</script>",
        '<a href="javascript:x">x</a>',
        '<a href="https://evil.example">x</a>',
        "<img src=/x>",
        "<p>x<!-- y --></p>",
    ],
)
def test_the_check_would_notice(html):
    assert active_parts(html)


@pytest.mark.parametrize("features", FEATURE_SETS, ids=lambda features: f"{len(features)} features")
@pytest.mark.parametrize("name", CLASSES)
def test_rich_text_holds_nothing_active(home, name, features):
    spec = FieldSpec(path="body", label="Body", kind=FieldKind.RICH_TEXT, features=tuple(features))
    for output in CLASSES[name]:
        for value in readings_of(spec, output):
            html = markdown_to_html(value, features)
            assert active_parts(html) == [], output
            assert active_parts(expand_db_html(html)) == [], output
            assert not UNSEEN.search(html_module.unescape(html)), output


@pytest.mark.parametrize("name", CLASSES)
@pytest.mark.parametrize("multiline", [True, False])
def test_text_holds_nothing_that_cannot_be_seen(name, multiline):
    spec = FieldSpec(path="text", label="Text", kind=FieldKind.TEXT, multiline=multiline)
    for output in CLASSES[name]:
        for value in readings_of(spec, output):
            assert not UNSEEN.search(value), output
            assert multiline or "\n" not in value, output


@pytest.mark.parametrize("path", ADDRESSED)
@pytest.mark.parametrize("name", CLASSES)
def test_addresses_slugs_and_mail_are_what_they_have_to_be(home, name, path):
    spec = FieldSpec(path=path, label=path, kind=ADDRESSED[path])
    for output in CLASSES[name]:
        for value in readings_of(spec, output):
            if problems_of_value(EverythingPage, path, value):
                continue
            if path == "url":
                assert is_allowed(value), output
            elif path == "own_slug":
                assert re.fullmatch(r"[-\w]*", value), output
            else:
                assert not re.search(r"[\s<>]", value), output


@pytest.mark.parametrize("name", CLASSES)
def test_tags_are_plain_texts(name):
    spec = FieldSpec(path="tags", label="Tags", kind=FieldKind.TAGS)
    for output in CLASSES[name]:
        for value in readings_of(spec, output):
            assert all(type(tag) is str and not UNSEEN.search(tag) for tag in value), output


@pytest.fixture
def bound(admin, home):
    page = factories.make_page(EverythingPage, title="Everything", slug="everything")
    return find_editor(edit_path(page), admin).bind(everything())


def stored(bound, address, value):
    """Return the field's value as saving would store it, or ``None`` where the form refuses."""
    placed = bound.place(address, value, OutputMode.REPLACE)
    if placed.errors:
        return None
    form = bound.editor.bind(applied(bound, address, placed)).form
    return form.cleaned_data[address]


def has_text(markdown):
    """Return whether rich text keeps any of an answer; where it does not, the field refuses it."""
    return bool(BeautifulSoup(markdown_to_html(markdown, []), "html.parser").get_text().strip())


def blocks_of(kind, outputs):
    """Return blocks that hold hostile texts, where text is nested three deep too."""
    if kind == "chapter":
        sections = [
            {
                "type": "section",
                "value": {"heading": "x", "body": output, "on": None, "cards": []},
            }
            for output in outputs
        ]
        return [
            {"type": "chapter", "value": {"heading": "x", "is_wide": False, "content": part}}
            for part in (sections[index : index + 4] for index in range(0, len(sections), 4))
        ]
    return [{"type": kind, "value": output} for output in outputs]


@pytest.mark.parametrize("kind", ["text", "rich_text", "chapter"])
def test_a_whole_stream_of_them_holds_nothing_active(bound, kind):
    texts = [text for output in OUTPUTS if len(text := clean(output)) < 2000 and text]
    if kind != "text":
        texts = list(filter(has_text, texts))
    answer = json.dumps({"value": blocks_of(kind, texts)})
    value = fit(bound.spec("stream"), answer)
    body = stored(bound, "stream", value)
    assert body is not None
    written = [child.value for child in body]
    if kind == "chapter":
        written = [part.value["body"] for chapter in written for part in chapter["content"]]
    assert len(written) >= 300
    if kind == "text":
        assert [text for text in written if UNSEEN.search(text)] == []
    else:
        for rich in written:
            assert active_parts(rich.source) == []
            assert active_parts(expand_db_html(rich.source)) == []


@pytest.mark.parametrize("kind", ["url", "embed", "raw_html", "__proto__", "nonsense"])
def test_no_block_of_a_hostile_kind_is_stored(bound, kind):
    spec = bound.spec("stream")
    for output in OUTPUTS[::5]:
        value = fitted(spec, json.dumps({"value": [{"type": kind, "value": output}]}))
        body = stored(bound, "stream", value) if value else None
        assert not body or (kind == "url" and is_allowed(body[0].value)), output
