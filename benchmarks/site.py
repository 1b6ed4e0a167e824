"""A site to measure, in a database of its own, and processes that look at it."""

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = {
    "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
    # An installed package has its bytecode; without it, imports would be measured as compiling.
    "PYTHONDONTWRITEBYTECODE": "",
}
RECORDING = "ollama-0.32.15/011-chat-stream"


@contextmanager
def seeded() -> Iterator[dict[str, str]]:
    """Fill a database; yield the environment of processes that measure on it."""
    with tempfile.TemporaryDirectory(prefix="llm-bench-") as directory:
        environment = {
            "TEST_DATABASE": "sqlite",
            "TEST_SQLITE": str(Path(directory) / "bench.sqlite3"),
        }
        page = ask("tests.servers.seed", environment, json_out=False)
        # As another worker of a site would: SQLite tidies up when the last connection closes.
        with closing(sqlite3.connect(environment["TEST_SQLITE"])) as other:
            other.execute("SELECT count(*) FROM django_migrations")
            yield environment | {"BENCH_PAGE": page}


@contextmanager
def instant_ollama() -> Iterator[str]:
    """Run a loopback Ollama that answers a recording without waiting; yield its URL."""
    command = [sys.executable, "-m", "tests.replay", RECORDING, "--speed", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def provider_setting(url: str) -> dict[str, str]:
    """Return the environment that makes Ollama at ``url`` the provider."""
    backend = "wagtail_llm_actions.providers.ollama.OllamaProvider"
    default = {"BACKEND": backend, "OPTIONS": {"base_url": url}}
    return {"TEST_LLM_ACTIONS": json.dumps({"PROVIDERS": {"default": default}})}


def ask(module: str, environment: dict[str, str], *, json_out: bool = True) -> Any:
    """Run a module in a fresh process and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-m", module],
        cwd=ROOT,
        env={**os.environ, **SETTINGS, **environment},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(done.stdout) if json_out else done.stdout.strip()


def ask_both(module: str, environment: dict[str, str]) -> tuple[Any, Any]:
    """Return what a module prints without this package, and with it."""
    return ask(module, {**environment, "BENCH_WITHOUT": "1"}), ask(module, environment)
