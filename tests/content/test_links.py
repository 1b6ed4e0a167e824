"""Where links that a language model wrote may lead."""

import json

import pytest
from django.core.exceptions import ImproperlyConfigured

from tests import factories
from tests.content.forms import edit_path, everything, rich_text, stream
from tests.testapp.models import EverythingPage
from wagtail_llm_actions import conf
from wagtail_llm_actions.content.contentstate import markdown_to_html, notices_of
from wagtail_llm_actions.content.drafts import write_draft
from wagtail_llm_actions.content.editors import find_editor
from wagtail_llm_actions.content.links import host_of, is_allowed
from wagtail_llm_actions.content.markdown import linked_urls
from wagtail_llm_actions.content.saved import open_saved
from wagtail_llm_actions.content.written_links import link_notices, link_problems
from wagtail_llm_actions.values import FieldKind, FieldSpec, OutputMode

pytestmark = pytest.mark.django_db

NEVER = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    "java\nscript:alert(1)",
    "\x01javascript:alert(1)",
    "&#106;avascript:alert(1)",
    "javascript&colon;alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "data:image/svg+xml;base64,PHN2Zz4=",
    "vbscript:msgbox(1)",
    "blob:https://example.org/1",
    "file:///etc/passwd",
    "view-source:javascript:alert(1)",
    "//evil.example/x",
    "/\\evil.example/x",
    "\\\\evil.example",
    "/\t/evil.example",
    "https:evil.example",
    "https:/evil.example",
    "https:///evil.example",
    "https:\\\\evil.example",
    "https://example.org@evil.example/",
    "https://example.org\\@evil.example/",
    "https://example.org:80:80/",
    "https://exa\u200bmple.org/",
    "https://exa\u00admple.org/",
    "https://",
    "page/relative",
    "?query",
    "mailto:a@example.org?body=x",
    "mailto:",
    "tel:*#06#",
    "sms:123",
    "intent://x#Intent;end",
    "wss://example.org/",
]


@pytest.mark.parametrize("address", NEVER)
def test_what_may_mean_something_else_is_never_allowed(settings, address):
    settings.WAGTAIL_LLM_ACTIONS = {"ALLOWED_LINK_HOSTS": ["*"]}
    assert not is_allowed(address)


@pytest.mark.parametrize(
    "address", ["/about/?a=1#b", "/", "#notes", "tel:+43-1-234", "http://localhost/x"]
)
def test_this_site_may_always_be_linked_to(home, address):
    assert is_allowed(address)


@pytest.mark.parametrize(
    "address", ["https://evil.example/", "mailto:a@evil.example", "http://localhost.evil.example"]
)
def test_no_other_host_may_be_linked_to_unless_a_setting_allows_it(home, address):
    assert not is_allowed(address)


@pytest.mark.parametrize(
    "address, allowed",
    [
        ("https://example.org/a?b=c#d", True),
        ("HTTPS://EXAMPLE.ORG:8443", True),
        ("https://example.org.", True),
        ("https://www.example.org/", False),
        ("https://wiki.example.net/Murphy's_law", True),
        ("https://example.net", True),
        ("https://notexample.net", False),
        ("https://bücher.example/", True),
        ("https://xn--bcher-kva.example/", True),
        ("https://example。org/", False),
        ("mailto:a.b+c@example.org", True),
        ("https://1.2.3.4/", False),
    ],
)
def test_hosts_are_allowed_as_in_allowed_hosts(settings, home, address, allowed):
    hosts = ["Example.org", ".example.net", "xn--bcher-kva.example"]
    settings.WAGTAIL_LLM_ACTIONS = {"ALLOWED_LINK_HOSTS": hosts}
    assert is_allowed(address) is allowed


def test_a_host_is_the_one_that_a_browser_would_ask():
    assert host_of("https://example.org:1/") == "example.org"
    assert host_of("https://[::1]:8/") == "[::1]"
    assert host_of("https://user@example.org/") == ""


