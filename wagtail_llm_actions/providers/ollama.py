"""
Ollama, by its native API.

Not by the OpenAI-compatible one of the same server: that one ends normally when the model
crashes, and cuts overlong prompts without a word.
"""

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import aclosing, contextmanager, suppress
from dataclasses import dataclass
from typing import Any, ClassVar

from django.core.checks import CheckMessage

from wagtail_llm_actions.exceptions import (
    IncompleteResponseError,
    ProviderRequestError,
    ProviderResponseError,
)
from wagtail_llm_actions.providers.asynchronous import AsyncProvider
from wagtail_llm_actions.providers.base import NO_PARAMETERS
from wagtail_llm_actions.providers.failures import (
    status_failure,
    stream_failure,
    transport_failure,
)
from wagtail_llm_actions.providers.options import (
    check_base_url,
    host_of,
    is_loopback,
    secret,
    text,
)
from wagtail_llm_actions.values import (
    Chunk,
    CompletionRequest,
    FinishReason,
    Message,
    ModelAbility,
    ModelInfo,
    Usage,
)

ROLES = frozenset({"system", "user", "assistant"})
TOP_LEVEL_PARAMETERS = frozenset({"think"})
CLOUD = re.compile(r"(^|\.)ollama\.com(:\d+)?$")
"""The hosts of Ollama's cloud."""
"""Extra parameters that stand beside ``options`` in a request, not in it."""
NUM_CTX = re.compile(r"^num_ctx\s+(\d+)\s*$", re.MULTILINE)
DEFAULT_CONTEXT_LENGTH = 4096
"""Tokens that Ollama loads a model with at least, if nobody says otherwise."""
MAX_LINE = 1024 * 1024
"""Bytes of one line of a stream at most; a token takes some hundred."""
MAX_BODY = 32 * 1024 * 1024
"""Bytes of one answer at most."""
DRAIN_TIMEOUT = 0.1
"""How long to wait for the end of a body whose last line has come, in seconds."""


@dataclass
class _Progress:
    """How far an exchange has come."""

    answering: bool = False


