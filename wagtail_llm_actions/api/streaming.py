"""
Streams the events of a run as lines of JSON.

WSGI needs a sync iterator, ASGI an async one: the wrong kind is buffered whole. Under ASGI the
sync generator runs in a bounded pool of our own, one step at a time, so that a few threads serve
many runs.
"""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from functools import cache

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import translation

from wagtail_llm_actions.conf import settings
from wagtail_llm_actions.engine import notices_of
from wagtail_llm_actions.engine.connections import release_connections
from wagtail_llm_actions.exceptions import LLMActionsError
from wagtail_llm_actions.models import LLMActionHistory
from wagtail_llm_actions.values import RunEvent

KEEP_ALIVE = "\n"
"""An empty line: shows the server whether the reader is still there."""
LAST = frozenset({"succeeded", "failed"})
"""The events that nothing comes after."""


def stream_events(
    request: HttpRequest, events: Iterator[RunEvent], first: dict
) -> StreamingHttpResponse:
    """
    Answer with the events of a run, each as it happens.

    :param first: what the first line says besides the event ``"started"``.
    """
    lines = Lines(events, first)
    content = PooledLines(lines) if isinstance(request, ASGIRequest) else lines
    response = StreamingHttpResponse(content, content_type="application/x-ndjson")
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    return response


def introduction(run: LLMActionHistory) -> dict:
    """Return what the first line says of a run."""
    return {
        "action": {"name": run.action_name},
        "label": run.destination_label,
        "model": run.model_name,
        "template": run.prompt_template_name,
        "current": run.value_before,
        "max_length": run.field_spec["max_length"],
        "kind": run.field_spec["kind"],
        "mode": run.output_mode,
        "notices": notices_of(run),
    }


class Lines:
    """
    An iterator of the lines that stand for events, in the language of the request.

    It may be closed from another thread than the one that reads it.
    """

    def __init__(self, events: Iterator[RunEvent], first: dict):
        self._events = events
        self._first = first
        self._language = translation.get_language()
        self._lock = threading.Lock()
        self._begun = False
        self._ended = False

    def __iter__(self) -> "Lines":
        return self

    def __next__(self) -> str:
        with self._lock, translation.override(self._language):
            if self._ended:
                # Not read on: after its last event a run may raise, which is in the log already.
                raise StopIteration
            self._begun = True
            return self._line(next(self._events))

    def following(self) -> str | None:
        """
        Return the next line, or ``None`` after the last, for a thread that makes no other.

        The thread that makes the line after it may be another, so this one keeps no connection.
        """
        try:
            return next(self, None)
        finally:
            release_connections()

    def close(self) -> None:
        """End the run if it still goes on, or was never begun."""
        with self._lock, translation.override(self._language):
            if not self._begun:
                # A generator that was never begun cannot record its end.
                with suppress(LLMActionsError):
                    next(self._events)
            self._events.close()  # type: ignore[attr-defined]  # a generator

    def _line(self, event: RunEvent) -> str:
        if event.type == "waiting":
            return KEEP_ALIVE
        # In ASCII: a part of a text may end within a character, which then is no UTF-8.
        return json.dumps(self._message(event)) + "\n"

    def _message(self, event: RunEvent) -> dict:
        self._ended = event.type in LAST
        match event.type:
            case "started":
                return {"type": "started", "run_id": str(event.run_id), **self._first}
            case "restarted":
                return {"type": "restarted", "message": event.text, "code": event.code}
            case "failed":
                return {
                    "type": "failed",
                    "run_id": str(event.run_id),
                    "status": event.status,
                    "code": event.code,
                    "message": event.text,
                    "retryable": event.retryable,
                    **({"answer": event.answer} if event.answer else {}),
                }
        return {"type": event.type, "text": event.text}


class PooledLines:
    """The lines for an ASGI server."""

    def __init__(self, lines: Lines):
        self._lines = lines

    def __aiter__(self) -> AsyncIterator[str]:
        return in_pool(self._lines)

    def close(self) -> None:
        """End the run if it still goes on, or was never begun; Django closes every response."""
        self._lines.close()


async def in_pool(lines: Lines) -> AsyncIterator[str]:
    """Yield the lines, each made in a thread of the pool."""
    loop = asyncio.get_running_loop()
    context = copy_context()
    try:
        while True:
            line = await loop.run_in_executor(_pool(), context.run, lines.following)
            if line is None:
                return
            yield line
    finally:
        # Not awaited: this also runs while the task is being cancelled.
        _pool().submit(lines.close)


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(settings.MAX_CONCURRENT_STREAMS, thread_name_prefix="llm-actions")
