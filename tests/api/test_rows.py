"""Actions, templates and configurations, kept over the API for other programs."""

import json
from datetime import datetime
from decimal import Decimal
from urllib.parse import quote

import pytest
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.models import ModelLogEntry

from tests import factories
from tests.api.tokens import API, TokenClient
from tests.testapp.models import StoryPage
from wagtail_llm_actions.models import LLMAction, LLMConfig, PromptTemplate

pytestmark = pytest.mark.django_db


@pytest.fixture
def template(home):
    return factories.make_template("Sum up: {{ intro }}", slug="sum-up", name="Sum up")


@pytest.fixture
def wanted(template):
    return {
        "name": "Meta description",
        "object_type": "testapp.storypage",
        "path": "search_description",
        "prompt_template": "sum-up",
        "sources": [{"path": "intro", "name": "intro"}],
        "extra_parameters": {},
    }


def read(boss, path):
    return boss.send("GET", path).json()


def test_an_action_is_made_as_a_draft(boss, wanted):
    response = boss.send("POST", "/actions", wanted)
    assert response.status_code == 201, response.json()
    action = LLMAction.objects.get()
    assert response["Location"] == f"{API}/actions/meta-description"
    assert (action.live, action.slug) == (False, "meta-description")
    assert action.destination_type == ContentType.objects.get_for_model(StoryPage)
    assert [source.path for source in action.sources.all()] == ["intro"]
    assert response.json()["sources"] == [{"path": "intro", "name": "intro", "required": True}]
    assert response.json()["live"] is False


def test_an_action_is_made_live_at_once_and_logged(boss, wanted, admin):
    response = boss.send("POST", "/actions", wanted | {"publish": True})
    assert response.status_code == 201, response.json()
    action = LLMAction.objects.get()
    assert (action.live, action.latest_revision.user) == (True, admin)
    log = ModelLogEntry.objects.for_instance(action).values_list("action", flat=True)
    assert {"wagtail.create", "wagtail.publish"} <= set(log)


def test_what_the_form_refuses_is_told_by_field(boss, wanted):
    response = boss.send("POST", "/actions", wanted | {"path": "nothing", "publish": True})
    assert (response.status_code, response["Content-Type"]) == (422, "application/problem+json")
    problem = response.json()
    assert problem["code"] == "invalid"
    assert "There is no field “nothing”." in problem["fields"]["path"][0]
    assert not LLMAction.objects.exists()


def test_a_draft_may_lack_what_publishing_asks_for(boss, wanted):
    assert boss.send("POST", "/actions", wanted | {"path": "nothing"}).status_code == 201
    response = boss.send("POST", "/actions/meta-description/publish")
    assert (response.status_code, response.json()["code"]) == (422, "invalid")
    assert not LLMAction.objects.get().live


@pytest.mark.parametrize(
    "change, field",
    [
        ({"prompt_template": "none"}, "prompt_template"),
        ({"llm_config": "none"}, "llm_config"),
        ({"object_type": "no.type"}, "object_type"),
        ({"site": "nowhere:80"}, "site"),
        ({"name": ""}, "name"),
        ({"publish": 0}, "publish"),
        ({"temperature": False}, "temperature"),
        ({"max_output_tokens": "5"}, "max_output_tokens"),
        ({"go_live_at": 5}, "go_live_at"),
    ],
)
def test_what_cannot_be_is_named(boss, wanted, change, field):
    response = boss.send("POST", "/actions", wanted | change)
    assert response.status_code == 422
    assert list(response.json()["fields"]) == [field]


def test_an_unknown_member_is_refused(boss, wanted):
    response = boss.send("POST", "/actions", wanted | {"pomt": "x"})
    assert response.status_code == 422


def test_a_change_is_a_draft_and_leaves_the_rest(boss):
    action = factories.make_action("title", sources={"intro": "intro"}, name="Old")
    before = read(boss, f"/actions/{action.slug}")
    response = boss.send(
        "PATCH", f"/actions/{action.slug}", {"name": "New", "version": before["version"]}
    )
    after = response.json()
    assert response.status_code == 200, after
    action.refresh_from_db()
    assert (action.name, action.live, action.has_unpublished_changes) == ("Old", True, True)
    assert (after["name"], after["sources"]) == ("New", before["sources"])
    assert after["version"] != before["version"]
    assert response["ETag"] == f'"{after["version"]}"'
    published = boss.send("POST", f"/actions/{action.slug}/publish").json()
    action.refresh_from_db()
    assert (action.name, published["has_unpublished_changes"]) == ("New", False)


