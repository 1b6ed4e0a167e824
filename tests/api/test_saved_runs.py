"""Runs on saved objects, over the API for other programs."""

import asyncio
import json
from datetime import timedelta
from io import BytesIO
from types import SimpleNamespace

import pytest
from django.core.handlers.asgi import ASGIRequest
from django.utils import timezone
from wagtail.admin.models import EditingSession

from tests import factories
from tests.api.tokens import API, TokenClient
from tests.testapp.models import StoryPage
from wagtail_llm_actions.models import LLMActionHistory
from wagtail_llm_actions.testing import reply_with
from wagtail_llm_actions.values import Decision, RunStatus

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(home):
    return factories.make_page(title="The tide", intro="The tide comes and goes.")


@pytest.fixture
def action(home):
    return factories.make_action(
        "search_description", prompt="Describe: {{ intro }}", sources={"intro": "intro"}
    )


@pytest.fixture
def writer(editor):
    """The client of a user who may edit every page and run LLM actions."""
    return TokenClient(editor)


@pytest.fixture
def wanted(page, action):
    return {"action": action.slug, "object_id": str(page.pk)}


def run(client, wanted, answer="The tide turns.", **more):
    with reply_with(answer) as echo:
        response = client.send("POST", "/runs", wanted | more)
    return response, echo


def test_a_run_is_waited_for(writer, wanted, page, editor):
    response, echo = run(writer, wanted)
    assert response.status_code == 200, response.json()
    answer, row = response.json(), LLMActionHistory.objects.get()
    assert (answer["status"], answer["decision"]) == ("succeeded", "pending")
    assert (answer["output"], answer["value"]) == ("The tide turns.", "The tide turns.")
    assert (row.user, row.object_id, row.is_test) == (editor, str(page.pk), False)
    assert answer["url"] == response["Location"] == f"{API}/runs/{row.pk}"
    assert "The tide comes and goes." in echo.requests[0].messages[-1].content
    whole = writer.get(response["Location"]).json()
    assert whole["prompt"] == "Describe: The tide comes and goes."
    assert [attempt["status"] for attempt in whole["attempts"]] == ["succeeded"]


def test_a_field_is_named_by_type_and_path(writer, action, page):
    wanted = {
        "object_type": "testapp.storypage",
        "object_id": str(page.pk),
        "field": "search_description",
    }
    response, _echo = run(writer, wanted)
    assert response.json()["action"] == action.slug


def test_a_run_that_fails_says_so(writer, wanted):
    response, _echo = run(writer, wanted, "")
    answer = response.json()
    assert (response.status_code, answer["status"]) == (200, "failed")
    assert (answer["code"], answer["retryable"]) == ("empty_output", True)


def events_of(text):
    blocks = [block for block in text.split("\n\n") if block and not block.startswith(":")]
    events = []
    for block in blocks:
        name, data = block.split("\n")
        event = json.loads(data.removeprefix("data: "))
        assert name == f"event: {event['type']}"
        events.append(event)
    return events


def test_a_run_is_streamed_as_server_sent_events(writer, wanted):
    with reply_with(chunks=["The tide ", "turns."]):
        response = writer.send("POST", "/runs", wanted | {"mode": "stream"})
        text = b"".join(response.streaming_content).decode()
    assert response["Content-Type"] == "text/event-stream"
    events = events_of(text)
    assert [event["type"] for event in events] == ["started", "delta", "delta", "succeeded"]
    assert events[0]["url"] == f"{API}/runs/{events[0]['run_id']}"


