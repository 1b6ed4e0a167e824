"""Where the endpoints are: the same ones stand in the admin and where the project mounts them."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse


def address_of(request: HttpRequest, name: str, **kwargs: Any) -> str:
    """
    Return the path of an endpoint, in the API that a request came to.

    :param name: without the namespace.
    """
    match = request.resolver_match
    namespace = match.namespace if match else ""
    return reverse(f"{namespace}:{name}", kwargs=kwargs)
