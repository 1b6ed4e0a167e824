"""A real server process for a test, and a browser-like client for it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
from bs4 import BeautifulSoup

ROOT = Path(__file__).resolve().parents[2]

COMMANDS = {
    "wsgi": "-m gunicorn tests.wsgi --bind 127.0.0.1:{port} --workers 2 --log-level warning",
    "threads": "-m gunicorn tests.wsgi --bind 127.0.0.1:{port} --threads 4 --log-level warning",
    "asgi": "-m uvicorn tests.asgi:application --host 127.0.0.1 --port {port} --log-level warning",
}


class Server:
    """A server process with a database of its own."""

    def __init__(self, kind: str, database: Path, llm_actions: dict):
        """
        :param kind: a key of ``COMMANDS``.
        :param database: a SQLite file that was seeded.
        :param llm_actions: the ``WAGTAIL_LLM_ACTIONS`` setting.
        """
        self.kind = kind
        self.environment = environment(database, llm_actions)
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen | None = None
        self.clients = ExitStack()
        """The HTTP clients that visit the server; closed with it."""

    def start(self) -> None:
        """Start the process and wait until it answers."""
        command = COMMANDS[self.kind].format(port=self.port).split()
        self.process = subprocess.Popen(
            [sys.executable, *command], env=self.environment, cwd=ROOT, start_new_session=True
        )
        end = time.monotonic() + 30
        while time.monotonic() < end:
            assert self.process.poll() is None, "the server ended"
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise TimeoutError("the server did not start")

    def kill(self) -> None:
        """Kill the process and its workers at once, as a power cut does."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """End the process and its workers."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()


class Visitor:
    """A logged-in person's browser, as far as forms and requests go."""

    def __init__(self, server: Server, page_id: int):
        self.server = server
        self.editor = f"/admin/pages/{page_id}/edit/"
        self.http = server.clients.enter_context(httpx.Client(base_url=server.url, timeout=30))
        self._log_in()

    def form(self) -> dict[str, str | list[str]]:
        """Return the data of the page's edit form as the browser would post it."""
        html = self.http.get(self.editor).raise_for_status().text
        form = BeautifulSoup(html, "html.parser").select_one("form[data-edit-form]")
        data: dict[str, str | list[str]] = {"stream-count": "0"}
        for field in form.select("input[name], textarea[name]"):
            if field.get("type") in {"checkbox", "radio", "file"} and "checked" not in field.attrs:
                continue
            data[field["name"]] = field.get("value", field.text if field.name == "textarea" else "")
        return data

    def run(self, form: dict, address: str = "search_description"):
        """Return a context manager that gives the streaming response of a run."""
        return self.http.stream(
            "POST",
            "/admin/llm-actions/api/runs",
            params={"editor": self.editor, "address": address},
            data=form,
            headers=self._headers,
        )

    def run_row(self, run_id: str) -> dict:
        """Return a run as the API shows it."""
        answer = self.http.get(f"/admin/llm-actions/api/runs/{run_id}").raise_for_status()
        return answer.json()

    def wait_for_status(self, run_id: str, timeout: float = 5.0) -> dict:
        """Return a run once it has ended, or as it stands after ``timeout`` seconds."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            row = self.run_row(run_id)
            if row["status"] not in {"queued", "running"}:
                break
            time.sleep(0.05)
        return row

    def post(self, path: str, **options) -> httpx.Response:
        """Post to the API."""
        url = f"/admin/llm-actions/api/{path}"
        return self.http.post(url, headers=self._headers, **options)

    @property
    def _headers(self) -> dict[str, str]:
        return {"X-CSRFToken": self.http.cookies["csrftoken"], "Referer": self.server.url}

    def _log_in(self) -> None:
        self.http.get("/admin/login/").raise_for_status()
        token = self.http.cookies["csrftoken"]
        answer = self.http.post(
            "/admin/login/",
            data={"username": "admin", "password": "password", "csrfmiddlewaretoken": token},
            headers={"Referer": self.server.url},
        )
        assert answer.status_code == 302


def events(response: httpx.Response) -> Iterator[dict]:
    """Yield the events of a streaming response."""
    for line in response.iter_lines():
        if line:
            yield json.loads(line)


def environment(database: Path, llm_actions: dict) -> dict[str, str]:
    """Return the environment of a process that uses ``database`` and these settings."""
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "TEST_DATABASE": "sqlite",
        "TEST_SQLITE": str(database),
        "TEST_LLM_ACTIONS": json.dumps(llm_actions),
    }


@contextmanager
def running(kind: str, database: Path, llm_actions: dict) -> Iterator[Server]:
    """Run a server for the length of a block."""
    server = Server(kind, database, llm_actions)
    server.start()
    try:
        yield server
    finally:
        server.clients.close()
        server.stop()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]
