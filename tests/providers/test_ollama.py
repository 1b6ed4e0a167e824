"""The Ollama adapter against recorded answers of a real server."""

import json
import time

import pytest

from tests.replay import (
    Ending,
    ReplayServer,
    closing_at_once,
    dripping,
    hanging,
    raw,
    recorded,
    refusing_url,
    response,
)
from tests.replay.answers import TRANSCRIPTS
from wagtail_llm_actions import exceptions
from wagtail_llm_actions.exceptions import ProviderRequestError
from wagtail_llm_actions.providers.ollama import MAX_LINE, OllamaProvider
from wagtail_llm_actions.values import Message, ModelAbility, Usage

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nConnection: close\r\n\r\n"


def case(name, **options):
    return recorded(f"ollama-0.32.15/{name}", **{"speed": 0, **options})


def recorded_text(name):
    lines = (TRANSCRIPTS / "ollama-0.32.15" / name / "response_body.ndjson").read_text()
    return "".join(json.loads(line)["message"]["content"] for line in lines.split("\n") if line)


def line(content="", **fields):
    return json.dumps({"model": "m", "message": {"content": content}, **fields}).encode() + b"\n"


@pytest.fixture
def stream(build, ask):
    """Return the chunks of an answer, read to its end."""

    def read(answer, options=(), **fields):
        with ReplayServer(answer) as server:
            provider = build(OllamaProvider, base_url=server.url, **dict(options))
            return list(provider.stream(ask(**fields)))

    return read


@pytest.mark.parametrize(
    "name", ["011-chat-stream", "018-chat-schema-stream", "023-chat-unicode-stream"]
)
def test_an_answer_is_read_as_it_was_written(stream, name):
    chunks = stream(case(name))
    assert "".join(chunk.text for chunk in chunks) == recorded_text(name)
    assert len([chunk for chunk in chunks if chunk.text]) > 5


def test_the_last_chunk_has_reason_usage_and_model(stream):
    last = stream(case("011-chat-stream"))[-1]
    assert last.finish_reason == "stop"
    assert last.usage == Usage(input_tokens=65, output_tokens=36)
    assert last.model_name == "smollm2"


@pytest.mark.parametrize("name", ["015-chat-length", "021-chat-schema-truncated"])
def test_an_answer_at_its_token_limit_says_so(stream, name):
    assert stream(case(name))[-1].finish_reason == "length"


def test_chunks_come_at_the_pace_of_the_model(build, ask):
    with ReplayServer(case("011-chat-stream", speed=1)) as server:
        provider = build(OllamaProvider, base_url=server.url)
        moments = [time.monotonic() for chunk in provider.stream(ask()) if chunk.text]
    assert moments[-1] - moments[0] > 0.1


def test_what_is_sent(build, ask):
    with ReplayServer(case("011-chat-stream")) as server:
        provider = build(OllamaProvider, base_url=server.url + "/", keep_alive="10m")
        request = ask(
            temperature=0.2,
            max_output_tokens=40,
            extra_parameters={"num_ctx": 8192, "think": False},
            json_schema={"type": "object"},
            messages=(Message(role="system", content="S"), Message(role="user", content="U")),
        )
        list(provider.stream(request))
    assert (server.requests[0].method, server.requests[0].path) == ("POST", "/api/chat")
    assert server.requests[0].json() == {
        "model": "smollm2",
        "messages": [{"role": "system", "content": "S"}, {"role": "user", "content": "U"}],
        "stream": True,
        "truncate": False,
        "think": False,
        "options": {"num_ctx": 8192, "temperature": 0.2, "num_predict": 40},
        "format": {"type": "object"},
        "keep_alive": "10m",
    }


def test_what_is_not_asked_for_is_left_to_the_server(build, ask):
    with ReplayServer(case("011-chat-stream")) as server:
        list(build(OllamaProvider, base_url=server.url).stream(ask()))
    sent = server.requests[0].json()
    assert sent.keys() == {"model", "messages", "stream", "truncate", "options"}
    assert sent["options"] == {}
    assert "authorization" not in server.requests[0].headers


