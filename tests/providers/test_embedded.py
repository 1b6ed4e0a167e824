"""The embedded model: its provider, and the command that serves it."""

import json
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.replay import ReplayServer, recorded, refusing_url
from wagtail_llm_actions.exceptions import ProviderUnavailableError
from wagtail_llm_actions.providers.embedded import EmbeddedProvider
from wagtail_llm_actions.providers.llama_state import ServerState, read_state, write_state

ROOT = Path(__file__).resolve().parent.parent.parent
WEIGHTS = os.environ.get("EMBEDDED_MODEL", "")
CASE = "llama.cpp-server-b11549-xllamacpp-smollm2/005-chat-stream-usage"


def state(base_url, api_key="key"):
    return ServerState(base_url=f"{base_url}/v1", api_key=api_key, pid=1, model="m")


@pytest.fixture
def state_file(tmp_path):
    return tmp_path / "state.json"


def test_the_state_is_for_this_user_only(state_file):
    write_state(str(state_file), state("http://127.0.0.1:1"))
    assert stat.S_IMODE(state_file.stat().st_mode) == 0o600
    assert read_state(str(state_file)) == state("http://127.0.0.1:1")
    assert os.listdir(state_file.parent) == ["state.json"]
    assert "key" not in repr(read_state(str(state_file))).replace("api_key", "")


def test_it_follows_the_server_to_another_address(build, ask, state_file):
    provider = build(EmbeddedProvider, state_file=state_file)
    for key in ("first", "second"):
        with ReplayServer(recorded(CASE, speed=0)) as server:
            write_state(str(state_file), state(server.url, key))
            assert list(provider.stream(ask()))[-1].finish_reason == "stop"
            assert server.requests[0].headers["authorization"] == f"Bearer {key}"


@pytest.mark.parametrize("content", [None, "", "{}", "[]", '{"base_url": 1}'])
def test_without_a_server_it_says_what_to_start(build, ask, state_file, content):
    if content is not None:
        state_file.write_text(content)
    provider = build(EmbeddedProvider, state_file=str(state_file))
    with pytest.raises(ProviderUnavailableError, match="llm_serve running") as caught:
        list(provider.stream(ask()))
    assert "The embedded language model is not running." in str(caught.value.user_message)


@pytest.mark.parametrize(("value", "error"), [("", ValueError), (None, ValueError), (5, TypeError)])
def test_a_wrong_state_file_is_named(value, error):
    with pytest.raises(error):
        EmbeddedProvider(alias="e", state_file=value)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "Name a GGUF file"),
        (["/no/such.gguf"], "There is no file"),
        ([__file__, "--threads", "1000"], "--threads must be from 1 to"),
        (["--check"], "Name a --state-file"),
        (["--check", "--state-file", "/no/such.json"], "not running"),
    ],
)
def test_a_wrong_argument_is_told(arguments, message):
    with pytest.raises(CommandError, match=message):
        call_command("llm_serve", *arguments)


def test_the_check_asks_the_server(state_file, capsys):
    healthy = recorded("llama.cpp-server-b11549-xllamacpp-smollm2/001-health", speed=0)
    with ReplayServer(healthy) as server:
        write_state(str(state_file), state(server.url))
        call_command("llm_serve", "--check", "--state-file", str(state_file))
        assert "is ready" in capsys.readouterr().out
        with pytest.raises(CommandError, match="is running already"):
            call_command("llm_serve", __file__, "--state-file", str(state_file))
    write_state(str(state_file), state(refusing_url()))
    with pytest.raises(CommandError, match="not running"):
        call_command("llm_serve", "--check", "--state-file", str(state_file))


def serve(model, state_file, **options):
    command = [sys.executable, "-m", "django", "llm_serve", str(model), "--name", "tiny"]
    return subprocess.Popen(
        [*command, "--state-file", str(state_file), "--context-size", "1024"],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        stdout=subprocess.PIPE,
        text=True,
        **options,
    )


def is_gone(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def wait_until(condition, timeout=20):
    until = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.05)


def test_a_file_that_is_no_model_is_given_up(state_file):
    with serve(__file__, state_file, stderr=subprocess.PIPE) as process:
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "cannot be served" in errors
    assert not state_file.exists()


@pytest.fixture
def served(state_file):
    if not os.path.isfile(WEIGHTS):
        pytest.skip("EMBEDDED_MODEL does not name a GGUF file")
    with serve(WEIGHTS, state_file) as process:
        assert "tiny is ready at http://127.0.0.1:" in process.stdout.readline()
        yield process
        process.kill()


@pytest.mark.embedded
def test_a_real_model_answers(served, build, ask, state_file):
    provider = build(EmbeddedProvider, state_file=state_file)
    request = ask("Write one sentence about tea.", max_output_tokens=30, temperature=0)
    chunks = list(provider.stream(request))
    assert len([chunk for chunk in chunks if chunk.text]) > 3
    assert chunks[-1].usage.output_tokens > 3
    assert [model.name for model in provider.list_models()] == ["tiny"]


@pytest.mark.embedded
def test_a_crash_of_the_model_does_not_end_its_supervisor(served, build, ask, state_file):
    before = read_state(str(state_file))
    os.kill(before.pid, signal.SIGKILL)
    wait_until(lambda: read_state(str(state_file)).pid != before.pid)
    provider = build(EmbeddedProvider, state_file=state_file)
    assert list(provider.stream(ask(max_output_tokens=3)))[-1].finish_reason


@pytest.mark.embedded
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_stopping_the_supervisor_stops_the_model(served, state_file, number):
    child = read_state(str(state_file)).pid
    served.send_signal(number)
    assert served.wait(10) == 0
    assert is_gone(child)
    assert not state_file.exists()


@pytest.mark.embedded
def test_the_model_does_not_outlive_a_killed_supervisor(served, state_file):
    child = read_state(str(state_file)).pid
    served.kill()
    served.wait(10)
    wait_until(lambda: is_gone(child))


@pytest.mark.embedded
def test_the_key_is_neither_in_arguments_nor_in_the_environment(served, state_file):
    server = read_state(str(state_file))
    for pid in (served.pid, server.pid):
        for name in ("cmdline", "environ"):
            assert server.api_key.encode() not in Path(f"/proc/{pid}/{name}").read_bytes()
    assert json.loads(state_file.read_text()).keys() == {"base_url", "api_key", "pid", "model"}
