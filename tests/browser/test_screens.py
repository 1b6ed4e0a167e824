"""
Every screen of the package under axe: light, dark and from right to left, wide, narrow and zoomed.

Theme, direction and size are changed in place, as the browser and Wagtail do: by the colour scheme,
by ``dir`` on the root element, and by the size of the window.
"""

import itertools
import os
from functools import cached_property

import pytest
from django.urls import reverse
from playwright.sync_api import expect
from wagtail.users.models import UserProfile

from tests import factories
from tests.browser import fake_api
from tests.browser.editor_page import EditorPage
from tests.browser.fake_api import FakeApi
from tests.browser.test_accessibility import AXE
from tests.browser.test_keyboard import CHANGEABLE, PAST_RUN
from tests.browser.test_selection import RichText
from wagtail_llm_actions.values import Decision, RunStatus

RUN = """async ({ selectors, known }) => {
  const finite = (one) => one.effect.getComputedTiming().endTime !== Infinity;
  await Promise.all(document.getAnimations().filter(finite).map(
    (one) => one.finished.catch(() => null)));
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
  const options = { runOnly: tags, resultTypes: ['violations'], iframes: false };
  const { violations } = await axe.run({ include: selectors }, options);
  const isKnown = (id, { target }) => known.some(([rule, selector]) =>
    rule === id && document.querySelector(target.at(-1))?.matches(selector));
  return violations.flatMap(({ id, nodes }) =>
    nodes.filter((node) => !isKnown(id, node)).map(({ html, target }) => `${id}: ${target} ${html.slice(0, 200)}`));
}"""
SIZES = {"wide": (1280, 1), "narrow": (360, 1), "zoomed": (640, 2)}
"""The width in CSS pixels, and how many pixels of the device each of them has."""
LOOKS = {"light": ("light", "ltr"), "dark": ("dark", "ltr"), "rtl": ("light", "rtl")}
HEIGHT = 800
DIALOG = "#llm-run-dialog"
KNOWN = [
    # The button that unfolds Wagtail's outline of a form, beside the toggle of the side panel.
    ("target-size", "#w-minimap-toggle"),
]
"""What plain Wagtail violates: the rule, and what it violates it with."""
REASON = "Ollama at localhost:11434 refused the connection. Is it running?"
PROMPT = {
    "system": [{"text": "You write well.", "source": ""}],
    "user": [{"text": "Sum up: ", "source": ""}, {"text": "The tide comes.", "source": "Intro"}],
    "cuts": ["“Intro”: the last 30 words of 75 would be left out."],
    "window": 4096,
}


ALL = os.environ.get("LOOK_AT") == "all"
"""Whether each screen is looked at in every combination, which takes minutes."""


class Screen:
    """A browser page that is looked at in every look and size."""

    def __init__(self, page):
        self.page = page
        self.found = []
        self._seen = 0

    def look(self, name, *selectors):
        """Note what axe finds within the selectors."""
        for look, size in self._combinations():
            self._put(look, size)
            found = self.page.evaluate(RUN, {"selectors": list(selectors), "known": KNOWN})
            self.found.extend(f"{name}, {look}, {size}: {one}" for one in found)
            if selectors == (DIALOG,):
                self._find_overflow(f"{name}, {look}, {size}")
        self._put("light", "wide")

    def _combinations(self):
        """Return each look and each size once; another screen has them together otherwise."""
        if ALL:
            return list(itertools.product(LOOKS, SIZES))
        self._seen += 1
        sizes = itertools.islice(itertools.cycle(SIZES), self._seen, None)
        return list(zip(LOOKS, sizes, strict=False))

    def _put(self, look, size):
        scheme, direction = LOOKS[look]
        width, scale = SIZES[size]
        self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        self.page.evaluate("dir => { document.documentElement.dir = dir; }", direction)
        self._session.send(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": HEIGHT, "deviceScaleFactor": scale, "mobile": False},
        )

    @cached_property
    def _session(self):
        return self.page.context.new_cdp_session(self.page)

    def _find_overflow(self, where):
        overflow = self.page.locator("#llm-run-dialog .w-dialog__content").evaluate(
            "box => box.scrollWidth - box.clientWidth"
        )
        if overflow > 0:
            self.found.append(f"{where}: {overflow} px wider than the dialog")


@pytest.fixture
def screen_of(page_of, live_server):
    """Return a function that opens a user's browser page to be looked at."""
    screens = []

    def make(user):
        screens.append(Screen(page_of(user)))
        return screens[-1]

    yield make
    for screen in screens:
        assert not screen.found, "\n".join(screen.found)


