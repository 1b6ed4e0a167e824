"""
A threaded server over plain sockets, on loopback.

One connection carries one request, as in the recordings. The server knows when a client closes
the connection before its answer is complete, which is how cancelling is tested.
"""

import json
import select
import socket
import struct
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from tests.replay.answers import Answer, Ending, response

TICK = 0.02
"""How often a connection looks whether the server stops, in seconds."""


@dataclass
class ReceivedRequest:
    """A request as the server read it."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    received_at: float = field(default_factory=time.monotonic)
    closed_at: float | None = None
    """When the client closed before it had the whole answer (monotonic time)."""

    def json(self) -> Any:
        return json.loads(self.body)


class ReplayServer:
    """
    Gives ``answers`` to the requests they match; of several that match, one each, in their order.

    The last answer that matches stays. Use it as a context manager::

        with ReplayServer(recorded("ollama-0.32.15/011-chat-stream")) as server:
            OllamaProvider(alias="ollama", base_url=server.url)
    """

    def __init__(self, *answers: Answer, port: int = 0):
        self._answers = list(answers)
        self._given: list[Answer] = []
        self._lock = threading.Condition()
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self.requests: list[ReceivedRequest] = []
        self._listener = socket.create_server(("127.0.0.1", port))
        self._listener.settimeout(TICK)
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> "ReplayServer":
        self.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.stop()

    def start(self) -> None:
        """Accept connections until :meth:`stop`."""
        self._spawn(self._accept)

    def stop(self) -> None:
        """Close everything and wait for the threads."""
        self._stopping.set()
        for thread in list(self._threads):
            thread.join()
        self._listener.close()

    def answer_with(self, *answers: Answer) -> None:
        """Give other answers from now on."""
        with self._lock:
            self._answers, self._given = list(answers), []

    def wait_for_request(self, timeout: float = 5.0, *, count: int = 1) -> ReceivedRequest:
        """
        Return the ``count``-th request as soon as it has come.

        :raises TimeoutError: if it does not come within ``timeout`` seconds.
        """
        self._wait(lambda: len(self.requests) >= count, timeout, "no request came")
        return self.requests[count - 1]

    def wait_for_close(self, timeout: float = 5.0) -> float:
        """
        Return when a client closed its connection before it had the whole answer.

        :returns: monotonic time, in seconds.
        :raises TimeoutError: if no client closes within ``timeout`` seconds.
        """
        self._wait(self._closes, timeout, "no client closed its connection")
        return self._closes()[-1]

    def _closes(self) -> list[float]:
        return [request.closed_at for request in self.requests if request.closed_at]

    def _wait(self, condition, timeout: float, message: str) -> None:
        with self._lock:
            if not self._lock.wait_for(condition, timeout):
                raise TimeoutError(f"{message} within {timeout} s")

    def _spawn(self, target, *args) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                connection, _ = self._listener.accept()
            except TimeoutError:
                continue
            self._spawn(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                if request := _read_request(connection, self._stopping):
                    self._reply(connection, request)
            except ConnectionError:
                return  # the client is gone; a request that was read knows when

    def _reply(self, connection: socket.socket, request: ReceivedRequest) -> None:
        with self._lock:
            self.requests.append(request)
            answer = self._take(request)
            self._lock.notify_all()
        try:
            if self._send(connection, answer):
                return
        except ConnectionError:
            pass  # noticed while sending: the client has closed
        if not self._stopping.is_set():
            with self._lock:
                request.closed_at = time.monotonic()
                self._lock.notify_all()

    def _take(self, request: ReceivedRequest) -> Answer:
        matching = [a for a in self._answers if a.matches(request.method, request.path)]
        left = [a for a in matching if not any(a is given for given in self._given)]
        if not matching:
            return response(404, "404 page not found", content_type="text/plain")
        answer = left[0] if left else matching[-1]
        self._given.append(answer)
        return answer

    def _send(self, connection: socket.socket, answer: Answer) -> bool:
        """Return whether the answer was sent before the client closed."""
        for seconds, content in answer.writes:
            if self._client_closes(connection, seconds):
                return False
            connection.sendall(content)
        if answer.ending is Ending.HANG:
            return not self._client_closes(connection, float("inf"))
        if answer.ending is Ending.RESET:
            linger = struct.pack("ii", 1, 0)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        return True

    def _client_closes(self, connection: socket.socket, seconds: float) -> bool:
        """Wait; return early and true where the client closes or the server stops."""
        until = time.monotonic() + seconds
        while not self._stopping.is_set():
            left = until - time.monotonic()
            readable, _, _ = select.select([connection], [], [], max(0.0, min(left, TICK)))
            if readable and not connection.recv(65536):
                return True
            if left <= TICK:
                time.sleep(max(0.0, until - time.monotonic()))
                return False
        return True


def refusing_url() -> str:
    """Return the address of a port on loopback where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


def _read_request(connection: socket.socket, stopping: threading.Event) -> ReceivedRequest | None:
    connection.settimeout(TICK)
    content = b""
    while not _is_complete(content):
        try:
            received = connection.recv(65536)
        except TimeoutError:
            if stopping.is_set():
                return None
            continue
        if not received:
            return None
        content += received
    connection.settimeout(None)
    return _parsed(content)


def _is_complete(content: bytes) -> bool:
    head, separator, body = content.partition(b"\r\n\r\n")
    if not separator:
        return False
    return len(body) >= int(_headers(head).get("content-length", 0))


def _parsed(content: bytes) -> ReceivedRequest:
    head, _, body = content.partition(b"\r\n\r\n")
    method, path, _ = head.split(b"\r\n")[0].decode("ascii").split(" ", 2)
    return ReceivedRequest(method=method, path=path, headers=_headers(head), body=body)


def _headers(head: bytes) -> dict[str, str]:
    lines = head.decode("latin-1").split("\r\n")[1:]
    return {
        name.strip().lower(): value.strip() for name, _, value in (x.partition(":") for x in lines)
    }
