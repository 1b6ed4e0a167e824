"""Keeping what was tried: as another action, for another field, as a template, or not at all."""

from urllib.parse import urlencode

import pytest
from django.db import IntegrityError
from django.db.models import ProtectedError, RestrictedError
from django.urls import reverse
from wagtail.models import ModelLogEntry, Site

from tests import factories
from tests.engine.conftest import form_data
from wagtail_llm_actions import engine
from wagtail_llm_actions.compat import base_page_model
from wagtail_llm_actions.engine.destinations import actions_in_force
from wagtail_llm_actions.models import LLMAction, LLMActionHistory, PromptTemplate

pytestmark = pytest.mark.django_db

API = "/admin/llm-actions/api"
RIGHTS = [f"{verb}_llmaction" for verb in ("add", "change", "publish", "delete")]
TEMPLATE_RIGHTS = ["add_prompttemplate", "publish_prompttemplate"]


@pytest.fixture
def page(home):
    return factories.make_page(title="The tide", intro="The tide comes and goes.")


@pytest.fixture
def action(home):
    return factories.make_action(
        "summary", prompt="Sum up: {{ intro }}", sources={"intro": "intro"}, name="Sum up"
    )


@pytest.fixture
def keeper(client_of):
    """Return a function that gives the client of an editor with some permissions."""

    def make(*permissions):
        names = ["run_llmaction", "customise_llmaction", *permissions]
        return client_of(factories.make_user("keeper", *names, groups=["Editors"]))

    return make


def send(client, page, endpoint, **body):
    query = urlencode(
        {"editor": reverse("wagtailadmin_pages:edit", args=[page.pk]), "path": "summary"}
    )
    return client.post(f"{API}/{endpoint}?{query}", body, content_type="application/json")


def test_it_is_saved_as_another_action_for_another_field(keeper, page, action):
    response = send(
        keeper(*RIGHTS),
        page,
        "actions/save",
        changes={"temperature": 0.5},
        destination="intro",
        as_new=True,
    )
    assert response.status_code == 200, response.text
    other = LLMAction.objects.get(destination_path="intro")
    assert (other.temperature, other.prompt_template, other.live) == (
        0.5,
        action.prompt_template,
        True,
    )
    assert [source.path for source in other.sources.all()] == ["intro"]
    assert other.name.endswith("Intro")
    action.refresh_from_db()
    assert (action.destination_path, action.temperature, action.name) == ("summary", None, "Sum up")


def test_an_action_of_every_page_type_gets_one_for_this_type_alone(keeper, page):
    base = factories.make_action("search_description", model=base_page_model())
    query = urlencode(
        {
            "editor": reverse("wagtailadmin_pages:edit", args=[page.pk]),
            "path": "search_description",
        }
    )
    response = keeper(*RIGHTS).post(
        f"{API}/actions/save?{query}",
        {"changes": {"temperature": 1}, "as_new": True},
        content_type="application/json",
    )
    assert response.status_code == 200, response.text
    own = LLMAction.objects.exclude(pk=base.pk).get()
    assert own.destination_type.model_class() is type(page)
    assert (own.temperature, own.destination_path) == (1, "search_description")


def test_a_field_that_has_an_action_takes_no_other(keeper, page, action):
    factories.make_action("intro", name="Rival")
    client = keeper(*RIGHTS)
    for as_new in (False, True):
        response = send(
            client, page, "actions/save", changes={}, destination="intro", as_new=as_new
        )
        assert response.status_code == 409
        assert "“Rival” already fills this field" in response.json()["message"]
    response = send(client, page, "actions/save", changes={}, as_new=True)
    assert response.status_code == 409
    assert LLMAction.objects.count() == 2
    action.refresh_from_db()
    assert action.destination_path == "summary"


def test_it_is_moved_to_another_field(keeper, page, action):
    response = send(keeper(*RIGHTS), page, "actions/save", changes={}, destination="intro")
    assert response.status_code == 200, response.text
    moved = LLMAction.objects.get()
    assert (moved.pk, moved.destination_path, moved.live) == (action.pk, "intro", True)
    assert moved.latest_revision.content["destination_path"] == "intro"


@pytest.mark.parametrize("destination", ["gone", "title.x", "a\x00", "path"])
def test_it_is_moved_to_no_field_that_is_not_there(keeper, page, action, destination):
    response = send(keeper(*RIGHTS), page, "actions/save", changes={}, destination=destination)
    assert response.status_code in {404, 422}, response.text
    assert LLMAction.objects.get().destination_path == "summary"