@pytest.fixture
def opened(screen_of, live_server, admin):
    """An edit form with a control of every look, the API that it talks to, and its screen."""
    story = factories.make_page(title="A story", body="<p>Some words here.</p>")
    screen = screen_of(admin)
    api = FakeApi(screen.page)
    api.state["kind"] = "rich_text"
    api.settings["selection_templates"] = [{"slug": "improve", "name": "Improve"}]
    api.runs = {
        "title": fake_api.run(decision="accepted", label=fake_api.LABEL, output="A story"),
        "intro": fake_api.run(status="failed", label=REASON, retryable=True),
        "summary": fake_api.run(status="running", label="Generating…"),
        "body": fake_api.run(label="1 suggestion to review"),
    }
    api.past_runs = [PAST_RUN, PAST_RUN | {"output": "", "message": REASON, "outcome": "Failed"}]
    form = EditorPage(screen.page)
    form.goto(f"{live_server.url}/admin/pages/{story.pk}/edit/")
    expect(form.control("title")).to_be_visible()
    screen.page.add_script_tag(path=AXE)
    return form, api, screen


def test_the_controls_and_the_dialog_in_all_states(opened):
    form, api, screen = opened
    form.input("title").focus()
    expect(form.page.get_by_role("button", name="What is sent: Title")).to_be_visible()
    screen.look("controls", ".llm-field")
    look_at_work(form, api, screen)
    look_at_a_request(form, api, screen)
    look_at_texts(form, api, screen)
    look_at_refusals(form, api, screen)
    look_at_failures(form, api, screen)
    look_at_a_selection(form, api, screen)


def look_at_work(form, api, screen):
    """The model works, and is stopped."""
    api.hold.add("runs")
    form.control("title").click()
    expect(form.status).to_have_text("Generating…")
    screen.look("running", DIALOG)
    form.press("Cancel")
    screen.look("stopped", DIALOG)
    form.press("Close")
    api.let_go("runs")


def look_at_a_request(form, api, screen):
    """What would be sent is shown and changed; then the text stands beside it."""
    api.preview = fake_api.preview(**CHANGEABLE, **PROMPT)
    form.input("title").focus()
    form.page.get_by_role("button", name="What is sent: Title").click()
    form.dialog.get_by_text("System prompt, model and parameters").click()
    form.dialog.get_by_label("Prompt", exact=True).fill("Otherwise.")
    expect(form.dialog.get_by_label("The changed prompt becomes")).to_be_visible()
    screen.look("request", DIALOG)
    form.press("Generate")
    expect(form.box).to_have_value("A better title")
    screen.look("succeeded beside the request", DIALOG)


def look_at_texts(form, api, screen):
    """With the changes and the history, with a second text, and when somebody else wrote."""
    form.dialog.get_by_text("What is sent", exact=True).click()
    form.dialog.get_by_text("Changes", exact=True).click()
    form.dialog.get_by_text("History of this field").click()
    expect(form.dialog.locator(".llm-history li")).to_have_count(2)
    screen.look("succeeded", DIALOG)
    begin = fake_api.started(run_id=fake_api.OTHER_ID, notices=["Look closely at Intro."])
    api.events = [begin, fake_api.succeeded("Another title")]
    form.press("Try again")
    expect(form.dialog.get_by_label("Text 2")).to_be_checked()
    screen.look("texts", DIALOG)
    form.page.keyboard.press("Escape")
    screen.look("leaving", DIALOG)
    form.press("Go back")
    api.presentation |= {"changed_meanwhile": True, "current": "Mine"}
    form.press("Use this")
    expect(form.status).to_contain_text("The field has changed since")
    screen.look("conflict", DIALOG)
    form.press("Keep mine")


def look_at_refusals(form, api, screen):
    """The field, the length of the sources and the kind of the value are in the way."""
    api.presentation = fake_api.presentation("A better title", errors=["3 characters too many."])
    form.control("title").click()
    expect(form.status).to_contain_text("would not take")
    screen.look("refused", DIALOG)
    api.refuse("runs", 409, code="sources_cut", message="Too long.", reasons=["Intro: 30 words."])
    form.press("Try again")
    expect(form.message).to_have_text("Too long.")
    screen.look("cut", DIALOG)
    api.accept("runs")
    unfit = fake_api.failed("It does not fit.", code="invalid_output") | {"reasons": ["No date."]}
    api.events = [fake_api.started(), *fake_api.deltas("soon"), unfit]
    form.press("Generate from the shortened sources")
    expect(form.status).to_contain_text("does not fit")
    screen.look("unfit", DIALOG)


