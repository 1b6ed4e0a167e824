"""
A provider without a model: it repeats the prompt, or says what it is told to. For tests.

Options steer it from settings; :func:`wagtail_llm_actions.testing.reply_with` from a test.
"""

import re
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from wagtail_llm_actions.exceptions import ProviderError
from wagtail_llm_actions.providers.base import NO_PARAMETERS, WAITING_INTERVAL, BaseProvider
from wagtail_llm_actions.providers.options import tokens
from wagtail_llm_actions.values import (
    Chunk,
    CompletionRequest,
    FinishReason,
    ModelAbility,
    ModelInfo,
    Usage,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the echo provider answers to one request."""

    chunks: Sequence[str] | None = None
    """The parts of the answer; ``None`` repeats the last message of the user."""
    delay: float = 0.0
    """How long to wait before each part, and before an error, in seconds."""
    error: ProviderError | str = ""
    """An error, or the code of one, to raise after the parts (none of them unless given)."""
    finish_reason: str | None = FinishReason.STOP
    usage: Usage | None = None
    """``None`` counts words."""


class EchoProvider(BaseProvider):
    """Answers without a model, in this process."""

    display_name = "Echo"
    is_in_process = True
    supports: ClassVar[frozenset[str]] = frozenset(ModelAbility)
    allowed_parameters: ClassVar[frozenset[str]] = frozenset({"seed", "stop", "top_k", "top_p"})

    def __init__(
        self,
        *,
        alias: str,
        reply: str | None = None,
        chunks: Sequence[str] | None = None,
        delay: float = 0.0,
        error: str = "",
        finish_reason: str | None = FinishReason.STOP,
        context_length: int | None = None,
    ):
        """
        :param reply: the whole answer; ``None`` repeats the last message of the user.
        :param chunks: the parts of the answer, instead of ``reply``.
        :param delay: how long to wait before each part, in seconds.
        :param error: the code of a :class:`~wagtail_llm_actions.exceptions.ProviderError` to raise.
        :param finish_reason: ``None`` ends without one, as a broken service does.
        :param context_length: how many tokens, here words, prompt and answer may have together;
            ``None`` for no limit.
        """
        super().__init__(alias=alias)
        self._context_length = tokens("context_length", context_length)
        if isinstance(delay, bool) or not isinstance(delay, (int, float)) or delay < 0:
            raise ValueError(f"delay must be a number of seconds, not {delay!r}")
        if error and error not in _errors_by_code():
            raise ValueError(f"error must be the code of a provider error, not {error!r}")
        if chunks is None and reply is not None:
            chunks = _words(reply)
        self._reply = Reply(chunks=chunks, delay=delay, error=error, finish_reason=finish_reason)
        self._next: list[Reply] = []
        self._lock = threading.Lock()
        self.requests: list[CompletionRequest] = []
        """The requests that were answered, oldest first."""

    def answer_with(self, replies: Sequence[Reply]) -> None:
        """Answer the coming requests with ``replies`` in this order; the last one stays."""
        with self._lock:
            *self._next, self._reply = replies

    def stream(self, request: CompletionRequest) -> Iterator[Chunk]:
        with self._lock:
            self.requests.append(request)
            reply = self._next.pop(0) if self._next else self._reply
        yield from self._play(reply, request)

    def _play(self, reply: Reply, request: CompletionRequest) -> Iterator[Chunk]:
        parts = self._parts(reply, request)
        for part in parts:
            yield from _wait(reply.delay)
            yield Chunk(text=part, model_name=request.model_name)
        if reply.error:
            yield from _wait(reply.delay)
            raise self._error(reply.error)
        usage = reply.usage or Usage(
            input_tokens=sum(len(message.content.split()) for message in request.messages),
            output_tokens=len("".join(parts).split()),
        )
        yield Chunk(finish_reason=reply.finish_reason, usage=usage, model_name=request.model_name)

    def is_self_hosted(self, model_name: str) -> bool:
        return True

    def context_length(
        self, model_name: str, extra_parameters: Mapping[str, Any] = NO_PARAMETERS
    ) -> int | None:
        return self._context_length

    def count_tokens(self, model_name: str, text: str) -> int | None:
        return len(text.split())

    def list_models(self) -> list[ModelInfo]:
        return [ModelInfo(name="echo", context_length=4096, abilities=tuple(ModelAbility.values))]

    @staticmethod
    def _parts(reply: Reply, request: CompletionRequest) -> Sequence[str]:
        if reply.chunks is not None:
            return reply.chunks
        if reply.error:
            return []
        texts = [message.content for message in request.messages if message.role == "user"]
        return _words(texts[-1] if texts else "")

    def _error(self, error: ProviderError | str) -> ProviderError:
        if isinstance(error, ProviderError):
            return error
        return _errors_by_code()[error]("asked for by a test", provider=self.alias)


def _words(text: str) -> list[str]:
    return re.findall(r"\s*\S+|\s+$", text)


def _wait(seconds: float) -> Iterator[Chunk]:
    """Sleep, with an empty chunk as often as a provider that waits yields one."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        time.sleep(min(left, WAITING_INTERVAL))
        if left > WAITING_INTERVAL:
            yield Chunk()


def _errors_by_code() -> dict[str, type[ProviderError]]:
    classes: list[type[ProviderError]] = [ProviderError, *ProviderError.__subclasses__()]
    return {cls.code: cls for cls in classes}
