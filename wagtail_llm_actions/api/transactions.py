"""Views that commit for themselves, also where ``ATOMIC_REQUESTS`` is set."""

from django.db import connections, transaction
from django.urls import URLPattern, URLResolver
from ninja import NinjaAPI


def endpoints_of(api: NinjaAPI) -> list[URLPattern | URLResolver]:
    """
    Return the patterns of an API but ninja's start page; the view of each commits for itself.

    In every database: whichever a site sets ``ATOMIC_REQUESTS`` for, no request is to wait with an
    open transaction for a provider.
    """
    patterns = [one for one in api.urls[0] if isinstance(one, URLPattern)]
    found = [pattern for pattern in patterns if pattern.name != "api-root"]
    for pattern in found:
        for alias in connections:
            transaction.non_atomic_requests(using=alias)(pattern.callback)
    return [*found]
