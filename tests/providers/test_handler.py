"""Providers are built from the setting, once, and every wrong key is named with its full path."""

import re
import threading

import pytest
from django.core.exceptions import ImproperlyConfigured

from wagtail_llm_actions.providers import providers
from wagtail_llm_actions.providers.echo import EchoProvider
from wagtail_llm_actions.providers.embedded import EmbeddedProvider
from wagtail_llm_actions.providers.handler import option_names
from wagtail_llm_actions.providers.ollama import OllamaProvider
from wagtail_llm_actions.providers.openai import OpenAIProvider

ECHO = "wagtail_llm_actions.providers.echo.EchoProvider"
OLLAMA = "wagtail_llm_actions.providers.ollama.OllamaProvider"
OPENAI = "wagtail_llm_actions.providers.openai.OpenAIProvider"
EMBEDDED = "wagtail_llm_actions.providers.embedded.EmbeddedProvider"
PATH = "WAGTAIL_LLM_ACTIONS['PROVIDERS']"


def configured(settings, configuration):
    settings.WAGTAIL_LLM_ACTIONS = {"PROVIDERS": configuration}


def test_a_provider_is_built_once_for_all_threads(settings):
    configured(settings, {"a": {"BACKEND": ECHO, "OPTIONS": {"reply": "Hi."}}})
    built = []
    threads = [threading.Thread(target=lambda: built.append(providers["a"])) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(built) == 8
    assert len(set(map(id, built))) == 1
    assert (built[0].alias, type(built[0])) == ("a", EchoProvider)


def test_a_changed_setting_builds_another(settings):
    configured(settings, {"a": {"BACKEND": ECHO}})
    before = providers["a"]
    configured(settings, {"a": {"BACKEND": ECHO}})
    assert providers["a"] is not before


def test_the_aliases_are_those_of_the_setting(settings):
    configured(settings, {"a": {"BACKEND": ECHO}, "b": {"BACKEND": ECHO}})
    assert list(providers) == ["a", "b"]
    assert "b" in providers
    assert "c" not in providers


WRONG = [
    ({}, f"{PATH}['p'] does not exist"),
    ([], PATH),
    ({"p": ECHO}, f"{PATH}['p']"),
    ({"p": {}}, f"{PATH}['p']"),
    ({"p": {"BACKEND": ECHO, "OPTION": {}}}, f"{PATH}['p']['OPTION']"),
    ({"p": {"BACKEND": "no.such.Provider"}}, f"{PATH}['p']['BACKEND']"),
    ({"p": {"BACKEND": "wagtail_llm_actions.values.Chunk"}}, f"{PATH}['p']['BACKEND']"),
    ({"p": {"BACKEND": ECHO, "OPTIONS": []}}, f"{PATH}['p']['OPTIONS']"),
    ({"p": {"BACKEND": OLLAMA, "OPTIONS": {"url": 1}}}, f"{PATH}['p']['OPTIONS']['url']"),
    ({"p": {"BACKEND": OLLAMA, "OPTIONS": {"total_timeout": "5"}}}, f"{PATH}['p']['OPTIONS']"),
    ({"p": {"BACKEND": OPENAI, "OPTIONS": {"api_key": 5}}}, f"{PATH}['p']['OPTIONS']"),
    ({"p": {"BACKEND": EMBEDDED}}, f"{PATH}['p']['OPTIONS']"),
    (
        {"p": {"BACKEND": EMBEDDED, "OPTIONS": {"base_url": "http://x"}}},
        f"{PATH}['p']['OPTIONS']['base_url']",
    ),
]


@pytest.mark.parametrize(("configuration", "path"), WRONG)
def test_what_is_wrong_is_named_with_its_full_path(settings, configuration, path):
    configured(settings, configuration)
    with pytest.raises(ImproperlyConfigured, match=re.escape(path)):
        providers["p"]


def test_a_wrong_option_is_named_too(settings):
    configured(settings, {"p": {"BACKEND": OLLAMA, "OPTIONS": {"total_timeout": "5"}}})
    with pytest.raises(ImproperlyConfigured, match="total_timeout must be a number of seconds"):
        providers["p"]


TIMEOUTS = {"connect_timeout", "first_token_timeout", "total_timeout"}


@pytest.mark.parametrize(
    ("backend", "names"),
    [
        (EchoProvider, {"reply", "chunks", "delay", "error", "finish_reason", "context_length"}),
        (OllamaProvider, {"base_url", "api_key", "keep_alive", "context_length"} | TIMEOUTS),
        (
            OpenAIProvider,
            {"base_url", "api_key", "organization", "project", "max_tokens_parameter"}
            | {"stream_usage", "context_length"}
            | TIMEOUTS,
        ),
        (EmbeddedProvider, {"state_file"} | TIMEOUTS),
    ],
)
def test_the_options_of_every_provider(backend, names):
    assert option_names(backend) == names
