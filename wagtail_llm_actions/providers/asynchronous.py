"""
The base of providers that talk to a service: an async answer, read by synchronous code.

Adapters are written as async generators because only a task can be cancelled while it waits for
a connection or for headers. The reader stays synchronous: it may be a thread of a WSGI server, a
task or a command.
"""

import asyncio
import os
import queue
import time
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator, Mapping
from concurrent.futures import CancelledError, Future
from contextlib import aclosing
from functools import partial
from typing import Any, TypeAlias, TypeVar

from wagtail_llm_actions.exceptions import (
    ProviderError,
    ProviderRequestError,
    ProviderTimeoutError,
    ProviderUnavailableError,
)
from wagtail_llm_actions.providers.base import NO_PARAMETERS, WAITING_INTERVAL, BaseProvider
from wagtail_llm_actions.providers.loop import current_loop
from wagtail_llm_actions.providers.options import seconds, tokens
from wagtail_llm_actions.values import Chunk, CompletionRequest

T = TypeVar("T")
Unread: TypeAlias = "queue.SimpleQueue[Chunk | None]"

MAX_UNREAD_CHUNKS = 64
"""How far a service may be ahead of a slow reader before its connection is left alone."""
FULL_INTERVAL = 0.02
"""How long to wait for a slow reader before looking again, in seconds."""
GRACE = 5.0
"""How much longer than the total timeout a reader waits for the loop itself, in seconds."""
LIST_TIMEOUT = 10.0
"""How long listing models may take, in seconds: a person waits for a form."""
WINDOW_TIMEOUT = 3.0
"""How long asking for a model's window or for a number of tokens may take, in seconds."""
WINDOW_LIFETIME = 600.0
"""How long what a service said of a model's window is believed, in seconds."""
CLOSE_TIMEOUT = 2.0
"""How long closing pooled connections may take, in seconds."""


