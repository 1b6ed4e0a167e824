"""The endpoints that the page editor uses."""

import json
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests import factories
from tests.engine.conftest import form_data
from tests.testapp.models import StoryPage
from wagtail_llm_actions import engine
from wagtail_llm_actions.models import LLMActionHistory, LLMActionsSwitch
from wagtail_llm_actions.providers.echo import EchoProvider
from wagtail_llm_actions.testing import reply_with
from wagtail_llm_actions.values import Chunk, Decision, RunStatus

pytestmark = pytest.mark.django_db

API = "/admin/llm-actions/api"


@pytest.fixture
def page(home):
    return factories.make_page(title="The tide", intro="The tide comes and goes.")


@pytest.fixture
def action(home):
    return factories.make_action(
        "search_description", prompt="Describe: {{ intro }}", sources={"intro": "intro"}
    )


@pytest.fixture
def where(page):
    return {
        "editor": reverse("wagtailadmin_pages:edit", args=[page.pk]),
        "address": "search_description",
    }


def query(where, **more):
    return urlencode(where | more)


def start(client, where, page, **changes):
    return client.post(f"{API}/runs?{query(where)}", form_data(page, **changes).dict())


def lines(response):
    text = b"".join(response.streaming_content).decode()
    return [json.loads(line) for line in text.splitlines() if line]


def test_a_run_is_started_streamed_presented_and_accepted(editor_client, page, action, where):
    with reply_with(chunks=["The tide ", "turns."]):
        response = start(editor_client, where, page, search_description="Old.")
        events = lines(response)
    assert response["Content-Type"] == "application/x-ndjson"
    assert events[0] == {
        "type": "started",
        "run_id": events[0]["run_id"],
        "action": {"name": action.name},
        "label": "Meta description",
        "model": "echo",
        "template": action.prompt_template.name,
        "current": "Old.",
        "max_length": None,
        "kind": "text",
        "mode": "replace",
        "notices": [],
    }
    assert events[1:] == [
        {"type": "delta", "text": "The tide "},
        {"type": "delta", "text": "turns."},
        {"type": "succeeded", "text": "The tide turns."},
    ]
    run_id = events[0]["run_id"]
    presented = editor_client.post(
        f"{API}/runs/{run_id}/present?{query(where)}",
        form_data(page, search_description="Old.").dict(),
    ).json()
    assert presented == {
        "run_id": run_id,
        "output": "The tide turns.",
        "method": "text",
        "html": "",
        "state": "The tide turns.",
        "kind": "text",
        "errors": [],
        "changed_meanwhile": False,
        "current": "Old.",
        "notices": [],
        "other_mode": "append",
    }
    decided = editor_client.post(
        f"{API}/runs/{run_id}/decide", {"decision": "accepted"}, content_type="application/json"
    ).json()
    assert (decided["status"], decided["decision"]) == ("succeeded", "accepted")
    assert decided["label"].startswith("AI, accepted by editor on ")
    assert LLMActionHistory.objects.get(pk=run_id).decision == Decision.ACCEPTED


def test_a_failure_in_the_stream_is_its_last_line(editor_client, page, action, where):
    with reply_with(""):
        events = lines(start(editor_client, where, page))
    assert events[-1] == {
        "type": "failed",
        "run_id": events[0]["run_id"],
        "status": "failed",
        "code": "empty_output",
        "message": "The language model answered nothing. Nothing was changed. Try again.",
        "retryable": True,
    }


def test_a_mistake_in_a_sites_own_provider_is_told_and_logged(
    editor_client, page, action, where, monkeypatch, caplog
):
    def explode(self, request):
        yield Chunk(text="The ")
        raise ZeroDivisionError("a key, perhaps")

    monkeypatch.setattr(EchoProvider, "stream", explode)
    events = lines(start(editor_client, where, page))
    run = LLMActionHistory.objects.get()
    assert [event["type"] for event in events] == ["started", "delta", "failed"]
    assert events[-1] == {
        "type": "failed",
        "run_id": str(run.pk),
        "status": "failed",
        "code": "error",
        "message": "Something went wrong. Nothing was changed.",
        "retryable": False,
    }
    assert (run.status, run.error_detail) == (RunStatus.FAILED, "unforeseen: ZeroDivisionError")
    assert "Traceback" in caplog.text and "ZeroDivisionError" in caplog.text


def test_a_refusal_comes_before_the_stream_with_its_row(editor_client, page, where):
    response = start(editor_client, where, page)
    assert response.status_code == 404
    body = response.json()
    run = LLMActionHistory.objects.get()
    sentence = (
        "No LLM action is set up for this field. Nothing was sent. "
        "If there was one before, it was unpublished or deleted."
    )
    assert response["Content-Type"] == "application/problem+json"
    assert body == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": sentence,
        "code": "action_not_found",
        "message": sentence,
        "fields": {},
        "retryable": False,
        "run_id": str(run.pk),
        "reasons": [],
    }
    assert run.status == RunStatus.REFUSED


