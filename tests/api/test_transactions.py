"""No view of the API is wrapped in a transaction, whatever the databases of the site."""

from types import SimpleNamespace

from django.core.handlers import base
from django.urls import include, path

from wagtail_llm_actions.api import transactions


def test_no_database_opens_a_transaction_around_a_view(monkeypatch):
    aliases = {name: {"ATOMIC_REQUESTS": True} for name in ("default", "runs")}
    monkeypatch.setattr(transactions, "connections", aliases)
    monkeypatch.setattr(base, "connections", SimpleNamespace(settings=aliases))

    def plain(request):
        pass

    def nested(request):
        pass

    transactions.outside_transactions(
        [path("plain/", plain), path("more/", include([path("nested/", nested)]))]
    )
    for view in (plain, nested):
        assert base.BaseHandler().make_view_atomic(view) is view
