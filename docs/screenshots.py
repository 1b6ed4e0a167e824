"""
Makes the pictures of the README and the documentation, from the sandbox.

``make screenshots`` needs Chromium. The answer of the model is written here, so that the pictures
are the same each time; everything else is the sandbox as anybody starts it.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Page, sync_playwright  # noqa: E402

from docs.builder_pictures import BuilderPictures  # noqa: E402
from docs.state_pictures import StatePictures  # noqa: E402
from tests.replay import ReplayServer, response  # noqa: E402

IMAGES = ROOT / "docs" / "images"
STATES = IMAGES / "states"
MODEL = "llama3.2:3b"
TEXT = (
    "A flat tyre on a wet hill is ten minutes’ work: how to find the hole, patch the tube and ride "
    "on, in the order that works."
)
SIZE = {"width": 1280, "height": 800}
START_SECONDS = 180


def main() -> None:
    """Start the sandbox on a model that we play, and take every picture."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if chromium is None:
        sys.exit("Chromium is not installed (Debian: chromium).")
    IMAGES.mkdir(exist_ok=True)
    with (
        ReplayServer(*answers()) as ollama,
        sandbox(ollama.url) as site,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport=SIZE, device_scale_factor=1.5, locale="en-GB")
        take(page, site)
        BuilderPictures(page, site, IMAGES).take()
        STATES.mkdir(exist_ok=True)
        StatePictures(page, site["edit_url"], STATES).take()
        browser.close()


def take(page: Page, site: dict[str, str]) -> None:
    """Take the pictures in the order of the tutorial."""
    log_in(page, site["url"], "admin")
    page.goto(site["edit_url"] + "#tab-promote")
    field = page.locator("[data-contentpath=search_description]")
    button = field.locator(".llm-field__button")
    button.wait_for()
    button.scroll_into_view_if_needed()
    page.mouse.move(0, 0)
    save(page, "field")
    field.locator("textarea").focus()
    field.locator(".llm-field__request").click()
    page.get_by_role("region", name="Prompt as it is sent").wait_for()
    page.wait_for_timeout(500)
    save(page, "request")
    page.get_by_role("dialog").get_by_role("button", name="Close", exact=True).click()
    page.locator("#llm-run-dialog").wait_for(state="hidden")
    button.click()
    use = page.get_by_role("button", name="Use this")
    use.wait_for()
    page.mouse.move(0, 0)
    page.wait_for_timeout(500)
    save(page, "dialog")
    use.click()
    page.locator("#llm-run-dialog").wait_for(state="hidden")
    page.goto(site["url"] + "/admin/llm-actions/runs/")
    save(page, "runs")
    page.locator("table tbody a[href*='/llm-actions/runs/']").first.click()
    page.wait_for_url(re.compile(r"/runs/[0-9a-f-]{36}/"))
    save(page, "run")


def save(page: Page, name: str) -> None:
    """Write a picture of what the window shows."""
    page.screenshot(path=IMAGES / f"{name}.png", animations="disabled")
    print(f"docs/images/{name}.png")


def log_in(page: Page, url: str, user: str) -> None:
    """Enter the admin as one of the sandbox’s users."""
    page.goto(f"{url}/admin/login/")
    page.fill("input[name=username]", user)
    page.fill("input[name=password]", user)
    page.click("button[type=submit]")
    page.wait_for_url("**/admin/")


def answers():
    """Return what an Ollama with one model answers."""
    words = TEXT.split(" ")
    lines = [{"message": {"role": "assistant", "content": f"{word} "}} for word in words]
    last = {"done": True, "done_reason": "stop", "prompt_eval_count": 412, "eval_count": 31}
    lines.append({"message": {"role": "assistant", "content": ""}, **last})
    stream = "".join(json.dumps({"model": MODEL, "done": False, **line}) + "\n" for line in lines)
    yield response(200, json.dumps({"models": [{"name": MODEL}]}), method="GET", path="/api/tags")
    yield response(200, json.dumps({"capabilities": ["completion"]}), path="/api/show")
    yield response(200, stream, content_type="application/x-ndjson", path="/api/chat")


@contextmanager
def sandbox(ollama: str) -> Iterator[dict[str, str]]:
    """Run the sandbox in a directory of its own; yield what it says when it is ready."""
    with tempfile.TemporaryDirectory(prefix="llm-screenshots-") as directory:
        ready = Path(directory) / "ready.json"
        command = [sys.executable, "-m", "sandbox", "--port", "8790"]
        command += ["--ollama", ollama, "--ready-file", str(ready)]
        environment = {**os.environ, "SANDBOX_VAR": directory}
        process = subprocess.Popen(command, cwd=ROOT, env=environment)
        try:
            yield wait_for(ready, process)
        finally:
            process.terminate()
            process.wait()


def wait_for(ready: Path, process: subprocess.Popen) -> dict[str, str]:
    """
    Return what the sandbox writes when it is ready.

    :raises TimeoutError: if it takes too long, or ends.
    """
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        if ready.exists() and ready.read_text():
            return json.loads(ready.read_text())
        time.sleep(0.2)
    raise TimeoutError("the sandbox did not start")


if __name__ == "__main__":
    main()
