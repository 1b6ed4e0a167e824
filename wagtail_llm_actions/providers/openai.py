"""OpenAI and every compatible server, by the official SDK."""

import re
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django.core import checks

from wagtail_llm_actions.exceptions import (
    IncompleteResponseError,
    ProviderAuthenticationError,
    ProviderRequestError,
    ProviderResponseError,
    ProviderServerError,
)
from wagtail_llm_actions.providers.asynchronous import AsyncProvider
from wagtail_llm_actions.providers.failures import sdk_failure
from wagtail_llm_actions.providers.options import (
    check_base_url,
    flag,
    host_of,
    is_loopback,
    option_path,
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

OFFICIAL_URL = "https://api.openai.com/v1"
MAX_TOKENS_PARAMETERS = ("max_tokens", "max_completion_tokens")
FINISH_REASONS = {"length": FinishReason.LENGTH, "content_filter": FinishReason.CONTENT_FILTER}
"""The reasons that are not a normal end; servers have many words for that."""


@dataclass
class _Progress:
    """What an exchange has brought so far, besides text."""

    answering: bool = False
    finish_reason: str | None = None
    usage: Usage | None = None
    model_name: str = ""


class OpenAIProvider(AsyncProvider):
    """A service that speaks OpenAI's chat completions."""

    display_name = "OpenAI"
    supports: ClassVar[frozenset[str]] = frozenset(ModelAbility)
    allowed_parameters: ClassVar[frozenset[str]] = frozenset(
        {
            "frequency_penalty",
            "min_p",
            "presence_penalty",
            "reasoning_effort",
            "repeat_penalty",
            "seed",
            "stop",
            "top_k",
            "top_p",
            "verbosity",
        }
    )

    def __init__(
        self,
        *,
        alias: str,
        api_key: str | None = None,
        base_url: str = OFFICIAL_URL,
        organization: str | None = None,
        project: str | None = None,
        max_tokens_parameter: str | None = None,
        stream_usage: bool = True,
        **timeouts: Any,
    ):
        """
        :param api_key: the service's key; a compatible server may do without.
        :param base_url: the service's address, with ``/v1``.
        :param organization: OpenAI's organization, where a key belongs to several.
        :param project: OpenAI's project.
        :param max_tokens_parameter: what the service calls the limit of an answer:
            ``"max_completion_tokens"`` or ``"max_tokens"``. ``None`` takes the first for OpenAI and
            Azure, whose newer models refuse the second, and the second for all others.
        :param stream_usage: whether to ask for the number of tokens; ``False`` for a server that
            refuses ``stream_options``.
        """
        super().__init__(alias=alias, **timeouts)
        if max_tokens_parameter not in (None, *MAX_TOKENS_PARAMETERS):
            raise ValueError(
                f"max_tokens_parameter must be one of {', '.join(MAX_TOKENS_PARAMETERS)}, "
                f"not {max_tokens_parameter!r}"
            )
        self.base_url = text("base_url", base_url).rstrip("/")
        self._api_key = secret("api_key", api_key)
        self._organization = secret("organization", organization)
        self._project = secret("project", project)
        self._max_tokens_parameter = max_tokens_parameter
        self._stream_usage = flag("stream_usage", stream_usage)

    @property
    def host(self) -> str:
        return host_of(self.base_url)

    @property
    def price_list_url(self) -> str:
        return self.base_url

    def is_self_hosted(self, model_name: str) -> bool:
        return is_loopback(self.base_url)

    def check(self) -> list[checks.CheckMessage]:
        found = check_extra(self.alias, "openai")
        found += check_base_url(self.alias, self.base_url, has_key=bool(self._api_key))
        if not self._api_key and _is_official(self.base_url):
            message = f"{option_path(self.alias, 'api_key')} is missing."
            hint = "Take it from the environment: os.environ['OPENAI_API_KEY']."
            found.append(checks.Error(message, hint=hint, id="wagtail_llm_actions.E104"))
        elif not self._api_key and _is_remote(self.base_url):
            message = f"{option_path(self.alias, 'api_key')} is empty."
            hint = "Most services want a key. For one that does not, silence this check."
            found.append(checks.Warning(message, hint=hint, id="wagtail_llm_actions.W106"))
        return found

    def secrets(self) -> tuple[str, ...]:
        return (self._api_key,)

    def import_libraries(self) -> None:
        try:
            import openai.resources.chat  # noqa: F401 - the SDK imports its parts when used
        except ImportError as error:
            detail = "the package 'openai' is missing: pip install 'wagtail-llm-actions[openai]'"
            raise ProviderRequestError(detail, provider=self.alias) from error

    def make_client(self) -> Any:
        return self.connect(self.base_url, self._api_key)

    def connect(self, base_url: str, api_key: str) -> Any:
        """Return a client of the SDK that takes nothing from the environment but proxies."""
        import httpx2
        import openai

        timeout = httpx2.Timeout(None, connect=self.connect_timeout)
        headers: Any = {
            "OpenAI-Organization": self._organization or openai.Omit(),
            "OpenAI-Project": self._project or openai.Omit(),
        }
        return openai.AsyncOpenAI(
            api_key=api_key or "none",  # an empty one is refused by the SDK
            base_url=base_url,
            max_retries=0,
            timeout=timeout,
            default_headers=headers,
            http_client=openai.DefaultAsyncHttpxClient(
                timeout=timeout, follow_redirects=False, trust_env=not is_loopback(base_url)
            ),
        )

    async def close_client(self, client: Any) -> None:
        await client.close()

    async def answer(self, request: CompletionRequest) -> AsyncGenerator[Chunk, None]:
        self._require_key()
        with self._translated() as progress:
            create = self.client().chat.completions.create
            async with await create(**self._arguments(request)) as events:
                progress.answering = True
                async for event in events:
                    for chunk in self._chunks(event, progress):
                        yield chunk
        if progress.finish_reason is None:
            raise IncompleteResponseError("no finish_reason came", provider=self.alias)
        yield Chunk(
            finish_reason=progress.finish_reason,
            usage=progress.usage,
            model_name=progress.model_name,
        )

    def list_models(self) -> list[ModelInfo]:
        self._require_key()
        return self.wait_for(self._list_models)

    async def ask_context_length(self, model_name: str) -> int | None:
        """What a compatible server lists with the model; OpenAI itself tells nothing."""
        if _is_official(self.base_url):
            return None
        models = await self._list_models()
        named = [model for model in models if model.name == model_name]
        return named[0].context_length if named else None

    async def _list_models(self) -> list[ModelInfo]:
        with self._translated() as progress:
            page = await self._page()
            progress.answering = True
        models = getattr(page, "data", False)
        if models is not None and not isinstance(models, list):
            raise ProviderResponseError("/models has no list of models", provider=self.alias)
        return [_model_info(model) for model in models or [] if getattr(model, "id", None)]

    async def _page(self) -> Any:
        try:
            return await self.client().models.list()
        except (AttributeError, TypeError) as error:  # the SDK does not expect another shape
            raise ProviderResponseError("/models is no page", provider=self.alias) from error

    def _require_key(self) -> None:
        if not self._api_key and _is_official(self.base_url):
            path = option_path(self.alias, "api_key")
            raise ProviderAuthenticationError(f"{path} is missing", provider=self.alias)

    def _arguments(self, request: CompletionRequest) -> dict[str, Any]:
        arguments: dict[str, Any] = {
            "model": request.model_name,
            "messages": [_message(message) for message in request.messages],
            "stream": True,
            "extra_body": dict(request.extra_parameters),
        }
        if self._stream_usage:
            arguments["stream_options"] = {"include_usage": True}
        if request.temperature is not None:
            arguments["temperature"] = request.temperature
        if request.max_output_tokens is not None:
            arguments[self._limit_parameter()] = request.max_output_tokens
        if request.json_schema is not None:
            schema = {"name": "output", "strict": True, "schema": dict(request.json_schema)}
            arguments["response_format"] = {"type": "json_schema", "json_schema": schema}
        return arguments

    def _limit_parameter(self) -> str:
        if self._max_tokens_parameter:
            return self._max_tokens_parameter
        newer = _is_official(self.base_url) or _host(self.base_url).endswith(".azure.com")
        return "max_completion_tokens" if newer else "max_tokens"

    @contextmanager
    def _translated(self) -> Iterator[_Progress]:
        """Turn what the SDK and its HTTP library raise into our errors."""
        import httpx2
        import openai

        progress = _Progress()
        try:
            yield progress
        except (
            openai.OpenAIError,
            httpx2.HTTPError,
            httpx2.InvalidURL,
            httpx2.StreamError,
            httpx2.CookieConflict,
            OSError,
            ValueError,  # JSON and Unicode; the SDK lets them through
            RecursionError,
        ) as error:
            raise sdk_failure(error, provider=self.alias, answering=progress.answering) from error

    def _chunks(self, event: Any, progress: _Progress) -> Iterator[Chunk]:
        progress.model_name = getattr(event, "model", None) or progress.model_name
        progress.usage = _usage(getattr(event, "usage", None)) or progress.usage
        choices = getattr(event, "choices", False)
        if choices is not None and not isinstance(choices, list):
            raise ProviderResponseError("an event without choices", provider=self.alias)
        for choice in (choices or [])[:1]:
            yield self._chunk(choice, progress)

    def _chunk(self, choice: Any, progress: _Progress) -> Chunk:
        delta = getattr(choice, "delta", None)
        written = getattr(delta, "content", None) or ""
        if not isinstance(written, str):
            raise ProviderResponseError("an event whose text is none", provider=self.alias)
        reason = getattr(choice, "finish_reason", None)
        if reason == "error":
            raise ProviderServerError("finish_reason is 'error'", provider=self.alias)
        if getattr(delta, "refusal", None):
            reason = "content_filter"
        if reason:
            progress.finish_reason = FINISH_REASONS.get(reason, FinishReason.STOP)
        return Chunk(text=written, model_name=progress.model_name)


def check_extra(alias: str, extra: str) -> list[checks.CheckMessage]:
    """Return an error where what the provider needs is not installed."""
    if find_spec("openai") and find_spec("httpx2"):
        return []
    path = option_path(alias, "").removesuffix("['OPTIONS']['']")
    hint = f"Run: pip install 'wagtail-llm-actions[{extra}]'"
    message = f"{path} needs the package 'openai' in a version that is not installed."
    return [checks.Error(message, hint=hint, id="wagtail_llm_actions.E105")]


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _is_official(url: str) -> bool:
    return bool(re.fullmatch(r"(.+\.)?api\.openai\.com", _host(url)))


def _is_remote(url: str) -> bool:
    return url.startswith("https:") and not is_loopback(url)


def _message(message: Message) -> dict[str, Any]:
    if not message.images:
        return {"role": message.role, "content": message.content}
    parts: list[dict[str, Any]] = [{"type": "text", "text": message.content}]
    for image in message.images:
        url = f"data:{image.mime_type};base64,{image.base64}"
        parts.append({"type": "image_url", "image_url": {"url": url}})
    return {"role": message.role, "content": parts}


def _usage(usage: Any) -> Usage | None:
    counts = [getattr(usage, key, None) for key in ("prompt_tokens", "completion_tokens")]
    given, written = (count if isinstance(count, int) else None for count in counts)
    if given is None and written is None:
        return None
    return Usage(
        input_tokens=given,
        output_tokens=written,
        cached_input_tokens=_detail(usage, "prompt_tokens_details", "cached_tokens"),
        reasoning_tokens=_detail(usage, "completion_tokens_details", "reasoning_tokens"),
    )


def _detail(usage: Any, details: str, name: str) -> int | None:
    """Return one of the counts that a service may tell besides; compatible servers do as they like."""
    count = getattr(getattr(usage, details, None), name, None)
    return count if isinstance(count, int) and not isinstance(count, bool) else None


def _model_info(model: Any) -> ModelInfo:
    meta = getattr(model, "meta", None)  # of llama.cpp; vLLM has max_model_len
    meta = meta if isinstance(meta, dict) else {}
    return ModelInfo(
        name=str(model.id),
        size=meta.get("size"),
        context_length=meta.get("n_ctx") or getattr(model, "max_model_len", None),
        abilities=(ModelAbility.IMAGES,) if _takes_images(model) else (),
    )


def _takes_images(model: Any) -> bool:
    """Return whether the server says so, as llama.cpp's and some gateways do."""
    architecture = getattr(model, "architecture", None)
    modalities = architecture.get("input_modalities") if isinstance(architecture, dict) else None
    return isinstance(modalities, list) and "image" in modalities
