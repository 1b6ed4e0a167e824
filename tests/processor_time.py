"""A limit for what must not take the square of the time for twice the text."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

LENGTH = 200_000
"""Characters of the longest answer that is read, and of a source that is looked at."""
LIMIT = 10
"""Seconds of the processor: a hundred times what is needed, a fraction of what a square takes."""


def repeated(unit: str, *, before: str = "", after: str = "") -> str:
    """Return a text of :data:`LENGTH` that is made of one part."""
    return before + unit * (LENGTH // len(unit)) + after


@contextmanager
def limited_time() -> Iterator[None]:
    """Fail what works for more than :data:`LIMIT`, whatever else the machine does."""
    before = signal.signal(signal.SIGPROF, _fail)
    signal.setitimer(signal.ITIMER_PROF, LIMIT)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _fail(number, frame):
    raise AssertionError(f"more than {LIMIT} seconds")
