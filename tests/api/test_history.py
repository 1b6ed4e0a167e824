"""The run history, over the API for other programs."""

import asyncio
import csv
import io
from datetime import timedelta
from io import BytesIO

import pytest
from django.core.handlers.asgi import ASGIRequest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests import factories
from wagtail_llm_actions.api.streaming import TextStream, stream_texts
from wagtail_llm_actions.engine import history
from wagtail_llm_actions.models import LLMActionHistory
from wagtail_llm_actions.values import RunStatus

pytestmark = pytest.mark.django_db


@pytest.fixture
def runs(admin):
    """Five runs, two of them of the same moment."""
    made = [factories.make_run(user=admin, output=f"Number {n}") for n in range(5)]
    now = timezone.now()
    for number, run in enumerate(made):
        moment = now - timedelta(hours=max(number, 1))
        LLMActionHistory.objects.filter(pk=run.pk).update(created_at=moment)
    return made


def test_the_history_is_read_in_parts(boss, runs):
    seen, address = [], "/runs?limit=2"
    response = boss.send("GET", address).json()
    while True:
        seen += [item["id"] for item in response["items"]]
        if response["next"] is None:
            break
        response = boss.get(response["next"]).json()
    newest = LLMActionHistory.objects.order_by("-created_at", "-id")
    assert seen == [str(run.pk) for run in newest]


def test_what_comes_meanwhile_shifts_nothing(boss, runs, admin):
    first = boss.send("GET", "/runs?limit=2").json()
    factories.make_run(user=admin)
    second = boss.get(first["next"]).json()
    ids = [item["id"] for item in first["items"] + second["items"]]
    assert len(set(ids)) == 4


@pytest.mark.parametrize("cursor", ["x", "a" * 60, "MjAyNi0wMS0wMSB4", "é"])
def test_a_cursor_of_somebodys_own_is_refused(boss, cursor):
    response = boss.send("GET", f"/runs?cursor={cursor}")
    assert (response.status_code, response.json()["code"]) == (400, "form_data")


def test_the_history_is_narrowed(boss, admin):
    page = factories.make_page()
    failed = factories.make_run(status=RunStatus.FAILED, user=admin)
    on_page = factories.make_run(target=page, action_slug="other", model_name="big")
    queries = {
        "status=failed": failed,
        f"object_type=testapp.StoryPage&object_id={page.pk}": on_page,
        "action=other": on_page,
        "model_name=big&decision=pending&field=title": on_page,
        f"user={admin.username}": failed,
    }
    for query, run in queries.items():
        items = boss.send("GET", f"/runs?{query}").json()["items"]
        assert [item["id"] for item in items] == [str(run.pk)], query
    assert boss.send("GET", "/runs?created_to=2020-01-01T00:00:00Z").json()["items"] == []
    for wrong in ("status=maybe", "created_to=0.5", "created_from=2026-01-01T00:00:00"):
        assert boss.send("GET", f"/runs?{wrong}").status_code == 422


def test_everybody_sees_their_own_runs_and_no_others(keeper, admin):
    factories.make_run(user=admin)
    assert keeper("run_llmaction").send("GET", "/runs").json()["items"] == []
    assert len(keeper("view_llmactionhistory").send("GET", "/runs").json()["items"]) == 1
    for path in ("/runs", "/runs/export"):
        assert keeper().send("GET", path).status_code == 403


def test_the_number_of_queries_does_not_grow(boss, runs):
    def queries(limit):
        with CaptureQueriesContext(
            connection,
        ) as captured:
            boss.send("GET", f"/runs?limit={limit}")
        return len(captured)

    queries(1)
    assert queries(2) == queries(5)


def test_the_history_is_exported(boss, runs, admin, monkeypatch):
    monkeypatch.setattr(history, "AT_ONCE", 2)
    factories.make_run(user=admin, action_name="=HYPERLINK()", object_repr="+1")
    response = boss.send("GET", "/runs/export?status=succeeded")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode())))
    assert len(rows) == 6
    assert (rows[0]["action_name"], rows[0]["object_repr"]) == ("'=HYPERLINK()", "'+1")
    assert "Number" not in str(rows)


@pytest.mark.django_db(transaction=True)
def test_under_asgi_an_export_is_made_in_the_pool():
    texts, closed = ["a,b\r\n", "1,2\r\n"], []

    def rows():
        try:
            yield from texts
        finally:
            closed.append(True)

    scope = {"type": "http", "method": "GET", "path": "/", "headers": [], "query_string": b""}

    async def read():
        response = stream_texts(ASGIRequest(scope, BytesIO()), TextStream(rows()), "text/csv")
        return b"".join([part async for part in response.streaming_content]).decode()

    assert asyncio.run(read()) == "".join(texts)
    assert closed == [True]


def test_an_export_that_nobody_reads_is_ended():
    closed = []

    def rows():
        try:
            yield "a"
            yield "b"
        finally:
            closed.append(True)

    stream = TextStream(rows())
    next(stream)
    stream.close()
    assert closed == [True]
