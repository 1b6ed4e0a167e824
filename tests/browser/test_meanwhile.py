"""
What others do while a model works, or while its output waits to be used.

Nothing that a person wrote is lost, nothing is applied unasked, and what is said helps.
"""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import expect
from wagtail import VERSION

from tests import factories
from tests.browser.held import held
from tests.browser.test_field_kinds import WATCHED_AFTER
from tests.testapp.models import OtherPage, StoryPage
from wagtail_llm_actions.models import LLMAction, LLMActionHistory
from wagtail_llm_actions.testing import reply_with
from wagtail_llm_actions.values import Decision

KEPT = "The text is still here: you can copy it."
GONE = (
    "What you are editing cannot be found. Was it deleted? Nothing was changed. "
    "Copy what you want to keep before you leave this page."
)
LOCKED = "This is locked. Nothing was changed. Try again when it is unlocked."
MAY_NOT_RUN = "You do not have permission to run LLM actions on this field."
MAY_NOT_EDIT = "You do not have permission to edit this."
LOGGED_OUT = (
    "You are not logged in any more. Nothing was changed. Log in in another tab, then press the"
    " same button here again. If that tab does not let you in, ask an administrator."
)
NO_ACTION = (
    "No LLM action is set up for this field. Nothing was sent. "
    "If there was one before, it was unpublished or deleted."
)
DECIDED_BEFORE = (
    "This text was decided on before, perhaps in another tab. That first decision stays on record."
)
autosave = pytest.mark.skipif(VERSION < (8, 0), reason="Wagtail 8.0 brought autosave")


@pytest.fixture
def action(rows):
    """The action of the title."""
    return factories.make_action("title", prompt="A title.", name="Write it")


@pytest.fixture
def story(action):
    """A page with a title."""
    return factories.make_page(title="A story", slug="a-story")


@pytest.fixture
def no_autosave(settings):
    """Leave saving to the button."""
    settings.WAGTAIL_AUTOSAVE_INTERVAL = 0


@pytest.fixture
def edit(form_of, story):
    """Return a function that opens the story's edit form as a user."""

    def make(user):
        form = form_of(user, f"pages/{story.pk}/edit/")
        expect(form.control("title")).to_be_visible()
        return form

    return make


def working(form, model):
    """Press the button, and wait until the model is at work."""
    form.control("title").click()
    expect(form.status).to_have_text("Generating…")
    model.wait_until_asked()


def waiting(form, mended):
    """Generate a title, and change it before it is used."""
    with reply_with("A better title"):
        form.generate(form.control("title"))
    form.box.fill(mended)


def copied(form):
    """Press the button that copies the text, and return what was copied."""
    form.page.context.grant_permissions(["clipboard-read"])
    form.press("Copy")
    expect(form.status).to_have_text("Copied.")
    return form.page.evaluate("navigator.clipboard.readText()")


def decision():
    """Return what became of the one run."""
    return LLMActionHistory.objects.get().decision


def latest(story):
    """Return the latest draft."""
    return StoryPage.objects.get(pk=story.pk).get_latest_revision_as_object()


@dataclass(frozen=True, kw_only=True)
class Obstacle:
    """Something that somebody else does, and takes back later."""

    put: Callable
    take_away: Callable
    sentence: str


def lock(story, user):
    StoryPage.objects.filter(pk=story.pk).update(locked=True, locked_by=factories.make_user())


def unlock(story, user):
    StoryPage.objects.filter(pk=story.pk).update(locked=False, locked_by=None)


def forbid(name):
    return lambda story, user: user.user_permissions.remove(factories.permission(name))


def allow(name):
    return lambda story, user: user.user_permissions.add(factories.permission(name))


OBSTACLES = {
    "the page is locked": Obstacle(put=lock, take_away=unlock, sentence=LOCKED),
    "running is not allowed any more": Obstacle(
        put=forbid("wagtail_llm_actions.run_llmaction"),
        take_away=allow("wagtail_llm_actions.run_llmaction"),
        sentence=MAY_NOT_RUN,
    ),
    "editing is not allowed any more": Obstacle(
        put=lambda story, user: user.groups.clear(),
        take_away=lambda story, user: user.groups.add(factories.make_group("Editors")),
        sentence=MAY_NOT_EDIT,
    ),
    "the admin is closed to the user": Obstacle(
        put=lambda story, user: [
            forbid("wagtailadmin.access_admin")(story, user),
            user.groups.clear(),
        ],
        take_away=lambda story, user: [
            allow("wagtailadmin.access_admin")(story, user),
            user.groups.add(factories.make_group("Editors")),
        ],
        sentence=LOGGED_OUT,
    ),
}


