"""Views that commit for themselves, also where ``ATOMIC_REQUESTS`` is set."""

from typing import Any

from django.db import connections, transaction
from django.urls import URLResolver


def outside_transactions(patterns: list[Any]) -> list[Any]:
    """
    Let the view of each pattern commit for itself, and return the patterns.

    In every database: a site may keep our rows in another one than the default, and none is to wait
    with an open transaction for a provider.
    """
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            outside_transactions(pattern.url_patterns)
            continue
        for alias in connections:
            transaction.non_atomic_requests(using=alias)(pattern.callback)
    return patterns
