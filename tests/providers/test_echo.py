import threading

import pytest

from wagtail_llm_actions.exceptions import ProviderBusyError, ProviderTimeoutError
from wagtail_llm_actions.providers import providers
from wagtail_llm_actions.providers.echo import EchoProvider
from wagtail_llm_actions.testing import Reply, reply_with
from wagtail_llm_actions.values import CompletionRequest, Message, Usage


def ask(text="Say hello to the world"):
    return CompletionRequest(model_name="echo", messages=(Message(role="user", content=text),))


def text_of(chunks):
    return "".join(chunk.text for chunk in chunks)


def test_it_repeats_the_last_message_of_the_user():
    chunks = list(EchoProvider(alias="e").stream(ask(" Say  hello\nthere ")))
    assert text_of(chunks) == " Say  hello\nthere "
    assert chunks[-1].finish_reason == "stop"
    assert chunks[-1].usage == Usage(input_tokens=3, output_tokens=3)


def test_reply_with_steers_the_configured_provider_in_other_threads():
    texts = []
    with reply_with("Steered.") as echo:
        thread = threading.Thread(
            target=lambda: texts.append(text_of(providers["default"].stream(ask())))
        )
        thread.start()
        thread.join()
    assert texts == ["Steered."]
    assert [request.messages[0].content for request in echo.requests] == ["Say hello to the world"]
    assert text_of(providers["default"].stream(ask())) == "Say hello to the world"


def test_several_replies_answer_one_request_each_and_the_last_one_stays():
    with reply_with(Reply(error="provider_busy"), "Fine."):
        with pytest.raises(ProviderBusyError):
            list(providers["default"].stream(ask()))
        assert text_of(providers["default"].stream(ask())) == "Fine."
        assert text_of(providers["default"].stream(ask())) == "Fine."


def test_an_error_comes_after_the_parts():
    seen = []
    with (
        reply_with(chunks=["a", "b"], error=ProviderTimeoutError("late")),
        pytest.raises(ProviderTimeoutError, match="late"),
    ):
        for chunk in providers["default"].stream(ask()):
            seen.append(chunk.text)
    assert seen == ["a", "b"]


def test_a_slow_reply_gives_its_reader_the_chance_to_go_away():
    with reply_with("x", delay=0.6):
        chunks = list(providers["default"].stream(ask()))
    *before, text, last = [chunk.text for chunk in chunks]
    assert (set(before), text, last) == ({""}, "x", "")


@pytest.mark.parametrize("options", [{"delay": "1"}, {"delay": -1}, {"error": "no_such_code"}])
def test_a_wrong_option_is_named(options):
    with pytest.raises(ValueError, match=next(iter(options))):
        EchoProvider(alias="e", **options)