@pytest.mark.parametrize("value", ["example.org", [1], {"a": 1}, None])
def test_another_value_than_a_list_of_hosts_is_an_error(settings, value):
    settings.WAGTAIL_LLM_ACTIONS = {"ALLOWED_LINK_HOSTS": value}
    with pytest.raises(ImproperlyConfigured, match="ALLOWED_LINK_HOSTS"):
        _ = conf.settings.ALLOWED_LINK_HOSTS


def test_a_link_that_is_not_allowed_keeps_its_text_and_the_editor_is_told(home):
    text = "See [our **pages**](/a/) and [theirs](https://evil.example/x)."
    features = ["link", "bold"]
    assert markdown_to_html(text, features) == (
        '<p>See <a href="/a/">our <b>pages</b></a> and theirs.</p>'
    )
    assert notices_of(text, features) == (
        "The text keeps its words but not its link to “https://evil.example/x”: “evil.example” is "
        "not among the hosts that a language model may link to on this site.",
    )
    assert notices_of(text, ["bold"]) == ()


def test_links_that_the_field_has_stay(home):
    page = factories.make_page()
    current = (
        '<p><a href="https://e.org/ä?q=a b">a</a>'
        f'<a linktype="page" id="{page.pk}">b</a><a href="mailto:x@e.org?subject=y">c</a></p>'
    )
    text = f"[1](<https://e.org/ä?q=a b>) [2]({page.url}) [3](mailto:x@e.org?subject=y)"
    assert markdown_to_html(text, ["link"], linked_urls(current)) == (
        '<p><a href="https://e.org/%C3%A4?q=a%20b">1</a> '
        f'<a linktype="page" id="{page.pk}">2</a> <a href="mailto:x@e.org?subject=y">3</a></p>'
    )
    assert notices_of(text, ["link"], linked_urls(current)) == ()


def test_an_active_link_that_the_field_has_does_not_come_back(home):
    current = '<p><a href="javascript:alert(1)">a</a></p>'
    assert markdown_to_html("[a](javascript:alert(1))", ["link"], linked_urls(current)) == (
        "<p>a</p>"
    )


def spec(path, kind, *fields):
    return FieldSpec(path=path, label=path, kind=kind, fields=fields, features=("link",))


URL = spec("url", FieldKind.URL)
TEXT = spec("text", FieldKind.RICH_TEXT)
CARD = spec("card", FieldKind.STRUCT, URL, TEXT)
EVERYWHERE = [
    (URL, "{url}"),
    (CARD, {"url": "{url}", "text": ""}),
    (spec("cards", FieldKind.LIST, CARD), [{"url": "/ok/"}, {"url": "{url}"}]),
    (spec("rows", FieldKind.ROWS, URL, TEXT), [{"url": "{url}"}]),
    (
        spec("body", FieldKind.STREAM, URL, spec("cards", FieldKind.LIST, CARD)),
        [{"type": "url", "value": "/ok/"}, {"type": "cards", "value": [{"url": "{url}"}]}],
    ),
]


def filled(value, url):
    if isinstance(value, list):
        return [filled(item, url) for item in value]
    if isinstance(value, dict):
        return {name: filled(item, url) for name, item in value.items()}
    return value.replace("{url}", url)


@pytest.mark.parametrize("where, value", EVERYWHERE, ids=lambda each: getattr(each, "path", ""))
def test_addresses_are_checked_wherever_they_are(home, where, value):
    evil = filled(value, "https://evil.example/")
    assert link_problems(where, evil) == (
        "“evil.example” is not among the hosts that a language model may link to on this site.",
    )
    assert link_problems(where, evil, known={"https://evil.example/"}) == ()
    assert link_problems(where, filled(value, "javascript:alert(1)")) == (
        "“javascript:alert(1)” is not an address that may be used.",
    )
    assert link_problems(where, filled(value, "/fine/")) == ()


