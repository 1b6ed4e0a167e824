"""
Fifty runs that one ASGI process streams at once, on PostgreSQL.

The baseline is an ASGI application under the same server that passes the same answers on.
"""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from statistics import median
from types import SimpleNamespace

from benchmarks.figures import Figure
from benchmarks.paced import PAUSE, TOKENS
from benchmarks.readers import Reading, post, read_at_once
from benchmarks.site import ROOT, SETTINGS, ask, provider_setting
from benchmarks.watching import Look, Watch
from tests import temporary_postgres
from tests.servers.running import Visitor

STREAMS = 50
ROUNDS = 8
REST = 1.0
"""How long a server is left alone after its streams, in seconds."""
BASELINE = """\
Runs asked for at once over the API as server-sent events, of a provider that writes {tokens} tokens,
one each {pause:g} ms; against an ASGI application under the same server that passes the same answers
on. Medians of {rounds} rounds in which both take part."""
API, NOTHING = "/admin/llm-actions/api/v1", "/admin/nothing/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """An ASGI application under uvicorn, and how it is asked for a stream."""

    pid: int
    port: int
    request: bytes = post("/")
    token: bytes = b'"content"'
    """What stands in an answer once for each token."""
    tokens: int = TOKENS


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """Streams that were asked for at once, and their server before, meanwhile and afterwards."""

    readings: list[Reading]
    before: Look
    looks: list[Look]
    after: Look

    def first(self, share: float = 0.5) -> float:
        """Return after how long this share of the streams had a first token, in milliseconds."""
        waited = sorted(reading.first - reading.asked for reading in self.readings)
        return waited[int(share * (len(waited) - 1))] * 1000

    def nearly_all(self) -> float:
        """Return after how long 95 in 100 had theirs, in milliseconds."""
        return self.first(0.95)

    def seconds(self) -> float:
        """Return how long it took until the last stream had ended."""
        return max(r.ended for r in self.readings) - min(r.asked for r in self.readings)

    def memory(self) -> float:
        """Return how large the process was at the most, in MB."""
        return max(look.memory for look in self.looks)

    def threads(self) -> int:
        """Return how many threads came, at the most."""
        return max(look.threads for look in self.looks) - self.before.threads

    def threads_left(self) -> int:
        """Return how many of them stayed."""
        return self.after.threads - self.before.threads

    def connections(self) -> float:
        """Return how many connections were held while the provider wrote all answers: the median."""
        begin = max(reading.first for reading in self.readings)
        end = min(reading.ended for reading in self.readings)
        return median(look.connections for look in self.looks if begin < look.at < end)


Rounds = Sequence[Round]


def figures() -> Iterator[Figure]:
    """Yield what streams take in memory, threads, connections and time."""
    programs = temporary_postgres.find_programs()
    if programs is None:
        print("NOT RUN: PostgreSQL is not installed (Debian: postgresql)")
        return
    print(BASELINE.format(tokens=TOKENS, pause=PAUSE * 1000, rounds=ROUNDS))
    with ExitStack() as stack:
        database = stack.enter_context(temporary_postgres.running(programs))
        relay, nothing, ours = _servers(stack, database)
        connect = {"host": database["PGHOST"], "user": database["PGUSER"], "dbname": "postgres"}
        turns = [(relay, 1), (ours, 1), (relay, STREAMS), (nothing, STREAMS), (ours, STREAMS)]
        rounds = [[measured(*turn, connect) for turn in turns] for _ in range(ROUNDS)]
    yield from _figures(*zip(*rounds, strict=True))


def measured(server: Server, count: int, connect: dict[str, str]) -> Round:
    """Read streams at once."""
    with Watch(server.pid, **connect) as watch:
        before = watch.look()
        readings = read_at_once(count, server.port, server.request, server.token)
        assert all(reading.tokens == server.tokens for reading in readings)
        time.sleep(REST)
        return Round(readings=readings, before=before, looks=watch.looks, after=watch.look())


def _servers(stack: ExitStack, database: dict[str, str]) -> tuple[Server, Server, Server]:
    """Start both applications with the provider that they ask; ours is also asked for nothing."""
    environment = {"TEST_DATABASE": "postgres", "PGDATABASE": "postgres", **database}
    page = ask("tests.servers.seed", environment, json_out=False)
    url = stack.enter_context(_paced())
    environment |= SETTINGS | provider_setting(url)
    relay = stack.enter_context(_uvicorn("benchmarks.relay", {"BENCH_OLLAMA": url}))
    ours = stack.enter_context(_uvicorn("tests.asgi", environment))
    at = SimpleNamespace(url=f"http://127.0.0.1:{ours.port}", clients=stack)
    cookies = Visitor(at, page).http.cookies
    body = {
        "object_type": "testapp.storypage",
        "object_id": page,
        "field": "search_description",
        "mode": "stream",
    }
    headers = {
        "Content_Type": "application/json",
        "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
        "X_CSRFToken": cookies["csrftoken"],
    }
    run = post(f"{API}/runs", json.dumps(body).encode(), **headers)
    nothing = replace(ours, request=post(NOTHING, **headers), token=b"HTTP/1.1 200", tokens=1)
    return relay, nothing, replace(ours, request=run, token=b'"delta"')


@contextmanager
def _paced() -> Iterator[str]:
    command = [sys.executable, "-m", "benchmarks.paced"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


@contextmanager
def _uvicorn(module: str, environment: dict[str, str]) -> Iterator[Server]:
    with socket.create_server(("127.0.0.1", 0), backlog=1000) as listener:
        command = ["-m", "uvicorn", f"{module}:application", "--fd", str(listener.fileno())]
        with subprocess.Popen(
            [sys.executable, *command, "--log-level", "warning"],
            cwd=ROOT,
            env=os.environ | environment,
            pass_fds=[listener.fileno()],
        ) as process:
            try:
                yield Server(pid=process.pid, port=listener.getsockname()[1])
            finally:
                process.terminate()


def _figures(
    relay_one: Rounds, one: Rounds, relay: Rounds, nothing: Rounds, ours: Rounds
) -> Iterator[Figure]:
    def both(measure: Callable[[Round], float], baseline=relay, cost=ours) -> dict[str, float]:
        return {"baseline": _typical(measure, baseline), "cost": _typical(measure, cost)}

    first = "time to the first token"
    yield Figure(name=f"1 stream: {first}", unit="ms", **both(Round.first, relay_one, one))
    yield Figure(name=f"{STREAMS} streams at once: {first}, median", unit="ms", **both(Round.first))
    yield Figure(name="  … of 95 in 100", unit="ms", **both(Round.nearly_all))
    yield Figure(
        name=f"  {STREAMS} requests at once of an admin view that does nothing: median",
        unit="ms",
        cost=_typical(Round.first, nothing),
    )
    yield Figure(name="  until the last has ended", unit="s", **both(Round.seconds))
    yield Figure(
        name="  memory of the process before all, and at the most",
        unit="MB",
        baseline=ours[0].before.memory,
        cost=max(map(Round.memory, ours)),
        goal=STREAMS,
    )
    yield Figure(
        name=f"  … after {ROUNDS // 2} rounds and after {ROUNDS}",
        unit="MB",
        baseline=ours[ROUNDS // 2 - 1].after.memory,
        cost=ours[-1].after.memory,
        goal=5,
    )
    yield Figure(name="  threads that come", unit="", **both(Round.threads))
    yield Figure(name="  threads that stay", unit="", **both(Round.threads_left), goal=0)
    yield Figure(
        name="  database connections while the provider writes all answers",
        unit="",
        **both(Round.connections),
        goal=STREAMS / 10,
    )
    yield Figure(
        name="  database connections that stay",
        unit="",
        **both(lambda turn: turn.after.connections),
        goal=0,
    )


def _typical(measure: Callable[[Round], float], rounds: Rounds) -> float:
    """Return the median without the first round, which warms up."""
    return median(map(measure, rounds[1:]))