def test_nothing_to_save_is_said(keeper, page, action):
    response = send(keeper(*RIGHTS), page, "actions/save", changes={})
    assert (response.status_code, response.json()["message"]) == (409, "Nothing was changed.")


def test_it_is_deleted_and_its_runs_stay(keeper, page, action):
    factories.make_run(action, target=page)
    response = send(keeper(*RIGHTS), page, "actions/delete")
    assert response.status_code == 204
    assert not LLMAction.objects.exists()
    run = LLMActionHistory.objects.get()
    assert (run.action, run.action_name) == (None, "Sum up")
    entry = ModelLogEntry.objects.get(action="wagtail.delete")
    assert (entry.label, entry.user.username) == ("Sum up", "keeper")
    assert send(response.client, page, "actions/delete").status_code == 404


@pytest.mark.parametrize("missing", RIGHTS)
def test_each_needs_its_permission(keeper, page, action, missing):
    client = keeper(*(set(RIGHTS) - {missing}))
    answers = {
        "new": send(client, page, "actions/save", changes={}, destination="intro", as_new=True),
        "move": send(client, page, "actions/save", changes={}, destination="intro"),
        "delete": send(client, page, "actions/delete"),
    }
    refused = {name for name, answer in answers.items() if answer.status_code == 403}
    assert (
        refused
        == {
            "add_llmaction": {"new"},
            "change_llmaction": {"move"},
            "publish_llmaction": {"new", "move"},
            "delete_llmaction": {"delete"},
        }[missing]
    )
    for name in refused:
        assert "may not" in answers[name].json()["message"]


def test_the_rights_are_told_with_what_would_be_sent(keeper, page, action):
    client = keeper("change_llmaction", "publish_llmaction")
    query = urlencode(
        {"editor": reverse("wagtailadmin_pages:edit", args=[page.pk]), "address": "summary"}
    )
    answer = client.post(f"{API}/preview?{query}", form_data(page).dict()).json()
    assert answer["rights"] == {
        "save": True,
        "save_as": False,
        "save_template": False,
        "delete": False,
    }
    paths = [one["path"] for one in answer["choices"]["destinations"]]
    assert "intro" in paths
    assert "summary" not in paths


def test_a_prompt_is_saved_as_a_template(keeper, home):
    client = keeper(*TEMPLATE_RIGHTS)
    response = client.post(
        f"{API}/templates/save",
        {"name": "Short", "system_prompt": "Be brief.", "prompt": "Sum up: {{ intro }}"},
        content_type="application/json",
    )
    assert response.status_code == 200, response.text
    template = PromptTemplate.objects.get(name="Short")
    assert response.json() == {
        "slug": template.slug,
        "name": "Short",
        "system_prompt": "Be brief.",
        "prompt": "Sum up: {{ intro }}",
        "versions": [],
    }
    assert (template.live, template.latest_revision.user.username) == (True, "keeper")


@pytest.mark.parametrize(
    ("permissions", "prompt", "status", "said"),
    [
        (["add_prompttemplate"], "Say it.", 403, "may not add"),
        (TEMPLATE_RIGHTS, "{{ broken", 422, ""),
        (TEMPLATE_RIGHTS, "", 409, ""),
    ],
)
def test_no_other_prompt_is_saved(keeper, home, permissions, prompt, status, said):
    before = PromptTemplate.objects.count()
    response = keeper(*permissions).post(
        f"{API}/templates/save",
        {"name": "Short", "prompt": prompt},
        content_type="application/json",
    )
    assert response.status_code == status, response.text
    assert said in response.json()["message"]
    assert PromptTemplate.objects.count() == before


def test_no_other_action_is_changed_than_the_one_that_was_shown(keeper, page, action):
    client = keeper(*RIGHTS)
    shown = f"{action.pk}.{action.live_revision_id}"
    query = urlencode(
        {"editor": reverse("wagtailadmin_pages:edit", args=[page.pk]), "path": "summary"}
    )
    action.temperature = 1
    action.save_revision().publish()
    answers = [
        send(client, page, "actions/save", changes={"temperature": 0}, version=shown),
        send(client, page, "actions/save", changes={}, destination="intro", version=shown),
        client.post(f"{API}/actions/delete?{query}&version={shown}"),
        client.post(f"{API}/actions/delete?{query}&version="),
    ]
    assert {answer.status_code for answer in answers} == {409}
    assert "has been changed meanwhile" in answers[0].json()["message"]
    assert LLMAction.objects.get().temperature == 1
    shown = f"{action.pk}.{LLMAction.objects.get().live_revision_id}"
    assert client.post(f"{API}/actions/delete?{query}&version={shown}").status_code == 204


