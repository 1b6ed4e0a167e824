"""What the start script says while it works."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

MEGABYTE = 1_000_000
STEP_PERCENT = 20


class Console:
    """Steps with their times on the standard output."""

    def say(self, text: str = "") -> None:
        """Write a line."""
        print(text, flush=True)

    @contextmanager
    def step(self, text: str) -> Iterator[None]:
        """Announce something that takes a while, and say how long it took."""
        self.say(f"• {text} …")
        started = time.monotonic()
        yield
        self.say(f"  done in {time.monotonic() - started:.1f} s")


class ProgressLine:
    """How much of a download has come: one line that changes, or a line now and then in a log."""

    def __init__(self, stream: TextIO | None = None):
        self._stream = stream or sys.stdout
        self._reported = -STEP_PERCENT

    def __call__(self, done: int, total: int) -> None:
        percent = 100 * done // total
        text = f"  {percent:3d} %  {done / MEGABYTE:.1f} of {total / MEGABYTE:.1f} MB"
        if self._stream.isatty():
            end = "\n" if done >= total else ""
            print(f"\r{text}", end=end, file=self._stream, flush=True)
        elif percent >= self._reported + STEP_PERCENT:
            self._reported = percent
            print(text, file=self._stream, flush=True)
