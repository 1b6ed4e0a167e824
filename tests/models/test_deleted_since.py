"""A draft that names a template or configuration which was deleted since."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry, Revision

from tests import factories
from tests.api.tokens import TokenClient
from wagtail_llm_actions.engine import export_rows, import_rows
from wagtail_llm_actions.models import LLMAction

pytestmark = pytest.mark.django_db


def make_draft(*, template=True, config=True, go_live_at=None):
    """Return a live action with a draft that names what is gone."""
    draft = factories.make_action("summary", slug="sum-up")
    gone = []
    if template:
        gone.append(factories.make_template())
        draft.prompt_template = gone[-1]
    if config:
        gone.append(factories.make_config())
        draft.llm_config = gone[-1]
    draft.go_live_at = go_live_at
    revision = draft.save_revision()
    if go_live_at:
        Revision.objects.get(pk=revision.pk).publish()
    for row in gone:
        type(row).objects.get(pk=row.pk).delete()
    return LLMAction.objects.get(pk=draft.pk)


@pytest.fixture
def action(home):
    """An action whose draft names a template and a configuration that are gone."""
    return make_draft()


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
    assert set(refused.json()["fields"]) == {"prompt_template", "llm_config"}
    action.refresh_from_db()
    assert action.live and action.prompt_template


def test_the_edit_form_says_what_was_deleted(action, admin_client):
    url = reverse(action.snippet_viewset.get_url_name("edit"), args=[action.pk])
    assert "Deleted since this draft was written" in admin_client.get(url).content.decode()
    fresh = factories.make_action("intro")
    other = reverse(action.snippet_viewset.get_url_name("edit"), args=[fresh.pk])
    assert "Deleted since" not in admin_client.get(other).content.decode()


def test_it_is_mended_by_naming_others(action, admin):
    other = factories.make_template(slug="another")
    client = TokenClient(admin)

    def change(**contents):
        body = {"version": "*", "publish": True, **contents}
        return client.send("PATCH", "/actions/sum-up", body)

    half = change(prompt_template="another")
    assert half.status_code == 422 and set(half.json()["fields"]) == {"llm_config"}
    response = change(prompt_template="another", llm_config=None)
    assert response.status_code == 200, response.text
    action.refresh_from_db()
    assert (action.prompt_template, action.llm_config) == (other, None)


def test_nothing_goes_to_the_default_configuration_unasked(home, admin):
    factories.make_config(is_default=True)
    action = make_draft(template=False)
    before = action.llm_config
    refused = TokenClient(admin).send("POST", "/actions/sum-up/publish")
    assert refused.status_code == 422, refused.text
    action.refresh_from_db()
    assert action.llm_config == before


@pytest.mark.parametrize("config", [True, False])
def test_a_schedule_leaves_it_a_draft_and_publishes_what_comes_after(home, config):
    soon = timezone.now() + timedelta(hours=1)
    action = make_draft(template=not config, config=config, go_live_at=soon)
    template = factories.make_template(name="Before")
    template.name, template.go_live_at = "After", soon
    Revision.objects.get(pk=template.save_revision().pk).publish()
    Revision.objects.filter(approved_go_live_at__isnull=False).update(
        approved_go_live_at=timezone.now() - timedelta(minutes=1)
    )
    for revision in Revision.objects.filter(approved_go_live_at__isnull=False):
        revision.content["go_live_at"] = None
        revision.save(update_fields=["content"])
    call_command("publish_scheduled")
    action.refresh_from_db()
    template.refresh_from_db()
    assert template.name == "After"
    assert action.live and action.prompt_template and action.llm_config
    assert ModelLogEntry.objects.filter(action="wagtail_llm_actions.publish_refused").exists()


def test_an_export_leaves_out_a_version_that_will_not_be_published(home, admin):
    make_draft(go_live_at=timezone.now() + timedelta(hours=1))
    exported = export_rows(admin)
    [action] = exported["actions"]
    assert action["scheduled"] is None and action["prompt_template"]
    assert not [one for one in import_rows(admin, exported, dry_run=True) if one.changes]
