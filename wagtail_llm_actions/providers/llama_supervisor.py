"""
Keeps the process of the embedded model alive.

The model runs in a child process: a crash of native code ends that one, and it is started again.
"""

import http.client
import json
import logging
import os
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

from wagtail_llm_actions.providers.llama_state import ServerState, read_state, write_state

logger = logging.getLogger(__name__)

CHILD = Path(__file__).with_name("llama_child.py")
MAX_FAILED_STARTS = 3
"""How often in a row a child may end before it was ready."""
FIRST_DELAY = 0.5
"""How long to wait before a child is started again, in seconds; it doubles with every crash."""
MAX_DELAY = 30.0
"""The longest such wait, in seconds."""
STEADY = 60.0
"""How long a child has to run for its crash to count as the first one, in seconds."""
END_TIMEOUT = 5.0
"""How long a child may take to end when it is asked to, in seconds."""
HEALTH_TIMEOUT = 5.0
"""How long the server may take to say that it is well, in seconds."""


class ServerFailedError(Exception):
    """The embedded model cannot be served."""


@dataclass(frozen=True, kw_only=True)
class ServerOptions:
    """What is served, and how."""

    model_path: str
    name: str
    port: int = 0
    """``0`` takes a free one."""
    threads: int
    context_size: int
    """Tokens of prompt and answer together."""


class LlamaSupervisor:
    """Starts the embedded model, and starts it again when it crashes, until :meth:`stop`."""

    def __init__(
        self,
        options: ServerOptions,
        *,
        state_file: str | None,
        announce: Callable[[ServerState], None],
    ):
        """
        :param state_file: where to write address and key for other processes of this user.
        :param announce: called each time that a server is ready.
        """
        self._options = options
        self._state_file = state_file
        self._announce = announce
        self._api_key = secrets.token_urlsafe(32)
        self._stopping = threading.Event()
        self._child: subprocess.Popen[bytes] | None = None

    def run(self) -> None:
        """
        Serve until :meth:`stop`.

        :raises ServerFailedError: if the server does not start, several times in a row.
        """
        failures, delay = 0, FIRST_DELAY
        try:
            while not self._stopping.is_set():
                started = time.monotonic()
                ready = self._serve_once()
                failures = 0 if ready else failures + 1
                if failures == MAX_FAILED_STARTS and not self._stopping.is_set():
                    raise ServerFailedError(f"{self._options.model_path!r} cannot be served")
                steady = time.monotonic() - started > STEADY
                delay = FIRST_DELAY if steady else min(delay * 2, MAX_DELAY)
                self._stopping.wait(delay)
        finally:
            self._end_child()
            self._remove_state()

    def stop(self) -> None:
        """End the child and :meth:`run`; safe to call in a signal handler."""
        self._stopping.set()
        if self._child is not None:
            self._child.terminate()

    def _serve_once(self) -> bool:
        """Run one child to its end; return whether it was ready in between."""
        child = self._child = self._start_child()
        state = self._wait_until_ready(child)
        if state is not None:
            if self._state_file:
                write_state(self._state_file, state)
            self._announce(state)
        code = child.wait()
        self._end_child()
        if not self._stopping.is_set():
            logger.warning("The embedded model ended pid=%s code=%s", child.pid, code)
        return state is not None

    def _start_child(self) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-P", str(CHILD)]
        child = subprocess.Popen(  # noqa: S603 - our own file, no shell
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        config = {**asdict(self._options), "api_key": self._api_key}
        with suppress(BrokenPipeError):  # it ended already: its exit tells
            child.stdin.write(json.dumps(config).encode() + b"\n")  # type: ignore[union-attr]
            child.stdin.flush()  # type: ignore[union-attr]
        return child

    def _wait_until_ready(self, child: "subprocess.Popen[bytes]") -> ServerState | None:
        """Return where the child listens, or nothing if it ended before it did."""
        line = child.stdout.readline()  # type: ignore[union-attr]
        if not line:
            return None
        address = json.loads(line)["address"]
        if not is_healthy(address):
            child.kill()
            return None
        return ServerState(
            base_url=f"{address}/v1",
            api_key=self._api_key,
            pid=child.pid,
            model=self._options.name,
        )

    def _end_child(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        child.terminate()
        try:
            child.wait(END_TIMEOUT)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        child.stdout.close()  # type: ignore[union-attr]
        with suppress(BrokenPipeError):
            child.stdin.close()  # type: ignore[union-attr]

    def _remove_state(self) -> None:
        """Remove the state file, unless it is another server's."""
        if not self._state_file:
            return
        with suppress(OSError, ValueError):
            if secrets.compare_digest(read_state(self._state_file).api_key, self._api_key):
                os.unlink(self._state_file)


def is_healthy(base_url: str, timeout: float = HEALTH_TIMEOUT) -> bool:
    """
    Return whether the server at ``base_url`` has loaded its model and answers.

    :param timeout: in seconds.
    """
    connection = http.client.HTTPConnection(urlsplit(base_url).netloc, timeout=timeout)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