FAULTS = [
    ("unknown model", case("040-err-unknown-model"), "ModelNotFoundError"),
    ("bad json", case("042-err-bad-json"), "ProviderRequestError"),
    ("no model", case("044-err-missing-model"), "ProviderRequestError"),
    ("wrong option type", case("047-err-bad-option-type"), "ProviderRequestError"),
    ("bad format", case("049-err-bad-format"), "ProviderRequestError"),
    ("bad schema", case("050-err-bad-schema"), "ProviderRequestError"),
    ("no thinking", case("052-err-think-unsupported"), "ProviderRequestError"),
    ("no images", case("053-err-image-unsupported-stream"), "ProviderRequestError"),
    ("overlong prompt", case("058-long-prompt-truncate-false"), "ContextWindowError"),
    ("embedding model", case("062-err-chat-on-embed-model"), "ProviderRequestError"),
    ("empty 403", case("063-err-forbidden-origin"), "ProviderAuthenticationError"),
    ("cloud model", case("065-err-cloud-disabled"), "ModelNotFoundError"),
    ("busy", case("151-busy-cold-2"), "ProviderBusyError"),
    ("crash in the stream", case("152-runner-killed-mid-stream"), "ProviderServerError"),
    ("server killed", case("156-server-killed-mid-stream"), "IncompleteResponseError"),
    ("weights cut", case("171-chat-corrupt-model"), "ProviderServerError"),
    ("plain text 404", response(404, "404 page not found"), "ProviderRequestError"),
    ("plain text 405", response(405, "405 method not allowed"), "ProviderRequestError"),
    ("401", response(401, '{"error": "unauthorized"}'), "ProviderAuthenticationError"),
    ("429", response(429, "slow down"), "ProviderRateLimitError"),
    ("500", response(500, "<h1>Oops</h1>"), "ProviderServerError"),
    ("502 of a gate", response(502, "<h1>Bad Gateway</h1>"), "ProviderUnavailableError"),
    ("503", response(503, ""), "ProviderBusyError"),
    ("504 of a gate", response(504, ""), "ProviderTimeoutError"),
    (
        "redirect",
        response(302, "", headers={"Location": "http://127.0.0.1:1/"}),
        "ProviderRequestError",
    ),
    ("closed at once", closing_at_once(), "ProviderUnavailableError"),
    ("closed in the head", raw(b"HTTP/1.1 200 OK\r\nConte"), "ProviderUnavailableError"),
    ("not HTTP", raw(b"SSH-2.0-OpenSSH_9\r\n\r\n"), "ProviderResponseError"),
    ("reset", case("011-chat-stream", cut=900, ending=Ending.RESET), "IncompleteResponseError"),
    ("cut", case("011-chat-stream", cut=900), "IncompleteResponseError"),
    ("empty body", raw(HEAD), "IncompleteResponseError"),
    ("no done", raw(HEAD + line("a")), "IncompleteResponseError"),
    ("not JSON", raw(HEAD + b"<html>\n"), "ProviderResponseError"),
    ("cut line", raw(HEAD + line("a") + b'{"model": "m'), "ProviderResponseError"),
    ("not UTF-8", raw(HEAD + b'{"message": {"content": "\xff"}}\n'), "ProviderResponseError"),
    ("a list", raw(HEAD + b"[1]\n"), "ProviderResponseError"),
    ("deep nesting", raw(HEAD + b"[" * 100_000 + b"\n"), "ProviderResponseError"),
    ("no message", raw(HEAD + b'{"message": 1}\n'), "ProviderResponseError"),
    ("a line without end", raw(HEAD + b"x" * (MAX_LINE + 1)), "ProviderResponseError"),
    (
        "overlong prompt, told late",
        raw(HEAD + b'{"error": "exceeds the available context size"}\n'),
        "ContextWindowError",
    ),
]


@pytest.mark.parametrize(("answer", "error"), [f[1:] for f in FAULTS], ids=[f[0] for f in FAULTS])
def test_a_fault_becomes_our_error(stream, answer, error):
    with pytest.raises(exceptions.ProviderError) as caught:
        stream(answer)
    assert type(caught.value).__name__ == error
    assert caught.value.provider == "tested"


def test_nobody_listening_is_unavailable(build, ask):
    provider = build(OllamaProvider, base_url=refusing_url())
    with pytest.raises(exceptions.ProviderUnavailableError):
        list(provider.stream(ask()))


@pytest.mark.parametrize("url", ["ftp://localhost", "localhost:11434", "http://[::bad"])
def test_an_address_that_is_none_is_a_wrong_request(build, ask, url):
    with pytest.raises(ProviderRequestError):
        list(build(OllamaProvider, base_url=url).stream(ask()))


def test_a_service_says_how_long_to_wait(stream):
    with pytest.raises(exceptions.ProviderRateLimitError) as caught:
        stream(response(429, "", headers={"Retry-After": "7"}))
    assert caught.value.retry_after == 7
    assert caught.value.status == 429


def test_a_document_inside_an_error_string_is_unwrapped(stream):
    with pytest.raises(exceptions.ContextWindowError) as caught:
        stream(case("058-long-prompt-truncate-false"))
    assert str(caught.value).startswith("HTTP 400: request (6010 tokens) exceeds the available")


def test_an_unknown_option_that_the_server_ignores_does_no_harm(stream):
    assert stream(case("048-err-unknown-option"))[-1].finish_reason == "length"


def test_separators_of_other_alphabets_do_not_split_lines(stream):
    body = '{"message": {"content": "a\u2028b\x85c"}, "done": true}\n'.encode()
    assert "".join(chunk.text for chunk in stream(raw(HEAD + body))) == "a\u2028b\x85c"


def test_a_role_that_the_server_would_ignore_is_refused(stream):
    with pytest.raises(ProviderRequestError, match="'tool'"):
        stream(hanging(), messages=(Message(role="tool", content="x"),))