@pytest.mark.parametrize(
    "path", ["/admin/pages/999999/edit/", "/admin/users/1/", "nonsense", "//[", ""]
)
def test_an_address_that_is_no_edit_form_is_not_found(editor_client, page, where, path):
    response = start(editor_client, where | {"editor": path}, page)
    assert (response.status_code, response.json()["code"]) == (404, "editor_not_found")


@pytest.mark.parametrize("path", ["/admin/users/1/", "nonsense", "//[", ""])
def test_where_no_object_can_be_named_there_is_no_row(editor_client, page, where, path):
    response = start(editor_client, where | {"editor": path}, page)
    assert (response.json()["run_id"], LLMActionHistory.objects.count()) == (None, 0)


def refused_row(response):
    """Return the one run, which the answer names."""
    run = LLMActionHistory.objects.get()
    assert response.json()["run_id"] == str(run.pk)
    assert run.attempts.count() == 0
    return run


def test_a_page_that_is_gone_leaves_a_row(editor_client, editor, page, where):
    run = refused_row(start(editor_client, where | {"editor": "/admin/pages/999999/edit/"}, page))
    assert (run.status, run.error_code, run.user) == ("failed", "editor_not_found", editor)
    assert (run.object_type, run.object_id, run.page_id) == ("wagtailcore.page", "999999", 999999)


def test_a_form_that_cannot_be_read_leaves_a_row(editor_client, page, where):
    data = form_data(page).dict() | {"stream-count": "many"}
    run = refused_row(editor_client.post(f"{API}/runs?{query(where)}", data))
    assert (run.status, run.error_code) == ("failed", "form_data")
    assert (run.object_type, run.page_id) == ("testapp.storypage", page.pk)
    assert run.destination_address == "search_description"


def test_a_form_of_a_new_object_that_is_refused_leaves_a_row(client_of, page, where):
    client = client_of(factories.make_user("runner", "run_llmaction"))
    path = reverse("wagtailsnippets_testapp_person:add")
    run = refused_row(start(client, where | {"editor": path}, page))
    assert (run.status, run.object_type, run.object_id) == ("refused", "testapp.person", "")
    assert run.page_id is None


def test_a_field_that_is_not_there_is_not_found(editor_client, page, where):
    response = start(editor_client, where | {"address": "stream.nowhere"}, page)
    assert (response.status_code, response.json()["code"]) == (404, "unknown_field")


def test_a_page_that_the_user_may_not_edit_is_forbidden(client_of, page, where, action):
    client = client_of(factories.make_user("runner", "run_llmaction"))
    response = start(client, where, page)
    assert response.status_code == 403
    run = refused_row(response)
    assert (run.status, run.error_code, run.page_id) == ("refused", "permission", page.pk)
    # Who may not edit it has no right to its title either.
    assert (run.object_id, run.object_repr) == (str(page.pk), f"story page {page.pk}")


def test_a_user_without_the_permission_to_run_is_forbidden(client_of, page, where, action):
    client = client_of(factories.make_user("writer", groups=["Editors"]))
    response = start(client, where, page)
    assert (response.status_code, response.json()["code"]) == (403, "permission")


def test_nobody_gets_in_without_a_session_or_csrf_token(editor, page, where, action):
    assert start(Client(), where, page).status_code in {302, 401, 403}
    client = Client(enforce_csrf_checks=True)
    client.force_login(editor)
    assert start(client, where, page).status_code == 403
    assert LLMActionHistory.objects.count() == 0


def test_the_fields_of_a_form_are_asked_for_at_once(editor_client, page, action, where):
    answer = editor_client.post(
        f"{API}/fields",
        {
            "editor": where["editor"],
            "fields": [
                {"address": "search_description", "path": "search_description"},
                {"address": "title", "path": "title"},
            ],
        },
        content_type="application/json",
    ).json()
    assert (answer["enabled"], answer["may_run"], answer["may_add"]) == (True, True, False)
    assert answer["fields"]["search_description"] == {
        "action": {
            "id": action.pk,
            "name": action.name,
            "slug": action.slug,
            "reads": ["intro"],
        },
        "ready": True,
        "problem": "",
        "run": None,
        "kind": "text",
        "writable": True,
    }
    assert answer["fields"]["title"]["action"] is None


OTHERS = ("intro", "summary", "stream.heading", "stream.text", "body")