@pytest.fixture
def meanwhile(monkeypatch):
    """Return a function that lets something happen when the action in force has just been read."""

    def happens(deed):
        def read(*args):
            found = actions_in_force(*args)
            deed()
            return found

        monkeypatch.setattr("wagtail_llm_actions.engine.saving.actions_in_force", read)

    return happens


def publish_another(action):
    action.temperature = 1
    action.save_revision().publish()


def draft_another(action):
    action.temperature = 1
    action.save_revision()


@pytest.mark.parametrize("deed", [publish_another, draft_another, LLMAction.unpublish])
@pytest.mark.parametrize("is_shown", [True, False])
def test_what_is_saved_while_another_one_saves_is_not_lost(
    keeper, page, action, meanwhile, deed, is_shown
):
    client = keeper(*RIGHTS)
    shown = f"{action.pk}.{action.live_revision_id}" if is_shown else None
    meanwhile(lambda: deed(LLMAction.objects.get()))
    response = send(client, page, "actions/save", changes={"temperature": 0}, version=shown)
    assert (response.status_code, response.json()["code"]) == (409, "action_not_ready")
    row = LLMAction.objects.get()
    left = row.get_latest_revision_as_object()
    assert left.temperature == (None if deed is LLMAction.unpublish else 1)
    assert row.live is (deed is not LLMAction.unpublish)


def test_what_is_saved_while_another_one_deletes_is_not_lost(keeper, page, action, meanwhile):
    client = keeper(*RIGHTS)
    meanwhile(lambda: publish_another(LLMAction.objects.get()))
    response = send(client, page, "actions/delete")
    assert (response.status_code, response.json()["code"]) == (409, "action_not_ready")
    assert LLMAction.objects.get().temperature == 1


@pytest.mark.parametrize("endpoint", ["actions/save", "actions/delete"])
def test_what_is_deleted_meanwhile_is_not_saved(keeper, page, action, meanwhile, endpoint):
    client = keeper(*RIGHTS)
    meanwhile(LLMAction.objects.all().delete)
    response = send(client, page, endpoint, changes={"temperature": 0})
    assert (response.status_code, response.json()["code"]) == (409, "action_not_ready")
    assert not LLMAction.objects.exists()


def refused(number):
    """Return the error of a database: that of MySQL, which is the shortest."""
    error = IntegrityError()
    error.__cause__ = Exception(number)
    return error


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (ProtectedError("no", {Site(pk=1)}), "in_use", "Something else on this site uses this."),
        (RestrictedError("no", {Site(pk=1)}), "in_use", "Something else on this site uses this."),
        (refused(1451), "action_not_ready", "was added or deleted at the same moment"),
    ],
)
def test_what_cannot_be_deleted_says_why(keeper, page, action, monkeypatch, error, code, said):
    def refuse(row):
        raise error

    monkeypatch.setattr(LLMAction, "delete", refuse)
    response = send(keeper(*RIGHTS), page, "actions/delete")
    assert (response.status_code, response.json()["code"]) == (409, code)
    assert said in response.json()["message"]
    assert not ModelLogEntry.objects.filter(action="wagtail.delete").exists()


def test_what_was_saved_at_the_same_moment_says_so(keeper, page, action, monkeypatch):
    def refuse(row, **kwargs):
        raise refused(1062)

    monkeypatch.setattr(LLMAction, "save_revision", refuse)
    response = send(keeper(*RIGHTS), page, "actions/save", changes={"temperature": 0})
    assert (response.status_code, response.json()["code"]) == (409, "action_not_ready")
    assert "saved at the same moment" in response.json()["message"]


def test_an_action_that_could_never_run_is_not_saved(keeper, page, action):
    changes = {"extra_parameters": {"nonsense": 1}}
    response = send(keeper(*RIGHTS), page, "actions/save", changes=changes)
    assert response.status_code == 409
    assert "does not allow the extra parameter “nonsense”" in response.json()["message"]
    action.refresh_from_db()
    assert action.extra_parameters == {}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"temperature": 5}, "Temperature: Ensure this value is less than or equal to 2."),
        ({"nonsense": 1}, "nonsense: This is not the kind of value that belongs here."),
    ],
)
def test_a_wrong_value_gets_a_sentence(keeper, page, action, changes, said):
    response = send(keeper(*RIGHTS), page, "actions/save", changes=changes)
    assert (response.status_code, response.json()["code"]) == (422, "form_data")
    assert response.json()["message"] == said


def test_whom_it_concerns_names_the_site(page, action):
    action.site = Site.objects.get()
    assert engine.serves(action).endswith(f"on the site “{action.site}”.")
