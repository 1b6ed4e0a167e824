"""The dialog of a run, with an API that answers as each test needs it."""

import pytest
from playwright.sync_api import expect

from tests import factories
from tests.browser import fake_api
from tests.browser.conftest import session_cookie
from tests.browser.editor_page import EditorPage
from tests.browser.fake_api import FakeApi
from tests.browser.test_accessibility import violations
from wagtail_llm_actions.testing import reply_with


@pytest.fixture
def story(rows):
    """A page with a title."""
    return factories.make_page(title="A story", slug="a-story")


@pytest.fixture
def opened(page_of, live_server, admin, story):
    """The edit form of the story, and the API that it talks to."""
    page = page_of(admin)
    api = FakeApi(page)
    form = EditorPage(page)
    form.goto(f"{live_server.url}/admin/pages/{story.pk}/edit/")
    return form, api


def test_using_an_output_fills_the_field_and_records_the_decision(opened):
    form, api = opened
    form.generate(form.control("title"))
    expect(form.dialog.get_by_role("heading", name="Title")).to_be_visible()
    expect(form.dialog).to_contain_text("Write it")
    expect(form.result).to_have_text("A better title")
    expect(form.current).to_have_text("A story")
    expect(form.status).to_have_text("Done: 14 characters.")
    expect(form.dialog).to_contain_text("14 / 255 characters")
    form.press("Use this")
    expect(form.dialog).to_be_hidden()
    expect(form.input("title")).to_have_value("A better title")
    expect(form.control("title")).to_be_focused()
    expect(form.shown_at("title")).to_have_text(fake_api.LABEL)
    expect(form.page.locator("[data-controller=llm-editor]")).to_contain_text("new text stands")
    assert api.decisions(1) == ["accepted"]


def test_what_stands_in_the_form_is_sent_without_saving(opened):
    form, api = opened
    form.input("intro").fill("Typed just now")
    form.generate(form.control("title"))
    assert "Typed just now" in api.asked("runs")[-1].post_data
    assert api.query("runs")["address"] == ["title"]
    assert api.query("runs")["editor"][0].startswith("/admin/pages/")


def test_discarding_changes_nothing_and_records_the_decision(opened):
    form, api = opened
    form.generate(form.control("title"))
    form.press("Discard")
    expect(form.dialog).to_be_hidden()
    expect(form.input("title")).to_have_value("A story")
    expect(form.control("title")).to_be_focused()
    assert api.decisions(1) == ["rejected"]


def another(text, **values):
    """Return the events of a run that makes another text."""
    begin = fake_api.started(run_id=fake_api.OTHER_ID, **values)
    return [begin, *fake_api.deltas(text), fake_api.succeeded(text)]


def test_trying_again_keeps_the_first_output_until_one_is_used(opened):
    form, api = opened
    form.generate(form.control("title"))
    form.box.fill("The first, mended")
    api.events = another("Another title")
    form.press("Try again")
    expect(form.box).to_have_value("Another title")
    assert api.query("runs")["retry_of"] == [fake_api.RUN_ID]
    assert api.decisions() == []
    form.dialog.get_by_label("Text 1").check()
    expect(form.box).to_have_value("The first, mended")
    expect(form.dialog.get_by_label("Text 1")).to_be_focused()
    form.dialog.get_by_label("Text 2").check()
    expect(form.box).to_have_value("Another title")
    form.press("Use this")
    expect(form.dialog).to_be_hidden()
    expect(form.shown_at("title")).to_have_text(fake_api.LABEL)
    assert api.decided(2) == {fake_api.OTHER_ID: "accepted", fake_api.RUN_ID: "rejected"}


