"""The field controls and the dialog under axe, light and dark, wide and narrow."""

from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import expect

from tests import factories
from tests.browser import fake_api
from tests.browser.editor_page import EditorPage
from tests.browser.fake_api import FakeApi

AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")
RUN = """async (selectors) => {
  const context = { include: selectors };
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
  const { violations } = await axe.run(context, { runOnly: tags });
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html}`));
}"""
REASON = "Ollama at localhost:11434 refused the connection. Is it running?"


@pytest.fixture(params=["light", "dark"])
def scheme(request):
    """Each of the colour schemes."""
    return request.param


@pytest.fixture(params=[1280, 320])
def width(request):
    """A wide window and the narrowest one that has to work, in CSS pixels."""
    return request.param


@pytest.fixture
def opened(page_of, live_server, admin, scheme, width):
    """An edit form with a control of every look, and the API that it talks to."""
    story = factories.make_page(title="A story")
    page = page_of(admin, viewport={"width": width, "height": 800}, color_scheme=scheme)
    api = FakeApi(page)
    api.runs = {
        "title": fake_api.run(decision="accepted", label=fake_api.LABEL, output="A story"),
        "intro": fake_api.run(status="failed", label=REASON, retryable=True),
        "summary": fake_api.run(status="running", label="Generating…"),
        "body": fake_api.run(label="1 suggestion to review"),
    }
    form = EditorPage(page)
    form.goto(f"{live_server.url}/admin/pages/{story.pk}/edit/")
    expect(form.control("title")).to_be_visible()
    page.add_script_tag(path=AXE)
    return form, api


def violations(form, *selectors):
    """Return what axe finds within the selectors, once all fading has ended."""
    form.page.wait_for_timeout(500)
    return form.page.evaluate(RUN, list(selectors))


def test_the_controls_and_the_dialog_are_accessible_in_every_state(opened):
    form, api = opened
    assert violations(form, ".llm-field") == []
    api.hold.add("runs")
    form.control("title").click()
    expect(form.status).to_have_text("Generating…")
    assert violations(form, "#llm-run-dialog") == []
    api.let_go("runs")
    expect(form.dialog.get_by_role("button", name="Use this")).to_be_visible()
    assert violations(form, "#llm-run-dialog") == []
    form.dialog.get_by_text("Changes", exact=True).click()
    assert violations(form, "#llm-run-dialog") == []
    form.page.keyboard.press("Escape")
    assert violations(form, "#llm-run-dialog") == []
    form.press("Go back")
    api.presentation |= {"errors": ["Title: 3 characters too many."]}
    form.press("Use this")
    expect(form.dialog).to_contain_text("3 characters too many")
    assert violations(form, "#llm-run-dialog") == []
    api.events = [fake_api.started(current=""), fake_api.failed(REASON)]
    form.press("Try again")
    expect(form.message).to_have_text(REASON)
    assert violations(form, "#llm-run-dialog") == []


def test_nothing_is_wider_than_the_window(opened, width):
    form, _ = opened
    form.generate(form.control("title"))
    box = form.page.locator("#llm-run-dialog .w-dialog__content")
    assert box.evaluate("box => box.scrollWidth - box.clientWidth") == 0
    assert form.dialog.get_by_role("button", name="Use this").bounding_box()["x"] >= 0


def test_the_dialog_works_by_keyboard_alone(opened):
    form, _ = opened
    form.control("title").focus()
    form.page.keyboard.press("Enter")
    expect(form.dialog.get_by_role("button", name="Use this")).to_be_visible()
    expect(form.box).to_be_focused()
    for _ in ("current text", "changes", "wish", "its button", "history", "button"):
        form.page.keyboard.press("Tab")
    expect(form.dialog.get_by_role("button", name="Use this")).to_be_focused()
    form.page.keyboard.press("Enter")
    expect(form.input("title")).to_have_value("A better title")
    expect(form.control("title")).to_be_focused()