def test_the_number_of_queries_does_not_grow_with_the_fields(
    editor_client, editor, page, where, django_assert_num_queries
):
    def ask(number):
        paths = ["title", "body", *OTHERS[:number], *(f"stream.path_{n}" for n in range(number))]
        fields = [{"address": path, "path": path} for path in paths]
        body = {"editor": where["editor"], "fields": fields}
        return editor_client.post(f"{API}/fields", body, content_type="application/json").json()

    def make(path):
        action = factories.make_action(path, sources={"intro": "intro"})
        run = factories.make_run(action, target=page, user=editor)
        engine.decide(run.pk, editor, Decision.ACCEPTED)

    make("title")
    make("body")  # what was accepted in rich text is read back by its own features
    ask(0)
    with CaptureQueriesContext(connection) as few:
        ask(0)
    for path in OTHERS[:-1]:
        make(path)
    with django_assert_num_queries(len(few)):
        answer = ask(200)
    assert len([field for field in answer["fields"].values() if field["run"]]) == len(OTHERS) + 1


def test_an_admin_is_told_where_to_add_an_action(admin_client, page, where):
    answer = admin_client.post(
        f"{API}/fields",
        {"editor": where["editor"], "fields": []},
        content_type="application/json",
    ).json()
    assert answer["may_add"]
    form = admin_client.get(f"{answer['add_url']}&destination_path=intro").context["form"]
    assert form["destination_type"].value() == ContentType.objects.get_for_model(StoryPage).pk
    assert form["destination_path"].value() == "intro"


def test_a_switched_off_site_shows_nothing(editor_client, page, action, where, editor):
    LLMActionsSwitch.turn(False, editor)
    answer = editor_client.post(
        f"{API}/fields",
        {"editor": where["editor"], "fields": [{"address": "title", "path": "title"}]},
        content_type="application/json",
    ).json()
    assert (answer["enabled"], answer["fields"]) == (False, {})
    response = start(editor_client, where, page)
    assert (response.status_code, response.json()["code"]) == (503, "switched_off")


@pytest.mark.parametrize("endpoint", ["", "/cancel", "/decide"])
def test_another_persons_run_is_not_found(client_of, page, endpoint):
    run = factories.make_run(target=page)
    client = client_of(factories.make_user("runner", "run_llmaction"))
    url = f"{API}/runs/{run.pk}{endpoint}"
    if endpoint == "":
        response = client.get(url)
    else:
        body = {"decision": "accepted"}
        response = client.post(url, body, content_type="application/json")
    assert (response.status_code, response.json()["code"]) == (404, "run_not_found")


@pytest.mark.parametrize("endpoint", ["cancel", "decide"])
def test_who_may_only_see_a_run_neither_cancels_it_nor_decides(client_of, page, endpoint):
    run = factories.make_run(target=page)
    onlooker = factories.make_user("onlooker", "run_llmaction", "view_llmactionhistory")
    response = client_of(onlooker).post(
        f"{API}/runs/{run.pk}/{endpoint}",
        {"decision": "rejected"},
        content_type="application/json",
    )
    assert response.status_code == 403
    run.refresh_from_db()
    assert (run.decision, run.cancel_requested) == (Decision.PENDING, False)


def test_a_decision_that_means_nothing_is_refused(editor_client, editor, page):
    run = factories.make_run(target=page, user=editor)
    response = editor_client.post(
        f"{API}/runs/{run.pk}/decide", {"decision": "maybe"}, content_type="application/json"
    )
    assert response.status_code == 422


def test_an_unknown_run_is_not_found(editor_client):
    assert editor_client.get(f"{API}/runs/{uuid4()}").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_whoever_leaves_before_the_first_line_has_cancelled_the_run(
    editor_client, page, action, where
):
    with reply_with("Unread.") as echo:
        start(editor_client, where, page).close()
    run = LLMActionHistory.objects.get()
    assert (run.status, run.error_code) == (RunStatus.CANCELLED, "cancelled")
    assert echo.requests == []


def test_halves_of_a_character_arrive_whole(editor_client, page, action, where):
    with reply_with(chunks=["The tide \ud83c", "\udf0a"]):
        events = lines(start(editor_client, where, page))
    assert [event.get("text") for event in events[1:]] == [
        "The tide \ud83c",
        "\udf0a",
        "The tide \U0001f30a",
    ]


@pytest.mark.parametrize(
    "status, code, retryable",
    [
        (RunStatus.FAILED, "provider_busy", True),
        (RunStatus.FAILED, "provider_authentication", False),
        (RunStatus.INTERRUPTED, "interrupted", True),
    ],
)
def test_a_run_without_output_says_whether_another_try_may_help(
    editor_client, editor, status, code, retryable
):
    run = factories.make_run(user=editor, status=status, error_code=code)
    assert editor_client.get(f"{API}/runs/{run.pk}").json()["retryable"] is retryable
