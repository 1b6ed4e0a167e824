"""The runs of one field, for who is at the field."""

from urllib.parse import urlencode

import pytest
from django.urls import reverse

from tests import factories
from wagtail_llm_actions.values import Decision, RunStatus

pytestmark = pytest.mark.django_db

API = "/admin/llm-actions/api"


@pytest.fixture
def page(home):
    return factories.make_page(title="The tide")


def past(client, path, address="summary", **more):
    response = client.get(f"{API}/runs?{urlencode({'editor': path, 'address': address, **more})}")
    assert response.status_code == 200, response.text
    return response.json()["runs"]


def edit(page):
    return reverse("wagtailadmin_pages:edit", args=[page.pk])


def test_the_runs_of_the_field_come_newest_first(editor_client, editor, page):
    action = factories.make_action("summary")
    old = factories.make_run(
        action, target=page, user=editor, output="Old", decision=Decision.REJECTED
    )
    new = factories.make_run(action, target=page, user=editor, status=RunStatus.FAILED)
    factories.make_run(factories.make_action("title"), target=page, user=editor)
    factories.make_run(action, target=factories.make_page(), user=editor)
    found = past(editor_client, edit(page))
    assert [run["id"] for run in found] == [str(new.pk), str(old.pk)]
    assert [run["outcome"] for run in found] == ["Failed", "Rejected"]
    assert found[1]["output"] == "Old"
    assert found[1]["url"] == reverse("wagtail_llm_actions:run", args=[old.pk])


def test_all_runs_on_the_page_are_a_link_away(editor_client, editor, page):
    action = factories.make_action("summary")
    here = factories.make_run(action, target=page, user=editor)
    factories.make_run(action, target=factories.make_page(), user=editor)
    query = urlencode({"editor": edit(page), "address": "summary"})
    url = editor_client.get(f"{API}/runs?{query}").json()["all_url"]
    rows = editor_client.get(url).context["object_list"]
    assert [run.pk for run in rows] == [here.pk]


def test_runs_that_one_may_not_see_are_not_listed(client_of, page):
    action = factories.make_action("summary")
    factories.make_run(action, target=page, user=factories.make_superuser("other"))
    stranger = factories.make_user("stranger", "run_llmaction")
    response = client_of(stranger).get(
        f"{API}/runs?{urlencode({'editor': edit(page), 'address': 'summary'})}"
    )
    assert response.status_code == 403


def test_a_form_that_was_never_saved_has_its_own_runs(editor_client, editor, home):
    path = reverse("wagtailadmin_pages:add", args=["testapp", "storypage", home.pk])
    action = factories.make_action("summary")
    page = factories.make_page()
    mine = factories.make_run(action, target=page, user=editor, output="Mine")
    type(mine).objects.update(object_id="", form_token="token-of-mine")
    assert past(editor_client, path) == []
    assert past(editor_client, path, form_token="another") == []
    found = past(editor_client, path, form_token="token-of-mine")
    assert [run["output"] for run in found] == ["Mine"]