def test_texts_are_compared_with_each_other_and_the_current_one(opened):
    form, api = opened
    form.generate(form.control("title"))
    beside = form.dialog.get_by_label("Compare with")
    expect(beside).to_be_hidden()
    api.events = another("Another title", model="bigger")
    form.press("Try again")
    expect(form.box).to_have_value("Another title")
    expect(form.dialog.get_by_label("Text 2 (bigger)")).to_be_checked()
    beside.select_option("Text 1 (echo)")
    expect(form.current).to_have_text("A better title")
    form.dialog.get_by_text("Changes", exact=True).click()
    changes = form.dialog.get_by_role("region", name="Changes")
    expect(changes.locator("ins")).to_have_text("Another")
    beside.select_option("Current text")
    expect(form.current).to_have_text("A story")


def test_texts_are_compared_without_knowing_which_is_which(opened):
    form, api = opened
    form.generate(form.control("title"))
    blind = form.dialog.get_by_role("checkbox", name="Hide which is which")
    expect(blind).to_be_hidden()
    api.events = [
        fake_api.started(run_id=fake_api.OTHER_ID, model="bigger", template="Other"),
        fake_api.succeeded("Another title"),
    ]
    form.press("Try again")
    expect(form.dialog.get_by_label("Text 2 (Other, bigger)")).to_be_checked()
    blind.check()
    options = form.dialog.locator(".llm-dialog__texts [type=radio]")
    expect(options).to_have_count(2)
    texts = {}
    for letter in "AB":
        form.dialog.get_by_role("radio", name=f"Text {letter}", exact=True).check()
        expect(form.status).to_contain_text("Done")
        texts[letter] = form.box.input_value()
    assert set(texts.values()) == {"A better title", "Another title"}
    expect(form.dialog.locator(".llm-dialog__texts")).not_to_contain_text("bigger")
    assert violations(form, "#llm-run-dialog") == []
    chosen = form.dialog.get_by_role("radio", name="Text B", exact=True)
    expect(chosen).to_be_checked()
    blind.uncheck()
    number = "1 (Usual, echo)" if texts["B"] == "A better title" else "2 (Other, bigger)"
    expect(form.dialog.get_by_role("radio", name=f"Text {number}")).to_be_checked()


def test_what_was_mended_survives_quick_switching_and_a_failed_check(opened):
    form, api = opened
    form.generate(form.control("title"))
    form.box.fill("The first, mended")
    api.events = another("Another title")
    form.press("Try again")
    expect(form.box).to_have_value("Another title")
    api.hold.add("present")
    form.dialog.get_by_label("Text 1").check()
    form.dialog.get_by_label("Text 2").check()
    form.dialog.get_by_label("Text 1").check()
    expect(form.dialog.get_by_label("Text 1")).to_be_focused()
    form.press("Use this")
    api.let_go("present")
    expect(form.box).to_have_value("The first, mended")
    api.refuse("present", 503, code="provider_unavailable", message="Down.", retryable=True)
    form.dialog.get_by_label("Text 2").check()
    expect(form.status).to_contain_text("Down.")
    api.refuse("present", 503, code="provider_unavailable", message="Still so.", retryable=True)
    form.dialog.get_by_label("Text 1").check()
    expect(form.status).to_contain_text("Still so.")
    api.accept("present")
    form.press("Check again")
    expect(form.box).to_have_value("The first, mended")
    assert api.decisions() == []


def test_an_answer_that_does_not_fit_is_mended_though_a_check_was_left_behind(opened):
    form, api = opened
    form.generate(form.control("title"))
    api.events = another("Another title")
    form.press("Try again")
    expect(form.box).to_have_value("Another title")
    api.hold.add("present")
    form.dialog.get_by_label("Text 1").check()
    failure = fake_api.failed("It does not fit.", code="invalid_output")
    api.events = [fake_api.started(), failure | {"answer": "Much too long"}]
    form.press("Try again")
    expect(form.message).to_have_text("It does not fit.")
    api.let_go("present")
    form.box.fill("Short")
    api.presentation = fake_api.presentation("Short")
    form.press("Use the mended text")
    expect(form.input("title")).to_have_value("Short")


