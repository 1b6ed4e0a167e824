"""The providers of the settings, over the API for other programs."""

import pytest
from django.conf import settings as project

from wagtail_llm_actions.conf import NAME
from wagtail_llm_actions.providers.echo import EchoProvider

pytestmark = pytest.mark.django_db


@pytest.fixture
def secret(settings):
    openai = {
        "BACKEND": "wagtail_llm_actions.providers.openai.OpenAIProvider",
        "OPTIONS": {"api_key": "sk-secret", "base_url": "https://me:secret@llm.example/v1"},
    }
    broken = {"BACKEND": "no.such.Secret"}
    known = getattr(project, NAME)["PROVIDERS"]
    value = getattr(project, NAME) | {"PROVIDERS": known | {"openai": openai, "broken": broken}}
    setattr(settings, NAME, value)


def test_providers_are_listed_without_secrets(boss, secret):
    response = boss.send("GET", "/providers")
    assert [one["alias"] for one in response.json()] == ["default", "openai", "broken"]
    assert response.json()[1]["service"] and "schema" in str(response.json()[1]["abilities"])
    assert response.json()[2]["problem"] == "The provider is not set up correctly."
    assert "secret" not in response.text.lower()


def test_the_models_of_a_provider_are_listed(boss, monkeypatch):
    offered = EchoProvider(alias="default").list_models()
    response = boss.send("GET", "/providers/default/models")
    assert response.json() == [model.name for model in offered]
    assert boss.send("GET", "/providers/none/models").status_code == 404


@pytest.mark.parametrize("path", ["/providers", "/providers/default/models"])
def test_providers_are_for_who_keeps_configurations(keeper, path):
    assert keeper("view_llmconfig").send("GET", path).status_code == 403
    assert keeper("change_llmconfig").send("GET", path).status_code == 200
