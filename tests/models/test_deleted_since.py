"""A draft that names a template or configuration which was deleted since."""

import pytest
from django.urls import reverse

from tests import factories
from tests.api.tokens import TokenClient
from wagtail_llm_actions.models import LLMAction, LLMConfig, PromptTemplate

pytestmark = pytest.mark.django_db


@pytest.fixture
def action(home):
    """An action whose draft names what is gone."""
    action = factories.make_action("summary", slug="sum-up")
    draft = action.latest_revision.as_object()
    draft.prompt_template, draft.llm_config = factories.make_template(), factories.make_config()
    draft.save_revision()
    PromptTemplate.objects.get(pk=draft.prompt_template_id).delete()
    LLMConfig.objects.get(pk=draft.llm_config_id).delete()
    return LLMAction.objects.get(pk=action.pk)


def test_the_draft_is_read_without_them(action):
    draft = action.latest_revision.as_object()
    assert (draft.prompt_template_id, draft.llm_config) == (None, None)
    assert action.prompt_template and action.live


@pytest.mark.parametrize("view", ["edit", "inspect", "history", "usage", "copy"])
def test_its_views_open(action, admin_client, view):
    url = reverse(action.snippet_viewset.get_url_name(view), args=[action.pk])
    assert admin_client.get(url).status_code == 200


def test_it_is_compared_with_what_is_live(action, admin_client):
    name = action.snippet_viewset.get_url_name("revisions_compare")
    url = reverse(name, args=[action.pk, "live", action.latest_revision_id])
    assert admin_client.get(url).status_code == 200


def test_the_api_shows_it_and_refuses_to_publish_it(action, admin):
    client = TokenClient(admin)
    shown = client.send("GET", "/actions/sum-up")
    assert (shown.status_code, shown.json()["prompt_template"]) == (200, "")
    assert client.send("GET", "/actions").status_code == 200
    refused = client.send("POST", "/actions/sum-up/publish")
    assert refused.status_code == 422, refused.text
    assert "prompt_template" in refused.json()["fields"]
    action.refresh_from_db()
    assert action.live and action.prompt_template


def test_another_template_mends_it(action, admin):
    other = factories.make_template(slug="another")
    client = TokenClient(admin)
    response = client.send(
        "PATCH", "/actions/sum-up", {"prompt_template": "another", "version": "*", "publish": True}
    )
    assert response.status_code == 200, response.text
    action.refresh_from_db()
    assert action.prompt_template == other