class OllamaProvider(AsyncProvider):
    """A local or remote Ollama."""

    display_name = "Ollama"
    supports: ClassVar[frozenset[str]] = frozenset(ModelAbility)
    allowed_parameters: ClassVar[frozenset[str]] = TOP_LEVEL_PARAMETERS | {
        "frequency_penalty",
        "min_p",
        "num_ctx",
        "presence_penalty",
        "repeat_last_n",
        "repeat_penalty",
        "seed",
        "stop",
        "top_k",
        "top_p",
        "typical_p",
    }

    def __init__(
        self,
        *,
        alias: str,
        base_url: str = "http://localhost:11434",
        api_key: str | None = None,
        keep_alive: str | int | None = None,
        **timeouts: Any,
    ):
        """
        :param base_url: where Ollama listens, without ``/api``.
        :param api_key: a bearer token, for a server behind a gate; Ollama itself asks for none.
        :param keep_alive: how long the model stays loaded after an answer, as Ollama writes it:
            ``"10m"``, seconds, ``-1`` for ever. ``None`` leaves it to the server.
        """
        super().__init__(alias=alias, **timeouts)
        self.base_url = text("base_url", base_url).rstrip("/")
        self._api_key = secret("api_key", api_key)
        if isinstance(keep_alive, bool) or not isinstance(keep_alive, (str, int, type(None))):
            raise TypeError(f"keep_alive must be a text like '10m' or seconds, not {keep_alive!r}")
        self._keep_alive = keep_alive

    @property
    def host(self) -> str:
        return host_of(self.base_url)

    def is_self_hosted(self, model_name: str) -> bool:
        """Return whether it is no model of Ollama's cloud, which a local Ollama passes prompts on to."""
        tag = model_name.rpartition(":")[2]
        return not (tag == "cloud" or tag.endswith("-cloud") or CLOUD.search(self.host))

    def check(self) -> list[CheckMessage]:
        return check_base_url(self.alias, self.base_url, has_key=bool(self._api_key))

    def secrets(self) -> tuple[str, ...]:
        return (self._api_key,)

    def import_libraries(self) -> None:
        import httpx  # noqa: F401

    def make_client(self) -> Any:
        import httpx

        headers = {"Accept-Encoding": "identity"}
        if self._api_key:
            headers["Authorization"] = f"Bearer {self._api_key}"
        return httpx.AsyncClient(
            base_url=self.base_url,
            headers=headers,
            timeout=httpx.Timeout(None, connect=self.connect_timeout),
            follow_redirects=False,
            trust_env=not is_loopback(self.base_url),
        )

    async def answer(self, request: CompletionRequest) -> AsyncGenerator[Chunk, None]:
        content = json.dumps(self._payload(request))
        headers = {"Content-Type": "application/json"}
        with self._translated() as progress:
            post = self.client().stream("POST", "/api/chat", content=content, headers=headers)
            async with post as response:
                progress.answering = True
                if response.status_code != 200:
                    raise await self._refusal(response)
                async with aclosing(self._lines(response)) as lines:
                    async for line in lines:
                        chunk = self._chunk(self._parsed(line))
                        if chunk.finish_reason:
                            await _drain(lines)
                            yield chunk
                            return
                        yield chunk
        raise IncompleteResponseError("the stream ended without 'done'", provider=self.alias)

    def list_models(self) -> list[ModelInfo]:
        return self.wait_for(self._list_models)

    def context_length(
        self, model_name: str, extra_parameters: Mapping[str, Any] = NO_PARAMETERS
    ) -> int | None:
        asked_for = extra_parameters.get("num_ctx")
        if isinstance(asked_for, int) and asked_for > 0:
            return asked_for
        return super().context_length(model_name)

    async def ask_context_length(self, model_name: str) -> int | None:
        """The model's own setting, else what it is loaded with, else what Ollama begins with."""
        shown = await self._fetched("POST", "/api/show", json.dumps({"model": model_name}))
        if own := NUM_CTX.search(str(shown.get("parameters") or "")):
            return int(own[1])
        loaded = (await self._fetched("GET", "/api/ps")).get("models")
        for model in loaded if isinstance(loaded, list) else ():
            if _is_named(model, model_name) and isinstance(model.get("context_length"), int):
                return model["context_length"]
        return min(DEFAULT_CONTEXT_LENGTH, _trained_length(shown) or DEFAULT_CONTEXT_LENGTH)

    async def _fetched(self, method: str, path: str, content: str | None = None) -> dict[str, Any]:
        headers = {"Content-Type": "application/json"}
        with self._translated() as progress:
            request = self.client().stream(method, path, content=content, headers=headers)
            async with request as response:
                progress.answering = True
                if response.status_code != 200:
                    raise await self._refusal(response)
                return self._parsed(await self._body(response))

    async def _list_models(self) -> list[ModelInfo]:
        content = await self._fetched("GET", "/api/tags")
        models = content.get("models")
        if models is not None and not isinstance(models, list):
            raise ProviderResponseError("/api/tags has no list of models", provider=self.alias)
        return [_model_info(model) for model in models or [] if isinstance(model, dict)]

    def _payload(self, request: CompletionRequest) -> dict[str, Any]:
        for message in request.messages:
            if message.role not in ROLES:  # Ollama ignores it with status 200
                raise ProviderRequestError(f"unknown role {message.role!r}", provider=self.alias)
        payload: dict[str, Any] = {
            "model": request.model_name,
            "messages": [_message(message) for message in request.messages],
            "stream": True,
            "truncate": False,
            "options": {},
        }
        for name, value in request.extra_parameters.items():
            (payload if name in TOP_LEVEL_PARAMETERS else payload["options"])[name] = value
        if request.temperature is not None:
            payload["options"]["temperature"] = request.temperature
        if request.max_output_tokens is not None:
            payload["options"]["num_predict"] = request.max_output_tokens
        if request.json_schema is not None:
            payload["format"] = dict(request.json_schema)
        if self._keep_alive is not None:
            payload["keep_alive"] = self._keep_alive
        return payload

    @contextmanager
    def _translated(self) -> Iterator[_Progress]:
        """Turn what httpx raises into our errors."""
        import httpx

        progress = _Progress()
        try:
            yield progress
        except (
            httpx.HTTPError,
            httpx.InvalidURL,
            httpx.StreamError,
            httpx.CookieConflict,
            OSError,  # of TLS: the library beneath httpx lets some through
        ) as error:
            raise transport_failure(
                error, provider=self.alias, answering=progress.answering
            ) from error

    async def _refusal(self, response: Any) -> Exception:
        return status_failure(
            response.status_code,
            await self._body(response),
            provider=self.alias,
            retry_after=response.headers.get("Retry-After"),
        )

    async def _body(self, response: Any) -> bytes:
        content = bytearray()
        async for part in response.aiter_raw():
            content += part
            if len(content) > MAX_BODY:
                raise ProviderResponseError("the answer is too large", provider=self.alias)
        return bytes(content)

    async def _lines(self, response: Any) -> AsyncGenerator[bytes, None]:
        """Yield the lines of a stream; httpx's own splits at U+2028, which JSON may hold."""
        rest, size = b"", 0
        async for part in response.aiter_raw():
            size += len(part)
            *lines, rest = (rest + part).split(b"\n")
            for line in filter(bytes.strip, lines):
                yield line
            if len(rest) > MAX_LINE or size > MAX_BODY:
                raise ProviderResponseError("the answer is too large", provider=self.alias)
        if rest.strip():
            yield rest

    def _parsed(self, line: bytes) -> dict[str, Any]:
        try:
            content = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise ProviderResponseError(f"not JSON: {line[:100]!r}", provider=self.alias) from error
        if not isinstance(content, dict):
            raise ProviderResponseError(f"no object: {line[:100]!r}", provider=self.alias)
        if content.get("error"):
            raise stream_failure(content, provider=self.alias)
        return content

    def _chunk(self, content: dict[str, Any]) -> Chunk:
        message = content.get("message", {})
        written = message.get("content", "") if isinstance(message, dict) else None
        if not isinstance(written, str):
            raise ProviderResponseError("a line without a message", provider=self.alias)
        done = content.get("done") is True
        length = content.get("done_reason") == "length"
        return Chunk(
            text=written,
            finish_reason=(FinishReason.LENGTH if length else FinishReason.STOP) if done else None,
            usage=_usage(content) if done else None,
            model_name=str(content.get("model") or ""),
        )


