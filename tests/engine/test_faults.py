"""
Every way a provider can fail: the sentence that an editor reads, and the rows that remain.

Servers are replayed byte for byte where they were recorded, and made up where not.
"""

import json
import time
from dataclasses import dataclass
from urllib.parse import urlencode

import pytest
from django.urls import reverse

from tests import factories
from tests.engine.conftest import form_data
from tests.replay import (
    Answer,
    Ending,
    ReplayServer,
    closing_at_once,
    hanging,
    raw,
    recorded,
    refusing_url,
    response,
)
from wagtail_llm_actions.models import LLMActionHistory
from wagtail_llm_actions.providers import providers
from wagtail_llm_actions.values import RunStatus

pytestmark = pytest.mark.django_db

SLACK = 5.0
"""What a run may take beside waiting for the provider, in seconds, also on a busy machine."""

OLLAMA = "wagtail_llm_actions.providers.ollama.OllamaProvider"
OPENAI = "wagtail_llm_actions.providers.openai.OpenAIProvider"

UNREACHABLE = "The language model service cannot be reached. Is it running? Nothing was changed."
TIMEOUT = "The language model took too long to answer. Nothing was changed. Try again."
KEY = (
    "The language model service refused this site’s key. Nothing was changed. "
    "Ask an administrator to check it."
)
UNKNOWN_MODEL = (
    "The language model service does not have this model. Nothing was changed. "
    "Ask an administrator to install it or to choose another."
)
TOO_MANY = (
    "The language model service has had too many requests. Nothing was changed. "
    "Wait a little, then try again."
)
BUSY = "The language model service is busy. Nothing was changed. Wait a little, then try again."
SERVER = "The language model service had an error of its own. Nothing was changed. Try again."
BROKEN_OFF = "The language model’s answer broke off before its end. Nothing was changed. Try again."
UNREADABLE = (
    "The language model service sent an answer that cannot be read. Nothing was changed. Try again."
)
NOTHING = "The language model answered nothing. Nothing was changed. Try again."
CUT_OFF = (
    "The language model’s answer was cut off at its length limit. Nothing was changed. "
    "Try again, or ask an administrator to raise the limit."
)
TOO_LONG = "The answer has 120 characters; this field takes 100. Nothing was changed."
TOO_MUCH_TO_READ = (
    "The text is too long for this language model. Nothing was changed. "
    "Shorten the sources, or ask an administrator for a model that reads more."
)

OLLAMA_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nConnection: close\r\n\r\n"
OLLAMA_DELTA = b'{"model":"m","message":{"role":"assistant","content":"The tide"},"done":false}\n'


def ollama_says(*texts: str, reason="stop") -> Answer:
    """Return a whole answer of Ollama with these texts."""
    messages = [
        {"model": "m", "message": {"role": "assistant", "content": text}, "done": False}
        for text in texts
    ]
    end = {"model": "m", "message": {"role": "assistant", "content": ""}, "done": True}
    messages.append(end | {"done_reason": reason, "prompt_eval_count": 9, "eval_count": 5})
    body = "".join(json.dumps(message) + "\n" for message in messages)
    return raw(OLLAMA_HEAD + body.encode())


@dataclass(frozen=True)
class Fault:
    """One way to fail, and what is to come of it."""

    name: str
    answer: Answer | None
    code: str
    sentence: str
    attempts: int = 2
    backend: str = OLLAMA


FAULTS = [
    Fault("refused", None, "provider_unavailable", UNREACHABLE),
    Fault("down", closing_at_once(), "provider_unavailable", UNREACHABLE),
    Fault("401", recorded("llama.cpp-server-b11549-xllamacpp-qwen/051-err-wrong-key", speed=0),
          "provider_authentication", KEY, 1, OPENAI),
    Fault("403", recorded("ollama-0.32.15/063-err-forbidden-origin", speed=0),
          "provider_authentication", KEY, 1),
    Fault("unknown model", recorded("ollama-0.32.15/040-err-unknown-model", speed=0),
          "model_not_found", UNKNOWN_MODEL, 1),
    Fault("unknown model behind /v1", recorded("ollama-0.32.15/110-v1-err-unknown-model", speed=0),
          "model_not_found", UNKNOWN_MODEL, 1, OPENAI),
    Fault("429", response(429, '{"error":{"message":"slow down"}}'),
          "provider_rate_limit", TOO_MANY, 2, OPENAI),
    Fault("429 that asks for an hour",
          response(429, '{"error":{"message":"slow down"}}', headers={"Retry-After": "3600"}),
          "provider_rate_limit", TOO_MANY, 1, OPENAI),
    Fault("500", recorded("ollama-0.32.15/171-chat-corrupt-model", speed=0),
          "provider_server_error", SERVER),
    Fault("500 behind /v1", response(500, "oops", content_type="text/plain"),
          "provider_server_error", SERVER, 2, OPENAI),
    Fault("503", recorded("ollama-0.32.15/151-busy-cold-2", speed=0), "provider_busy", BUSY),
    Fault("hang before the first token", hanging(), "provider_timeout", TIMEOUT, 1),
    Fault("hang in the middle", raw(OLLAMA_HEAD + OLLAMA_DELTA, ending=Ending.HANG),
          "provider_timeout", TIMEOUT, 1),
    Fault("hang behind /v1", hanging(), "provider_timeout", TIMEOUT, 1, OPENAI),
    Fault("cut stream", recorded("ollama-0.32.15/156-server-killed-mid-stream", speed=0),
          "incomplete_response", BROKEN_OFF),
    Fault("reset stream", raw(OLLAMA_HEAD + OLLAMA_DELTA, ending=Ending.RESET),
          "incomplete_response", BROKEN_OFF),
    Fault("cut stream behind /v1",
          recorded("llama.cpp-server-b11549-xllamacpp-smollm2/070-server-killed-mid-stream", speed=0),
          "incomplete_response", BROKEN_OFF, 2, OPENAI),
    Fault("error line in a stream", recorded("ollama-0.32.15/152-runner-killed-mid-stream", speed=0),
          "provider_server_error", SERVER),
    Fault("crash behind /v1 without [DONE]",
          recorded("ollama-0.32.15/154-v1-runner-killed-mid-stream", speed=0),
          "incomplete_response", BROKEN_OFF, 2, OPENAI),
    Fault("invalid JSON", raw(OLLAMA_HEAD + b"<html>hello</html>\n"),
          "provider_response", UNREADABLE),
    Fault("overlong prompt", recorded("ollama-0.32.15/058-long-prompt-truncate-false", speed=0),
          "context_window", TOO_MUCH_TO_READ, 1),
    Fault("empty", ollama_says(), "empty_output", NOTHING, 1),
    Fault("whitespace", ollama_says(" \n", "\t"), "empty_output", NOTHING, 1),
    Fault("only thoughts", ollama_says("<think>", "What could I say?", "</think>"),
          "empty_output", NOTHING, 1),
    Fault("over-long", ollama_says("x" * 60, "x" * 60), "invalid_output", TOO_LONG, 2),
    Fault("cut off", ollama_says("The ti", reason="length"), "truncated_output", CUT_OFF, 1),
]  # fmt: skip