@pytest.mark.parametrize(
    ("answer", "options"),
    [
        (hanging(), {"first_token_timeout": 0.8}),
        (dripping(HEAD, b"\n", every=0.02), {"first_token_timeout": 0.8}),
        (dripping(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n", every=0.02), {"first_token_timeout": 0.8}),
        (dripping(HEAD, line("x"), every=0.02), {"total_timeout": 0.8}),
        (case("011-chat-stream", cut=900, ending=Ending.HANG), {"total_timeout": 0.8}),
    ],
    ids=["silence", "empty lines", "endless head", "endless answer", "hang in the middle"],
)
def test_no_server_outlasts_the_timeouts(build, ask, answer, options):
    with ReplayServer(answer) as server:
        provider = build(OllamaProvider, base_url=server.url, **options)
        started = time.monotonic()
        with pytest.raises(exceptions.ProviderTimeoutError):
            list(provider.stream(ask()))
        assert time.monotonic() - started < 2
        server.wait_for_close(1)


@pytest.mark.parametrize(
    "answer",
    [
        hanging(),
        raw(HEAD, ending=Ending.HANG),
        case("011-chat-stream", cut=900, ending=Ending.HANG),
        dripping(HEAD, line("x"), every=0.001),
    ],
    ids=["before the head", "before the first token", "in the middle", "while it answers"],
)
def test_closing_the_iterator_closes_the_socket(build, ask, answer):
    with ReplayServer(answer) as server:
        chunks = build(OllamaProvider, base_url=server.url).stream(ask())
        next(chunks)
        server.wait_for_request()
        closing = time.monotonic()
        chunks.close()
        assert server.wait_for_close(1) - closing < 0.3


def test_a_server_that_hangs_after_its_last_line_does_not_hold_the_answer(build, ask):
    answer = raw(HEAD + line("a") + line(done=True), ending=Ending.HANG)
    with ReplayServer(answer) as server:
        started = time.monotonic()
        chunks = list(build(OllamaProvider, base_url=server.url).stream(ask()))
        assert chunks[-1].finish_reason == "stop"
        assert time.monotonic() - started < 1


def test_models_are_listed_with_what_they_can_do(build):
    with ReplayServer(case("004-tags")) as server:
        models = build(OllamaProvider, base_url=server.url).list_models()
    assert [model.name for model in models] == [
        "all-minilm:latest",
        "qwen2.5-coder:1.5b",
        "smollm2:latest",
    ]
    assert models[2].context_length == 8192
    assert models[2].size == 98362849
    assert ModelAbility.JSON_SCHEMA in models[2].abilities


def test_an_empty_server_has_no_models(build):
    with ReplayServer(case("160-tags-empty")) as server:
        assert build(OllamaProvider, base_url=server.url).list_models() == []


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (response(200, '{"models": 3}'), "ProviderResponseError"),
        (response(200, "[]"), "ProviderResponseError"),
        (response(401, ""), "ProviderAuthenticationError"),
    ],
)
def test_a_list_that_cannot_be_read_is_our_error(build, answer, error):
    with ReplayServer(answer) as server, pytest.raises(exceptions.ProviderError) as caught:
        build(OllamaProvider, base_url=server.url).list_models()
    assert type(caught.value).__name__ == error


def test_a_proxy_is_not_used_for_this_machine(build, ask, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", refusing_url())
    monkeypatch.delenv("NO_PROXY", raising=False)
    with ReplayServer(case("011-chat-stream")) as server:
        assert list(build(OllamaProvider, base_url=server.url).stream(ask()))


def test_a_key_is_sent_and_shown_nowhere(build, ask, caplog):
    caplog.set_level("DEBUG")
    with ReplayServer(case("040-err-unknown-model")) as server:
        provider = build(OllamaProvider, base_url=server.url, api_key="sk-hidden")
        with pytest.raises(exceptions.ModelNotFoundError) as caught:
            list(provider.stream(ask()))
    assert server.requests[0].headers["authorization"] == "Bearer sk-hidden"
    assert "sk-hidden" not in repr(provider) + str(caught.value) + caplog.text


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"base_url": None}, TypeError),
        ({"api_key": "a\nb"}, ValueError),
        ({"api_key": 5}, TypeError),
        ({"keep_alive": 1.5}, TypeError),
        ({"keep_alive": True}, TypeError),
    ],
)
def test_a_wrong_option_is_named(options, error):
    with pytest.raises(error, match=next(iter(options))):
        OllamaProvider(alias="o", **options)


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({}, []),
        ({"base_url": "https://ollama.example", "api_key": "k"}, []),
        ({"base_url": "localhost:11434"}, ["wagtail_llm_actions.E101"]),
        ({"base_url": "http://x:99999"}, ["wagtail_llm_actions.E101"]),
        ({"base_url": "http://u:p@localhost"}, ["wagtail_llm_actions.E102"]),
        ({"base_url": "http://ollama.example", "api_key": "k"}, ["wagtail_llm_actions.W103"]),
    ],
)
def test_a_wrong_address_is_found_without_asking_it(options, found):
    messages = OllamaProvider(alias="o", **options).check()
    assert [message.id for message in messages] == found
    path = "WAGTAIL_LLM_ACTIONS['PROVIDERS']['o']['OPTIONS']['base_url']"
    assert all(path in message.msg for message in messages)
