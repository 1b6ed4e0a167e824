"""The OpenAI adapter against recorded answers of four real servers."""

import json
import sys
import time
import traceback

import pytest

from tests.replay import (
    Answer,
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
from wagtail_llm_actions import exceptions
from wagtail_llm_actions.providers.openai import OpenAIProvider
from wagtail_llm_actions.values import Message, Usage

SMOLLM2 = "llama.cpp-server-b11549-xllamacpp-smollm2"
QWEN = "llama.cpp-server-b11549-xllamacpp-qwen"
BINARY = "llama.cpp-server-b10488-binary"
PYTHON = "llama-cpp-python-server-0.3.36"
OLLAMA = "ollama-0.32.15"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
KEY = "sk-secret-0123456789"


def case(name, **options):
    return recorded(name, **{"speed": 0, **options})


def event(content="", finish_reason=None, **fields):
    choice = {"index": 0, "delta": {"content": content}, "finish_reason": finish_reason}
    document = {"id": "1", "model": "m", "choices": [choice], **fields}
    return b"data: " + json.dumps(document).encode() + b"\n\n"


DONE = b"data: [DONE]\n\n"


@pytest.fixture
def stream(build, ask):
    """Return the chunks of an answer, read to its end."""

    def read(answer, options=(), **fields):
        with ReplayServer(answer) as server:
            provider = build(OpenAIProvider, base_url=f"{server.url}/v1", **dict(options))
            return list(provider.stream(ask(**fields)))

    return read


def text_of(chunks):
    return "".join(chunk.text for chunk in chunks)


@pytest.mark.parametrize(
    ("name", "usage"),
    [
        (
            f"{SMOLLM2}/005-chat-stream-usage",
            Usage(input_tokens=65, output_tokens=36, cached_input_tokens=64),
        ),
        (f"{SMOLLM2}/004-chat-stream", None),
        (f"{PYTHON}/005-chat-stream-usage", None),
        (f"{OLLAMA}/105-v1-chat-stream-usage", Usage(input_tokens=62, output_tokens=12)),
        (f"{OLLAMA}/104-v1-chat-stream", None),
    ],
)
def test_an_answer_is_read_to_its_end(stream, name, usage):
    chunks = stream(case(name))
    assert len(text_of(chunks)) > 20
    assert chunks[-1].finish_reason == "stop"
    assert chunks[-1].usage == usage
    assert chunks[-1].model_name
    assert not any(chunk.finish_reason for chunk in chunks[:-1])


def test_letters_that_come_in_pieces_survive(stream):
    document = {"choices": [{"delta": {"content": "süß 字"}, "finish_reason": "stop"}]}
    content = HEAD + b"data: " + json.dumps(document, ensure_ascii=False).encode() + b"\n\n"
    bytewise = Answer(writes=tuple((0.0, bytes([byte])) for byte in content))
    assert text_of(stream(bytewise)) == "süß 字"


def test_an_answer_in_a_schema_is_json(stream):
    assert isinstance(
        json.loads(text_of(stream(case(f"{SMOLLM2}/007-chat-json-schema-stream")))), dict
    )


def test_what_is_sent_to_a_compatible_server(build, ask):
    with ReplayServer(case(f"{SMOLLM2}/005-chat-stream-usage")) as server:
        provider = build(OpenAIProvider, base_url=f"{server.url}/v1/", api_key=KEY)
        request = ask(
            temperature=0.5,
            max_output_tokens=40,
            extra_parameters={"top_k": 3},
            json_schema={"type": "object"},
            messages=(Message(role="system", content="S"), Message(role="user", content="U")),
        )
        list(provider.stream(request))
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"
    assert server.requests[0].json() == {
        "model": "smollm2",
        "messages": [{"role": "system", "content": "S"}, {"role": "user", "content": "U"}],
        "stream": True,
        "stream_options": {"include_usage": True},
        "temperature": 0.5,
        "max_tokens": 40,
        "top_k": 3,
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "output", "strict": True, "schema": {"type": "object"}},
        },
    }


