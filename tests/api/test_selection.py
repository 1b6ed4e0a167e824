"""Runs on selected text, as the page editor asks for them."""

import json
from urllib.parse import urlencode

import pytest
from django.urls import reverse
from wagtail.test.utils.form_data import rich_text

from tests import factories
from tests.engine.conftest import form_data
from wagtail_llm_actions.models import LLMActionHistory
from wagtail_llm_actions.testing import reply_with

pytestmark = pytest.mark.django_db

API = "/admin/llm-actions/api"


@pytest.fixture
def page(home):
    return factories.make_page(body="<p>Some old words.</p>")


@pytest.fixture
def where(page):
    return {"editor": reverse("wagtailadmin_pages:edit", args=[page.pk]), "address": "body"}


@pytest.fixture
def template(home):
    factories.make_config(is_default=True)
    return factories.make_template("Improve: {{ selection }}", name="Improve", slug="improve")


def ask(client, where, *paths):
    fields = [{"address": path, "path": path} for path in paths]
    body = {"editor": where["editor"], "fields": fields}
    return client.post(f"{API}/fields", body, content_type="application/json").json()


def post(client, path, where, page, html, **more):
    data = form_data(page).dict() | {"llm-selection": rich_text(html)}
    return client.post(f"{API}/{path}?{urlencode(where | more)}", data)


def test_templates_are_offered_where_there_is_rich_text(editor_client, where, template):
    offered = [{"slug": "improve", "name": "Improve"}]
    assert ask(editor_client, where, "title", "body")["selection_templates"] == offered
    assert ask(editor_client, where, "title")["selection_templates"] == []


def test_no_template_is_offered_to_who_may_not_run_any(client_of, where, template):
    client = client_of(factories.make_user("other", groups=["Moderators"]))
    assert ask(client, where, "body")["selection_templates"] == []


def test_no_template_is_offered_without_a_configuration(editor_client, where, home):
    factories.make_template("Improve: {{ selection }}")
    assert ask(editor_client, where, "body")["selection_templates"] == []


def test_a_template_is_run_and_its_output_presented(editor_client, where, page, template):
    with reply_with("new"):
        response = post(editor_client, "runs", where, page, "<p>old</p>", template="improve")
        text = b"".join(response.streaming_content).decode()
    started, *_, succeeded = [json.loads(line) for line in text.splitlines() if line]
    assert (started["action"], started["current"]) == ({"name": "Improve"}, "old")
    assert (started["mode"], started["max_length"]) == ("replace", None)
    assert succeeded == {"type": "succeeded", "text": "new"}
    path = f"runs/{started['run_id']}/present"
    shown = post(editor_client, path, where, page, "<p>old</p>").json()
    assert (shown["method"], shown["changed_meanwhile"]) == ("rich_text", False)
    assert [block["text"] for block in json.loads(shown["state"])["blocks"]] == ["new"]


def test_an_unknown_template_is_not_found_and_recorded(editor_client, where, page, template):
    response = post(editor_client, "runs", where, page, "<p>old</p>", template="other")
    assert response.status_code == 404
    assert response.json()["run_id"] == str(LLMActionHistory.objects.get().pk)
