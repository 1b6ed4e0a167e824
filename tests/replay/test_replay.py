import json
import socket
import subprocess
import sys
import time

import pytest

from tests.replay import (
    Ending,
    ReplayServer,
    closing_at_once,
    dripping,
    hanging,
    recorded,
    refusing_url,
    response,
)
from tests.replay.answers import TRANSCRIPTS

CASE = "ollama-0.32.15/011-chat-stream"
REQUEST = (TRANSCRIPTS / CASE / "request.http").read_bytes()


def connect(server):
    return socket.create_connection(("127.0.0.1", server.port), timeout=5)


def exchange(server, request=REQUEST):
    with connect(server) as client:
        client.sendall(request)
        return b"".join(iter(lambda: client.recv(65536), b""))


def test_a_recorded_answer_is_replayed_byte_for_byte_at_its_pace():
    meta = json.loads((TRANSCRIPTS / CASE / "meta.json").read_text())
    with ReplayServer(recorded(CASE)) as server:
        started = time.monotonic()
        content = exchange(server)
        elapsed = (time.monotonic() - started) * 1000
        assert content == (TRANSCRIPTS / CASE / "response.http").read_bytes()
        assert elapsed >= meta["recv"][-1][0]
        assert server.requests[0].json()["model"] == "smollm2"


def test_answers_are_matched_by_path_and_given_in_order():
    first, second = response(500, "one", path="/a"), response(200, "two", path="/a")
    with ReplayServer(first, second) as server:
        contents = [exchange(server, b"GET /a HTTP/1.1\r\n\r\n") for _ in range(3)]
        assert [content.rsplit(b"\r\n", 1)[1] for content in contents] == [b"one", b"two", b"two"]
        assert exchange(server, b"GET /b HTTP/1.1\r\n\r\n").startswith(b"HTTP/1.1 404")


@pytest.mark.parametrize(
    "answer",
    [
        hanging(),
        recorded(CASE, speed=0, cut=500, ending=Ending.HANG),
        recorded(CASE, speed=0.01),
        dripping(b"HTTP/1.1 200 OK\r\n\r\n", b"x", every=0.01),
    ],
    ids=["before the first byte", "in the middle", "while it waits", "while it sends"],
)
def test_the_server_knows_when_a_client_goes_away(answer):
    with ReplayServer(answer) as server:
        with connect(server) as client:
            client.sendall(REQUEST)
            server.wait_for_request()
            time.sleep(0.1)
            closed = time.monotonic()
        assert 0 <= server.wait_for_close(1) - closed < 0.2


def test_a_client_that_stays_is_not_said_to_have_gone():
    with ReplayServer(closing_at_once()) as server:
        assert exchange(server) == b""
        with pytest.raises(TimeoutError):
            server.wait_for_close(0.1)


def test_nobody_listens_at_the_refusing_address():
    port = int(refusing_url().rpartition(":")[2])
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


def test_it_runs_as_a_program():
    command = [sys.executable, "-m", "tests.replay", CASE, "--speed", "0"]
    root = TRANSCRIPTS.parent.parent
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        port = int(process.stdout.readline().rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
            client.sendall(REQUEST)
            assert client.recv(15) == b"HTTP/1.1 200 OK"
        process.terminate()
        assert process.wait(5) == 0