def test_an_answer_that_comes_after_leaving_is_for_nothing(opened):
    form, api = opened
    before = form.input("title").input_value()
    form.generate(form.control("title"))
    api.hold.add("present")
    form.press("Use this")
    form.page.keyboard.press("Escape")
    form.press("Close and discard")
    expect(form.dialog).to_be_hidden()
    api.let_go("present")
    assert api.decisions(1) == ["rejected"]
    form.page.wait_for_load_state("networkidle")
    expect(form.input("title")).to_have_value(before)


def test_alternatives_are_asked_for_one_after_the_other(opened):
    form, api = opened
    form.generate(form.control("title"))
    form.press("Two alternatives")
    expect(form.dialog.get_by_label("Text 3")).to_be_checked()
    expect(form.box).to_have_value("A better title")
    assert len(api.asked("runs")) == 3
    form.press("Two alternatives")
    expect(form.dialog.get_by_label("Text 5")).to_be_checked()
    expect(form.dialog.get_by_role("button", name="Two alternatives")).to_be_hidden()
    form.press("Discard")
    expect(form.dialog).to_be_hidden()
    expect(form.page.locator("[data-controller=llm-editor]")).to_contain_text("Discarded")
    assert api.decisions(5) == ["rejected"] * 5


def test_alternatives_end_where_one_fails_and_the_others_stay(opened):
    form, api = opened
    form.generate(form.control("title"))
    api.events = [fake_api.started(), fake_api.failed("It is down.")]
    form.press("Two alternatives")
    expect(form.message).to_have_text("It is down.")
    assert len(api.asked("runs")) == 2
    form.press("Close")
    expect(form.dialog).to_contain_text("The text has not been used.")
    form.press("Go back")
    expect(form.message).to_have_text("It is down.")
    form.press("Close")
    form.press("Close and discard")
    expect(form.dialog).to_be_hidden()
    assert api.decisions(1) == ["rejected"]


def test_a_text_is_used_without_leaving_the_box(opened):
    form, _ = opened
    form.generate(form.control("title"))
    form.box.press("ControlOrMeta+Enter")
    expect(form.dialog).to_be_hidden()
    expect(form.input("title")).to_have_value("A better title")


def test_a_new_attempt_forgets_the_text_of_the_one_before(opened):
    form, api = opened
    api.events = [
        fake_api.started(),
        *fake_api.deltas("Broken"),
        {"type": "restarted", "message": "Busy. Trying again."},
        *fake_api.deltas("Whole"),
        fake_api.succeeded("Whole"),
    ]
    api.presentation = fake_api.presentation("Whole")
    form.generate(form.control("title"))
    expect(form.result).to_have_text("Whole")


def test_a_new_attempt_counts_anew(opened):
    form, api = opened
    api.events = [
        fake_api.started(),
        *fake_api.deltas("Broken"),
        {"type": "restarted", "message": "Busy. Trying again."},
        fake_api.failed("Ollama is busy."),
    ]
    form.control("title").click()
    expect(form.message).to_have_text("Ollama is busy.")
    expect(form.status).to_have_text("No text was generated.")
    expect(form.counter).to_be_empty()


def test_a_text_that_broke_off_is_called_incomplete(opened):
    form, api = opened
    api.events = [
        fake_api.started(),
        *fake_api.deltas("Half a "),
        fake_api.failed("The connection broke."),
    ]
    form.control("title").click()
    expect(form.status).to_have_text("The text is not complete and cannot be used.")
    expect(form.result).to_have_text("Half a ")
    expect(form.counter).to_be_empty()


def test_the_length_is_said_once_where_there_is_no_limit(opened):
    form, api = opened
    api.events = [{**fake_api.started(), "max_length": None}, fake_api.succeeded("Long")]
    api.presentation = fake_api.presentation("Long")
    form.generate(form.control("title"))
    expect(form.status).to_have_text("Done: 4 characters.")
    expect(form.counter).to_be_empty()


def test_the_title_of_the_dialog_leaves_room_for_the_close_button(opened):
    form, _ = opened
    form.page.set_viewport_size({"width": 360, "height": 760})
    form.generate(form.control("title"))
    form.page.locator("#title-text-llm-run-dialog").evaluate(
        "(title) => { title.textContent = 'A field with a label of very many words'; }"
    )
    title = form.page.locator("#title-text-llm-run-dialog").bounding_box()
    close = form.dialog.get_by_role("button", name="Close dialog").bounding_box()
    assert title["x"] + title["width"] <= close["x"] or title["y"] >= close["y"] + close["height"]


