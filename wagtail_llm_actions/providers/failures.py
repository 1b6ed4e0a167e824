"""
What services say when they fail, as our errors.

Servers agree on little: one failure has different statuses and shapes, so the text of an error
counts more than its status. Everything here was seen in a recorded answer or in a library's code.
"""

import json
import math
import re
import time
from email.utils import mktime_tz, parsedate_tz
from typing import Any

from wagtail_llm_actions.exceptions import (
    ContentFilterError,
    ContextWindowError,
    IncompleteResponseError,
    ModelNotFoundError,
    ProviderAuthenticationError,
    ProviderBusyError,
    ProviderError,
    ProviderRateLimitError,
    ProviderRequestError,
    ProviderResponseError,
    ProviderServerError,
    ProviderTimeoutError,
    ProviderUnavailableError,
)

MAX_DETAIL = 500
"""Characters of a foreign error text that are kept for the log."""

BY_TEXT: tuple[tuple[str, type[ProviderError]], ...] = (
    (r"available context size|exceed_context_size|context_length_exceeded", ContextWindowError),
    (r"maximum context length|exceeds? (the )?context (window|length)", ContextWindowError),
    (
        r"\bmodel\b.{0,200}\bnot found|model_not_found|model .{0,200}does not exist",
        ModelNotFoundError,
    ),
    (r"ollama cloud is disabled", ModelNotFoundError),
    (r"content_filter|content_policy|content management policy", ContentFilterError),
    (r"loading model", ProviderUnavailableError),
    # Ollama answers 500 to what is wrong with a request.
    (r'^option ".*" must be of type|^invalid format:', ProviderRequestError),
)
BY_STATUS: dict[int, type[ProviderError]] = {
    401: ProviderAuthenticationError,
    403: ProviderAuthenticationError,
    408: ProviderTimeoutError,
    429: ProviderRateLimitError,
    501: ProviderRequestError,
    502: ProviderUnavailableError,
    503: ProviderBusyError,
    504: ProviderTimeoutError,
}
BY_TRANSPORT: tuple[tuple[str, type[ProviderError]], ...] = (
    # The classes of httpx and of httpx2, the copy that the OpenAI SDK uses, have the same names.
    ("TimeoutException", ProviderTimeoutError),
    ("ConnectError", ProviderUnavailableError),
    ("ProxyError", ProviderUnavailableError),
    ("UnsupportedProtocol", ProviderRequestError),
    ("InvalidURL", ProviderRequestError),
    ("LocalProtocolError", ProviderRequestError),
    ("DecodingError", ProviderResponseError),
    ("TooManyRedirects", ProviderResponseError),
    ("CookieConflict", ProviderResponseError),
    ("HTTPStatusError", ProviderResponseError),
    ("SSEError", ProviderResponseError),
)
BY_SDK: tuple[tuple[str, type[ProviderError]], ...] = (
    ("APITimeoutError", ProviderTimeoutError),
    ("APIResponseValidationError", ProviderResponseError),
    ("LengthFinishReasonError", IncompleteResponseError),
    ("ContentFilterFinishReasonError", ContentFilterError),
)


def status_failure(
    status: int, body: bytes | str, *, provider: str, retry_after: str | None = None
) -> ProviderError:
    """
    Return the error that an answer with this ``status`` and ``body`` means.

    :param retry_after: the value of the header of this name.
    """
    detail = detail_of(body)
    cls = BY_STATUS.get(status) or _by_class(status)
    if status != 401:
        cls = _by_text(detail) or cls
    return cls(
        f"HTTP {status}: {detail}"[:MAX_DETAIL],
        provider=provider,
        status=status,
        retry_after=seconds_to_wait(retry_after),
    )


def stream_failure(body: Any, *, provider: str) -> ProviderError:
    """Return the error that an error inside a stream means; the stream's status was 200."""
    detail = _unwrapped(body)
    cls = _by_text(detail) or ProviderServerError
    return cls(f"in the stream: {detail}"[:MAX_DETAIL], provider=provider, status=200)


