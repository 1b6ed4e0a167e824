"""Views that commit for themselves, also where ``ATOMIC_REQUESTS`` is set."""

from typing import Any

from django.db import transaction
from django.urls import URLResolver


def outside_transactions(patterns: list[Any]) -> list[Any]:
    """Let the view of each pattern commit for itself, and return the patterns."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            outside_transactions(pattern.url_patterns)
        else:
            transaction.non_atomic_requests(pattern.callback)
    return patterns
