"""The API where sites are kept apart."""

import json
from urllib.parse import urlencode

import pytest
from django.urls import reverse

from tests import factories
from tests.api.tokens import TokenClient
from tests.engine.conftest import form_data
from tests.management.test_llm_commands import command
from tests.testapp.models import Branding, Event
from wagtail_llm_actions import engine
from wagtail_llm_actions.content import find_editor
from wagtail_llm_actions.engine import SavedTarget
from wagtail_llm_actions.exceptions import (
    ActionNotFoundError,
    PermissionRefusedError,
    RowInvalidError,
)
from wagtail_llm_actions.models import LLMAction, LLMActionHistory

pytestmark = pytest.mark.django_db

RIGHTS = [f"{right}_llmaction" for right in ("view", "add", "change", "delete", "publish")]
RIGHTS += ["run_llmaction", "customise_llmaction", "add_prompttemplate", "publish_prompttemplate"]
EDITOR_API = "/admin/llm-actions/api"
NEW = {"name": "New", "object_type": "testapp.storypage", "path": "title"}


@pytest.fixture
def keeper(apart):
    """The client of somebody who keeps the actions of one site, with a token."""
    return TokenClient(apart.person(*RIGHTS, "view_prompttemplate", "view_llmconfig"))


@pytest.fixture
def auditor(apart):
    """The client of somebody who sees every run and its cost, on one site."""
    return TokenClient(apart.person("view_llmactionhistory", "view_llmcost"))


def slugs(response):
    return {row["slug"] for row in response.json()["items"]}


def test_actions_are_listed_of_ones_own_site_and_of_all(keeper, admin):
    assert slugs(keeper.send("GET", "/actions")) == {"of-here", "of-all"}
    assert len(slugs(TokenClient(admin).send("GET", "/actions"))) == 3


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "", None),
        ("PATCH", "", {"name": "New", "version": "*"}),
        ("DELETE", "?version=*", None),
        ("POST", "/publish", None),
        ("POST", "/unpublish", None),
        ("POST", "/enable", None),
        ("POST", "/disable", None),
        ("GET", "/revisions", None),
    ],
)
def test_an_action_of_another_site_does_not_exist(keeper, admin, method, path, body):
    answer = keeper.send(method, f"/actions/of-there{path}", body)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert TokenClient(admin).send(method, f"/actions/of-there{path}", body).status_code < 300


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "", {"name": "New", "version": "*"}),
        ("DELETE", "?version=*", None),
        ("POST", "/publish", None),
        ("POST", "/unpublish", None),
        ("POST", "/disable", None),
    ],
)
def test_an_action_for_all_sites_is_read_and_not_changed(keeper, method, path, body):
    assert keeper.send("GET", "/actions/of-all").status_code == 200
    answer = keeper.send(method, f"/actions/of-all{path}", body)
    assert (answer.status_code, answer.json()["code"]) == (403, "permission")
    assert "for every site" in answer.json()["detail"]
    assert keeper.send(method, f"/actions/of-here{path}", body).status_code < 300


def test_an_action_is_made_for_ones_own_site(apart, keeper):
    wanted = NEW | {"prompt_template": apart.actions["all"].prompt_template.slug}
    answer = keeper.send("POST", "/actions", wanted)
    assert (answer.status_code, answer.json()["site"]) == (201, "localhost:80")
    for site in ("there.example:80", None):
        answer = keeper.send("POST", "/actions", wanted | {"name": "Other", "site": site})
        assert (answer.status_code, list(answer.json()["fields"])) == (422, ["site"])


def test_an_action_does_not_become_one_of_another_site(keeper):
    for site in ("there.example:80", None):
        answer = keeper.send("PATCH", "/actions/of-here", {"site": site, "version": "*"})
        assert (answer.status_code, list(answer.json()["fields"])) == (422, ["site"])
    assert LLMAction.objects.get(slug="of-here").latest_revision.as_object().site is not None