def test_a_failed_run_says_why_and_offers_to_retry(opened):
    form, api = opened
    api.events = [fake_api.started(), fake_api.failed("Ollama refused the connection.")]
    form.control("title").click()
    expect(form.message).to_have_text("Ollama refused the connection.")
    expect(form.dialog.get_by_role("button", name="Retry")).to_be_focused()
    details = form.dialog.get_by_role("link", name="Details")
    assert details.get_attribute("href") == f"/admin/llm-actions/runs/{fake_api.RUN_ID}/"
    expect(form.dialog.get_by_role("button", name="Use this")).to_be_hidden()
    api.events = [fake_api.started(), fake_api.succeeded("Now it works")]
    form.press("Retry")
    expect(form.result).to_have_text("Now it works")
    assert api.decisions() == []


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (
            {"status": 403, "json": {"code": "permission_refused", "message": "You may not."}},
            "You may not.",
        ),
        ({"status": 429, "json": {"code": "limit", "message": "Too many."}}, "Too many."),
        ({"status": 403, "body": "<h1>CSRF</h1>"}, "You are not logged in any more."),
        ({"status": 401, "json": {"detail": "Unauthorized"}}, "You are not logged in any more."),
        ({"status": 500, "body": "<h1>Oops</h1>"}, "The server made an error."),
    ],
)
def test_a_refusal_is_shown_as_a_sentence(opened, answer, sentence):
    form, api = opened
    api.refusals["runs"] = answer
    form.control("title").click()
    expect(form.message).to_contain_text(sentence)
    form.press("Close")
    expect(form.control("title")).to_be_focused()
    is_forgery = answer["status"] == 403 and "json" not in answer
    assert len(api.asked("runs")) == (2 if is_forgery else 1)


def test_a_lost_session_is_named_when_the_dialog_is_fetched(opened):
    form, _ = opened
    form.page.context.clear_cookies()
    form.control("title").click()
    expect(form.shown_at("title")).to_contain_text("You are not logged in any more.")


def test_a_lost_network_is_named(opened):
    form, _ = opened
    form.page.route("**/llm-actions/api/runs?*", lambda route: route.abort())
    form.control("title").click()
    expect(form.message).to_contain_text("The server cannot be reached.")


def test_a_stream_that_breaks_off_is_a_failure(opened):
    form, api = opened
    api.events = [fake_api.started(), *fake_api.deltas("Half a ti")]
    form.control("title").click()
    expect(form.message).to_contain_text("The answer broke off.")
    expect(form.result).to_have_text("Half a ti")
    expect(form.dialog.get_by_role("button", name="Use this")).to_be_hidden()


def test_cancelling_a_running_run_leaves_the_field_alone(opened):
    form, api = opened
    api.hold.add("runs")
    form.control("title").click()
    expect(form.status).to_have_text("Generating…")
    expect(form.control_in(form.input("title"))).to_have_attribute("aria-busy", "true")
    form.press("Cancel")
    expect(form.status).to_have_text("Cancelled. Nothing was changed.")
    expect(form.message).to_be_hidden()
    form.press("Close")
    expect(form.input("title")).to_have_value("A story")
    expect(form.control("title")).to_have_attribute("aria-busy", "false")


def test_two_quick_clicks_start_one_run(opened):
    form, api = opened
    form.control("title").dblclick()
    expect(form.dialog.get_by_role("button", name="Use this")).to_be_visible()
    assert len(api.asked("runs")) == 1