@pytest.mark.parametrize("obstacle", OBSTACLES.values(), ids=OBSTACLES)
def test_a_text_outlives_what_is_in_its_way(edit, editor, story, obstacle):
    form = edit(editor)
    with held("A better ", "title") as model:
        working(form, model)
        obstacle.put(story, editor)
        model.let_go()
        expect(form.status).to_have_text(f"{obstacle.sentence} {KEPT}")
    expect(form.result).to_have_text("A better title")
    expect(form.dialog.get_by_role("button", name="Use this")).to_be_hidden()
    assert copied(form) == "A better title"
    obstacle.take_away(story, editor)
    form.press("Check again")
    form.box.fill("A title of mine")
    obstacle.put(story, editor)
    form.press("Use this")
    expect(form.status).to_have_text(f"{obstacle.sentence} {KEPT}")
    expect(form.box).to_have_value("A title of mine")
    expect(form.input("title")).to_have_value("A story")
    assert decision() == Decision.PENDING
    obstacle.take_away(story, editor)
    form.press("Use this")
    expect(form.dialog).to_be_hidden()
    expect(form.input("title")).to_have_value("A title of mine")
    expect(form.shown_at("title")).to_contain_text("AI, accepted with changes by editor")
    assert decision() == Decision.EDITED


def test_a_text_outlives_its_page(edit, editor, story, no_autosave):
    form = edit(editor)
    form.input("intro").fill("Typed, and saved nowhere")
    with held("A better ", "title") as model:
        working(form, model)
        story.delete()
        model.let_go()
        expect(form.status).to_have_text(f"{GONE} {KEPT}")
    expect(form.result).to_have_text("A better title")
    assert copied(form) == "A better title"
    form.press("Discard")
    expect(form.dialog).to_be_hidden()
    expect(form.input("intro")).to_have_value("Typed, and saved nowhere")
    expect(form.input("title")).to_have_value("A story")
    assert decision() == Decision.REJECTED


def test_a_text_follows_its_page_to_another_place(edit, editor, story):
    other = factories.make_page(OtherPage, title="Elsewhere")
    form = edit(editor)
    with held("A better ", "title") as model:
        working(form, model)
        StoryPage.objects.get(pk=story.pk).move(other, pos="last-child")
        model.let_go()
        expect(form.box).to_have_value("A better title")
    form.press("Use this")
    expect(form.input("title")).to_have_value("A better title")
    expect(form.shown_at("title")).to_contain_text("AI, accepted by editor")
    assert LLMActionHistory.objects.get().page_id == story.pk


def test_an_action_that_is_edited_meanwhile_counts_for_the_next_text(edit, editor, action):
    form = edit(editor)
    waiting(form, "A title of mine")
    template = action.prompt_template
    template.prompt = "Otherwise."
    template.save_revision().publish()
    with reply_with("Another title") as echo:
        form.press("Try again")
        expect(form.box).to_have_value("Another title")
    assert echo.requests[0].messages[-1].content == "Otherwise."
    form.dialog.get_by_label("Text 1").check()
    expect(form.box).to_have_value("A title of mine")
    form.press("Use this")
    expect(form.input("title")).to_have_value("A title of mine")


@pytest.mark.parametrize(
    "end", [LLMAction.unpublish, LLMAction.delete], ids=lambda end: end.__name__
)
def test_a_text_outlives_its_action(edit, editor, action, end):
    form = edit(editor)
    waiting(form, "A title of mine")
    end(action)
    form.press("Try again")
    expect(form.message).to_have_text(NO_ACTION)
    form.dialog.get_by_label("Text 1").check()
    expect(form.box).to_have_value("A title of mine")
    form.press("Use this")
    expect(form.input("title")).to_have_value("A title of mine")
    expect(form.shown_at("title")).to_contain_text("AI, accepted with changes by editor")