class AsyncProvider(BaseProvider):
    """A provider whose answers come over a network. A subclass writes :meth:`answer`."""

    def __init__(
        self,
        *,
        alias: str,
        connect_timeout: float = 5.0,
        first_token_timeout: float = 120.0,
        total_timeout: float = 300.0,
        context_length: int | None = None,
    ):
        """
        :param connect_timeout: how long making a connection may take, in seconds.
        :param first_token_timeout: how long the first word may take, in seconds; loading a large
            model counts.
        :param total_timeout: how long the whole answer may take, in seconds.
        :param context_length: how many tokens prompt and answer may have together; ``None`` asks
            the service, where it tells.
        """
        super().__init__(alias=alias)
        self.connect_timeout = seconds("connect_timeout", connect_timeout)
        self.first_token_timeout = seconds("first_token_timeout", first_token_timeout)
        self.total_timeout = seconds("total_timeout", total_timeout)
        self._clients: dict[int, Any] = {}
        self._context_length = tokens("context_length", context_length)
        self._windows: dict[str, tuple[float, int | None]] = {}

    def answer(self, request: CompletionRequest) -> AsyncGenerator[Chunk, None]:
        """
        Yield the service's answer, as an async generator that cleans up after itself.

        A chunk counts as a sign of life, an empty one too: a model that still thinks yields them.

        :raises ProviderError: if no answer, or not the whole of it, can be had.
        """
        raise NotImplementedError  # an adapter has to say how it answers

    def import_libraries(self) -> None:
        """Import what the adapter needs, in the reader's thread: the loop serves others, too."""

    def make_client(self) -> Any:
        """Return a new client of the service; called in the loop's thread."""
        raise NotImplementedError  # an adapter has to say what it talks with

    async def close_client(self, client: Any) -> None:
        """Close what :meth:`make_client` made."""
        await client.aclose()

    def secrets(self) -> tuple[str, ...]:
        """Return the keys that no error may quote."""
        return ()

    def client(self) -> Any:
        """Return this process's pooled client; called in the loop's thread."""
        if os.getpid() not in self._clients:
            self._clients[os.getpid()] = self.make_client()
        return self._clients[os.getpid()]

    def stream(self, request: CompletionRequest) -> Iterator[Chunk]:
        self._refuse_unknown_parameters(request)
        self.import_libraries()
        chunks: Unread = queue.SimpleQueue()
        future = asyncio.run_coroutine_threadsafe(self._pump(request, chunks), current_loop())
        future.add_done_callback(lambda done: chunks.put(None))
        try:
            yield from self._read(chunks)
            self._result(future)
        finally:
            future.cancel()

    def context_length(
        self, model_name: str, extra_parameters: Mapping[str, Any] = NO_PARAMETERS
    ) -> int | None:
        if self._context_length:
            return self._context_length
        until, length = self._windows.get(model_name, (0.0, None))
        if time.monotonic() >= until:
            length = self._told(partial(self.ask_context_length, model_name))
            self._windows[model_name] = (time.monotonic() + WINDOW_LIFETIME, length)
        return length

    async def ask_context_length(self, model_name: str) -> int | None:
        """
        Return what the service says of a model's window, or ``None`` where it says nothing.

        :raises ProviderError: if the service does not answer.
        """
        return None

    def _told(self, work: Callable[[], Coroutine[Any, Any, int | None]]) -> int | None:
        """Return what the service tells quickly; a run must not fail because it does not."""
        try:
            return self.wait_for(work, WINDOW_TIMEOUT)
        except ProviderError:
            return None

    def wait_for(
        self, work: Callable[[], Coroutine[Any, Any, T]], timeout: float = LIST_TIMEOUT
    ) -> T:
        """
        Return what the coroutine function ``work`` returns, from synchronous code.

        :raises ProviderTimeoutError: if that takes longer than ``timeout`` seconds.
        """
        self.import_libraries()
        future = asyncio.run_coroutine_threadsafe(work(), current_loop())
        try:
            return self._result(future, timeout)
        finally:
            future.cancel()

    def close(self) -> None:
        client = self._clients.pop(os.getpid(), None)
        if client is not None:
            self.wait_for(partial(self.close_client, client), CLOSE_TIMEOUT)

    async def _pump(self, request: CompletionRequest, chunks: Unread) -> None:
        """Move the answer to the reader, within the timeouts and no faster than it reads."""
        started = asyncio.get_running_loop().time()
        first = True
        try:
            async with asyncio.timeout(min(self.first_token_timeout, self.total_timeout)) as limit:
                async with aclosing(self.answer(request)) as answer:
                    async for chunk in answer:
                        limit.reschedule(started + self.total_timeout)
                        first = False
                        await _put(chunks, chunk)
        except TimeoutError as error:
            raise self._too_late(first) from error

    def _too_late(self, first: bool) -> ProviderTimeoutError:
        if first and self.first_token_timeout <= self.total_timeout:
            detail = f"no first token within {self.first_token_timeout:g} s"
        else:
            detail = f"no complete answer within {self.total_timeout:g} s"
        return ProviderTimeoutError(detail, provider=self.alias)

    def _read(self, chunks: Unread) -> Iterator[Chunk]:
        deadline = time.monotonic() + self.total_timeout + GRACE
        while True:
            try:
                chunk = chunks.get(timeout=WAITING_INTERVAL)
            except queue.Empty:
                if time.monotonic() > deadline:
                    raise self._too_late(first=False) from None
                chunk = Chunk()
            if chunk is None:
                return
            yield chunk

    def _result(self, future: "Future[T]", timeout: float | None = None) -> T:
        try:
            return future.result(timeout)
        except ProviderError as error:
            self._take_out_secrets(error)
            raise
        except CancelledError as error:
            raise ProviderUnavailableError(
                "the provider was closed", provider=self.alias
            ) from error
        except TimeoutError as error:
            raise ProviderTimeoutError(
                f"no answer within {timeout} s", provider=self.alias
            ) from error

    def _take_out_secrets(self, error: ProviderError) -> None:
        """Servers quote keys in their refusals; logs show an error with its cause."""
        for secret in filter(None, self.secrets()):
            error.args = tuple(str(arg).replace(secret, "…") for arg in error.args)
            if secret in str(error.__cause__):
                error.__cause__, error.__suppress_context__ = None, True

    def _refuse_unknown_parameters(self, request: CompletionRequest) -> None:
        for name in request.extra_parameters:
            if name not in self.allowed_parameters:
                raise ProviderRequestError(
                    f"the parameter {name!r} is not allowed", provider=self.alias
                )


async def _put(chunks: Unread, chunk: Chunk) -> None:
    """Hand ``chunk`` over once the reader is not too far behind; a sign of life is not handed over."""
    if not (chunk.text or chunk.finish_reason or chunk.usage):
        return
    while chunks.qsize() >= MAX_UNREAD_CHUNKS:
        await asyncio.sleep(FULL_INTERVAL)
    chunks.put(chunk)
