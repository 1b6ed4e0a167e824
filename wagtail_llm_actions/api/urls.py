"""Where the API stands in the admin. No view of it opens a transaction around a provider call."""

from django.db import transaction
from django.urls import URLPattern, URLResolver

from wagtail_llm_actions.api.router import make_api


def _outside_transactions(patterns: list[URLPattern | URLResolver]) -> None:
    """Let each view commit for itself, also where ``ATOMIC_REQUESTS`` is set."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            _outside_transactions(pattern.url_patterns)
        else:
            transaction.non_atomic_requests(pattern.callback)


urlpatterns, _app_name, _namespace = make_api().urls
_outside_transactions(urlpatterns)