def transport_failure(error: Exception, *, provider: str, answering: bool) -> ProviderError:
    """
    Return the error that an exception of httpx or httpx2 means.

    :param answering: whether the head of an answer had come.
    """
    cls = _by_transport(error, answering)
    return cls(f"{type(error).__name__}: {error}"[:MAX_DETAIL], provider=provider)


def sdk_failure(error: Exception, *, provider: str, answering: bool) -> ProviderError:
    """
    Return the error that an exception of the OpenAI SDK means, or of the library beneath it.

    :param answering: whether the head of an answer had come.
    """
    names = {cls.__name__ for cls in type(error).__mro__}
    if "APIStatusError" in names:
        response = error.response  # type: ignore[attr-defined]
        return status_failure(
            response.status_code,
            response.content,
            provider=provider,
            retry_after=response.headers.get("Retry-After"),
        )
    for name, cls in BY_SDK:
        if name in names:
            return cls(f"{type(error).__name__}: {error}"[:MAX_DETAIL], provider=provider)
    if "APIConnectionError" in names:
        cause = error.__cause__ if isinstance(error.__cause__, Exception) else error
        return transport_failure(cause, provider=provider, answering=answering)
    if "APIError" in names:
        return stream_failure(error.body or str(error), provider=provider)  # type: ignore[attr-defined]
    if names & {"OpenAIError", "ValueError", "RecursionError"}:
        unreadable = ProviderResponseError if answering else ProviderRequestError
        return unreadable(f"{type(error).__name__}: {error}"[:MAX_DETAIL], provider=provider)
    return transport_failure(error, provider=provider, answering=answering)


def detail_of(body: bytes | str) -> str:
    """Return the text of an error in any of the shapes that servers give it."""
    if isinstance(body, bytes):
        body = body.decode("utf-8", "replace")
    try:
        return _unwrapped(json.loads(body))
    except (ValueError, RecursionError):
        return body.strip()[:MAX_DETAIL] or "no text"


def seconds_to_wait(value: str | None) -> float | None:
    """Return the seconds of a ``Retry-After`` header: a number, or a date to wait for."""
    if not value:
        return None
    try:
        wait = float(value)
    except ValueError:
        date = parsedate_tz(value)
        wait = mktime_tz(date) - time.time() if date else math.nan
    return max(0.0, wait) if math.isfinite(wait) else None


def _unwrapped(content: Any) -> str:
    """Take the message out of nested objects, and of JSON documents inside strings."""
    if isinstance(content, str):
        return detail_of(content) if content.startswith("{") else content[:MAX_DETAIL]
    if not isinstance(content, dict):
        return str(content)[:MAX_DETAIL]
    for key in ("error", "message", "detail"):
        if content.get(key):
            marks = [str(content[mark]) for mark in ("type", "code") if content.get(mark)]
            text = _unwrapped(content[key])
            return f"{text} [{', '.join(marks)}]" if marks else text
    return str(content)[:MAX_DETAIL]


def _by_text(detail: str) -> type[ProviderError] | None:
    for pattern, cls in BY_TEXT:
        if re.search(pattern, detail, re.IGNORECASE):
            return cls
    return None


def _by_class(status: int) -> type[ProviderError]:
    if status >= 500:
        return ProviderServerError
    return ProviderRequestError if status >= 300 else ProviderResponseError


def _by_transport(error: Exception, answering: bool) -> type[ProviderError]:
    names = {cls.__name__ for cls in type(error).__mro__}
    for name, cls in BY_TRANSPORT:
        if name in names:
            return cls
    broken = re.search("closed|disconnected|reset", str(error), re.IGNORECASE)
    if "RemoteProtocolError" in names and not broken:
        return ProviderResponseError
    return IncompleteResponseError if answering else ProviderUnavailableError
