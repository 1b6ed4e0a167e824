"""Asks whether Ollama runs on this machine, and what it could answer with."""

import json
from collections.abc import Iterator
from urllib.request import ProxyHandler, Request, build_opener

from sandbox.choice import Choice, ollama

TIMEOUT = 1.5
MOST_MODELS = 20
OPENER = build_opener(ProxyHandler({}))


def find_ollama(base_url: str) -> Choice | None:
    """Return the first chat model that Ollama has at ``base_url``, or ``None``."""
    try:
        name = next(chat_models(base_url), None)
    except (OSError, ValueError):
        return None
    return ollama(name, base_url) if name else None


def chat_models(base_url: str) -> Iterator[str]:
    """
    Yield the models that can chat on this machine, the one that was changed last first.

    Models that Ollama only passes on to its cloud are left out: the sandbox sends nothing away.

    :raises OSError: if nothing answers.
    :raises ValueError: if something else than Ollama answers.
    """
    for model in (_ask(f"{base_url}/api/tags").get("models") or [])[:MOST_MODELS]:
        name = str(model.get("name", ""))
        if not name or model.get("remote_host") or name.endswith("cloud"):
            continue
        if "completion" in (
            _ask(f"{base_url}/api/show", {"model": name}).get("capabilities") or ()
        ):
            yield name


def _ask(url: str, content: dict | None = None) -> dict:
    data = None if content is None else json.dumps(content).encode()
    request = Request(url, data, {"Content-Type": "application/json"})
    with OPENER.open(request, timeout=TIMEOUT) as response:
        answer = json.load(response)
    if not isinstance(answer, dict):
        raise ValueError(f"{url} did not answer with an object")
    return answer
