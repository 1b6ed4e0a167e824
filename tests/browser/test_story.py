"""
The main job, end to end, on the sandbox as its start script leaves it.

An editor presses the button at a field, watches a model write and uses the text; an admin reads in
the run history what was sent and what came of it.
"""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.replay import ReplayServer, recorded

ROOT = Path(__file__).resolve().parents[2]
START_TIMEOUT = 300
"""Seconds until the sandbox is ready: migrations and content on a slow machine."""
MODEL_TIMEOUT = 120_000
"""Milliseconds until the tiny model has answered on a slow machine."""
TRIES = 4
"""The tiny model sometimes answers nothing that can be used."""

OLLAMA_TEXT = (
    "The City Library will Close Its Main Reading Room from 3 June to 14 August, and the "
    "Market Hall will be moved to the City Library's Study Desk."
)


class Sandbox:
    """The sandbox, started by its own command."""

    def __init__(self, folder: Path, *arguments: str):
        self.ready_file = folder / "ready.json"
        command = [sys.executable, "-m", "sandbox", "--ready-file", str(self.ready_file)]
        environment = {
            name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"
        }
        self.log = (folder / "log.txt").open("w+")
        self.process = subprocess.Popen(
            [*command, *arguments],
            cwd=ROOT,
            env=environment | {"SANDBOX_VAR": str(folder / "var")},
            stdout=self.log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def __enter__(self) -> dict:
        """Wait until all is ready, and return what the start script says of it."""
        end = time.monotonic() + START_TIMEOUT
        while not self.ready_file.exists():
            if self.process.poll() is not None or time.monotonic() > end:
                self.__exit__()
                raise AssertionError(self._said())
            time.sleep(0.2)
        return json.loads(self.ready_file.read_text())

    def __exit__(self, *exc_info: object) -> None:
        self.process.terminate()
        self.process.wait(60)
        self.log.close()

    def _said(self) -> str:
        return Path(self.log.name).read_text()


def log_in(page: Page, url: str, name: str) -> None:
    page.goto(f"{url}/admin/login/")
    page.fill("[name=username]", name)
    page.fill("[name=password]", name)
    page.click("[type=submit]")
    page.wait_for_url(f"{url}/admin/")


def generate(page: Page) -> str:
    """Press the button at the search description until there is a text to use, and return it."""
    page.get_by_role("tab", name="Promote").click()
    page.get_by_role("button", name="Generate Meta description").click()
    use = page.get_by_role("button", name="Use this")
    again = page.get_by_role("button", name="Try again")
    for _ in range(TRIES):
        expect(use.or_(again).first).to_be_visible(timeout=MODEL_TIMEOUT)
        if use.is_visible():
            return page.locator("[data-llm-run-dialog-target=result]").inner_text()
        again.click()
    raise AssertionError("the model gave no text that can be used")


def tell(chromium, ready: dict) -> tuple[str, Page]:
    """Do what the story says; return the text that was used and the page that shows its run."""
    context = chromium.new_context()
    editor = context.new_page()
    log_in(editor, ready["url"], "editor")
    editor.goto(ready["edit_url"])
    field = editor.locator("[name=search_description]")
    assert field.input_value() == ""
    text = generate(editor)
    expect(editor.locator("[data-llm-run-dialog-target=current]")).to_contain_text("Empty")
    editor.get_by_role("button", name="Use this").click()
    expect(field).to_have_value(text)
    expect(editor.get_by_text("AI, accepted by editor on")).to_be_visible()
    editor.get_by_role("button", name="Save draft").click()
    editor.wait_for_load_state("networkidle")
    editor.reload()
    expect(editor.locator("[name=search_description]")).to_have_value(text)
    context.close()

    admin = chromium.new_context().new_page()
    log_in(admin, ready["url"], "admin")
    admin.goto(f"{ready['url']}/admin/llm-actions/runs/")
    admin.locator("tbody a[href*='/llm-actions/runs/']").first.click()
    admin.wait_for_url(re.compile(r"/llm-actions/runs/[0-9a-f-]{36}/$"), wait_until="load")
    return text, admin


def check_receipt(admin: Page, text: str, model: str) -> None:
    """Everything that was sent, what came back, how long, how many tokens, who, what became of it."""
    said = admin.locator("main").inner_text()
    sent = "objective summary of the input text"
    for part in (text, model, sent, "editor", "Search description", "Accepted", "tokens"):
        assert part.lower() in said.lower(), part
    admin.context.close()


@pytest.mark.embedded
@pytest.mark.skipif("EMBEDDED_MODEL" not in os.environ, reason="the weights are not there")
def test_the_story_with_the_embedded_model(chromium, tmp_path):
    with Sandbox(tmp_path, "--embedded") as ready:
        text, admin = tell(chromium, ready)
        check_receipt(admin, text, "SmolLM2-135M-Instruct")


def test_the_story_with_a_replayed_ollama(chromium, tmp_path):
    case = "ollama-0.32.15"
    answers = [
        recorded(f"{case}/{name}", speed=4) for name in ("004-tags", "006-show", "011-chat-stream")
    ]
    with ReplayServer(*answers) as ollama, Sandbox(tmp_path, "--ollama", ollama.url) as ready:
        text, admin = tell(chromium, ready)
        asked = next(request for request in ollama.requests if request.path == "/api/chat").json()
        assert text == OLLAMA_TEXT
        assert asked["truncate"] is False
        said = admin.locator("main").inner_text()
        for message in asked["messages"]:
            for line in filter(None, map(str.strip, message["content"].splitlines())):
                assert " ".join(line.split()) in " ".join(said.split())
        check_receipt(admin, text, asked["model"])
