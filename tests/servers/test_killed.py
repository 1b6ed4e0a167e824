"""A process that is killed in the middle of a run loses nothing but its answer."""

import sqlite3
import time
from contextlib import closing

import pytest

from tests.servers.running import Visitor, events, running

pytestmark = pytest.mark.xdist_group("servers")
"""One process fills a database for all of them."""

ENDINGS = {"first_token": 1, "middle": 2, "end": 3}
"""How many events come before the process is killed."""


def stalling(at: str) -> dict:
    provider = "tests.servers.stalling.StallingProvider"
    return {"PROVIDERS": {"default": {"BACKEND": provider, "OPTIONS": {"at": at}}}}


def rows(database, query: str) -> list[tuple]:
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(query).fetchall()


@pytest.mark.parametrize("point", ENDINGS)
def test_a_killed_process_leaves_an_interrupted_run(point, database, page_id):
    pages = "SELECT title, search_description, latest_revision_id FROM wagtailcore_page ORDER BY id"
    before = rows(database, pages)
    with running("wsgi", database, stalling(point)) as server:
        visitor = Visitor(server, page_id)
        with visitor.run(visitor.form()) as response:
            stream = events(response)
            run_id, *_ = [next(stream).get("run_id") for _ in range(ENDINGS[point])]
            time.sleep(0.3)  # the last event was read; the process stalls right behind it
            server.kill()
    states = "SELECT status FROM wagtail_llm_actions_llmactionhistory"
    assert rows(database, states) == [("running",)]

    with running("wsgi", database, stalling(point)) as server:
        row = Visitor(server, page_id).run_row(run_id)
    assert row["status"] == "interrupted"
    assert row["message"] == "The server stopped while the model was working. Nothing was changed."
    attempts = (
        "SELECT status, error_code, usage_estimated FROM wagtail_llm_actions_llmactionattempt"
    )
    assert rows(database, attempts) == [("interrupted", "interrupted", 1)]
    assert rows(database, pages) == before


def test_a_living_run_of_another_process_is_left_alone(database, page_id):
    with running("wsgi", database, stalling("middle")) as server:
        visitor = Visitor(server, page_id)
        with visitor.run(visitor.form()) as response:
            stream = events(response)
            run_id = next(stream)["run_id"]
            with running("asgi", database, stalling("middle")) as other:
                assert Visitor(other, page_id).run_row(run_id)["status"] == "running"
            server.kill()