def test_runs_are_listed_exported_and_summed_up_of_ones_sites(apart, auditor):
    runs = auditor.send("GET", "/runs").json()["items"]
    assert [(run["action"], run["site"]) for run in runs] == [("of-here", "localhost:80")]
    export = b"".join(auditor.send("GET", "/runs/export").streaming_content).decode()
    assert "Action here" in export and "there" not in export
    used = auditor.send("GET", "/usage?by=action").json()
    assert [(one["group"], one["runs"], one["cost"]) for one in used] == [
        ("of-here", 1, "1.000000000")
    ]


@pytest.mark.parametrize(("name", "status"), [("here", 200), ("there", 404), ("all", 404)])
def test_a_run_is_shown_to_people_of_its_site(apart, auditor, name, status):
    assert auditor.send("GET", f"/runs/{apart.runs[name].pk}").status_code == status


def test_runs_are_narrowed_down_to_a_site(boss, apart):
    for path in ("/runs", "/usage"):
        found = boss.send("GET", f"{path}?site=there.example:80").json()
        found = found["items"] if path == "/runs" else found
        assert len(found) == 1
    assert len(boss.send("GET", "/runs").json()["items"]) == 3


def test_a_run_keeps_the_site_of_its_page(apart, keeper):
    body = {"object_type": "testapp.storypage", "object_id": str(apart.pages["here"].pk)}
    answer = keeper.send("POST", "/runs", body | {"field": "summary", "action": "of-here"})
    assert (answer.status_code, answer.json()["site"]) == (200, "localhost:80"), answer.json()
    run = LLMActionHistory.objects.get(pk=answer.json()["id"])
    assert run.site == apart.here


def test_an_action_of_another_site_is_not_run(apart, keeper):
    body = {"object_id": str(apart.pages["here"].pk)}
    theirs = keeper.send("POST", "/runs", body | {"action": "of-there"})
    nothing = keeper.send("POST", "/runs", body | {"action": "nothing"})
    assert theirs.status_code == nothing.status_code == 404
    assert theirs.json()["detail"] == nothing.json()["detail"]


def test_an_action_of_another_site_is_not_run_on_its_settings(apart):
    """Everybody who may change such settings may do so for every site."""
    action = factories.make_action("tagline", Branding, site=apart.there, name="Their tagline")
    setting = Branding.for_site(apart.there)
    person = apart.person("run_llmaction", "testapp.change_branding")
    target = SavedTarget(object_type="testapp.branding", object_id=str(setting.pk), field="tagline")
    with pytest.raises(ActionNotFoundError):
        engine.prepare_saved(person, target)
    theirs = apart.person("run_llmaction", "testapp.change_branding", site="there")
    run = engine.prepare_saved(theirs, target)
    assert (run.action, run.site) == (action, apart.there)
    refused = LLMActionHistory.objects.get(user=person)
    assert (refused.status, refused.site) == ("refused", apart.there)


def test_a_refusal_before_the_page_is_opened_is_of_its_site(apart, keeper):
    body = {"object_type": "testapp.storypage", "object_id": str(apart.pages["there"].pk)}
    assert keeper.send("POST", "/runs", body | {"field": "summary"}).status_code == 403
    assert LLMActionHistory.objects.get(status="refused").site == apart.there


def where(page, **more):
    query = {"editor": reverse("wagtailadmin_pages:edit", args=[page.pk])} | more
    return urlencode(query)


def save(client, page, path, **body):
    url = f"{EDITOR_API}/actions/save?{where(page, path=path)}"
    return client.post(url, body, content_type="application/json")


def test_the_editor_offers_to_save_only_what_is_of_the_own_site(apart, client_of):
    client, page = client_of(apart.person(*RIGHTS)), apart.pages["here"]

    def rights():
        url = f"{EDITOR_API}/preview?{where(page, address='summary')}"
        return client.post(url, form_data(page)).json()["rights"]

    assert rights() == {"save": True, "save_as": True, "save_template": True, "delete": True}
    apart.actions["here"].delete()  # what is for all sites is in force now
    assert rights() == {"save": False, "save_as": True, "save_template": True, "delete": False}
    assert save(client, page, "summary", changes={"temperature": 0.5}).status_code == 403
    url = f"{EDITOR_API}/actions/delete?{where(page, path='summary')}"
    assert client.post(url).status_code == 403
    assert LLMAction.objects.get(slug="of-all").temperature is None