@pytest.mark.parametrize("way", ["Escape", "button", "overlay"])
def test_closing_with_an_undecided_output_asks_first(opened, way):
    form, api = opened
    form.generate(form.control("title"))
    close(form, way)
    expect(form.dialog).to_contain_text("The text has not been used. Discard it and close?")
    expect(form.dialog.get_by_role("button", name="Go back")).to_be_focused()
    form.press("Go back")
    expect(form.result).to_have_text("A better title")
    close(form, way)
    form.press("Close and discard")
    expect(form.dialog).to_be_hidden()
    expect(form.control("title")).to_be_focused()
    assert api.decisions(1) == ["rejected"]


def close(form, way):
    if way == "Escape":
        form.page.keyboard.press("Escape")
    elif way == "button":
        form.press("Close dialog")
    else:
        form.page.locator("#llm-run-dialog .w-dialog__overlay").click(position={"x": 5, "y": 5})


def test_an_output_that_arrives_during_the_question_is_not_lost(opened):
    form, api = opened
    api.hold.add("runs")
    form.control("title").click()
    expect(form.status).to_have_text("Generating…")
    form.page.keyboard.press("Escape")
    expect(form.dialog).to_contain_text("Stop and close?")
    api.let_go("runs")
    expect(form.result).to_have_text("A better title")
    form.press("Go back")
    expect(form.dialog.get_by_role("button", name="Use this")).to_be_visible()


def test_errors_that_the_output_brings_are_shown_and_the_text_is_kept(opened):
    form, api = opened
    api.presentation |= {"errors": ["Title: 3 characters too many."], "state": None}
    form.control("title").click()
    expect(form.dialog).to_contain_text("Title: 3 characters too many.")
    expect(form.result).to_have_text("A better title")
    expect(form.dialog.get_by_role("button", name="Use this")).to_be_hidden()
    expect(form.input("title")).to_have_value("A story")
    assert api.decisions() == []


def test_an_output_that_the_field_refuses_is_mended_by_hand(opened):
    form, api = opened
    api.presentation |= {"errors": ["3 characters too many."], "state": None}
    form.control("title").click()
    box = form.box
    expect(box).to_have_value("A better title")
    box.fill("Better, still too long")
    form.press("Use the mended text")
    expect(form.dialog).to_contain_text("3 characters too many.")
    expect(box).to_have_value("Better, still too long")
    box.fill("Better")
    api.presentation = fake_api.presentation("Better")
    form.press("Use the mended text")
    expect(form.dialog).to_be_hidden()
    expect(form.input("title")).to_have_value("Better")
    assert api.decisions(1) == ["edited"]
    assert 'name="llm-mended"\r\n\r\nBetter\r\n' in api.asked("present")[-1].post_data


def test_an_output_is_changed_before_it_is_used(opened):
    form, api = opened
    form.control("title").click()
    box = form.box
    expect(box).to_have_value("A better title")
    expect(form.result).to_be_hidden()
    box.fill("A title of mine")
    expect(form.dialog).to_contain_text("15 / 255 characters")
    api.presentation = fake_api.presentation("A title of mine")
    form.press("Use this")
    expect(form.input("title")).to_have_value("A title of mine")
    assert api.decisions(1) == ["edited"]
    assert 'name="llm-mended"\r\n\r\nA title of mine\r\n' in api.asked("present")[-1].post_data


def test_a_change_that_the_field_refuses_is_there_to_go_on_with(opened):
    form, api = opened
    form.control("title").click()
    box = form.box
    box.fill("Too long")
    api.presentation |= {"errors": ["3 characters too many."], "state": None}
    form.press("Use this")
    expect(form.dialog).to_contain_text("3 characters too many.")
    expect(box).to_have_value("Too long")
    box.fill("Short")
    api.presentation = fake_api.presentation("Short")
    form.press("Use the mended text")
    expect(form.input("title")).to_have_value("Short")


