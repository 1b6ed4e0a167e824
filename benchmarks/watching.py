"""Looks at a process and at its connections to PostgreSQL while it works."""

import re
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg

PAUSE = 0.02
"""Between two looks, in seconds."""
CONNECTIONS = """
SELECT count(*), coalesce(max(extract(epoch FROM clock_timestamp() - backend_start)), 0)
FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What there was at one moment."""

    at: float
    memory: float
    """Of the process, in MB."""
    threads: int
    connections: int
    oldest: float
    """How long the oldest connection has been held, in milliseconds."""


class Watch:
    """
    Looks at a process again and again, for the length of a block.

    :param database: where PostgreSQL listens, as psycopg takes it.
    """

    def __init__(self, pid: int, **database: str):
        self.looks: list[Look] = []
        self._status = Path(f"/proc/{pid}/status")
        self._database = psycopg.connect(**database, autocommit=True)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._stop.set()
        self._thread.join()
        self._database.close()

    def look(self) -> Look:
        """Look once."""
        status = self._status.read_text()
        connections, oldest = self._database.execute(CONNECTIONS).fetchone()
        return Look(
            at=time.perf_counter(),
            memory=_number("VmRSS", status) / 1024,
            threads=_number("Threads", status),
            connections=connections,
            oldest=float(oldest) * 1000,
        )

    def _watch(self) -> None:
        while not self._stop.wait(PAUSE):
            self.looks.append(self.look())


def _number(name: str, status: str) -> int:
    return int(re.search(rf"^{name}:\s+(\d+)", status, re.MULTILINE)[1])