def test_sources_are_replaced_as_a_whole(boss):
    action = factories.make_action(
        "title", prompt="{{ summary }}", broken=True, sources={"intro": "intro", "b": "body"}
    )
    version = read(boss, f"/actions/{action.slug}")["version"]
    body = {"sources": [{"path": "summary", "name": "summary", "required": False}]}
    response = boss.send(
        "PATCH", f"/actions/{action.slug}", body | {"publish": True, "version": version}
    )
    assert response.status_code == 200, response.json()
    sources = list(LLMAction.objects.get().sources.values_list("path", "name", "required"))
    assert sources == [("summary", "summary", False)]
    version = response.json()["version"]
    body = {"sources": [], "prompt_template": factories.make_template().slug}
    boss.send("PATCH", f"/actions/{action.slug}", body | {"publish": True, "version": version})
    assert not LLMAction.objects.get().sources.exists()


def test_sources_of_a_draft_that_was_never_published_can_be_changed(boss, wanted):
    made = boss.send("POST", "/actions", wanted).json()
    url = "/actions/meta-description"
    two = [{"path": "intro", "name": "intro"}, {"path": "summary", "name": "more"}]
    changed = boss.send("PATCH", url, {"sources": two, "version": made["version"]}).json()
    assert [source["name"] for source in changed["sources"]] == ["intro", "more"]
    again = boss.send("PATCH", url, {"name": "Another", "version": changed["version"]}).json()
    assert [source["name"] for source in again["sources"]] == ["intro", "more"]
    published = boss.send("POST", f"{url}/publish")
    assert published.status_code == 200, published.json()
    assert LLMAction.objects.get().sources.count() == 2


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_nobody_replaces_a_version_that_they_have_not_seen(boss, method):
    template = factories.make_template()
    url = f"/templates/{template.slug}"
    body = {"name": "New"} if method == "PATCH" else None
    none = boss.send(method, url, body)
    assert (none.status_code, none.json()["code"]) == (428, "version_required")
    stale = read(boss, url)["version"]
    boss.send("PATCH", url, {"description": "Changed.", "version": stale})
    at = f"{url}?version={stale}" if method == "DELETE" else url
    late = boss.send(method, at, body and body | {"version": stale})
    assert (late.status_code, late.json()["code"]) == (409, "version_conflict")
    header = boss.send(method, url, body, headers={"If-Match": f'"{stale}"'})
    assert (header.status_code, header.json()["code"]) == (412, "version_conflict")
    assert PromptTemplate.objects.get().name == template.name
    fresh = read(boss, url)["version"]
    good = boss.send(method, url, body, headers={"If-Match": f'"{fresh}"'})
    assert good.status_code == (200 if method == "PATCH" else 204)


def test_a_template_in_use_is_not_deleted(boss):
    action = factories.make_action()
    url = f"/templates/{action.prompt_template.slug}"
    response = boss.send("DELETE", url, headers={"If-Match": "*"})
    assert (response.status_code, response.json()["code"]) == (409, "in_use")
    boss.send("DELETE", f"/actions/{action.slug}", headers={"If-Match": "*"})
    assert boss.send("DELETE", url, headers={"If-Match": "*"}).status_code == 204
    assert boss.send("GET", url).status_code == 404


def test_unpublished_rows_stay_as_drafts(boss):
    config = factories.make_config()
    response = boss.send("POST", f"/configs/{config.slug}/unpublish")
    assert (response.status_code, response.json()["live"]) == (200, False)
    assert not LLMConfig.objects.get().live


def test_what_waits_for_its_date_is_taken_off_the_schedule(boss, template):
    body = {"name": "Later", "prompt": "P", "go_live_at": "2999-01-01T00:00:00Z", "publish": True}
    assert boss.send("POST", "/templates", body).json()["live"] is False
    later = PromptTemplate.objects.get(slug="later")
    assert later.approved_schedule
    assert boss.send("POST", "/templates/later/unpublish").status_code == 200
    assert not PromptTemplate.objects.get(slug="later").approved_schedule
    log = ModelLogEntry.objects.for_instance(later).values_list("action", flat=True)
    assert "wagtail.schedule.cancel" in log