@pytest.fixture
def page(home):
    factories.make_action("summary", prompt="Sum up: {{ intro }}", sources={"intro": "intro"})
    return factories.make_page(intro="The tide comes and goes.", summary="Mine.")


def timeouts(fault: Fault) -> dict[str, float]:
    # Short where the timeout is the subject, else long enough for a busy machine.
    seconds = 1.0 if fault.code == "provider_timeout" else 10.0
    return {
        "connect_timeout": seconds,
        "first_token_timeout": seconds,
        "total_timeout": seconds * 1.5,
    }


def configure(settings, fault: Fault, url: str) -> None:
    options = timeouts(fault)
    path = "/v1" if fault.backend == OPENAI else ""
    if fault.backend == OPENAI:
        options["api_key"] = "sk-test"
    settings.WAGTAIL_LLM_ACTIONS = {
        "PROVIDERS": {
            "default": {"BACKEND": fault.backend, "OPTIONS": {"base_url": url + path, **options}}
        },
        "RETRY_DELAY": 0.01,
    }


def run(client, page) -> list[dict]:
    where = {"editor": reverse("wagtailadmin_pages:edit", args=[page.pk]), "address": "summary"}
    answer = client.post(f"/admin/llm-actions/api/runs?{urlencode(where)}", form_data(page).dict())
    assert answer.status_code == 200, answer.content
    lines = b"".join(answer.streaming_content).decode().splitlines()
    return [json.loads(line) for line in lines if line]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_told_recorded_and_harmless(fault, settings, editor_client, page):
    with ReplayServer(*([fault.answer] if fault.answer else [])) as server:
        configure(settings, fault, server.url if fault.answer else refusing_url())
        started = time.monotonic()
        events = run(editor_client, page)
        seconds = time.monotonic() - started
        providers["default"].close()
    assert events[-1]["type"] == "failed"
    assert (events[-1]["code"], events[-1]["message"]) == (fault.code, fault.sentence)
    # What hangs for ever ends when its timeout says so, and no later.
    assert seconds < fault.attempts * timeouts(fault)["total_timeout"] + SLACK

    row = LLMActionHistory.objects.get()
    assert (row.status, row.error_code, row.error_message) == (
        RunStatus.FAILED,
        fault.code,
        fault.sentence,
    )
    assert [attempt.error_code for attempt in row.attempts.all()] == [fault.code] * fault.attempts
    assert all(attempt.finished_at for attempt in row.attempts.all())
    assert row.output == ""
    assert "sk-test" not in row.error_detail
    revisions = page.revisions.count()
    page.refresh_from_db()
    assert (page.summary, page.revisions.count(), revisions) == ("Mine.", 1, 1)


def test_thoughts_before_an_answer_are_no_part_of_it(settings, editor_client, page):
    fault = Fault("thoughts", ollama_says("<think>Hm.</think>", "\n\nTides turn."), "", "")
    with ReplayServer(fault.answer) as server:
        configure(settings, fault, server.url)
        events = run(editor_client, page)
        providers["default"].close()
    assert events[-1] == {"type": "succeeded", "text": "Tides turn."}
    attempt = LLMActionHistory.objects.get().attempts.get()
    assert attempt.raw_text == "<think>Hm.</think>\n\nTides turn."


def test_a_service_that_recovers_is_asked_again(settings, editor_client, page):
    fault = Fault("recovers", ollama_says("Tides turn."), "", "")
    busy = recorded("ollama-0.32.15/151-busy-cold-2", speed=0)
    with ReplayServer(busy, fault.answer) as server:
        configure(settings, fault, server.url)
        events = run(editor_client, page)
        providers["default"].close()
    assert [event["type"] for event in events] == ["started", "restarted", "delta", "succeeded"]
    row = LLMActionHistory.objects.get()
    assert [attempt.error_code for attempt in row.attempts.all()] == ["provider_busy", ""]
    assert (row.status, row.error_code) == (RunStatus.SUCCEEDED, "")
