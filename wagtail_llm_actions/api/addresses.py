"""Where the endpoints are: the same ones stand in the admin and where the project mounts them."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from wagtail_llm_actions.api.row_schemas import PageIn


def address_of(request: HttpRequest, name: str, **kwargs: Any) -> str:
    """
    Return the path of an endpoint, in the API that a request came to.

    :param name: without the namespace.
    """
    match = request.resolver_match
    namespace = match.namespace if match else ""
    return reverse(f"{namespace}:{name}", kwargs=kwargs)


def next_address(request: HttpRequest, page: PageIn, count: int) -> str | None:
    """Return where a list of ``count`` rows goes on; ``None`` at its end."""
    if page.offset + page.limit >= count:
        return None
    query = request.GET.copy()
    query["offset"], query["limit"] = str(page.offset + page.limit), str(page.limit)
    return f"{request.path}?{query.urlencode()}"
