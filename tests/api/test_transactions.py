"""No view of the API is wrapped in a transaction, whatever the databases of the site."""

from types import SimpleNamespace

from django.core.handlers import base

from wagtail_llm_actions.api import transactions
from wagtail_llm_actions.api.router import make_api


def test_no_database_opens_a_transaction_around_a_view(monkeypatch):
    aliases = {name: {"ATOMIC_REQUESTS": True} for name in ("default", "runs")}
    monkeypatch.setattr(transactions, "connections", aliases)
    monkeypatch.setattr(base, "connections", SimpleNamespace(settings=aliases))
    endpoints = transactions.endpoints_of(make_api())
    assert endpoints
    for endpoint in endpoints:
        assert base.BaseHandler().make_view_atomic(endpoint.callback) is endpoint.callback
