"""Hostile answers, stored and rendered in a real browser: nothing runs, nothing is asked for."""

import json
import os
import subprocess
import sys
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect
from wagtail.blocks import StreamValue

from tests import factories
from tests.browser.editor_page import EditorPage
from tests.browser.fake_api import FakeApi, deltas, presentation, started, succeeded
from tests.browser.test_story import ROOT, Sandbox
from tests.content.applying import applied
from tests.content.forms import edit_path, everything
from tests.hostile.outputs import OUTPUTS
from tests.testapp.models import EverythingPage
from wagtail_llm_actions.content.editors import find_editor
from wagtail_llm_actions.outputs import clean
from wagtail_llm_actions.values import OutputMode

RAW = (
    "<img src=x onerror=alert(1)><svg onload=alert(2)></svg><script>alert(3)</script>"
    "<img src=https://evil.example/pixel.gif>"
)
CANARY = """
window.__calls = 0;
for (const name of ['alert', 'confirm', 'prompt'])
  window[name] = () => { window.__calls += 1; };
"""
TEXTS = [text for output in OUTPUTS if (text := clean(output)) and "\x00" not in text]


def groups(size):
    """Return the texts as one block holds them: an edit form of hundreds takes a minute to open."""
    return [TEXTS[index : index + size] for index in range(0, len(TEXTS), size)]


BLOCKS = {"text": groups(16), "block_quote": groups(32), "rich_text": groups(32)}


class Watch:
    """Counts what a page of the browser executes or asks another host for."""

    def __init__(self, page):
        self.page = page
        self.foreign = []
        self.opened = []
        page.context.route("**/*", self._look)
        page.context.add_init_script(CANARY)
        page.on("dialog", self._dismiss)
        page.context.on("page", lambda opened: self.opened.append(opened.url))

    def executed(self):
        """Return how many payloads ran, in the page or in one that they opened."""
        calls = sum(frame.evaluate("window.__calls ?? 0") for frame in self.page.frames)
        return calls + len(self.opened)

    def assert_quiet(self):
        """Let what is pending happen, then make sure that nothing did."""
        self.page.wait_for_load_state("networkidle")
        self.page.evaluate("() => new Promise(resolve => setTimeout(resolve, 300))")
        assert (self.executed(), self.foreign) == (0, [])

    def _look(self, route):
        host = urlsplit(route.request.url).hostname
        if host in ("localhost", "127.0.0.1", None):
            route.continue_()
        else:
            self.foreign.append(route.request.url)
            route.abort()

    def _dismiss(self, dialog):
        self.opened.append(dialog.message)
        dialog.dismiss()


@pytest.fixture
def watch(page_of, admin):
    return Watch(page_of(admin, own=True))


@pytest.fixture
def poisoned(admin, rows):
    """A page in which every hostile answer is stored, as plain text and as rich text."""
    page = factories.make_page(EverythingPage, title="Everything", slug="everything")
    editor = find_editor(edit_path(page), admin)
    blocks = [
        {"type": kind, "value": "\n\n".join(texts)}
        for kind, groups in BLOCKS.items()
        for texts in groups
    ]
    values = {
        "title": "<script>alert(1)</script><img src=x onerror=alert(1)>",
        "char": '"><img src=x onerror=alert(1)>',
        "rich": "\n\n".join(TEXTS),
        "stream": blocks,
    }
    bound = editor.bind(everything(slug="everything"))
    for address, value in values.items():
        placed = bound.place(address, value, OutputMode.REPLACE)
        assert placed.errors == ()
        bound = editor.bind(applied(bound, address, placed))
    saved = bound.form.save(commit=False)
    saved.save_revision(user=admin).publish()
    return EverythingPage.objects.get(pk=page.pk)


def test_the_watch_would_notice(watch, live_server, rows):
    block = EverythingPage._meta.get_field("stream").stream_block
    page = factories.make_page(
        EverythingPage, stream=StreamValue(block, [("raw_html", RAW)]), slug="raw"
    )
    page.save_revision().publish()
    watch.page.goto(f"{live_server.url}/raw/")
    watch.page.wait_for_load_state("networkidle")
    assert watch.executed() == 3
    assert watch.foreign == ["https://evil.example/pixel.gif"]
    with pytest.raises(AssertionError):
        watch.assert_quiet()


def test_nothing_runs_in_the_front_end(watch, live_server, poisoned):
    watch.page.goto(f"{live_server.url}/everything/")
    shown = watch.page.locator("body").text_content()
    assert sum(text.split()[0] in shown for text in TEXTS) >= 300
    assert len(poisoned.stream) == sum(map(len, BLOCKS.values()))
    watch.assert_quiet()


@pytest.mark.slow
def test_nothing_runs_in_the_sandbox(page_of, admin, tmp_path):
    with Sandbox(tmp_path, "--no-model") as ready:
        poisoned = json.loads(
            python("tests.browser.poison_sandbox", SANDBOX_VAR=str(tmp_path / "var"))
        )
        watch = Watch(page_of(admin, own=True))
        watch.page.goto(ready["url"] + poisoned["path"])
        shown = watch.page.locator("main").text_content()
        assert sum(text.split()[0] in shown for text in TEXTS) >= 300
        assert poisoned["counts"]["body"] >= 1000
        assert poisoned["counts"]["related_links"] >= 200
        watch.assert_quiet()


def python(module, **environment):
    """Return what a module of the tests prints that runs with the sandbox's settings."""
    settings = {"DJANGO_SETTINGS_MODULE": "sandbox.settings"}
    done = subprocess.run(
        [sys.executable, "-m", module],
        cwd=ROOT,
        env=os.environ | settings | environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout


def test_nothing_runs_in_the_edit_form(watch, live_server, poisoned):
    watch.page.set_default_timeout(60_000)
    form = EditorPage(watch.page)
    form.goto(f"{live_server.url}/admin/pages/{poisoned.pk}/edit/")
    areas = watch.page.locator("textarea[name^=stream-]")
    expect(areas).to_have_count(len(BLOCKS["text"]) + len(BLOCKS["block_quote"]))
    written = areas.evaluate_all("areas => areas.map(area => area.value).join()")
    assert sum(text.split()[0] in written for text in TEXTS) >= 300
    expect(watch.page.locator(".Draftail-Editor").first).to_contain_text("onerror=alert(1)")
    watch.assert_quiet()


def test_nothing_runs_in_the_dialog(watch, live_server, rows):
    story = factories.make_page(title="A story", slug="a-story")
    api = FakeApi(watch.page)
    everything_said = "\n".join(OUTPUTS).encode("utf-8", "replace").decode()
    api.events = [
        started(current=everything_said, notices=TEXTS[:50]),
        *deltas(*TEXTS),
        succeeded(everything_said),
    ]
    api.presentation = presentation(everything_said, errors=TEXTS, current=everything_said)
    form = EditorPage(watch.page)
    form.goto(f"{live_server.url}/admin/pages/{story.pk}/edit/")
    form.control("title").click()
    expect(form.result).to_contain_text("onerror=alert(1)")
    expect(form.dialog.locator("li").nth(299)).to_be_attached()
    watch.assert_quiet()
