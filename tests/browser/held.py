"""A model that works until a test lets it go on."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from wagtail_llm_actions.testing import reply_with

PATIENCE = 60
"""Seconds after which a model that was forgotten goes on, and a test gives up."""


class HeldAnswer(Sequence):
    """The parts of an answer; the first one comes when it is let go."""

    def __init__(self, *parts: str):
        self._parts = parts
        self._asked, self._gone = threading.Event(), threading.Event()

    def wait_until_asked(self) -> None:
        """Wait until a run is at the model: all that comes before it is past."""
        assert self._asked.wait(PATIENCE), "no request has come"

    def let_go(self) -> None:
        """Let the model answer."""
        self._gone.set()

    def __getitem__(self, index):
        return self._parts[index]

    def __len__(self) -> int:
        return len(self._parts)

    def __iter__(self) -> Iterator[str]:
        self._asked.set()
        self._gone.wait(PATIENCE)
        return iter(self._parts)


@contextmanager
def held(*parts: str) -> Iterator[HeldAnswer]:
    """Answer every request with ``parts``, but not before they are let go."""
    answer = HeldAnswer(*parts)
    with reply_with(chunks=answer):
        try:
            yield answer
        finally:
            answer.let_go()
