"""
Pictures of every state of a field's control and of the dialog, for the reference.

The edit form is the sandbox's own; what its API answers is written here, since a provider that is
down, slow or lying cannot be had when a picture is taken.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Locator, Page

from tests.browser import fake_api
from tests.browser.fake_api import FakeApi

COLOURS = 96
"""So many are enough for what the interface shows, and half the size."""
FIELD = "search_description"
OLD = "All about punctures and how to mend them on the road, with a patch and some patience."
NEW = "A flat tyre on a wet hill is ten minutes’ work: find the hole, patch the tube and ride on."
ACCEPTED = "AI, accepted by Ada on 12 May 2026"
DOWN = "Ollama at localhost:11434 refused the connection. Is it running? Nothing was changed."
CUT = "“Content” is cut after 2,400 of 3,150 words."
LONG = "14 characters too many: at most 80 fit."
CONTROLS = {
    "none": {"action": None},
    "ready": {},
    "not-ready": {"ready": False, "problem": "Its prompt template “Summary” is not published."},
    "busy": {"run": fake_api.run(status="running", label="Generating…")},
    "accepted": {"run": fake_api.run(decision="accepted", output=OLD, label=ACCEPTED)},
    "edited": {"run": fake_api.run(decision="accepted", output="Other", label=ACCEPTED)},
    "sources-changed": {
        "run": fake_api.run(
            decision="accepted", output=OLD, label=f"{ACCEPTED}. Sources changed since"
        )
    },
    "failed": {"run": fake_api.run(status="failed", label=DOWN, retryable=True, output="")},
    "waiting": {"run": fake_api.run(label="1 suggestion to review")},
}
"""What the API says of the field, by the name of the picture."""


class StatePictures:
    """Takes the pictures on one page of the browser."""

    def __init__(self, page: Page, url: str, directory: Path):
        self.page, self.url, self.directory = page, url, directory
        self.dialog = page.locator("#llm-run-dialog")

    def take(self) -> None:
        """Take all of them."""
        for name, state in CONTROLS.items():
            with self.form() as api:
                api.state |= state
                self.open_form()
                self.control(name, state)
        for name, play in DIALOG.items():
            with self.form() as api:
                api.events = events(NEW)
                api.presentation = fake_api.presentation(NEW, current=OLD, notices=[])
                self.open_form()
                play(self, api)
                self.save(self.dialog.locator(".w-dialog__box"), f"dialog-{name}")

    @contextmanager
    def form(self) -> Iterator[FakeApi]:
        """Give the API that answers for one opening of the form."""
        api = OneField(self.page)
        api.settings |= {"may_add": True, "may_customise": True}
        yield api
        self.page.unroute_all(behavior="ignoreErrors")

    def open_form(self) -> None:
        """Open the edit form and wait for its control."""
        self.page.goto("about:blank")
        self.page.goto(f"{self.url}#tab-promote")
        self.field.locator("textarea").fill(OLD)
        self.field.locator(".llm-field").wait_for(state="attached")
        self.page.mouse.move(0, 0)

    @property
    def field(self) -> Locator:
        """The field whose control is shown."""
        return self.page.locator(f"[data-contentpath={FIELD}]")

    def control(self, name: str, state: dict) -> None:
        """Take the picture of the field."""
        if name == "none":
            self.field.locator("textarea").focus()
        elif name == "edited":
            self.field.locator(".llm-field__status", has_text="edited since").wait_for()
        self.save(self.field.locator("xpath=ancestor::section[1]"), f"control-{name}")

    def generate(self, until: str = "Use this") -> None:
        """Press the field's button, and wait for a button of the dialog."""
        self.field.locator(".llm-field__button").click()
        self.button(until).wait_for()

    def button(self, name: str) -> Locator:
        """Return a button of the dialog."""
        return self.dialog.get_by_role("button", name=name, exact=True)

    def save(self, element: Locator, name: str) -> None:
        """Write a picture of an element."""
        self.page.wait_for_timeout(400)
        path = self.directory / f"{name}.png"
        element.screenshot(path=path, animations="disabled")
        with Image.open(path) as picture:
            picture.convert("RGB").quantize(COLOURS).save(path, optimize=True)
        print(f"docs/images/states/{name}.png")


class OneField(FakeApi):
    """Answers for one field of the form, and for the history."""

    def _state(self, field):
        is_shown = field["path"] == FIELD
        return self.state if is_shown else self.state | {"action": None, "kind": ""}


def events(text: str, **started) -> list[dict]:
    """Return what a run that makes a text streams."""
    first = fake_api.started(model="llama3.2:3b", label="Search description", **started)
    first |= {"current": OLD, "max_length": 155, "mode": "replace", "notices": []}
    return [first, *fake_api.deltas(*text.split("~")), fake_api.succeeded(text.replace("~", ""))]


def prepared(pictures: StatePictures, api: FakeApi) -> None:
    """What would be sent, with all that can be changed."""
    api.preview = request()
    pictures.field.locator("textarea").focus()
    pictures.field.locator(".llm-field__request").click()
    pictures.dialog.locator("mark").wait_for()


def running(pictures: StatePictures, api: FakeApi) -> None:
    """Nothing has come yet."""
    api.hold.add("runs")
    pictures.generate("Cancel")