@pytest.mark.django_db(transaction=True)
def test_under_asgi_the_events_are_made_in_the_pool(wanted, editor):
    from wagtail_llm_actions import engine
    from wagtail_llm_actions.api.streaming import stream_events

    scope = {"type": "http", "method": "POST", "path": "/", "headers": [], "query_string": b""}
    target = engine.SavedTarget(action=wanted["action"], object_id=wanted["object_id"])
    prepared = engine.prepare_saved(editor, target)

    async def read():
        request = ASGIRequest(scope, BytesIO())
        response = stream_events(request, engine.execute(prepared), dict, as_sse=True)
        return b"".join([part async for part in response.streaming_content]).decode()

    with reply_with("The tide turns."):
        events = events_of(asyncio.run(read()))
    assert [event["type"] for event in events] == ["started", "delta", "succeeded"]


def test_a_run_in_the_background_is_polled(writer, wanted, django_capture_on_commit_callbacks):
    with reply_with("The tide turns."):
        with django_capture_on_commit_callbacks():
            response = writer.send("POST", "/runs", wanted | {"mode": "background"})
        row = LLMActionHistory.objects.get()
        assert (response.status_code, response.json()["status"]) == (202, "queued")
        assert row.deadline_at > timezone.now() + timedelta(minutes=50)
        assert writer.get(response["Location"]).json()["status"] == "queued"
    with reply_with("The tide turns."):
        from wagtail_llm_actions import tasks

        tasks.execute_run.enqueue(str(row.pk))
    assert writer.get(response["Location"]).json()["status"] == "succeeded"


def test_a_run_that_waits_for_a_worker_is_cancelled(writer, wanted, settings):
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.dummy.DummyBackend"}}
    response = writer.send("POST", "/runs", wanted | {"mode": "background"})
    cancelled = writer.send("POST", f"/runs/{response.json()['id']}/cancel", {}).json()
    assert cancelled["status"] == "cancelled"
    from wagtail_llm_actions import engine

    engine.work_off(LLMActionHistory.objects.get().pk)
    assert LLMActionHistory.objects.get().status == RunStatus.CANCELLED


def test_an_output_becomes_a_draft(writer, wanted, page, editor):
    key = run(writer, wanted)[0].json()["id"]
    applied = writer.send("POST", f"/runs/{key}/apply", {})
    assert (applied.status_code, applied.json()["decision"]) == (200, "accepted")
    page.refresh_from_db()
    draft = page.get_latest_revision_as_object()
    assert (page.search_description, draft.search_description) == ("", "The tide turns.")
    assert (page.latest_revision.user, page.has_unpublished_changes) == (editor, True)
    row = LLMActionHistory.objects.get()
    assert row.holding_revision_id == page.latest_revision_id
    page.latest_revision.publish()
    row.refresh_from_db()
    assert row.live_at is not None
    again = writer.send("POST", f"/runs/{key}/apply", {})
    assert (again.status_code, again.json()["code"]) == (409, "invalid_transition")


def test_a_text_of_a_persons_own_is_applied(writer, wanted, page):
    key = run(writer, wanted)[0].json()["id"]
    applied = writer.send("POST", f"/runs/{key}/apply", {"mended": "It turns."}).json()
    assert applied["decision"] == "edited"
    draft = StoryPage.objects.get(pk=page.pk).get_latest_revision_as_object()
    assert draft.search_description == "It turns."
    assert LLMActionHistory.objects.get().mended_output == "It turns."


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("intro", "Old text.", "Old text.\n\nThe tide turns."),
        ("body", "<p>Old text.</p>", "Old text.\n\nThe tide turns."),
    ],
)
def test_an_output_is_added_to_what_is_there(writer, home, path, before, after):
    from wagtail_llm_actions.content.saved import latest_draft, open_saved

    page = factories.make_page(**{path: before})
    factories.make_action(path, slug="write")
    key = run(writer, {"action": "write", "object_id": str(page.pk)})[0].json()["id"]
    applied = writer.send("POST", f"/runs/{key}/apply", {"mode": "append"})
    assert applied.status_code == 200, applied.json()
    row = LLMActionHistory.objects.get()
    draft = latest_draft(StoryPage.objects.get(pk=page.pk))
    assert open_saved(draft, row.user).text(path) == after
    assert row.holding_revision_id == draft.latest_revision_id


