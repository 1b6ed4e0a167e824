"""The start script: which model it chooses, and how its processes live and end."""

import json
import os
import signal
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from sandbox import start
from sandbox.children import Child, ChildError, Children, running
from sandbox.choice import EMBEDDED, NONE, ollama, read_choice, write_choice
from sandbox.console import Console


@pytest.fixture
def ollama_with():
    """Return a function that starts a server with models as Ollama describes them."""
    servers = []

    def serve(models, broken=False):
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                tags = [{"name": name, **more} for name, (_, more) in models.items()]
                self.reply({"models": tags or None})

            def do_POST(self):
                name = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["model"]
                self.reply({"capabilities": models[name][0]})

            def reply(self, content):
                body = b"<html>" if broken else json.dumps(content).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def choose(*arguments):
    return start.choose(start.parser().parse_args(arguments), Console())


def closed_port():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return unused.getsockname()[1]


def test_the_first_chat_model_of_ollama_is_chosen(ollama_with):
    url = ollama_with(
        {
            "all-minilm": (["embedding"], {}),
            "gpt-oss:120b-cloud": (["completion"], {"remote_host": "https://example.com"}),
            "llama3.2:3b": (["completion", "tools"], {}),
            "smollm2": (["completion"], {}),
        }
    )
    assert choose("--ollama", url) == ollama("llama3.2:3b", url)


@pytest.mark.parametrize("models", [{}, {"all-minilm": (["embedding"], {})}])
def test_ollama_without_a_chat_model_is_passed_over(ollama_with, models):
    assert choose("--ollama", ollama_with(models)) == EMBEDDED


def test_a_server_that_is_not_ollama_is_passed_over(ollama_with):
    assert choose("--ollama", ollama_with({}, broken=True)) == EMBEDDED


def test_without_ollama_the_demonstration_model_is_chosen_and_called_so(capsys):
    url = f"http://127.0.0.1:{closed_port()}"
    assert choose("--ollama", url) == EMBEDDED
    said = capsys.readouterr().out
    assert f"No Ollama with a chat model answers at {url}" in said
    assert "Tiny demonstration model (SmolLM2 135M)" in said


def test_the_choice_can_be_made_by_hand(ollama_with):
    url = ollama_with({"llama3.2:3b": (["completion"], {})})
    assert choose("--ollama", url, "--embedded") == EMBEDDED
    assert choose("--ollama", url, "--no-model") == NONE


@pytest.mark.parametrize("choice", [EMBEDDED, NONE, ollama("llama3.2:3b", "http://localhost:1")])
def test_the_settings_read_the_choice_that_was_written(tmp_path, choice):
    write_choice(tmp_path, choice)
    assert read_choice(tmp_path) == choice


def test_the_embedded_provider_reads_the_state_file_beside_the_database(tmp_path):
    options = EMBEDDED.provider(tmp_path)["OPTIONS"]
    assert options == {"state_file": str(tmp_path / "llm_serve.json")}


@pytest.fixture
def start_site(sandbox, tmp_path):
    """Return a function that starts the site of the started sandbox; they all end in the end."""
    environment = start.child_environment(Path(sandbox["var_dir"]))
    with ExitStack() as stack:
        lock = threading.Lock()

        def start_one(port, name):
            log_dir = tmp_path / name
            log_dir.mkdir()
            children = Children(log_dir)
            with lock:
                stack.callback(children.end_all)
            return start.start_site(port, children, environment)

        yield start_one


@pytest.fixture
def other_server():
    """A server of somebody else, that answers everything."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_a_port_that_is_in_use_is_not_free():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert not start.is_free(port)
    assert start.is_free(port)


def test_two_sites_that_start_at_once_get_a_port_each(start_site):
    first = closed_port()
    with ThreadPoolExecutor(2) as pool:
        (one, url), (two, other_url) = pool.map(start_site, [first, first], ["one", "two"])
    assert url != other_url
    assert not one.has_ended()
    assert not two.has_ended()


def test_the_answer_of_another_server_is_not_taken_for_the_sites(
    start_site, other_server, monkeypatch
):
    really_free, asked = start.is_free, []

    def free_at_first(port):
        asked.append(port)
        return len(asked) == 1 or really_free(port)

    monkeypatch.setattr(start, "is_free", free_at_first)
    taken = other_server.server_port
    assert start.answers(taken, "mine") is False
    _, url = start_site(taken, "mine")
    assert asked[0] == taken
    assert int(url.rpartition(":")[2]) > taken


def test_no_free_port_is_said_so(start_site, monkeypatch):
    monkeypatch.setattr(start, "is_free", lambda port: False)
    with pytest.raises(ChildError, match="No port from 8100 to 8149 is free"):
        start_site(8100, "mine")


def test_leaving_ends_every_process(tmp_path):
    with running(tmp_path) as children:
        child = children.start("sleeper", ["-c", "import time; time.sleep(60)"], {})
        assert not child.has_ended()
    assert child.has_ended()


def test_a_process_that_ends_at_once_is_reported_with_its_last_words(tmp_path):
    with running(tmp_path) as children:
        child = children.start("speaker", ["-c", "print('no such file'); exit(3)"], {})
        with pytest.raises(ChildError, match="no such file"):
            child.wait_until(lambda: False, 20)


def test_a_process_that_is_never_ready_is_not_waited_for_longer_than_said(tmp_path):
    with running(tmp_path) as children:
        child = children.start("sleeper", ["-c", "import time; time.sleep(60)"], {})
        started = time.monotonic()
        with pytest.raises(ChildError, match="not ready"):
            child.wait_until(lambda: False, 0.3)
        assert time.monotonic() - started < 5


@pytest.mark.xdist_group("sandbox")
def test_the_first_start_says_what_it_does_and_where_to_go(sandbox):
    said = sandbox["said"]
    assert "Preparing the database" in said
    assert "post 20 of 20" in said
    assert sandbox["ready"]["edit_url"] in said
    assert "Log in as    editor, moderator or admin" in said


def test_a_second_signal_while_everything_ends_leaves_nothing_behind(tmp_path, monkeypatch):
    end = Child.end

    def end_when_signalled_again(child):
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGINT)
        end(child)

    monkeypatch.setattr(Child, "end", end_when_signalled_again)
    with pytest.raises(KeyboardInterrupt), running(tmp_path) as children:
        sleep = ["-c", "import time; time.sleep(60)"]
        started = [children.start(name, sleep, dict(os.environ)) for name in ("one", "two")]
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(5)
    assert all(child.has_ended() for child in started)