def test_the_schedule_is_a_part_of_the_version(boss):
    body = {"name": "Later", "prompt": "P", "go_live_at": "2999-01-01T00:00:00Z", "publish": True}
    scheduled = boss.send("POST", "/templates", body).json()["version"]
    assert boss.send("GET", "/templates").json()["items"][0]["version"] == scheduled
    seen = {"If-Match": f'"{scheduled}"'}
    assert boss.send("POST", "/templates/later/unpublish", headers=seen).status_code == 200
    again = boss.send("POST", "/templates/later/publish", headers=seen)
    assert (again.status_code, again.json()["code"]) == (412, "version_conflict")


def test_a_rival_is_named_when_a_draft_is_published(boss, wanted):
    rival = factories.make_action("search_description", name="Rival")
    boss.send("POST", "/actions", wanted)
    response = boss.send("POST", "/actions/meta-description/publish")
    assert response.status_code == 422
    assert "Rival" in response.json()["detail"]
    boss.send("POST", f"/actions/{rival.slug}/unpublish")
    assert boss.send("POST", "/actions/meta-description/publish").status_code == 200


def test_an_action_is_turned_off_and_on(boss):
    action = factories.make_action()
    off = boss.send("POST", f"/actions/{action.slug}/disable").json()
    assert (off["enabled"], off["problem"]) == (False, "The LLM action is switched off.")
    assert boss.send("POST", f"/actions/{action.slug}/enable").json()["enabled"] is True


def test_lists_are_narrowed_and_come_in_parts(boss):
    for number in range(3):
        factories.make_config(name=f"Number {number}", live=number > 0)
    first = read(boss, "/configs?limit=2")
    assert (first["count"], len(first["items"])) == (3, 2)
    second = boss.get(first["next"]).json()
    assert (second["next"], len(second["items"])) == (None, 1)
    assert read(boss, "/configs?live=false")["count"] == 1
    assert read(boss, "/configs?q=number+1")["count"] == 1
    assert boss.send("GET", "/configs?limit=101").status_code == 422


def test_actions_are_found_by_what_they_are_for(boss):
    action = factories.make_action("title")
    factories.make_action("intro", model=StoryPage)
    query = "object_type=testapp.StoryPage&path=title"
    assert [one["slug"] for one in read(boss, f"/actions?{query}")["items"]] == [action.slug]
    assert read(boss, f"/actions?prompt_template={action.prompt_template.slug}")["count"] == 1
    assert read(boss, "/actions?object_type=nothing")["count"] == 0


@pytest.mark.parametrize("name", ["actions", "templates", "configs"])
def test_the_number_of_queries_does_not_grow_with_a_list(boss, name):
    factories.make_config(is_default=True)
    for path in ("title", "intro", "summary"):
        factories.make_action(path, sources={"intro": "intro"}, llm_config=factories.make_config())

    def queries(limit):
        with CaptureQueriesContext(connection) as captured:
            assert len(read(boss, f"/{name}?limit={limit}")["items"]) == limit
        return len(captured)

    queries(1)
    assert queries(1) == queries(3)


def test_revisions_are_listed_and_shown(boss, admin):
    template = factories.make_template("First.")
    version = read(boss, f"/templates/{template.slug}")["version"]
    boss.send("PATCH", f"/templates/{template.slug}", {"prompt": "Second.", "version": version})
    listed = read(boss, f"/templates/{template.slug}/revisions")
    assert [(one["is_latest"], one["is_live"]) for one in listed] == [(True, False), (False, True)]
    assert listed[0]["user"] == admin.username
    old = read(boss, f"/templates/{template.slug}/revisions/{listed[1]['id']}")
    assert old["contents"]["prompt"] == "First."
    assert boss.send("GET", f"/templates/{template.slug}/revisions/999999").status_code == 404


