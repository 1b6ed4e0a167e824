"""Going away ends the provider's work, under every kind of server."""

import time

import pytest

from tests.replay import Ending, ReplayServer, hanging, raw
from tests.servers.conftest import ollama
from tests.servers.running import Visitor, events, running

pytestmark = pytest.mark.xdist_group("servers")
"""One process fills a database for all of them."""

BEGINNING = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nConnection: close\r\n\r\n"
    b'{"model":"m","message":{"role":"assistant","content":"The tide"},"done":false}\n'
)

SERVERS = ["wsgi", "threads", "asgi"]
"""Gunicorn's sync and threaded workers, and uvicorn."""


def silent():
    """Answer nothing, not even headers."""
    return hanging()


def midway():
    """Answer one line, then nothing more."""
    return raw(BEGINNING, ending=Ending.HANG)


@pytest.mark.parametrize("kind", SERVERS)
@pytest.mark.parametrize("answer", [silent, midway])
def test_a_closed_tab_ends_the_request_at_the_provider(kind, answer, database, page_id):
    with (
        ReplayServer(answer()) as provider,
        running(kind, database, ollama(provider.url)) as server,
    ):
        visitor = Visitor(server, page_id)
        form = visitor.form()
        with visitor.run(form) as response:
            stream = events(response)
            run_id = next(stream)["run_id"]
            provider.wait_for_request()
        left = time.monotonic()
        assert provider.wait_for_close(timeout=3) - left < 1.0
        row = visitor.wait_for_status(run_id)
        assert row["status"] == "cancelled"
        assert row["code"] == "cancelled"


@pytest.mark.parametrize("kind", SERVERS)
def test_cancel_from_another_request_ends_the_request_at_the_provider(kind, database, page_id):
    with (
        ReplayServer(midway()) as provider,
        running(kind, database, ollama(provider.url)) as server,
    ):
        visitor = Visitor(server, page_id)
        with visitor.run(visitor.form()) as response:
            stream = events(response)
            run_id = next(stream)["run_id"]
            assert next(stream) == {"type": "delta", "text": "The tide"}
            other = Visitor(server, page_id)
            asked = time.monotonic()
            other.post(f"runs/{run_id}/cancel").raise_for_status()
            assert provider.wait_for_close(timeout=3) - asked < 1.0
            last = list(stream)[-1]
        assert (last["type"], last["status"]) == ("failed", "cancelled")
        assert visitor.run_row(run_id)["status"] == "cancelled"