def test_lost_links_are_told_wherever_they_are(home):
    cards = spec("cards", FieldKind.LIST, CARD)
    text = "[x](https://evil.example)"
    (notice,) = link_notices(cards, [{"url": "", "text": text}, {"url": "", "text": text}])
    assert "evil.example" in notice
    assert link_notices(cards, [{"text": text}], {text[4:-1]}) == ()


def test_a_placement_tells_of_the_links_that_are_lost(admin, home):
    page = factories.make_page(EverythingPage, slug="everything")
    current = '<p><a href="https://known.example">x</a></p>'
    bound = find_editor(edit_path(page), admin).bind(everything(rich_few=rich_text(current)))
    text = "[x](https://known.example) [y](https://evil.example)"
    placed = bound.place("rich_few", text, OutputMode.REPLACE)
    assert placed.errors == ()
    assert placed.text == "[x](https://known.example) y"
    assert len(placed.notices) == 1 and "evil.example" in placed.notices[0]
    assert bound.place("char", text, OutputMode.REPLACE).notices == ()
    refused = bound.place("url", "https://evil.example", OutputMode.REPLACE)
    assert "evil.example" in refused.errors[0]


EXTERNAL = "https://known.example/"


@pytest.mark.parametrize("mode", OutputMode)
def test_links_in_groups_and_streams_stay(admin, home, mode):
    page, target = factories.make_page(EverythingPage, slug="everything"), factories.make_page()
    body = f'<a linktype="page" id="{target.pk}">a</a> <a href="{EXTERNAL}">b</a>'
    blocks = stream(
        ("rich_text", rich_text(f"<p>{body}</p>")),
        ("url", "https://address.example/"),
        ids=["t", "u"],
    )
    bound = find_editor(edit_path(page), admin).bind(everything(stream=blocks))
    text = f"[one]({target.url}) [two]({EXTERNAL})"
    value = [
        {"type": "rich_text", "value": text},
        {"type": "url", "value": "https://address.example/"},
    ]
    placed = bound.place("stream", value, mode)
    assert (placed.errors, placed.notices) == ((), ())
    links = json.loads(placed.state[-2]["value"])["entityMap"].values()
    assert [link["data"] for link in links] == [
        {"id": target.pk, "url": target.url, "parentId": target.get_parent().pk},
        {"url": EXTERNAL},
    ]
    assert bound.place("stream.u", "https://address.example/", mode).errors == ()
    other = [{"type": "url", "value": "https://evil.example/"}]
    assert "evil.example" in bound.place("stream", other, mode).errors[0]


def test_links_in_groups_and_streams_stay_in_drafts(admin, home):
    page, target = factories.make_page(EverythingPage, slug="everything"), factories.make_page()
    block = EverythingPage._meta.get_field("stream").stream_block
    body = f'<p><a linktype="page" id="{target.pk}">a</a> <a href="{EXTERNAL}">b</a></p>'
    page.stream = block.to_python(
        [{"type": "rich_text", "value": body}, {"type": "url", "value": EXTERNAL}]
    )
    page.save_revision(clean=False)
    text = f"[a]({target.url}) [b]({EXTERNAL})"
    value = [{"type": "rich_text", "value": text}, {"type": "url", "value": EXTERNAL}]
    expected = open_saved(page, admin).value_hash("stream")
    draft = write_draft(page, "stream", value, admin, expected).as_object()
    assert draft.stream[0].value.source.partition(">")[2].endswith(body[3:])
    assert draft.stream[1].value == EXTERNAL


@pytest.mark.parametrize("value", [None, 1, "x", [1, None, {}], {"type": "url"}, [{"type": "no"}]])
def test_what_does_not_fit_the_field_has_no_links(value):
    body = spec("body", FieldKind.STREAM, URL)
    assert link_problems(body, value) == () == link_notices(body, value)
