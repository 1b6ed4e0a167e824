"""How many tokens a model reads, as real servers tell it."""

import json

import pytest

from tests.replay import ReplayServer, recorded, refusing_url, response
from wagtail_llm_actions.providers.echo import EchoProvider
from wagtail_llm_actions.providers.embedded import EmbeddedProvider
from wagtail_llm_actions.providers.llama_state import ServerState, write_state
from wagtail_llm_actions.providers.ollama import OllamaProvider
from wagtail_llm_actions.providers.openai import OFFICIAL_URL, OpenAIProvider

LLAMA = "llama.cpp-server-b11549-xllamacpp-smollm2"


def case(name):
    return recorded(name, speed=0)


def shown(**fields):
    return response(200, json.dumps(fields), path="/api/show")


def test_ollama_tells_the_window_that_a_model_is_set_to(build):
    with ReplayServer(case("ollama-0.32.15/006-show")) as server:
        provider = build(OllamaProvider, base_url=server.url)
        assert provider.context_length("smollm2") == 4096
        assert server.requests[0].json() == {"model": "smollm2"}


def test_what_ollama_said_is_remembered(build):
    with ReplayServer(case("ollama-0.32.15/006-show")) as server:
        provider = build(OllamaProvider, base_url=server.url)
        assert [provider.context_length("smollm2") for _ in range(3)] == [4096] * 3
        assert len(server.requests) == 1


def test_the_window_that_a_run_asks_for_counts(build):
    provider = build(OllamaProvider, base_url=refusing_url())
    assert provider.context_length("smollm2", {"num_ctx": 512}) == 512


def test_a_loaded_model_has_the_window_it_was_loaded_with(build):
    with ReplayServer(shown(model_info={}), case("ollama-0.32.15/005-ps")) as server:
        provider = build(OllamaProvider, base_url=server.url)
        assert provider.context_length("all-minilm") == 512


@pytest.mark.parametrize("trained, length", [(2048, 2048), (131072, 4096), ("much", 4096)])
def test_a_model_that_nobody_has_set_gets_what_ollama_begins_with(build, trained, length):
    ps = response(200, '{"models": []}', path="/api/ps")
    with ReplayServer(shown(model_info={"llama.context_length": trained}), ps) as server:
        provider = build(OllamaProvider, base_url=server.url)
        assert provider.context_length("other") == length


def test_a_server_that_does_not_know_the_model_ends_no_run(build):
    with ReplayServer(case("ollama-0.32.15/008-show-unknown")) as server:
        provider = build(OllamaProvider, base_url=server.url)
        assert provider.context_length("unknown") is None
    assert build(OllamaProvider, base_url=refusing_url()).context_length("any") is None


def test_a_compatible_server_lists_the_window_with_its_models(build):
    with ReplayServer(case(f"{LLAMA}/002-models")) as server:
        provider = build(OpenAIProvider, base_url=f"{server.url}/v1")
        assert provider.context_length("smollm2") == 4096
        assert provider.context_length("another") is None


def test_openai_is_not_asked_because_it_does_not_tell(build):
    provider = build(OpenAIProvider, base_url=OFFICIAL_URL, api_key="key")
    assert provider.context_length("gpt") is None
    told = build(OpenAIProvider, base_url=OFFICIAL_URL, api_key="key", context_length=128_000)
    assert told.context_length("gpt") == 128_000
    assert told.count_tokens("gpt", "a text") is None


@pytest.fixture
def embedded(build, tmp_path):
    def make(server):
        path = str(tmp_path / "state.json")
        write_state(path, ServerState(base_url=f"{server.url}/v1", api_key="k", pid=1, model="m"))
        return build(EmbeddedProvider, state_file=path)

    return make


def test_the_embedded_server_tells_its_window_and_counts_tokens(embedded):
    answers = (case(f"{LLAMA}/063-props"), case(f"{LLAMA}/062-tokenize"))
    with ReplayServer(*answers) as server:
        provider = embedded(server)
        assert provider.context_length("smollm2") == 4096
        assert provider.count_tokens("smollm2", "Hello world") == 2
        assert server.requests[1].json() == {"content": "Hello world"}
        assert {request.headers["authorization"] for request in server.requests} == {"Bearer k"}


@pytest.mark.parametrize("body", ["[]", "{}", '{"default_generation_settings": 1}', "no"])
def test_an_answer_that_says_nothing_is_none(embedded, body):
    answers = [response(200, body, path=path) for path in ("/props", "/tokenize")]
    with ReplayServer(*answers) as server:
        provider = embedded(server)
        assert provider.context_length("m") is None
        assert provider.count_tokens("m", "x") is None


@pytest.mark.parametrize("value", [0, -1, True, "4096", 1.5])
def test_a_wrong_option_is_refused(value):
    with pytest.raises(ValueError, match="context_length must be a whole number"):
        OllamaProvider(alias="a", context_length=value)


def test_echo_counts_words():
    provider = EchoProvider(alias="a", context_length=10)
    assert provider.context_length("echo") == 10
    assert provider.count_tokens("echo", "one two") == 2
