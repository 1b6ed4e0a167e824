"""Views that commit for themselves, also where ``ATOMIC_REQUESTS`` is set."""

from django.db import transaction
from django.urls import URLPattern, URLResolver
from ninja import NinjaAPI


def endpoints_of(api: NinjaAPI) -> list[URLPattern | URLResolver]:
    """Return the patterns of an API but ninja's start page; the view of each commits for itself."""
    patterns = [one for one in api.urls[0] if isinstance(one, URLPattern)]
    found = [pattern for pattern in patterns if pattern.name != "api-root"]
    for pattern in found:
        transaction.non_atomic_requests(pattern.callback)
    return [*found]
