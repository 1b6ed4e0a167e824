"""Versions in HTTP: the tag of an answer, and which version a request means."""

from django.http import HttpRequest, HttpResponse

from wagtail_llm_actions.engine import ANY_VERSION


def wanted_version(request: HttpRequest, sent: str | None = None) -> str | None:
    """
    Return the version that a request means: ``If-Match``, or what was sent in it.

    :param sent: the member ``version`` of the body, or the parameter of the address.
    """
    header = request.headers.get("If-Match")
    if header is None:
        return sent
    tags = [tag.strip().removeprefix("W/").strip('"') for tag in header.split(",")]
    return ANY_VERSION if ANY_VERSION in tags else tags[0]


def tag(response: HttpResponse, version: str) -> None:
    """Name the version of what is answered."""
    response["ETag"] = f'"{version}"'
