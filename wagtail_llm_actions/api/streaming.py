"""
Streams the events of a run, as lines of JSON or as server-sent events, and other texts.

WSGI needs a sync iterator, ASGI an async one: the wrong kind is buffered whole. Under ASGI the
sync generator runs in a bounded pool of our own, one step at a time, so that a few threads serve
many runs.
"""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from functools import cache

from asgiref.sync import sync_to_async
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
NDJSON, SSE = "application/x-ndjson", "text/event-stream"
LAST = frozenset({"succeeded", "failed"})
"""The events that nothing comes after."""


def stream_events(
    request: HttpRequest,
    events: Iterator[RunEvent],
    first: Callable[[], dict],
    *,
    as_sse: bool = False,
) -> StreamingHttpResponse:
    """
    Answer with the events of a run, each as it happens.

    :param first: gives what the first line says besides the event ``"started"``; called when that
        has come, because only then is it known who answers.
    :param as_sse: as server-sent events, not as lines of JSON.
    """
    lines = ServerSentEvents(events, first) if as_sse else Lines(events, first)
    return stream_texts(request, lines, SSE if as_sse else NDJSON)


def stream_texts(
    request: HttpRequest, texts: "TextStream", content_type: str
) -> StreamingHttpResponse:
    """Answer with texts, each as it is made."""
    content = PooledLines(texts) if isinstance(request, ASGIRequest) else texts
    response = StreamingHttpResponse(content, content_type=content_type)
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


class TextStream:
    """
    An iterator of texts, made in the language of the request.

    It may be closed from another thread than the one that reads it.
    """

    def __init__(self, texts: Iterator[str]):
        self._texts: Iterator = texts
        self._language = translation.get_language()
        self._lock = threading.Lock()

    def __iter__(self) -> "TextStream":
        return self

    def __next__(self) -> str:
        with self._lock, translation.override(self._language):
            return self._following()

    def following(self) -> str | None:
        """
        Return the next text, or ``None`` after the last, for a thread that makes no other.

        The thread that makes the text after it may be another, so this one keeps no connection.
        """
        try:
            return next(self, None)
        finally:
            release_connections()

    def close(self) -> None:
        """End the work on the texts."""
        with self._lock, translation.override(self._language):
            self._end()

    def _following(self) -> str:
        return next(self._texts)

    def _end(self) -> None:
        self._texts.close()  # type: ignore[attr-defined]  # a generator


class Lines(TextStream):
    """The lines that stand for the events of a run."""

    def __init__(self, events: Iterator[RunEvent], first: Callable[[], dict]):
        super().__init__(iter(()))
        self._texts = events
        self._first = first
        self._begun = False
        self._ended = False

    def _following(self) -> str:
        if self._ended:
            # Not read on: after its last event a run may raise, which is in the log already.
            raise StopIteration
        self._begun = True
        return self._line(next(self._texts))

    def _end(self) -> None:
        if not self._begun:
            # A generator that was never begun cannot record its end.
            with suppress(LLMActionsError):
                next(self._texts)
        super()._end()

    def _line(self, event: RunEvent) -> str:
        if event.type == "waiting":
            return KEEP_ALIVE
        # In ASCII: a part of a text may end within a character, which then is no UTF-8.
        return json.dumps(self._message(event)) + "\n"

    def _message(self, event: RunEvent) -> dict:
        self._ended = event.type in LAST
        match event.type:
            case "started":
                return {"type": "started", "run_id": str(event.run_id), **self._first()}
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


class ServerSentEvents(Lines):
    """The events of a run as browsers read them with ``EventSource``, one after the other."""

    def _line(self, event: RunEvent) -> str:
        if event.type == "waiting":
            return ": waiting\n\n"
        return f"event: {event.type}\ndata: {json.dumps(self._message(event))}\n\n"


class PooledLines:
    """The texts for an ASGI server."""

    def __init__(self, lines: TextStream):
        self._lines = lines

    def __aiter__(self) -> AsyncIterator[str]:
        return in_pool(self._lines)

    def close(self) -> None:
        """End the run if it still goes on, or was never begun; Django closes every response."""
        self._lines.close()


async def in_pool(lines: TextStream) -> AsyncIterator[str]:
    """Yield the lines, each made in a thread of the pool."""
    loop = asyncio.get_running_loop()
    context = copy_context()
    try:
        # The thread that prepared the answer waits until it has been read, with its connection.
        await sync_to_async(release_connections)()
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