@pytest.mark.parametrize("name", ["llmaction", "prompttemplate", "llmconfig"])
def test_each_deed_needs_the_right_that_the_admin_asks_for(keeper, name):
    action = factories.make_action()
    rows = {
        "llmaction": ("actions", action),
        "prompttemplate": ("templates", action.prompt_template),
        "llmconfig": ("configs", action.llm_config),
    }
    path, row = rows[name]
    url, any_version = f"/{path}/{row.slug}", {"headers": {"If-Match": "*"}}
    deeds = {
        "view": ("GET", url, None),
        "change": ("PATCH", url, {"name": "New"}),
        "publish": ("POST", f"{url}/unpublish", None),
        "delete": ("DELETE", url, None),
    }
    for right, (method, at, body) in deeds.items():
        others = [f"{other}_{name}" for other in deeds if other != right]
        refused = keeper(*(others if right != "view" else [])).send(method, at, body, **any_version)
        assert (refused.status_code, refused.json()["code"]) == (403, "permission"), right
        if right != "delete":
            allowed = keeper(f"{right}_{name}").send(method, at, body, **any_version)
            assert allowed.status_code == 200, right


def test_who_may_only_change_does_not_publish(keeper):
    template = factories.make_template()
    client = keeper("change_prompttemplate")
    url = f"/templates/{template.slug}"
    version = client.send("GET", url).json()["version"]
    response = client.send("PATCH", url, {"name": "New", "publish": True, "version": version})
    assert response.status_code == 403
    assert not PromptTemplate.objects.get().has_unpublished_changes


def test_an_unknown_token_is_refused(home):
    from django.test import Client

    client = Client(headers={"Authorization": "Bearer nothing"})
    response = client.get(f"{API}/actions")
    assert (response.status_code, response.json()["code"]) == (401, "unauthenticated")
    assert response["WWW-Authenticate"] == "Bearer"


def test_a_session_does_not_count_where_tokens_do(admin_client, home):
    assert admin_client.get(f"{API}/actions").status_code == 401


def test_in_the_admin_the_session_counts_with_its_csrf_token(admin, home):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(admin)
    base = "/admin/llm-actions/api/v1"
    assert client.get(f"{base}/actions").status_code == 200
    body = json.dumps({"name": "T", "prompt": "P"})
    response = client.post(f"{base}/templates", body, content_type="application/json")
    assert (response.status_code, response.json()["code"]) == (403, "forbidden")
    client.cookies["csrftoken"] = token = "a" * 32
    response = client.post(
        f"{base}/templates",
        body,
        content_type="application/json",
        headers={"X-CSRFToken": token},
    )
    assert response.status_code == 201
    assert response["Location"] == f"{base}/templates/t"


def test_who_has_nothing_to_do_in_the_admin_is_refused(home):
    user = factories.make_user(None, "view_llmaction")
    client = TokenClient(user)
    assert client.send("GET", "/actions").status_code == 200
    user.user_permissions.remove(factories.permission("wagtailadmin.access_admin"))
    assert client.send("GET", "/actions").status_code == 403


def test_the_description_is_there_for_whoever_is_let_in(boss, client):
    schema = boss.send("GET", "/openapi.json").json()
    assert f"{API}/actions/{{slug}}" in schema["paths"]
    assert client.get(f"{API}/openapi.json").status_code == 401
    change = schema["paths"][f"{API}/actions/{{slug}}"]["patch"]
    assert "If-Match" in [one["name"] for one in change["parameters"]]
    assert list(change["responses"]["412"]["content"]) == ["application/problem+json"]
    run = schema["paths"][f"{API}/runs"]["post"]
    assert "Idempotency-Key" in [one["name"] for one in run["parameters"]]
    assert set(run["responses"]["200"]["content"]) == {"application/json", "text/event-stream"}
    export = schema["paths"][f"{API}/runs/export"]["get"]
    assert list(export["responses"]["200"]["content"]) == ["text/csv"]


@pytest.mark.parametrize("path", ["/nothing", "/actions/no.slug", "/runs/x"])
def test_an_address_that_is_none_is_a_problem_too(boss, path):
    response = boss.send("GET", path)
    assert (response.status_code, response.json()["code"]) == (404, "no_such_address")
    assert response["Content-Type"] == "application/problem+json"