def look_at_failures(form, api, screen):
    """The service is down, the text cannot be checked, the field is gone."""
    api.events = [fake_api.started(), fake_api.failed("It is down.")]
    form.press("Try again")
    expect(form.message).to_have_text("It is down.")
    screen.look("failed", DIALOG)
    api.events = [fake_api.started(), fake_api.failed("No such model.", retryable=False)]
    form.press("Retry")
    expect(form.message).to_have_text("No such model.")
    screen.look("ended", DIALOG)
    form.press("Close")
    form.press("Close and discard")
    api.events = [fake_api.started(), fake_api.succeeded("A better title")]
    api.refuse("present", 403, code="permission", message="You may not.")
    form.control("title").click()
    expect(form.status).to_contain_text("You may not.")
    screen.look("unchecked", DIALOG)
    form.press("Discard")
    api.accept("present")


def look_at_a_selection(form, api, screen):
    """A template is chosen for what is selected, and its text has come."""
    api.presentation = fake_api.presentation("new", kind="rich_text", method="rich_text")
    api.events = [fake_api.started(current="words"), fake_api.succeeded("new")]
    body = RichText(form, "body", "Body")
    body.select("words")
    body.menu.click()
    screen.look("selection", ".llm-field")
    form.page.get_by_role("button", name="Improve", exact=True).click()
    expect(form.box).to_have_value("new")
    screen.look("of a selection", DIALOG)


@pytest.fixture
def rows_of_all(rows, admin):
    """A row of each kind, with runs of every end."""
    story = factories.make_page(title="A story", intro="The tide.")
    action = factories.make_action(
        "summary", prompt="Sum up {{ intro }}", sources={"intro": "intro"}, name="Sum up"
    )
    source = {
        "name": "intro", "path": "intro", "label": "Intro", "text": "The tide.", "required": False,
        "findings": [], "pictures": [], "notice": "", "words": 2, "tokens": 2,
    }  # fmt: skip
    run = factories.make_run(
        action, target=story, user=admin, decision=Decision.ACCEPTED, sources=[source], attempts=2
    )
    failed = factories.make_run(
        action, target=story, user=admin, status=RunStatus.FAILED, error_message="It is down."
    )
    limit = factories.make_limit("requests", 0)
    return {"action": action, "run": run, "failed": failed, "limit": limit}


def paths(found):
    """Return the address of every screen by its name."""
    action = found["action"]
    objects = {
        "llmaction": action,
        "prompttemplate": action.prompt_template,
        "llmconfig": action.llm_config,
    }
    result = {}
    for name, row in objects.items():
        views = f"wagtailsnippets_wagtail_llm_actions_{name}"
        result |= {f"{name} {view}": reverse(f"{views}:{view}") for view in ("list", "add")}
        result |= {
            f"{name} {view}": reverse(f"{views}:{view}", args=[row.pk])
            for view in ("edit", "inspect", "history")
        }
    own = "wagtail_llm_actions"
    return result | {
        "report": reverse(f"{own}:run_list"),
        "run": reverse(f"{own}:run", args=[found["run"].pk]),
        "failed run": reverse(f"{own}:run", args=[found["failed"].pk]),
        "switch": reverse(f"{own}:switch"),
        "limits": reverse(f"{own}_limits:index"),
        "limit": reverse(f"{own}_limits:edit", args=[found["limit"].pk]),
    }


def test_the_screens_of_the_admin(screen_of, live_server, admin, rows_of_all):
    screen = screen_of(admin)
    for name, path in paths(rows_of_all).items():
        screen.page.goto(live_server.url + path)
        screen.page.wait_for_function("document.body.classList.contains('ready')")
        screen.page.add_script_tag(path=AXE)
        screen.look(name, "main")


def test_the_edit_form_of_who_reads_from_right_to_left(screen_of, live_server, admin, rows_of_all):
    UserProfile.objects.create(user=admin, preferred_language="ar")
    screen = screen_of(admin)
    form = EditorPage(screen.page)
    form.goto(f"{live_server.url}/admin/pages/{rows_of_all['run'].object_id}/edit/")
    expect(screen.page.locator("html")).to_have_attribute("dir", "rtl")
    screen.page.add_script_tag(path=AXE)
    form.input("summary").focus()
    form.page.locator(".llm-field__request").click()
    expect(form.dialog.locator(".llm-request mark")).to_be_visible()
    screen.look("arabic", DIALOG)