def refused(response, status, code):
    assert (response.status_code, response.json()["code"]) == (status, code)
    return True


def test_what_was_changed_meanwhile_is_not_overwritten(writer, wanted, page):
    key = run(writer, wanted)[0].json()["id"]
    page.search_description = "By hand."
    page.save_revision()
    assert refused(writer.send("POST", f"/runs/{key}/apply", {}), 409, "value_changed")
    assert LLMActionHistory.objects.get().decision == Decision.PENDING


def test_what_somebody_has_open_is_not_written(writer, wanted, page, admin):
    key = run(writer, wanted)[0].json()["id"]
    EditingSession.objects.create(user=admin, content_object=page, last_seen_at=timezone.now())
    assert refused(writer.send("POST", f"/runs/{key}/apply", {}), 409, "being_edited")


def test_what_is_locked_is_neither_run_nor_written(writer, wanted, page, admin):
    key = run(writer, wanted)[0].json()["id"]
    page.refresh_from_db()
    page.locked, page.locked_by, page.locked_at = True, admin, timezone.now()
    page.save()
    assert refused(writer.send("POST", f"/runs/{key}/apply", {}), 403, "permission")
    response, echo = run(writer, wanted)
    assert refused(response, 403, "permission")
    assert echo.requests == []
    row = LLMActionHistory.objects.get(status=RunStatus.REFUSED)
    assert response.json()["run_id"] == str(row.pk)


def test_a_live_object_without_drafts_is_not_written(writer, boss, home):
    image = factories.make_image()
    factories.make_action("title", model=type(image), slug="name")
    key = run(boss, {"action": "name", "object_id": str(image.pk)})[0].json()["id"]
    assert refused(boss.send("POST", f"/runs/{key}/apply", {}), 409, "no_drafts")


def test_an_output_is_rejected_and_mended(writer, wanted):
    key = run(writer, wanted)[0].json()["id"]
    answer = writer.send("POST", f"/runs/{key}/decide", {"decision": "rejected"}).json()
    assert answer["decision"] == "rejected"
    edited = {"decision": "edited", "mended": "It turns."}
    assert writer.send("POST", f"/runs/{key}/decide", edited).json()["decision"] == "edited"


def test_a_run_is_tried_again_with_feedback(writer, wanted):
    key = run(writer, wanted)[0].json()["id"]
    with reply_with("Turns.") as echo:
        response = writer.send("POST", f"/runs/{key}/retry", {"feedback": "Shorter."})
    answer = response.json()
    assert (response.status_code, answer["retry_of"], answer["output"]) == (200, key, "Turns.")
    assert "Shorter." in str(echo.requests[0].messages)


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"action": "none"}, 404, "action_not_found"),
        ({"object_id": "999999"}, 404, "editor_not_found"),
        ({"object_id": "x"}, 404, "editor_not_found"),
        ({"object_id": "9" * 40}, 404, "editor_not_found"),
        ({"action": "", "field": ""}, 404, "unknown_field"),
        ({"field": "nothing"}, 404, "unknown_field"),
        ({"object_type": "no.type"}, 422, "invalid"),
        ({"action": "", "object_type": "auth.user", "field": "password"}, 404, "editor_not_found"),
        (
            {"action": "", "object_type": "testapp.storypage", "field": "intro"},
            404,
            "action_not_found",
        ),
        ({"changes": {"prompt": "Something else."}}, 403, "permission"),
        ({"changes": {"nothing": 1}}, 422, "form_data"),
        ({"changes": {"temperature": False}}, 422, "form_data"),
    ],
)
def test_what_cannot_be_run_is_refused_before_any_call(writer, wanted, change, status, code):
    response, echo = run(writer, wanted, **change)
    assert refused(response, status, code)
    assert echo.requests == []