def test_nothing_of_the_environment_is_sent(build, ask, monkeypatch):
    for name in ("OPENAI_API_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.setenv(name, "from-environment")
    monkeypatch.setenv("HTTP_PROXY", refusing_url())
    with ReplayServer(case(f"{SMOLLM2}/005-chat-stream-usage")) as server:
        list(build(OpenAIProvider, base_url=f"{server.url}/v1").stream(ask()))
    headers = server.requests[0].headers
    assert "from-environment" not in str(headers)
    assert headers["authorization"] == "Bearer none"


def test_options_for_servers_that_know_less(build, ask):
    options = {"stream_usage": False, "max_tokens_parameter": "max_completion_tokens"}
    with ReplayServer(case(f"{PYTHON}/004-chat-stream")) as server:
        provider = build(OpenAIProvider, base_url=f"{server.url}/v1", **options)
        list(provider.stream(ask(max_output_tokens=9)))
    sent = server.requests[0].json()
    assert sent["max_completion_tokens"] == 9
    assert "stream_options" not in sent


@pytest.mark.parametrize(
    ("base_url", "parameter"),
    [
        ("https://api.openai.com/v1", "max_completion_tokens"),
        ("https://eu.api.openai.com/v1", "max_completion_tokens"),
        ("https://x.openai.azure.com/openai/v1", "max_completion_tokens"),
        ("https://api.openai.com.example/v1", "max_tokens"),
        ("http://localhost:8000/v1", "max_tokens"),
    ],
)
def test_the_limit_has_the_name_that_the_service_knows(base_url, parameter):
    assert OpenAIProvider(alias="o", base_url=base_url)._limit_parameter() == parameter


FAULTS = [
    ("wrong key", case(f"{QWEN}/051-err-wrong-key"), "ProviderAuthenticationError"),
    ("unknown model", case(f"{OLLAMA}/110-v1-err-unknown-model"), "ModelNotFoundError"),
    ("busy", case(f"{OLLAMA}/151-busy-cold-5"), "ProviderBusyError"),
    ("loading", case(f"{BINARY}/002-chat-while-loading"), "ProviderUnavailableError"),
    ("overlong", case(f"{SMOLLM2}/025-err-context-overflow-stream"), "ContextWindowError"),
    ("overlong, dialect", case(f"{PYTHON}/024-err-context-overflow"), "ContextWindowError"),
    (
        "overlong, empty 200",
        case(f"{PYTHON}/025-err-context-overflow-stream"),
        "IncompleteResponseError",
    ),
    ("bad schema", case(f"{SMOLLM2}/027-err-bad-schema"), "ProviderRequestError"),
    (
        "schema unsupported",
        case(f"{PYTHON}/007-chat-json-schema-stream"),
        "ProviderServerError",
    ),
    ("text 500", case(f"{PYTHON}/020-err-bad-json"), "ProviderServerError"),
    (
        "crash behind /v1",
        case(f"{OLLAMA}/154-v1-runner-killed-mid-stream"),
        "IncompleteResponseError",
    ),
    ("server killed", case(f"{SMOLLM2}/070-server-killed-mid-stream"), "IncompleteResponseError"),
    ("401", response(401, '{"error": {"message": "no"}}'), "ProviderAuthenticationError"),
    ("403", response(403, ""), "ProviderAuthenticationError"),
    ("404 of a wrong address", response(404, '{"detail": "Not Found"}'), "ProviderRequestError"),
    ("409", response(409, ""), "ProviderRequestError"),
    ("422", response(422, '{"detail": [{"msg": "x"}]}'), "ProviderRequestError"),
    ("429", response(429, "slow down"), "ProviderRateLimitError"),
    (
        "content rules",
        response(400, '{"error": {"message": "x", "code": "content_filter"}}'),
        "ContentFilterError",
    ),
    ("500", response(500, "<h1>Oops</h1>"), "ProviderServerError"),
    ("502", response(502, ""), "ProviderUnavailableError"),
    ("503", response(503, ""), "ProviderBusyError"),
    (
        "redirect",
        response(302, "", headers={"Location": "http://127.0.0.1:1/"}),
        "ProviderRequestError",
    ),
    ("closed at once", closing_at_once(), "ProviderUnavailableError"),
    ("not HTTP", raw(b"SSH-2.0-OpenSSH_9\r\n\r\n"), "ProviderResponseError"),
    (
        "cut",
        case(f"{SMOLLM2}/005-chat-stream-usage", cut=1500),
        "IncompleteResponseError",
    ),
    (
        "reset",
        case(f"{SMOLLM2}/005-chat-stream-usage", cut=1500, ending=Ending.RESET),
        "IncompleteResponseError",
    ),
    ("empty body", raw(HEAD), "IncompleteResponseError"),
    ("no finish reason", raw(HEAD + event("a") + DONE), "IncompleteResponseError"),
    ("HTML", response(200, "<html>", content_type="text/html"), "IncompleteResponseError"),
    ("not JSON", raw(HEAD + b"data: <html>\n\n"), "ProviderResponseError"),
    ("not UTF-8", raw(HEAD + b'data: {"choices": "\xff"}\n\n'), "ProviderResponseError"),
    ("a list", raw(HEAD + b"data: [1]\n\n"), "ProviderResponseError"),
    ("a number", raw(HEAD + b"data: 1\n\n"), "ProviderResponseError"),
    ("choices of another kind", raw(HEAD + event(choices=3)), "ProviderResponseError"),
    ("text of another kind", raw(HEAD + event(content=[1])), "ProviderResponseError"),
    ("deep nesting", raw(HEAD + b"data: " + b"[" * 100_000 + b"\n\n"), "ProviderResponseError"),
    (
        "error in the stream",
        raw(HEAD + event("a") + b'data: {"error": {"message": "boom"}}\n\n'),
        "ProviderServerError",
    ),
    (
        "overlong, told late",
        raw(HEAD + b'data: {"error": {"message": "x", "code": "context_length_exceeded"}}\n\n'),
        "ContextWindowError",
    ),
    ("reason 'error'", raw(HEAD + event("a", "error") + DONE), "ProviderServerError"),
]


@pytest.mark.parametrize(("answer", "error"), [f[1:] for f in FAULTS], ids=[f[0] for f in FAULTS])
def test_a_fault_becomes_our_error(stream, answer, error):
    with pytest.raises(exceptions.ProviderError) as caught:
        stream(answer)
    assert type(caught.value).__name__ == error
    assert caught.value.provider == "tested"


def test_nobody_listening_is_unavailable(build, ask):
    with pytest.raises(exceptions.ProviderUnavailableError):
        list(build(OpenAIProvider, base_url=refusing_url()).stream(ask()))


@pytest.mark.parametrize("url", ["ftp://localhost/v1", "localhost:8000", "http://[::bad"])
def test_an_address_that_is_none_is_a_wrong_request(build, ask, url):
    with pytest.raises(exceptions.ProviderRequestError):
        list(build(OpenAIProvider, base_url=url).stream(ask()))


def test_it_does_not_retry_by_itself(build, ask):
    with ReplayServer(response(429, "", headers={"Retry-After": "7"})) as server:
        with pytest.raises(exceptions.ProviderRateLimitError) as caught:
            list(build(OpenAIProvider, base_url=f"{server.url}/v1").stream(ask()))
        assert len(server.requests) == 1
    assert caught.value.retry_after == 7


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("stop", "stop"),
        ("length", "length"),
        ("content_filter", "content_filter"),
        ("eos", "stop"),
    ],
)
def test_reasons_have_one_vocabulary(stream, reason, expected):
    assert stream(raw(HEAD + event("a", reason) + DONE))[-1].finish_reason == expected


