"""What a replay server sends: recorded exchanges with their pacing, and faults made up."""

import enum
import json
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from itertools import repeat
from pathlib import Path

TRANSCRIPTS = Path(__file__).resolve().parent.parent / "transcripts"


class Ending(enum.Enum):
    """What the server does after its last byte."""

    CLOSE = "close"
    HANG = "hang"
    """Keep the connection open in silence until the client closes it."""
    RESET = "reset"
    """Close with a TCP reset, as a killed machine does."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The bytes that answer one request."""

    writes: Iterable[tuple[float, bytes]] = ()
    """Pairs of (seconds to wait before, bytes to send)."""
    ending: Ending = Ending.CLOSE
    method: str = ""
    """The request's method; an empty one matches all."""
    path: str = ""
    """The request's path; an empty one matches all."""

    def matches(self, method: str, path: str) -> bool:
        return self.method in ("", method) and self.path in ("", path)


def recorded(
    case: str, *, speed: float = 1.0, cut: int | None = None, ending: Ending = Ending.CLOSE
) -> Answer:
    """
    Return the recorded answer of ``case`` (``"server/000-name"``), byte for byte.

    :param speed: how many times faster than recorded; ``0`` does not wait at all.
    :param cut: how many bytes to send at most.
    """
    folder = TRANSCRIPTS / case
    meta = json.loads((folder / "meta.json").read_text())
    content = (folder / "response.http").read_bytes()[:cut]
    return Answer(
        writes=_paced(content, meta["recv"], speed),
        ending=ending,
        method=meta["request"]["method"],
        path=meta["request"]["path"],
    )


def raw(content: bytes, *, ending: Ending = Ending.CLOSE, method="", path="") -> Answer:
    """Return an answer of exactly these bytes, status line included."""
    return Answer(writes=((0.0, content),), ending=ending, method=method, path=path)


def response(
    status: int,
    body: bytes | str = b"",
    *,
    content_type: str = "application/json",
    headers: dict[str, str] | None = None,
    ending: Ending = Ending.CLOSE,
    method="",
    path="",
) -> Answer:
    """Return a complete HTTP answer that no server gave."""
    body = body.encode() if isinstance(body, str) else body
    fields = {
        "Content-Type": content_type,
        "Content-Length": str(len(body)),
        "Connection": "close",
        **(headers or {}),
    }
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"]
    lines += [f"{name}: {value}" for name, value in fields.items()]
    head = "\r\n".join(lines) + "\r\n\r\n"
    return raw(head.encode() + body, ending=ending, method=method, path=path)


def hanging() -> Answer:
    """Return an answer that never starts."""
    return Answer(ending=Ending.HANG)


def closing_at_once() -> Answer:
    """Return an answer of no byte at all."""
    return Answer()


def dripping(head: bytes, drop: bytes, *, every: float) -> Answer:
    """Return an answer that sends ``drop`` for ever, once in ``every`` seconds."""

    class Drops:
        def __iter__(self):
            yield 0.0, head
            yield from repeat((every, drop))

    return Answer(writes=Drops())


def _paced(content: bytes, received: list, speed: float) -> tuple[tuple[float, bytes], ...]:
    writes, start, before = [], 0, 0.0
    for milliseconds, size in received:
        wait = (milliseconds - before) / 1000 / speed if speed else 0.0
        if part := content[start : start + size]:
            writes.append((max(0.0, wait), part))
        start, before = start + size, milliseconds
    return tuple(writes)