def test_the_changes_are_shown_word_by_word_and_follow_the_box(opened):
    form, api = opened
    api.events = [
        fake_api.started(current="An old title"),
        *fake_api.deltas("A better title"),
        fake_api.succeeded("A better title"),
    ]
    form.control("title").click()
    expect(form.box).to_have_value("A better title")
    changes = form.dialog.get_by_role("region", name="Changes")
    expect(changes).to_be_hidden()
    form.dialog.get_by_text("Changes", exact=True).click()
    expect(changes.locator("del")).to_have_text(["An old"])
    expect(changes.locator("ins")).to_have_text(["A better"])
    form.box.fill("An old story")
    expect(changes.locator("del")).to_have_text("title")
    expect(changes.locator("ins")).to_have_text("story")


def test_an_empty_field_has_no_changes_to_show(opened):
    form, api = opened
    api.events = [fake_api.started(current=""), fake_api.succeeded("A better title")]
    form.control("title").click()
    expect(form.box).to_have_value("A better title")
    expect(form.dialog.get_by_text("Changes", exact=True)).to_be_hidden()


def test_an_output_is_revised_as_a_person_says(opened):
    form, api = opened
    form.control("title").click()
    form.box.fill("A title of mine")
    wish = form.dialog.get_by_role("textbox", name="What should be different?")
    form.press("Revise")
    expect(wish).to_be_focused()
    assert len(api.asked("runs")) == 1
    wish.fill("Shorter")
    api.events = [fake_api.started(), *fake_api.deltas("Mine"), fake_api.succeeded("Mine")]
    wish.press("Enter")
    expect(form.box).to_have_value("Mine")
    expect(wish).to_have_value("")
    assert api.query("runs")["retry_of"] == [fake_api.RUN_ID]
    assert api.decisions() == []
    posted = api.asked("runs")[-1].post_data
    assert 'name="llm-feedback"\r\n\r\nShorter\r\n' in posted
    assert 'name="llm-mended"\r\n\r\nA title of mine\r\n' in posted


def test_what_was_mended_stays_with_its_text(opened):
    form, api = opened
    api.presentation |= {"errors": ["3 characters too many."], "state": None}
    form.control("title").click()
    form.box.fill("My own words")
    form.press("Try again")
    expect(form.box).to_have_value("A better title")
    form.dialog.get_by_label("Text 1").check()
    expect(form.box).to_have_value("My own words")


def test_an_output_that_could_not_be_checked_is_not_offered(opened):
    form, api = opened
    api.refuse("present", 400, code="form_data", message="The form could not be read.")
    form.control("title").click()
    expect(form.dialog).to_contain_text("The form could not be read.")
    expect(form.result).to_have_text("A better title")
    expect(form.dialog.get_by_role("button", name="Use this")).to_be_hidden()
    api.accept("present")
    form.press("Check again")
    form.press("Use this")
    expect(form.input("title")).to_have_value("A better title")


def test_an_answer_that_is_no_value_for_the_field_says_why_and_is_mended(opened):
    form, api = opened
    reasons = {"reasons": ["“soon” is no date.", "Write it as YYYY-MM-DD."]}
    api.events = [
        fake_api.started(kind="date"),
        *fake_api.deltas("soon"),
        fake_api.failed("The answer does not fit.", code="invalid_output") | reasons,
    ]
    form.control("title").click()
    expect(form.message).to_have_text("The answer does not fit.")
    expect(form.dialog.get_by_role("listitem")).to_have_text(reasons["reasons"])
    expect(form.dialog.get_by_role("button", name="Use this")).to_be_hidden()
    expect(form.dialog.get_by_role("button", name="Try again")).to_be_visible()
    form.box.fill("2026-05-01")
    form.page.keyboard.press("Escape")
    expect(form.dialog).to_contain_text("Discard it and close?")
    form.press("Go back")
    api.presentation = fake_api.presentation("2026-05-01")
    form.press("Use the mended text")
    expect(form.input("title")).to_have_value("2026-05-01")


def test_an_answer_whose_repair_failed_is_there_to_be_mended(opened):
    form, api = opened
    api.events = [
        fake_api.started(),
        *fake_api.deltas("Much too long"),
        {"type": "restarted", "message": "Once more", "code": "invalid_output"},
        *fake_api.deltas("Bro"),
        fake_api.failed("It does not fit.", code="invalid_output") | {"answer": "Much too long"},
    ]
    form.control("title").click()
    box = form.box
    expect(box).to_have_value("Much too long")
    expect(form.result).to_have_text("Much too long")


