"""Asks a place as somebody, and says what came of it; whatever it did is undone."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest import mock
from urllib.parse import urlencode

from django.db import transaction
from django.test import Client

from tests.matrix.rows import MATRIX
from tests.matrix.worlds import World, snapshot
from wagtail_llm_actions.providers.echo import EchoProvider
from wagtail_llm_actions.testing import reply_with

COMPARE = r"(?P<revision_id_a>live|earliest|\d+)\.\.\.(?P<revision_id_b>live|latest|\d+)/$"


@dataclass(frozen=True)
class Outcome:
    """What came of a request."""

    status: int
    url: str
    """Where it sends the browser, without the query."""
    said: str
    """The answer and all that was logged."""
    called: bool
    """Whether a provider was asked for anything."""
    changed: tuple[str, ...]
    """The models of which something is otherwise."""

    @property
    def is_refusal(self) -> bool:
        """Whether the answer refuses: by its status, or by leading to Wagtail's own pages."""
        return self.status in {401, 403, 404} or (
            self.status == 302 and self.url in {"/admin/", "/admin/login/"}
        )


def ask(client: Client, place: str, world: World, before: dict[str, Any], caplog: Any) -> Outcome:
    """
    Send the request of a place's row.

    :param before: the :func:`snapshot` of the world.
    """
    method, row = place.partition(" ")[0].lower(), MATRIX[place]
    url = f"/{path_of(place, world)}?{urlencode(row.query(world))}"
    options: dict[str, Any] = {}
    if method != "get":
        options["data"] = row.body(world)
    if row.is_json and method != "get":
        options |= {"data": json.dumps(options["data"]), "content_type": "application/json"}
    caplog.clear()
    caplog.set_level(logging.DEBUG)
    with undone(), reply_with("A text.") as echo, _models_asked() as asked:
        response = getattr(client, method)(url, **options, headers=row.headers)
        body = b"".join(response.streaming_content) if response.streaming else response.content
        after = snapshot()
    return Outcome(
        status=response.status_code,
        url=response.headers.get("Location", "").partition("?")[0],
        said=body.decode(errors="replace") + caplog.text,
        called=bool(echo.requests) or asked.called,
        changed=tuple(name for name in before if before[name] != after[name]),
    )


@contextmanager
def undone() -> Iterator[None]:
    """Let nothing of what happens in the database last."""
    block = transaction.atomic()
    block._from_testcase = True  # what must be outermost stays so
    with block:
        yield
        transaction.set_rollback(True)


@contextmanager
def _models_asked() -> Iterator[mock.MagicMock]:
    with mock.patch.object(EchoProvider, "list_models", autospec=True, return_value=[]) as asked:
        yield asked


def path_of(place: str, world: World) -> str:
    """Return the path of a place, with the keys of what its row names."""
    path, of = place.partition(" ")[2], getattr(world, MATRIX[place].of or "page")
    revision = getattr(of, "latest_revision_id", None)
    keys = {
        COMPARE: "earliest...latest/",
        "(?P<pk>.+)": of.pk,
        "<slug:slug>": getattr(of, "slug", None),
        "<int:pk>": of.pk,
        "<str:pk>": of.pk,
        "<uuid:pk>": of.pk,
        "<uuid:run_id>": of.pk,
        "<int:limit_id>": of.pk,
        "<int:revision_id>": revision,
        "<str:alias>": "default",
    }
    for name, key in keys.items():
        path = path.replace(name, str(key))
    return path
