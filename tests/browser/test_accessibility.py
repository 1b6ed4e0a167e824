"""What axe says to a part of a page; ``test_screens`` goes through all of them."""

from pathlib import Path

import axe_playwright_python
import pytest

from tests import factories
from tests.browser.editor_page import EditorPage
from tests.browser.fake_api import FakeApi

AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")
RUN = """async (selectors) => {
  const context = { include: selectors };
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
  const { violations } = await axe.run(context, { runOnly: tags });
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html}`));
}"""


@pytest.fixture(params=[1280, 320])
def width(request):
    """A wide window and the narrowest one that has to work, in CSS pixels."""
    return request.param


@pytest.fixture
def form(page_of, live_server, admin, width):
    """The edit form of a page, in such a window."""
    story = factories.make_page(title="A story")
    page = page_of(admin, viewport={"width": width, "height": 800})
    FakeApi(page)
    form = EditorPage(page)
    form.goto(f"{live_server.url}/admin/pages/{story.pk}/edit/")
    return form


def violations(form, *selectors):
    """Return what axe finds within the selectors, once all fading has ended."""
    form.page.wait_for_timeout(500)
    return form.page.evaluate(RUN, list(selectors))


def test_nothing_is_wider_than_the_window(form):
    form.generate(form.control("title"))
    box = form.page.locator("#llm-run-dialog .w-dialog__content")
    assert box.evaluate("box => box.scrollWidth - box.clientWidth") == 0
    assert form.dialog.get_by_role("button", name="Use this").bounding_box()["x"] >= 0