def test_a_refusal_is_a_withheld_answer(stream):
    body = {"model": "m", "choices": [{"delta": {"refusal": "No."}, "finish_reason": "stop"}]}
    content = b"data: " + json.dumps(body).encode() + b"\n\n" + DONE
    assert stream(raw(HEAD + content))[-1].finish_reason == "content_filter"


@pytest.mark.parametrize(
    "answer",
    [
        hanging(),
        raw(HEAD, ending=Ending.HANG),
        case(f"{SMOLLM2}/005-chat-stream-usage", cut=1500, ending=Ending.HANG),
        dripping(HEAD, event("x"), every=0.001),
        dripping(HEAD, b": ping\n\n", every=0.01),
    ],
    ids=["before the head", "before the first token", "in the middle", "while it answers", "pings"],
)
def test_closing_the_iterator_closes_the_socket(build, ask, answer):
    with ReplayServer(answer) as server:
        chunks = build(OpenAIProvider, base_url=f"{server.url}/v1").stream(ask())
        next(chunks)
        server.wait_for_request()
        closing = time.monotonic()
        chunks.close()
        assert server.wait_for_close(1) - closing < 0.3


@pytest.mark.parametrize(
    ("answer", "options"),
    [
        (hanging(), {"first_token_timeout": 0.8}),
        (dripping(HEAD, b": ping\n\n", every=0.02), {"first_token_timeout": 0.8}),
        (dripping(HEAD, event("x"), every=0.02), {"total_timeout": 0.8}),
        (dripping(HEAD, b"x", every=0.02), {"total_timeout": 0.8}),
    ],
    ids=["silence", "pings", "endless answer", "endless line"],
)
def test_no_server_outlasts_the_timeouts(build, ask, answer, options):
    with ReplayServer(answer) as server:
        provider = build(OpenAIProvider, base_url=f"{server.url}/v1", **options)
        started = time.monotonic()
        with pytest.raises(exceptions.ProviderTimeoutError):
            list(provider.stream(ask()))
        assert time.monotonic() - started < 2
        server.wait_for_close(1)


