"""
Pictures in a prompt, as real servers were seen to take them.

The texts that the recorded model answered are not about the pictures: only the format counts.
"""

import base64
import json

import pytest

from tests.replay import ReplayServer, recorded
from tests.replay.answers import TRANSCRIPTS
from wagtail_llm_actions.exceptions import ProviderRequestError
from wagtail_llm_actions.providers.echo import EchoProvider
from wagtail_llm_actions.providers.embedded import EmbeddedProvider
from wagtail_llm_actions.providers.ollama import OllamaProvider
from wagtail_llm_actions.providers.openai import OpenAIProvider
from wagtail_llm_actions.values import ImageData, Message, ModelAbility

VISION = "llama.cpp-server-b11549-xllamacpp-vision"
OLLAMA = "ollama-0.32.15"
TEXT = "Describe this image in one sentence."
COMPACT = {"separators": (",", ":")}


def body_of(case):
    """Return the body of a recorded request."""
    content = (TRANSCRIPTS / case / "request.http").read_bytes()
    return json.loads(content.partition(b"\r\n\r\n")[2])


def pictures_of(case):
    """Return the pictures of a recorded request."""
    [message] = body_of(case)["messages"]
    if "images" in message:
        encoded = message["images"]
    else:
        urls = [part["image_url"]["url"] for part in message["content"][1:]]
        encoded = [url.removeprefix("data:image/png;base64,") for url in urls]
    return tuple(
        ImageData(content=base64.b64decode(text), mime_type="image/png") for text in encoded
    )


@pytest.fixture
def send(build, ask):
    """Return what is answered to a prompt with the pictures of a recorded request, and sent."""

    def make(provider, answer, pictures=None):
        message = Message(role="user", content=TEXT, images=pictures or pictures_of(answer))
        with ReplayServer(recorded(answer, speed=0)) as server:
            suffix = "" if provider is OllamaProvider else "/v1"
            built = build(provider, base_url=server.url + suffix)
            chunks = list(built.stream(ask(messages=(message,))))
        return chunks, server.requests[0].body

    return make


def test_ollama_is_sent_what_it_took(send):
    chunks, body = send(OllamaProvider, f"{OLLAMA}/202-chat-image-stream")
    assert written(body_of(f"{OLLAMA}/202-chat-image-stream")["messages"]) in body
    assert len(chunks) > 5
    assert chunks[-1].finish_reason == "stop"


def test_ollama_is_sent_several_pictures(build, ask, send):
    case = f"{OLLAMA}/203-chat-two-images"
    _chunks, body = send(OllamaProvider, f"{OLLAMA}/202-chat-image-stream", pictures_of(case))
    assert written(body_of(case)["messages"]) in body
    assert len(body_of(case)["messages"][0]["images"]) == 2


@pytest.mark.parametrize("case", [f"{OLLAMA}/211-v1-image-stream", f"{VISION}/003-image-stream"])
def test_compatible_servers_are_sent_what_they_took(send, case):
    chunks, body = send(OpenAIProvider, case)
    assert written(body_of(case)["messages"], **COMPACT) in sorted_like_recorded(body)
    assert "".join(chunk.text for chunk in chunks)
    assert chunks[-1].finish_reason in ("stop", "length")


@pytest.mark.parametrize(
    ("provider", "case"),
    [
        (OllamaProvider, f"{OLLAMA}/207-err-corrupt-image-stream"),
        (OllamaProvider, f"{OLLAMA}/053-err-image-unsupported-stream"),
        (OpenAIProvider, f"{VISION}/004-err-corrupt"),
    ],
)
def test_a_picture_that_a_server_refuses_is_our_error(send, provider, case):
    with pytest.raises(ProviderRequestError):
        send(provider, case)


def test_a_prompt_without_pictures_is_a_plain_text(build, ask):
    with ReplayServer(recorded(f"{VISION}/003-image-stream", speed=0)) as server:
        list(build(OpenAIProvider, base_url=f"{server.url}/v1").stream(ask()))
    assert server.requests[0].json()["messages"] == [{"role": "user", "content": "Write a title."}]


def test_a_server_that_says_what_a_model_sees_is_believed(build):
    with ReplayServer(recorded(f"{VISION}/001-models", speed=0)) as server:
        [model] = build(OpenAIProvider, base_url=f"{server.url}/v1").list_models()
    assert (model.name, model.abilities) == ("vision-stub", (ModelAbility.IMAGES,))


@pytest.mark.parametrize(
    ("provider", "takes"),
    [
        (OllamaProvider, True),
        (OpenAIProvider, True),
        (EchoProvider, True),
        (EmbeddedProvider, False),
    ],
)
def test_a_provider_says_whether_it_takes_pictures(provider, takes):
    assert (ModelAbility.IMAGES in provider.supports) is takes


def test_a_picture_does_not_fill_a_log():
    assert "content" not in repr(ImageData(content=b"x" * 1000, mime_type="image/png"))


def written(document, **options):
    return json.dumps(document, **options).encode()


def sorted_like_recorded(body):
    """Return a body without what differs between JSON writers: the spaces."""
    return json.dumps(json.loads(body), **COMPACT).encode()