@pytest.mark.parametrize("kind", ["choice", "stream", "tags"])
def test_what_is_no_text_is_not_mended_by_hand(opened, kind):
    form, api = opened
    api.presentation |= {"errors": ["Choose one."], "state": None, "kind": kind}
    form.control("title").click()
    expect(form.dialog).to_contain_text("Choose one.")
    expect(form.box).to_be_hidden()
    expect(form.dialog.get_by_role("button", name="Try again")).to_be_visible()


def test_a_change_meanwhile_is_shown_and_may_be_kept(opened):
    form, api = opened
    api.presentation |= {"changed_meanwhile": True, "current": "Mine"}
    form.generate(form.control("title"))
    form.press("Use this")
    expect(form.dialog).to_contain_text("The field has changed")
    expect(form.current).to_have_text("Mine")
    form.press("Keep mine")
    expect(form.dialog).to_be_hidden()
    expect(form.input("title")).to_have_value("A story")
    assert api.decisions(1) == ["rejected"]


def test_a_change_meanwhile_may_be_replaced(opened):
    form, api = opened
    api.presentation |= {"changed_meanwhile": True, "current": "Mine"}
    form.generate(form.control("title"))
    form.press("Use this")
    form.press("Use the new text")
    expect(form.input("title")).to_have_value("A better title")
    assert api.decisions(1) == ["accepted"]


def test_what_is_changed_during_the_question_is_what_is_used(opened):
    form, api = opened
    api.presentation |= {"changed_meanwhile": True, "current": "Mine"}
    form.generate(form.control("title"))
    form.press("Use this")
    form.box.fill("Mine and better")
    form.press("Use the new text")
    expect(form.dialog).to_be_hidden()
    assert 'name="llm-mended"\r\n\r\nMine and better\r\n' in api.asked("present")[-1].post_data
    assert api.decisions(1) == ["edited"]


def test_a_revision_that_failed_is_asked_for_again_as_it_was(opened):
    form, api = opened
    form.control("title").click()
    form.box.fill("A title of mine")
    form.dialog.get_by_role("textbox", name="What should be different?").fill("Shorter")
    api.events = [fake_api.started(), fake_api.failed("It is down.")]
    form.press("Revise")
    expect(form.message).to_have_text("It is down.")
    api.events = [fake_api.started(), fake_api.succeeded("Mine")]
    form.press("Retry")
    expect(form.box).to_have_value("Mine")
    posted = api.asked("runs")[-1].post_data
    assert 'name="llm-feedback"\r\n\r\nShorter\r\n' in posted
    assert 'name="llm-mended"\r\n\r\nA title of mine\r\n' in posted
    assert api.query("runs")["retry_of"] == [fake_api.RUN_ID]


def test_a_decision_that_cannot_be_recorded_does_not_touch_the_field(opened):
    form, api = opened
    api.refuse("decide", 500)
    form.generate(form.control("title"))
    form.press("Use this")
    expect(form.input("title")).to_have_value("A better title")
    expect(form.page.locator("[data-controller=llm-editor]")).to_contain_text("not be recorded")


def test_a_field_deleted_meanwhile_leaves_the_text_to_copy(opened, story):
    form, api = opened
    form.page.get_by_role("button", name="Add Related link").click()
    caption = form.input("related_links-0-caption")
    form.generate(form.control_in(caption))
    form.page.evaluate("document.getElementById('id_related_links-0-DELETE-button').click()")
    form.press("Use this")
    expect(form.status).to_contain_text("The field has been deleted")
    expect(form.result).to_have_text("A better title")
    expect(form.dialog.get_by_role("button", name="Copy")).to_be_visible()
    assert len(api.asked("present")) == 1
    form.press("Discard")
    expect(form.dialog).to_be_hidden()
    expect(form.page.locator("[data-panel-toggle]:focus")).to_have_count(1)