def test_what_is_saved_as_another_action_is_of_the_own_site(apart, client_of):
    apart.actions["here"].delete()
    client = client_of(apart.person(*RIGHTS))
    changes = {"temperature": 0.5}
    answer = save(client, apart.pages["here"], "summary", changes=changes, as_new=True)
    assert answer.status_code == 200, answer.text
    assert LLMAction.objects.get(temperature=0.5).site == apart.here
    first = {"prompt_template": apart.actions["all"].prompt_template.slug}
    answer = save(client, apart.pages["here"], "intro", changes=first)
    assert answer.status_code == 200, answer.text
    assert LLMAction.objects.get(destination_path="intro").site == apart.here


def test_whom_a_first_action_would_serve_is_told(apart, client_of, admin):
    apart.actions["all"].delete()
    page, told = apart.pages["here"], {}
    url = f"{EDITOR_API}/preview?{where(page, address='intro')}"
    for who, user in (("keeper", apart.person(*RIGHTS)), ("admin", admin)):
        told[who] = client_of(user).post(url, form_data(page)).json()["serves"]
    sentence = "A saved action serves this field of every object of type “Story page”"
    assert told == {"keeper": f"{sentence} on the site “{apart.here}”.", "admin": f"{sentence}."}


def test_a_first_action_for_what_is_of_no_site_needs_every_site(apart, client_of):
    keeper = apart.person(*RIGHTS, "testapp.change_event")
    event = Event.objects.create(name="Regatta")
    url = reverse(type(event).snippet_viewset.get_url_name("edit"), args=[event.pk])
    body = {"changes": {"prompt_template": apart.actions["all"].prompt_template.slug}}
    query = urlencode({"editor": url, "path": "name"})
    answer = client_of(keeper).post(
        f"{EDITOR_API}/actions/save?{query}", body, content_type="application/json"
    )
    assert answer.status_code == 403
    assert "own sites" in answer.json()["detail"]


def test_a_field_shows_no_action_of_another_site(apart, client_of):
    apart.actions["here"].delete()
    apart.actions["all"].delete()
    client = client_of(apart.person(*RIGHTS))
    body = {
        "editor": reverse("wagtailadmin_pages:edit", args=[apart.pages["here"].pk]),
        "fields": [{"address": "summary", "path": "summary"}],
    }
    answer = client.post(f"{EDITOR_API}/fields", body, content_type="application/json").json()
    assert answer["fields"]["summary"]["action"] is None


def test_an_export_has_nothing_of_other_sites(apart):
    apart.person(*RIGHTS, "view_prompttemplate", "view_llmconfig", username="keeper")
    data = json.loads(command("llm_action", "export", user="keeper"))
    assert [one["slug"] for one in data["actions"]] == ["of-all", "of-here"]


def test_an_import_tells_nothing_of_other_sites_and_changes_nothing_there(apart, admin, tmp_path):
    keeper = apart.person(*RIGHTS, "change_prompttemplate", "change_llmconfig")
    data = engine.export_rows(admin, ["of-there"])
    (action,) = data["actions"]
    assert {one.deed for one in engine.import_rows(admin, data)} == {"same"}
    action["name"] = "Taken over"
    with pytest.raises(RowInvalidError, match="has the slug") as caught:
        engine.import_rows(keeper, {"format": 1, "actions": [action]}, dry_run=True)
    assert "Action there" not in str(caught.value)
    assert LLMAction.objects.get(slug="of-there").name == "Action there"


@pytest.mark.parametrize("name", ["there", "all"])
def test_the_form_of_an_action_that_one_does_not_keep_is_not_tried(apart, name):
    person = apart.person(*RIGHTS)
    url = "wagtailsnippets_wagtail_llm_actions_llmaction:edit"
    find_editor(reverse(url, args=[apart.actions["here"].pk]), person)
    with pytest.raises(PermissionRefusedError):
        find_editor(reverse(url, args=[apart.actions[name].pk]), person)
