import pytest

from wagtail_llm_actions.values import CompletionRequest, Message


@pytest.fixture
def ask():
    """Return a request, whatever the test is not about filled in."""

    def make(text="Write a title.", **fields):
        messages = (Message(role="user", content=text),)
        return CompletionRequest(**{"model_name": "smollm2", "messages": messages, **fields})

    return make


@pytest.fixture
def build():
    """Return a function that builds providers and closes them after the test."""
    built = []

    def make(cls, **options):
        built.append(cls(alias="tested", **options))
        return built[-1]

    yield make
    for provider in built:
        provider.close()
