"""
Run the tests in rings, each only where the machine has what it needs::

    python tests/run.py                      every ring that can run
    python tests/run.py --ring fast -k name  one ring; the rest goes to pytest
    python tests/run.py --slow               the tests that take longer than a minute

What is left out is said before anything runs, so that the last line is pytest's own. A ring that
fails ends the run.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests import temporary_mysql, temporary_postgres  # noqa: E402

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NO_TESTS_COLLECTED = 5


class RingUnavailableError(Exception):
    """The machine lacks what a ring needs; the message says what."""


def fast(stack: ExitStack) -> dict[str, str]:
    """Need nothing: SQLite in memory, no network."""
    return {}


def postgres(stack: ExitStack) -> dict[str, str]:
    """Need PostgreSQL: the server of the environment, or one of our own."""
    if os.environ.get("PGHOST"):
        return {"TEST_DATABASE": "postgres"}
    programs = temporary_postgres.find_programs()
    if programs is None:
        raise RingUnavailableError("PostgreSQL is not installed (Debian: postgresql)")
    try:
        variables = stack.enter_context(temporary_postgres.running(programs))
    except (OSError, RuntimeError, subprocess.CalledProcessError) as error:
        raise RingUnavailableError(f"PostgreSQL does not start: {error}") from error
    return {"TEST_DATABASE": "postgres", **variables}


def mysql(stack: ExitStack) -> dict[str, str]:
    """Need MySQL or MariaDB, and a driver: the server of the environment, or one of our own."""
    if find_spec("MySQLdb") is None and find_spec("pymysql") is None:
        raise RingUnavailableError("PyMySQL is not installed")
    if os.environ.get("MYSQL_HOST"):
        return {"TEST_DATABASE": "mysql"}
    server = temporary_mysql.find_programs()
    if server is None:
        raise RingUnavailableError("MariaDB is not installed (Debian: mariadb-server)")
    try:
        variables = stack.enter_context(temporary_mysql.running(server))
    except (OSError, RuntimeError, subprocess.CalledProcessError) as error:
        raise RingUnavailableError(f"MariaDB does not start: {error}") from error
    return {"TEST_DATABASE": "mysql", **variables}


def browser(stack: ExitStack) -> dict[str, str]:
    """Need Chromium."""
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        raise RingUnavailableError("Chromium is not installed (Debian: chromium)")
    return {"CHROMIUM": path}


@dataclass(frozen=True)
class Ring:
    """Tests that need the same things of the machine."""

    name: str
    needs: Callable[[ExitStack], dict[str, str]]
    """Return the environment variables of the tests."""
    markers: str
    arguments: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    """Where its tests are, unless the caller names others; nothing means everywhere."""


ROWS = (
    "tests/engine",
    "tests/api",
    "tests/matrix",
    "tests/models",
    "tests/views",
    "tests/test_checks.py",
)
"""The tests whose promises are a database's to keep: they run on SQLite and PostgreSQL."""
PROMISES = (
    *("tests/engine/test_limits.py", "tests/engine/test_spending.py"),
    *("tests/engine/test_liveness.py", "tests/engine/test_recall.py"),
    *("tests/api/test_idempotency.py", "tests/api/test_limits.py", "tests/api/test_usage.py"),
    "tests/api/test_two_at_once.py",
    *("tests/models", "tests/test_permissions.py"),
)
"""Those among them that databases keep by different means: they run on MariaDB as well."""

RINGS = (
    Ring("fast", fast, "not browser and not embedded", ("-n", "2", "--dist", "loadgroup")),
    Ring("postgres", postgres, "not browser and not embedded", ("-n", "2"), ROWS),
    Ring("mysql", mysql, "not browser and not embedded", ("-n", "2"), PROMISES),
    # One at a time: a model that shares its cores with other tests takes three times as long.
    Ring("model", fast, "not browser and embedded"),
    Ring("browser", browser, "browser", ("-n", "2")),
)


def main() -> int:
    """Run the rings that were asked for, and return pytest's exit status."""
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--slow", action="store_true")
    parser.add_argument("--ring", action="append", choices=[ring.name for ring in RINGS])
    chosen, arguments = parser.parse_known_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with ExitStack() as stack:
        without_model, model = embedded_model()
        ready = available(chosen.ring, stack, without_model)
        for ring, variables in ready:
            status = run(ring, {**model, **variables}, arguments, slow=chosen.slow)
            if status != 0:
                return status
    return 0


def available(names, stack: ExitStack, left_out: list[str]) -> list[tuple[Ring, dict[str, str]]]:
    """Return the rings that can run, with their variables; say which cannot, and why."""
    ready = []
    for ring in RINGS:
        if names and ring.name not in names:
            continue
        try:
            ready.append((ring, ring.needs(stack)))
        except RingUnavailableError as error:
            left_out.append(f"the {ring.name} tests: {error}")
    for line in left_out:
        print(f"NOT RUN: {line}", flush=True)
    if report := os.environ.get("TEST_REPORT"):
        with Path(report).open("a") as file:
            file.writelines(f"{line}\n" for line in left_out)
    return ready


def embedded_model() -> tuple[list[str], dict[str, str]]:
    """Fetch the weights of the embedded model; return what is left out without them."""
    if os.environ.get("EMBEDDED_MODEL"):
        return [], {}
    command = [sys.executable, "-m", "sandbox.weights"]
    fetched = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    if fetched.returncode != 0:
        return ["the tests on the embedded model: its weights could not be fetched"], {}
    return [], {"EMBEDDED_MODEL": fetched.stdout.strip().splitlines()[-1]}


def run(ring: Ring, variables: dict[str, str], arguments: list[str], *, slow: bool) -> int:
    """Run one ring and return pytest's exit status; a ring without a test for it has passed."""
    markers = f"({ring.markers}) and {'slow' if slow else 'not slow'}"
    if "EMBEDDED_MODEL" not in {**os.environ, **variables}:
        markers += " and not embedded"
    print(f"\n=== the {ring.name} tests", flush=True)
    named = any(Path(ROOT, argument.partition("::")[0]).exists() for argument in arguments)
    paths = () if named else ring.paths
    command = [sys.executable, "-m", "pytest", "-m", markers, *ring.arguments, *paths, *arguments]
    status = subprocess.run(command, cwd=ROOT, env={**os.environ, **variables}, check=False)
    return 0 if status.returncode == NO_TESTS_COLLECTED else status.returncode


if __name__ == "__main__":
    sys.exit(main())