async def _drain(lines: AsyncGenerator[bytes, None]) -> None:
    """Read to the end of the body: only then can the connection be used again."""
    import httpx

    with suppress(TimeoutError, httpx.HTTPError):
        async with asyncio.timeout(DRAIN_TIMEOUT):
            async for _ in lines:
                pass


def _message(message: Message) -> dict[str, Any]:
    written: dict[str, Any] = {"role": message.role, "content": message.content}
    if message.images:
        written["images"] = [image.base64 for image in message.images]
    return written


def _is_named(model: Any, name: str) -> bool:
    names = {name, f"{name}:latest"}
    return isinstance(model, dict) and bool(names & {model.get("name"), model.get("model")})


def _trained_length(shown: dict[str, Any]) -> int | None:
    info = shown.get("model_info")
    lengths = [
        value
        for key, value in (info.items() if isinstance(info, dict) else ())
        if key.endswith(".context_length") and isinstance(value, int)
    ]
    return lengths[0] if lengths else None


def _usage(content: dict[str, Any]) -> Usage:
    counts = [content.get(key) for key in ("prompt_eval_count", "eval_count")]
    given, written = (count if isinstance(count, int) else None for count in counts)
    return Usage(input_tokens=given, output_tokens=written)


def _model_info(model: dict[str, Any]) -> ModelInfo:
    details = model.get("details")
    length = details.get("context_length") if isinstance(details, dict) else None
    capabilities = model.get("capabilities") or []
    abilities = [ModelAbility.JSON_SCHEMA, ModelAbility.SEED]
    if "vision" in capabilities:
        abilities.append(ModelAbility.IMAGES)
    return ModelInfo(
        name=str(model.get("name") or model.get("model") or ""),
        size=model.get("size") if isinstance(model.get("size"), int) else None,
        context_length=length if isinstance(length, int) else None,
        abilities=tuple(abilities) if "completion" in capabilities else (),
    )
