"""The processes of the sandbox: started together, ended together."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

GRACE_SECONDS = 8.0
POLL_SECONDS = 0.1
TAIL_CHARACTERS = 2000
SIGNALS = (signal.SIGINT, signal.SIGTERM)


class ChildError(Exception):
    """A process ended, or was not ready in time; the text is for people."""


@dataclass(frozen=True, slots=True)
class Child:
    """One process, and the file with what it says."""

    name: str
    process: subprocess.Popen
    log: Path

    def has_ended(self) -> bool:
        """Whether the process has ended."""
        return self.process.poll() is not None

    def wait_until(self, is_ready: Callable[[], bool], seconds: float) -> None:
        """
        Wait until the process is ready to be used.

        :raises ChildError: if it ends before, or ``seconds`` pass.
        """
        deadline = time.monotonic() + seconds
        while not is_ready():
            if self.has_ended():
                raise ChildError(f"{self.name} ended at once:\n{self.last_words()}")
            if time.monotonic() > deadline:
                raise ChildError(f"{self.name} was not ready after {seconds:.0f} seconds.")
            time.sleep(POLL_SECONDS)

    def last_words(self) -> str:
        """Return the end of the log."""
        return self.log.read_text(encoding="utf-8", errors="replace")[-TAIL_CHARACTERS:].strip()

    def end(self) -> None:
        """End the process: politely, and after some seconds for certain."""
        if self.has_ended():
            return
        self.process.terminate()
        try:
            self.process.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Children:
    """All processes of the sandbox."""

    def __init__(self, log_dir: Path):
        self.log_dir = log_dir
        self._all: list[Child] = []

    def start(self, name: str, command: list[str], environment: dict[str, str]) -> Child:
        """
        Start a Python process in a session of its own: Ctrl-C reaches it through us alone.

        :param name: of the log file, too.
        """
        log = self.log_dir / f"{name}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, *command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=environment,
                start_new_session=True,
            )
        child = Child(name, process, log)
        self._all.append(child)
        return child

    def end_all(self) -> None:
        """End every process, the one that was started last first."""
        while self._all:
            self._all.pop().end()

    def next_end(self) -> Child:
        """Wait until a process ends, and return it."""
        while True:
            for child in self._all:
                if child.has_ended():
                    self._all.remove(child)
                    return child
            time.sleep(POLL_SECONDS)


@contextmanager
def running(log_dir: Path) -> Iterator[Children]:
    """
    Give a place to start processes in; when it is left, also by a signal, they all end.

    Signals that come while they end are ignored: a second Ctrl-C must leave nothing behind.
    """
    children = Children(log_dir)
    before = {number: signal.getsignal(number) for number in SIGNALS}
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield children
    finally:
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        children.end_all()
        for number, handler in before.items():
            signal.signal(number, handler)


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt
