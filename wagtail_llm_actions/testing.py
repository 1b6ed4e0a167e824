"""For the tests of projects that use this package: answers without a model."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from wagtail_llm_actions.exceptions import ProviderError
from wagtail_llm_actions.providers import providers
from wagtail_llm_actions.providers.echo import EchoProvider, Reply
from wagtail_llm_actions.values import FinishReason, Usage

__all__ = ["Reply", "reply_with"]


@contextmanager
def reply_with(
    *replies: str | Reply,
    chunks: Sequence[str] | None = None,
    error: ProviderError | str = "",
    delay: float = 0.0,
    finish_reason: str | None = FinishReason.STOP,
    usage: Usage | None = None,
) -> Iterator[EchoProvider]:
    """
    Answer every request to every configured provider with ``replies``, in all threads.

    Several replies answer one request each, in their order; the last one answers all that come
    after it. A text is a whole answer. The keyword arguments describe one reply, for a test that
    needs no more::

        with reply_with("A short summary.") as echo:
            ...
        assert echo.requests[0].model_name == "llama3.2"

        with reply_with(Reply(error="provider_busy"), "Fine the second time."):
            ...

    Without any argument the last message of the user is repeated.

    :param chunks: the parts of the answer, where the test is about streaming.
    :param error: a provider error or the code of one, raised after ``chunks``.
    :param delay: how long to wait before each part, in seconds.
    :param finish_reason: ``None`` ends the answer as a broken connection does.
    :param usage: ``None`` counts words.
    """
    one = Reply(chunks=chunks, error=error, delay=delay, finish_reason=finish_reason, usage=usage)
    script = [
        reply if isinstance(reply, Reply) else replace(one, chunks=[reply]) for reply in replies
    ]
    echo = EchoProvider(alias="reply_with")
    echo.answer_with(script or [one])
    with providers.replaced_by(echo):
        yield echo
