"""How long the browser’s main thread works to give 1,000 fields their controls."""

import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.figures import Figure
from benchmarks.site import ROOT, ask, seeded

FIELDS = 1000
ROUNDS = 5
GOAL = 50
WINDOW = 3.0
"""Seconds; long enough for the states of all fields to come and be shown."""
QUIET = 20
"""Milliseconds of work within a window that count as nothing to do."""
SHOWN = ("TaskDuration", "ScriptDuration", "RecalcStyleDuration", "LayoutDuration")
ADD_EMPTY = """() => document.querySelectorAll('[data-streamfield-child] [data-field]').forEach(
  (field) => field.append(Object.assign(document.createElement('div'), { className: 'empty' })))"""
MAIN = "**/wagtail_llm_actions/js/main.js"


def figures() -> Iterator[Figure]:
    """Load the editor without our script, then start it and watch the main thread."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if chromium is None:
        print("not measured: the main thread, because Chromium is not installed")
        return
    with seeded() as environment:
        site = ask("benchmarks.many_fields", environment)
        with running_server(environment) as url:
            idle, empty, busy, script, style, layout = watch(chromium, url, site)
    yield Figure(
        name=f"main thread: {FIELDS:,} fields decorated, over an idle page",
        unit="ms",
        baseline=idle,
        cost=busy,
        goal=GOAL,
    )
    yield Figure(
        name="  over an empty element in each field",
        unit="ms",
        baseline=empty,
        cost=busy,
    )
    yield Figure(name="  of this: JavaScript", unit="ms", cost=script)
    yield Figure(name="  of this: styles and layout", unit="ms", cost=style + layout)


def watch(chromium: str, url: str, site: dict) -> list[float]:
    """Return the main thread's work in milliseconds: idle, adding nothing, decorating."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        rows = [watch_once(browser, url, site) for _ in range(ROUNDS)]
        browser.close()
    return [statistics.median(column) for column in zip(*rows, strict=True)]


def watch_once(browser, url: str, site: dict) -> list[float]:
    """Open the page once; return the work of two windows of the same length."""
    context = browser.new_context(reduced_motion="reduce")
    context.add_cookies([{"name": "sessionid", "value": site["session"], "url": url}])
    page = context.new_page()
    page.route(MAIN, lambda route: route.fulfill(body="", content_type="text/javascript"))
    page.goto(url + site["path"], timeout=120_000)
    page.wait_for_function(
        f"document.querySelectorAll('[data-streamfield-child] [data-field]').length >= {FIELDS}",
        timeout=120_000,
    )
    # Wagtail reads the whole form twice a second to see whether it has changed.
    page.evaluate("document.querySelector('form[data-edit-form]').dataset.controller = ''")
    devtools = context.new_cdp_session(page)
    devtools.send("Performance.enable", {"timeDomain": "threadTicks"})
    wait_for_quiet(page, devtools)
    idle = work(page, devtools, lambda: None)
    empty = work(page, devtools, lambda: page.evaluate(ADD_EMPTY))
    page.evaluate("document.querySelectorAll('.empty').forEach((element) => element.remove())")
    wait_for_quiet(page, devtools)
    start = "import(document.getElementById('llm-actions-main').src + '?started')"
    busy = work(page, devtools, lambda: page.evaluate(f"() => {{ {start}; }}"))
    decorated = page.locator(".llm-field").count()
    assert decorated >= FIELDS, f"only {decorated} fields were decorated"
    context.close()
    return [idle["TaskDuration"], empty["TaskDuration"], *(busy[name] for name in SHOWN)]


def wait_for_quiet(page, devtools) -> None:
    """Wait until the page has nothing more to do, or a minute."""
    for _ in range(20):
        if work(page, devtools, lambda: None)["TaskDuration"] < QUIET:
            return


def work(page, devtools, action) -> dict[str, float]:
    """Return what the main thread did within the window after ``action``, in milliseconds."""
    before = metrics(devtools)
    action()
    page.wait_for_timeout(WINDOW * 1000)
    after = metrics(devtools)
    return {name: (after[name] - before[name]) * 1000 for name in SHOWN}


def metrics(devtools) -> dict[str, float]:
    """Return Chromium’s counters of the page: processor seconds of the main thread."""
    return {
        item["name"]: item["value"] for item in devtools.send("Performance.getMetrics")["metrics"]
    }


@contextmanager
def running_server(environment: dict[str, str]) -> Iterator[str]:
    """Serve the site with its static files; yield its URL."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"127.0.0.1:{listener.getsockname()[1]}"
    arguments = ["runserver", address, "--noreload", "--insecure", "--skip-checks", "-v", "0"]
    variables = {**os.environ, "DJANGO_SETTINGS_MODULE": "benchmarks.settings", **environment}
    with subprocess.Popen(
        [sys.executable, "-m", "django", *arguments],
        cwd=ROOT,
        env=variables | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            wait_for(address)
            yield f"http://{address}"
        finally:
            process.terminate()


def wait_for(address: str) -> None:
    """
    Wait until something listens at ``address``.

    :raises TimeoutError: after a minute.
    """
    host, port = address.split(":")
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex((host, int(port))) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError(f"nothing listens at {address}")


def make_page() -> dict[str, str]:
    """Give the page its fields and an action for them; return its path and a session."""
    import django

    django.setup()
    from django.contrib.auth import get_user_model
    from django.test import Client
    from django.urls import reverse

    from tests import factories
    from tests.testapp.models import StoryPage

    page = StoryPage.objects.get(pk=os.environ["BENCH_PAGE"])
    page.stream = json.dumps([{"type": "heading", "value": f"Number {n}"} for n in range(FIELDS)])
    page.save_revision(clean=False).publish()
    factories.make_action("stream.heading")
    client = Client()
    client.force_login(get_user_model().objects.get(username="admin"))
    path = reverse("wagtailadmin_pages:edit", args=[page.pk])
    return {"path": path, "session": client.cookies["sessionid"].value}


if __name__ == "__main__":
    print(json.dumps(make_page()))
