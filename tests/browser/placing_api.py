"""Stands in for a model, not for the server: what it is told to write goes through the real form."""

from urllib.parse import parse_qs, urlsplit

from django.db import connections
from django.test import RequestFactory

from tests.browser.fake_api import FakeApi, presentation
from wagtail_llm_actions.content import find_editor, kinds_of
from wagtail_llm_actions.values import OutputMode


class PlacingApi(FakeApi):
    """
    Offers ``value`` for whatever field is asked about, as the server's form takes it.

    Every field has an action that a language model can write. What was posted for a field when a
    value was asked for comes back with ``restore``.
    """

    def __init__(self, page, user, model):
        super().__init__(page)
        self.user = user
        self.kinds = kinds_of(model)
        self.value = None
        self.parts = {}

    def _state(self, field):
        kind = self.kinds.get(field["path"], "")
        action = self.state["action"] if kind else None
        return self.state | {"action": action, "kind": kind, "writable": bool(kind)}

    def _present(self, route):
        # Playwright calls this in a context of its own, for which Django opens a connection.
        try:
            route.fulfill(json=self._placed(route))
        finally:
            connections.close_all()

    def _placed(self, route):
        query = parse_qs(urlsplit(route.request.url).query)
        [address], [path] = query["address"], query["editor"]
        posted = RequestFactory().generic(
            "POST",
            "/",
            route.request.post_data_buffer,
            content_type=route.request.headers["content-type"],
        )
        bound = find_editor(path, self.user).bind(posted.POST)
        if "restore" in query:
            placement = bound.place_posted(address, self.parts[address])
        else:
            self.parts[address] = bound.posted(address)
            placement = bound.place(address, self.value, OutputMode.REPLACE)
        return presentation(
            placement.text,
            kind=bound.spec(address).kind,
            method=placement.method,
            state=placement.state,
            html=placement.html,
            errors=placement.errors,
        )