def test_an_action_that_goes_while_its_model_works_still_gives_its_text(edit, editor, action):
    form = edit(editor)
    with held("A better ", "title") as model:
        working(form, model)
        action.delete()
        model.let_go()
        expect(form.box).to_have_value("A better title")
    form.press("Use this")
    expect(form.input("title")).to_have_value("A better title")
    expect(form.shown_at("title")).to_contain_text("AI, accepted by editor")
    assert decision() == Decision.ACCEPTED


def test_a_text_that_was_used_in_another_tab_is_used_here_too(edit, editor, no_autosave):
    first = edit(editor)
    waiting(first, "A title of mine")
    second = edit(editor)
    expect(second.shown_at("title")).to_contain_text("1 suggestion to review")
    second.page.get_by_role("button", name="Review", exact=True).click()
    second.press("Use this")
    expect(second.shown_at("title")).to_contain_text("AI, accepted by editor")
    expect(first.input("title")).to_have_value("A story")
    first.press("Use this")
    expect(first.input("title")).to_have_value("A title of mine")
    expect(first.shown_at("title")).to_have_text(DECIDED_BEFORE)
    expect(second.input("title")).to_have_value("A better title")
    assert decision() == Decision.ACCEPTED


def test_what_another_editor_saves_stays_until_this_one_saves(edit, editor, moderator, story):
    form = edit(editor)
    waiting(form, "A title of mine")
    theirs = StoryPage.objects.get(pk=story.pk)
    theirs.title = "Theirs"
    theirs.save_revision(user=moderator)
    form.press("Use this")
    expect(form.input("title")).to_have_value("A title of mine")
    expect(form.shown_at("title")).to_contain_text("AI, accepted with changes by editor")
    assert latest(story).title == "Theirs"


def test_what_another_editor_discards_can_still_be_used(edit, editor, moderator, no_autosave):
    mine = edit(editor)
    waiting(mine, "A title of mine")
    theirs = edit(moderator)
    theirs.page.get_by_role("button", name="Review", exact=True).click()
    expect(theirs.box).to_have_value("A better title")
    theirs.press("Discard")
    expect(theirs.dialog).to_be_hidden()
    assert decision() == Decision.REJECTED
    mine.press("Use this")
    expect(mine.input("title")).to_have_value("A title of mine")
    expect(mine.shown_at("title")).to_contain_text("AI, accepted with changes by editor")
    expect(theirs.input("title")).to_have_value("A story")
    assert decision() == Decision.EDITED


@autosave
def test_autosave_saves_what_was_typed_and_waits_for_what_is_used(edit, editor, story):
    form = edit(editor)
    form.page.wait_for_timeout(WATCHED_AFTER)
    with held("A better ", "title") as model:
        with autosaved(form):
            form.input("intro").press_sequentially("Typed")
            working(form, model)
        assert latest(story).intro == "Typed"
        model.let_go()
        expect(form.box).to_have_value("A better title")
    assert latest(story).title == "A story"
    with autosaved(form):
        form.press("Use this")
    assert (latest(story).title, latest(story).intro) == ("A better title", "Typed")
    expect(form.shown_at("title")).to_contain_text("AI, accepted by editor")
    assert decision() == Decision.ACCEPTED


@autosave
def test_a_page_that_autosave_makes_meanwhile_gets_the_text(form_of, editor, rows, action):
    form = form_of(editor, f"pages/add/testapp/storypage/{rows.pk}/")
    expect(form.control("title")).to_be_visible()
    form.page.wait_for_timeout(WATCHED_AFTER)
    with held("A better ", "title") as model:
        form.input("title").press_sequentially("First words")
        working(form, model)
        form.page.wait_for_url("**/edit/")
        model.let_go()
        expect(form.box).to_have_value("A better title")
    with autosaved(form):
        form.press("Use this")
    page = StoryPage.objects.get()
    assert latest(page).title == "A better title"
    expect(form.shown_at("title")).to_contain_text("AI, accepted by editor")
    run = LLMActionHistory.objects.get()
    assert (run.page_id, run.decision) == (page.pk, Decision.ACCEPTED)


def autosaved(form):
    """Expect that Wagtail saves the form by itself while this lasts."""
    return form.page.expect_response(
        lambda answer: answer.request.method == "POST" and answer.url.endswith("/edit/")
    )