def test_models_are_listed(build):
    with ReplayServer(case(f"{SMOLLM2}/002-models")) as server:
        (model,) = build(OpenAIProvider, base_url=f"{server.url}/v1").list_models()
    assert (model.name, model.context_length, model.size) == ("smollm2", 4096, 96576768)


@pytest.mark.parametrize("name", [f"{OLLAMA}/161-v1-models-empty", f"{PYTHON}/002-models"])
def test_lists_of_other_dialects_are_read(build, name):
    with ReplayServer(case(name)) as server:
        models = build(OpenAIProvider, base_url=f"{server.url}/v1").list_models()
    assert [model.name for model in models] == (["smollm2"] if PYTHON in name else [])


@pytest.mark.parametrize("body", ['{"data": 3}', "<html>", "3"])
def test_a_list_that_cannot_be_read_is_our_error(build, body):
    with ReplayServer(response(200, body)) as server, pytest.raises(exceptions.ProviderError):
        build(OpenAIProvider, base_url=f"{server.url}/v1").list_models()


def test_a_key_that_the_server_quotes_is_taken_out(build, ask, caplog):
    caplog.set_level("DEBUG")
    body = json.dumps({"error": {"message": f"Incorrect API key provided: {KEY}"}})
    with ReplayServer(response(401, body)) as server:
        provider = build(OpenAIProvider, base_url=f"{server.url}/v1", api_key=KEY)
        with pytest.raises(exceptions.ProviderAuthenticationError) as caught:
            list(provider.stream(ask("The prompt.")))
    shown = "".join(traceback.format_exception(caught.value))
    assert "Incorrect API key provided: …" in shown
    assert KEY not in shown + repr(provider) + repr(caught.value) + caplog.text
    assert "The prompt." not in caplog.text


def test_openai_itself_is_not_called_without_a_key(ask):
    provider = OpenAIProvider(alias="o")
    with pytest.raises(exceptions.ProviderAuthenticationError, match=r"\['api_key'\] is missing"):
        list(provider.stream(ask()))


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"api_key": "sk-\n"}, ValueError),
        ({"api_key": b"sk"}, TypeError),
        ({"base_url": 1}, TypeError),
        ({"organization": "ä"}, ValueError),
        ({"max_tokens_parameter": "n_predict"}, ValueError),
        ({"stream_usage": "no"}, TypeError),
        ({"total_timeout": "300"}, ValueError),
    ],
)
def test_a_wrong_option_is_named_and_a_key_is_not_quoted(options, error):
    with pytest.raises(error, match=next(iter(options))) as caught:
        OpenAIProvider(alias="o", **options)
    assert "sk-" not in str(caught.value)


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({"api_key": KEY}, []),
        ({"base_url": "http://localhost:8000/v1"}, []),
        ({}, ["wagtail_llm_actions.E104"]),
        ({"base_url": "https://api.example/v1"}, ["wagtail_llm_actions.W106"]),
        ({"base_url": "https://localhost/v1"}, []),
        ({"base_url": "nonsense"}, ["wagtail_llm_actions.E101"]),
        ({"base_url": "http://api.example/v1", "api_key": KEY}, ["wagtail_llm_actions.W103"]),
    ],
)
def test_wrong_settings_are_found_without_asking_the_service(options, found):
    messages = OpenAIProvider(alias="o", **options).check()
    assert [message.id for message in messages] == found
    assert all("WAGTAIL_LLM_ACTIONS['PROVIDERS']['o']['OPTIONS'][" in m.msg for m in messages)


def test_a_missing_extra_is_found(monkeypatch):
    monkeypatch.setitem(sys.modules, "openai", None)
    (message,) = OpenAIProvider(alias="o", api_key=KEY).check()
    assert message.id == "wagtail_llm_actions.E105"
    assert "WAGTAIL_LLM_ACTIONS['PROVIDERS']['o'] needs" in message.msg
    assert "pip install 'wagtail-llm-actions[openai]'" in message.hint


def test_a_missing_extra_is_our_error_too(monkeypatch, ask):
    monkeypatch.setitem(sys.modules, "openai", None)
    provider = OpenAIProvider(alias="o", api_key=KEY)
    for work in (provider.list_models, lambda: list(provider.stream(ask()))):
        with pytest.raises(exceptions.ProviderRequestError, match="pip install"):
            work()