def test_a_request_that_is_too_large_is_a_problem_too(boss, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    response = boss.send("POST", "/templates", {"name": "Long", "prompt": "x" * 200})
    assert (response.status_code, response.json()["code"]) == (413, "too_large")


def test_what_is_no_json_is_a_problem_too(boss):
    response = boss.post(f"{API}/templates", "{", content_type="application/json")
    assert (response.status_code, response.json()["code"]) == (400, "bad_request")


def test_an_action_is_for_the_members_of_groups(boss, wanted):
    Group.objects.create(name="Press office")
    response = boss.send("POST", "/actions", wanted | {"groups": ["Press office"], "publish": True})
    assert response.status_code == 201, response.json()
    assert response.json()["groups"] == ["Press office"]
    assert [group.name for group in LLMAction.objects.get().groups.all()] == ["Press office"]
    change = {"name": "Other", "version": response.json()["version"], "publish": True}
    assert boss.send("PATCH", "/actions/meta-description", change).json()["groups"] == [
        "Press office"
    ]
    refused = boss.send("POST", "/actions", wanted | {"name": "Two", "groups": ["Nobody"]})
    assert refused.status_code == 422
    assert refused.json()["fields"] == {"groups": ["There is no group “Nobody”."]}


def test_a_configuration_has_a_price_and_takes_over(boss):
    config = {"name": "Paid", "model_name": "echo", "takes_over": True, "publish": True}
    prices = {"input_price": "0.15", "output_price": 0.6}
    response = boss.send("POST", "/configs", config | prices)
    assert response.status_code == 201, response.json()
    assert (response.json()["input_price"], response.json()["output_price"]) == ("0.15", "0.6")
    saved = LLMConfig.objects.get()
    assert (saved.input_price, saved.output_price) == (Decimal("0.15"), Decimal("0.6"))
    assert (saved.cached_input_price, saved.takes_over) == (None, True)
    half = boss.send("POST", "/configs", config | {"name": "Half", "input_price": "1"})
    assert half.status_code == 422
    assert "output_price" in half.json()["fields"]


@pytest.mark.parametrize("value", ["NaN", "1e999", "[" * 30 + "]" * 30])
def test_parameters_that_no_database_takes_are_refused(boss, value):
    body = f'{{"name": "Odd", "model_name": "echo", "extra_parameters": {{"top_p": {value}}}}}'
    response = boss.post(f"{API}/configs", body, content_type="application/json")
    assert response.status_code == 422, response.content
    assert not LLMConfig.objects.exists()


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_moments_that_no_calendar_has_are_refused(boss, moment):
    body = {"name": "Odd", "prompt": "Say something.", "go_live_at": moment}
    assert boss.send("POST", "/templates", body).status_code == 422
    assert boss.send("GET", f"/runs?created_from={quote(moment)}").status_code == 422


@pytest.mark.parametrize(
    "moment", ["2026-10-25T01:30:00+01:00", "2026-10-25T01:30:00Z", "2027-03-28T02:30:00+01:00"]
)
def test_a_moment_with_an_offset_is_taken_also_when_the_clocks_are_changed(
    boss, settings, template, moment
):
    settings.TIME_ZONE = "Europe/London"
    url, wanted = f"/templates/{template.slug}", datetime.fromisoformat(moment)
    body = {"go_live_at": moment, "version": read(boss, url)["version"]}
    changed = boss.send("PATCH", url, body)
    assert changed.status_code == 200, changed.json()
    assert datetime.fromisoformat(changed.json()["go_live_at"]) == wanted
    body = {"name": "New", "version": changed.json()["version"]}
    again = boss.send("PATCH", url, body)
    assert again.status_code == 200, again.json()
    assert datetime.fromisoformat(again.json()["go_live_at"]) == wanted


def test_a_moment_without_an_offset_is_asked_for_it(boss, template):
    body = {"name": "Odd", "prompt": "Say something.", "go_live_at": "2026-10-25T01:30:00"}
    response = boss.send("POST", "/templates", body)
    assert response.status_code == 422
    assert response.json()["detail"] == (
        "go_live_at: Add the offset from UTC, like 2026-01-31T12:00:00+01:00."
    )


def test_a_slug_that_is_named_and_taken_is_refused(boss, template):
    body = {"name": "Another", "slug": "sum-up", "prompt": "Say something."}
    response = boss.send("POST", "/templates", body)
    assert response.status_code == 422
    assert response.json()["fields"] == {"slug": ["Another one has the slug “sum-up”."]}


def test_what_cannot_be_answered_is_not_made(boss, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("no answer")

    monkeypatch.setattr("wagtail_llm_actions.api.idempotency.Claim.remember", fail)
    boss.raise_request_exception = False
    body = {"name": "Lost", "prompt": "Say something."}
    headers = {"Idempotency-Key": "one"}
    assert boss.send("POST", "/templates", body, headers=headers).status_code == 500
    assert not PromptTemplate.objects.exists()
