"""Texts inside of an answer: normal, as long as their field takes, and of its kind."""

import re
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from django.utils.text import slugify
from django.utils.translation import gettext

from wagtail_llm_actions.outputs.characters import readable
from wagtail_llm_actions.outputs.reasons import Unfit, quoted, too_long
from wagtail_llm_actions.values import FieldKind, FieldSpec

LINE_END = re.compile(r"(?<![ \t])[ \t]*\n\s*")
HEADING_MARK = re.compile(r"#{1,6} +")
LINK_ADDRESS = re.compile(r"\]\([^()\s]*\)")
MARKUP = re.compile(r"[*_#>`~\[\]!\\+\-\s|]|\d+\.")
MARKDOWN_LINK = re.compile(r"\[[^\]]*\]\((\S+)\)")
HOST = re.compile(r"[\w-]+(?:\.[\w-]+)+(?:[/:?#]|\Z)")
SLUG = re.compile(r"[-\w]+")
MAX_ADDRESS = 2048
"""Characters of a URL, e-mail address or slug that are looked at."""

valid_url = URLValidator(schemes=["http", "https", "ftp", "ftps"])


def one_line(text: str) -> str:
    """Return ``text`` with spaces for line breaks."""
    return LINE_END.sub(" ", text)


def without_heading_mark(text: str) -> str:
    """Return ``text`` not as a heading: it is for a field of plain text on one line."""
    return HEADING_MARK.sub("", text, count=1) if text[:1] == "#" else text


def counted_length(spec: FieldSpec, text: str) -> int:
    """
    Return how many characters the field would count.

    Of rich text it is the least that can be meant: whatever might be markup does not count, and
    the field itself has the last word.
    """
    if spec.kind == FieldKind.RICH_TEXT:
        text = MARKUP.sub("", LINK_ADDRESS.sub("]", text))
    return len(text)


def check_length(spec: FieldSpec, text: str) -> None:
    """Raise :class:`Unfit` if ``text`` is longer than the field takes."""
    length = counted_length(spec, text)
    if spec.max_length is not None and length > spec.max_length:
        raise Unfit(too_long(length, spec.max_length))


def to_text(spec: FieldSpec, found: Any) -> str:
    """Return ``found`` as plain text or Markdown."""
    text = plain(found).strip()
    if spec.kind == FieldKind.TEXT and not spec.multiline:
        text = one_line(without_heading_mark(text)).strip()
    check_length(spec, text)
    return text


def to_url(spec: FieldSpec, found: Any) -> str:
    """Return ``found`` as an absolute URL."""
    text = _address(found)
    link = MARKDOWN_LINK.fullmatch(text)
    url = link[1] if link else text
    if HOST.match(url):
        url = f"https://{url}"
    try:
        valid_url(url)
        urlsplit(url)
    except (ValidationError, ValueError):
        raise Unfit(
            gettext("%(answer)s is no URL like https://example.org/page.")
            % {"answer": quoted(text)}
        ) from None
    check_length(spec, url)
    return url


def to_email(spec: FieldSpec, found: Any) -> str:
    """Return ``found`` as an e-mail address."""
    address = _address(found).removeprefix("mailto:")
    try:
        validate_email(address)
    except ValidationError:
        raise Unfit(
            gettext("%(answer)s is no e-mail address like name@example.org.")
            % {"answer": quoted(address)}
        ) from None
    check_length(spec, address)
    return address


def to_slug(spec: FieldSpec, found: Any) -> str:
    """Return ``found`` as a slug; a title becomes one as Wagtail makes it."""
    text = _address(found).strip("/")
    slug = text if SLUG.fullmatch(text) else slugify(text, allow_unicode=True)
    if not slug:
        raise Unfit(gettext("%(answer)s is no slug like about-us.") % {"answer": quoted(text)})
    check_length(spec, slug)
    return slug


def plain(found: Any) -> str:
    """
    Return ``found`` as readable text.

    :raises Unfit: if it is no text, and no number that could be one.
    """
    if not isinstance(found, str):
        raise Unfit(gettext("%(answer)s is no text.") % {"answer": quoted(found)})
    return readable(found)


def _address(found: Any) -> str:
    text = plain(found).strip().strip("<>`\"“”'").strip()
    if len(text) > MAX_ADDRESS:
        raise Unfit(too_long(len(text), MAX_ADDRESS))
    return text