def test_the_focus_never_leaves_for_the_body(opened):
    form, api = opened
    api.hold.add("runs")
    form.control("title").click()
    expect(form.status).to_have_text("Generating…")
    form.dialog.get_by_role("button", name="Cancel").focus()
    api.let_go("runs")
    expect(form.box).to_be_focused()


def test_nothing_of_the_dialog_is_part_of_the_form(opened):
    form, _ = opened
    before = form_keys(form)
    form.generate(form.control("title"))
    assert form_keys(form) == before


def form_keys(form):
    return form.page.evaluate(
        "[...new FormData(document.querySelector('form[data-edit-form]')).keys()]"
    )


def test_a_failure_that_would_come_again_offers_no_retry(opened):
    form, api = opened
    api.events = [fake_api.started(), fake_api.failed("No such model.", retryable=False)]
    form.control("title").click()
    expect(form.message).to_have_text("No such model.")
    expect(form.dialog.get_by_role("button", name="Retry")).to_be_hidden()
    expect(form.dialog.get_by_role("button", name="Close", exact=True)).to_be_focused()


def test_the_text_can_be_copied(opened):
    form, _ = opened
    form.page.context.grant_permissions(["clipboard-read"])
    form.generate(form.control("title"))
    form.press("Copy")
    expect(form.status).to_have_text("Copied.")
    assert form.page.evaluate("navigator.clipboard.readText()") == "A better title"


def test_an_output_outlives_the_session_it_was_made_in(form_of, live_server, admin, story):
    factories.make_action("title")
    form = form_of(admin, f"pages/{story.pk}/edit/")
    with reply_with("A better title"):
        form.generate(form.control("title"))
    form.page.context.clear_cookies()
    form.press("Use this")
    expect(form.status).to_contain_text("You are not logged in any more.")
    form.page.context.add_cookies([session_cookie(admin, live_server.url)])
    form.press("Use this")
    expect(form.input("title")).to_have_value("A better title")


def test_the_last_letters_typed_into_rich_text_are_sent(opened):
    form, api = opened
    control = form.control("body")
    editable = (
        form.input("body")
        .locator("xpath=ancestor::*[@data-field][1]")
        .locator("[contenteditable=true]")
    )
    editable.click()
    form.page.keyboard.type("Plovers")
    control.dispatch_event("click")
    expect(form.dialog.get_by_role("button", name="Use this")).to_be_visible()
    assert "Plovers" in api.asked("runs")[-1].post_data


def test_sources_that_are_too_long_are_cut_only_after_a_question(opened):
    form, api = opened
    reason = "“Intro”: the last 30 words of 75 would be left out."
    message = "The text is too long for this language model."
    api.refuse("runs", 409, code="sources_cut", message=message, reasons=[reason])
    form.control("title").click()
    expect(form.dialog).to_contain_text(message)
    expect(form.dialog).to_contain_text(reason)
    expect(form.dialog.get_by_role("button", name="Use this")).to_be_hidden()
    assert "accept_cut" not in api.query("runs")
    api.accept("runs")
    form.press("Generate from the shortened sources")
    expect(form.dialog.get_by_role("button", name="Use this")).to_be_visible()
    assert api.query("runs")["accept_cut"] == ["true"]
    expect(form.dialog).not_to_contain_text(reason)


def test_what_the_editor_should_know_of_sources_and_output_is_shown(opened):
    form, api = opened
    api.events = [fake_api.started(notices=["Look closely at <b>Intro</b>."]), *api.events[1:]]
    api.presentation = fake_api.presentation("A better title", notices=["A link was lost."])
    form.generate(form.control("title"))
    notices = form.dialog.locator("[data-llm-run-dialog-target=notices] li")
    expect(notices).to_have_text(["Look closely at <b>Intro</b>.", "A link was lost."])
    api.events = [fake_api.started(), fake_api.succeeded("Another title")]
    api.presentation = fake_api.presentation("Another title")
    form.press("Try again")
    expect(form.result).to_have_text("Another title")
    expect(notices).to_have_count(0)
