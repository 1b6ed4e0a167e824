"""Versions in HTTP: the tag of an answer, and which versions a request means."""

import re

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext

from wagtail_llm_actions.engine import ANY_VERSION, WantedVersion
from wagtail_llm_actions.exceptions import FormDataError, VersionConflictError

TAG = r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"'
TAGS = re.compile(rf"[ \t,]*{TAG}(?:[ \t]*,[ \t,]*{TAG})*[ \t,]*")
"""A list of tags as RFC 9110 has it; some of its elements may be empty."""


def wanted_version(request: HttpRequest, sent: str | None = None) -> WantedVersion:
    """
    Return the version that a request means, or several: ``If-Match``, or what was sent in it.

    :param sent: the member ``version`` of the body, or the parameter of the address.
    :raises FormDataError: if the header cannot be read.
    """
    header = request.headers.get("If-Match")
    if header is None:
        return sent
    if header.strip() == ANY_VERSION:
        return ANY_VERSION
    if not TAGS.fullmatch(header):
        message = gettext("“If-Match” cannot be read: it has version tags in quotes, or “*”.")
        raise FormDataError(f"If-Match is {header!r}", user_message=message)
    return _strong(header)


def _strong(header: str) -> frozenset[str]:
    """Return what the strong tags say: a weak one names no version for certain."""
    return frozenset(tag.strip('"') for tag in re.findall(TAG, header) if tag.startswith('"'))


def conflict_in_words(request: HttpRequest, error: VersionConflictError) -> VersionConflictError:
    """Return the error; if all tags are weak, as compression makes them, one that says so."""
    header = request.headers.get("If-Match", "")
    if _strong(header) or not TAGS.fullmatch(header):
        return error
    message = gettext(
        "A weak tag matches no version. Nothing was changed. Name the version as the body of "
        "the answer has it, by “version”."
    )
    return VersionConflictError(str(error), user_message=message)


def tag(response: HttpResponse, version: str) -> None:
    """Name the version of what is answered."""
    response["ETag"] = f'"{version}"'
