"""Lines of a run under WSGI and ASGI: ended, whoever goes away and whenever."""

import asyncio
import json
from io import BytesIO
from uuid import uuid4

import pytest
from asgiref.sync import ThreadSensitiveContext, sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.db import connection
from django.utils import translation

from tests import factories
from tests.engine.conftest import bind, page  # noqa: F401
from wagtail_llm_actions import engine
from wagtail_llm_actions.api.streaming import Lines, stream_events
from wagtail_llm_actions.testing import Reply, reply_with
from wagtail_llm_actions.values import RunEvent, RunStatus

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def prepared(bind, editor):  # noqa: F811
    factories.make_action("search_description")
    request = engine.RunRequest(user=editor, bound=bind(editor), address="search_description")
    return engine.prepare(request)


def asgi_response(run):
    scope = {"type": "http", "method": "POST", "path": "/", "headers": [], "query_string": b""}
    return stream_events(ASGIRequest(scope, BytesIO()), engine.execute(run.pk), dict)


async def read(response):
    return [json.loads(line) async for line in response.streaming_content if line.strip()]


def test_under_asgi_every_event_arrives(prepared):
    with reply_with(chunks=["The ", "tide."]):
        events = asyncio.run(read(asgi_response(prepared)))
    assert [event["type"] for event in events] == ["started", "delta", "delta", "succeeded"]


def test_under_asgi_an_answer_that_is_never_begun_cancels_the_run(prepared):
    with reply_with("Unread.") as echo:
        asgi_response(prepared).close()
    prepared.refresh_from_db()
    assert (prepared.status, echo.requests) == (RunStatus.CANCELLED, [])


def test_what_was_ended_elsewhere_before_it_began_is_left_as_it_is(prepared, editor):
    lines = Lines(engine.execute(prepared.pk), dict)
    engine.cancel(prepared.pk, editor)
    lines.close()
    prepared.refresh_from_db()
    assert (prepared.status, prepared.started_at) == (RunStatus.CANCELLED, None)


def test_a_thread_of_the_pool_keeps_no_connection_between_two_lines(prepared):
    lines = Lines(engine.execute(prepared.pk), dict)
    with reply_with(Reply(error="provider_busy"), "The tide."):
        while lines.following() is not None:
            assert connection.connection is None


def test_under_asgi_the_thread_that_prepared_a_run_keeps_no_connection_while_it_is_read(prepared):
    async def read_one():
        async with ThreadSensitiveContext():
            await sync_to_async(lambda: connection.ensure_connection())()
            lines = aiter(asgi_response(prepared).streaming_content)
            await anext(lines)
            held = await sync_to_async(lambda: connection.connection)()
            await lines.aclose()
            return held

    with reply_with("The tide."):
        assert asyncio.run(read_one()) is None


def test_lines_are_made_in_the_language_of_their_request():
    def events():
        yield RunEvent(type="delta", run_id=uuid4(), text=translation.get_language())

    with translation.override("de"):
        lines = Lines(events(), dict)
    with translation.override("fr"):
        assert json.loads(next(lines))["text"] == "de"
        assert translation.get_language() == "fr"