def succeeded(pictures: StatePictures, api: FakeApi) -> None:
    """The text is there, and the field takes it."""
    pictures.generate()


def changes(pictures: StatePictures, api: FakeApi) -> None:
    """What is different, with one change refused."""
    pictures.generate()
    pictures.dialog.get_by_text("Changes", exact=True).click()
    pictures.dialog.locator(".llm-change").nth(1).click()


def texts(pictures: StatePictures, api: FakeApi) -> None:
    """Two texts of two models, one beside the other."""
    pictures.generate()
    api.events = events("Punctures happen. Here is how to fix them.", run_id=fake_api.OTHER_ID)
    api.events[0] |= {"model": "mistral:7b"}
    pictures.button("Try again").click()
    pictures.dialog.get_by_label("Text 2").wait_for()
    pictures.dialog.get_by_label("Compare with").select_option("Text 1 (llama3.2:3b)")


def refused(pictures: StatePictures, api: FakeApi) -> None:
    """The form does not take it."""
    api.presentation |= {"errors": [f"Search description: {LONG}"]}
    pictures.generate("Use the mended text")


def unfit(pictures: StatePictures, api: FakeApi) -> None:
    """The answer is no value for the field."""
    answer = "I think it should be about punctures."
    failure = fake_api.failed("The answer is not a date.", "invalid_output")
    api.events[1:] = [failure | {"reasons": ["Write it as 2026-05-12."], "answer": answer}]
    api.events[0] |= {"kind": "text"}
    pictures.generate("Use the mended text")


def conflict(pictures: StatePictures, api: FakeApi) -> None:
    """Somebody has changed the field meanwhile."""
    pictures.generate()
    api.presentation |= {"changed_meanwhile": True, "current": "Mine, typed meanwhile."}
    pictures.button("Use this").click()
    pictures.button("Keep mine").wait_for()


def cut(pictures: StatePictures, api: FakeApi) -> None:
    """The sources are too long for the model."""
    api.refuse(
        "runs",
        409,
        code="sources_cut",
        message="The sources are longer than the model can read.",
        reasons=[CUT],
        retryable=False,
    )
    pictures.generate("Generate from the shortened sources")


def failed(pictures: StatePictures, api: FakeApi) -> None:
    """The provider is down."""
    api.events[1:] = [fake_api.failed(DOWN)]
    pictures.generate("Retry")


def leaving(pictures: StatePictures, api: FakeApi) -> None:
    """Asks before a text is lost."""
    pictures.generate()
    pictures.page.keyboard.press("Escape")
    pictures.button("Go back").wait_for()


def history(pictures: StatePictures, api: FakeApi) -> None:
    """What was run before."""
    shared = {"model": "llama3.2:3b", "url": "#", "of_selection": False, "mode": "replace"}
    used = fake_api.run(decision="accepted", output=OLD) | {
        "when": "12/05/2026 09:14",
        "user": "ada",
        "outcome": "Accepted",
        "restorable": True,
    }
    down = fake_api.run(status="failed", output="", message=DOWN, retryable=True) | {
        "when": "11/05/2026 17:30",
        "user": "bo",
        "outcome": "Failed",
        "restorable": False,
    }
    api.past_runs = [used | shared, down | shared]
    pictures.generate()
    pictures.dialog.get_by_text("History of this field").click()
    pictures.dialog.locator(".llm-history li").last.scroll_into_view_if_needed()


DIALOG: dict[str, Callable[[StatePictures, FakeApi], None]] = {
    "prepared": prepared,
    "running": running,
    "succeeded": succeeded,
    "changes": changes,
    "texts": texts,
    "history": history,
    "refused": refused,
    "unfit": unfit,
    "conflict": conflict,
    "cut": cut,
    "failed": failed,
    "leaving": leaving,
}
"""How each state of the dialog is come to."""


def request() -> dict:
    """Return what would be sent, and what of it can be changed."""
    texts = {"system_prompt": "You write for a bicycle magazine.", "prompt": "Sum up: {{ intro }}"}
    template = {"slug": "summary", "name": "Summary", **texts}
    config = {"slug": "local", "name": "Local", "model_name": "llama3.2:3b", "is_default": True}
    sources = [
        {"path": "@content", "label": "Content", "words": 512},
        {"path": "introduction", "label": "Introduction", "words": 24},
    ]
    action = {
        **texts,
        "prompt_template": "summary",
        "llm_config": "",
        "model_name": "llama3.2:3b",
        "temperature": None,
        "max_output_tokens": None,
        "extra_parameters": {},
        "output_mode": "replace",
        "sources": ["introduction"],
    }
    return fake_api.preview(
        system=[{"text": texts["system_prompt"], "source": ""}],
        user=[{"text": "Sum up: ", "source": ""}, {"text": OLD, "source": "Introduction"}],
        tokens=42,
        window=4096,
        goes_to="llama3.2:3b of Ollama, on this machine",
        request=action,
        choices={
            "templates": [template],
            "configs": [config],
            "sources": sources,
            "suggested": ["@content"],
            "name": "Blog page: Search description",
            "destinations": [{"path": "seo_title", "label": "Title tag"}],
        },
        rights={"save": True, "save_as": True, "save_template": True, "delete": True},
        serves="Saved changes count for this field of every object of type “Blog page”.",
        edit_url="#",
    )