def test_an_action_that_is_not_in_force_is_not_run(writer, wanted, page):
    factories.make_action("search_description", model=type(page).__bases__[0], slug="base")
    response, echo = run(writer, wanted, action="base", field="search_description")
    assert response.status_code == 404
    assert echo.requests == []


def test_who_may_not_edit_the_object_runs_nothing_on_it(keeper, wanted):
    response, echo = run(keeper("run_llmaction"), wanted)
    assert refused(response, 403, "permission")
    assert echo.requests == []
    assert "tide" not in response.text


def test_who_may_not_run_actions_learns_nothing(home, wanted):
    client = TokenClient(factories.make_user("other", groups=["Editors"]))
    response, echo = run(client, wanted | {"object_id": "999999"})
    assert refused(response, 403, "permission")
    assert echo.requests == []


def test_a_customised_run_is_for_who_may_customise(keeper, wanted):
    client = keeper("run_llmaction", "customise_llmaction", groups=["Editors"])
    response, echo = run(client, wanted, changes={"prompt": "Else: {{ intro }}"})
    assert response.status_code == 200
    assert echo.requests[0].messages[-1].content.startswith("Else:")
    key = response.json()["id"]
    with reply_with("Again.") as echo:
        client.send("POST", f"/runs/{key}/retry", {})
    assert echo.requests[0].messages[-1].content.startswith("Else:")


def test_another_persons_run_is_not_found(keeper, writer, wanted):
    key = run(writer, wanted)[0].json()["id"]
    other = keeper("run_llmaction")
    assert other.send("GET", f"/runs/{key}").status_code == 404
    for deed in ("cancel", "decide", "apply", "retry"):
        body = {"decision": "rejected"} if deed == "decide" else {}
        assert other.send("POST", f"/runs/{key}/{deed}", body).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_a_queue_that_is_down_fails_the_run_and_keeps_nothing(boss, action, page, monkeypatch):
    def refuse(*args):
        raise ConnectionError("no broker")

    queue = SimpleNamespace(enqueue=refuse)
    monkeypatch.setattr("wagtail_llm_actions.tasks.execute_run", queue)
    limit = factories.make_limit("concurrent", 1)
    body = {"action": action.slug, "object_id": str(page.pk), "mode": "background"}
    response = boss.send("POST", "/runs", body)
    assert (response.status_code, response.json()["code"]) == (503, "worker_unavailable")
    run = LLMActionHistory.objects.get(pk=response.json()["run_id"])
    assert (run.status, run.error_code) == (RunStatus.FAILED, "worker_unavailable")
    assert limit.counters.get().reserved == 0


def test_an_identical_request_is_answered_from_the_history(writer, wanted, action):
    change = {"answers_from_history": True, "temperature": 0, "publish": True, "version": "*"}
    keeper = TokenClient(factories.make_superuser("keeper"))
    response = keeper.send("PATCH", f"/actions/{action.slug}", change)
    assert response.status_code == 200, response.json()
    assert response.json()["answers_from_history"] is True
    first = run(writer, wanted)[0].json()
    assert (first["is_from_history"], first["answered_from"]) == (False, None)
    response, echo = run(writer, wanted, "Another answer.")
    second = response.json()
    assert (second["output"], len(echo.requests)) == ("The tide turns.", 0)
    assert (second["is_from_history"], second["answered_from"]) == (True, first["id"])
    assert (second["input_tokens"], second["output_tokens"]) == (0, 0)
    whole = keeper.send("GET", f"/runs/{second['id']}").json()
    assert (whole["attempts"], float(whole["cost"])) == ([], 0)
    with reply_with("Another answer.") as echo:
        third = writer.send("POST", f"/runs/{second['id']}/retry", {}).json()
    assert (third["output"], third["is_from_history"]) == ("Another answer.", False)
    assert len(echo.requests) == 1
    export = keeper.send("GET", "/runs/export")
    text = b"".join(export.streaming_content).decode()
    assert f"True,{first['id']}" in text
