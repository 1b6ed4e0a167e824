"""One call to a provider within a run, and the row that accounts for it."""

import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from wagtail_llm_actions.conf import settings
from wagtail_llm_actions.content import problems_of_value
from wagtail_llm_actions.engine.cancellation import CancelWatch
from wagtail_llm_actions.engine.connections import release_connections
from wagtail_llm_actions.engine.endings import ending_of
from wagtail_llm_actions.engine.pictures import load_pictures
from wagtail_llm_actions.engine.receipts import settle_attempt
from wagtail_llm_actions.exceptions import (
    ContentFilterError,
    IncompleteResponseError,
    InvalidOutputError,
    LLMActionsError,
    OutputError,
    ProviderError,
    ProviderRequestError,
    ProviderResponseError,
    ProviderTimeoutError,
    RunCancelledError,
    TruncatedOutputError,
)
from wagtail_llm_actions.models import LLMActionAttempt, LLMActionHistory
from wagtail_llm_actions.models.runs import LEFT_OUT
from wagtail_llm_actions.models.texts import storable
from wagtail_llm_actions.outputs import clean, fit, json_schema
from wagtail_llm_actions.providers import providers
from wagtail_llm_actions.providers.base import BaseProvider
from wagtail_llm_actions.values import (
    AttemptKind,
    Chunk,
    CompletionRequest,
    FieldSpec,
    FinishReason,
    Message,
    ModelAbility,
    Prompt,
    RunEvent,
    Usage,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call to the provider of a run."""

    number: int = 1
    kind: AttemptKind = AttemptKind.FIRST
    constrained: bool = True
    """Whether the answer is bound to the field's JSON Schema, where there is one."""
    earlier_answer: str = ""
    """The answer that is to be repaired."""
    repair_prompt: str = ""
    """What the model is told about its earlier answer."""


def attempt(
    run: LLMActionHistory, call: Call, *, stop_at: float, watch: CancelWatch
) -> Generator[RunEvent, None, Any]:
    """
    Call the provider once, yield its text as it comes, and return the field value.

    :param stop_at: when the run's time is over, on the monotonic clock, in seconds.
    :raises ProviderError: if there is no answer, or not the whole of it.
    :raises OutputError: if the answer cannot become an output.
    :raises RunCancelledError: if somebody asked to cancel the run.
    :raises PictureError: if a picture cannot be sent along; the provider is not called then.
    :raises InvalidTransitionError: if the run was ended elsewhere; the provider is not called then.
    """
    request = _request(run, call)
    row = _begin(run, call, request)
    answer = _Answer(run, request, stop_at, watch)
    try:
        yield from answer.read(_provider(run))
        value = _value(run, answer)
    except BaseException as error:
        ending = ending_of(error)
        settle_attempt(row, ending, **answer.facts(ending))
        raise
    settle_attempt(row, None, **answer.facts(None))
    return value


def is_constrained(run: LLMActionHistory) -> bool:
    """Return whether the answers of a run's provider can be bound to the field's JSON Schema."""
    return (
        ModelAbility.JSON_SCHEMA in _provider(run).supports
        and json_schema(FieldSpec.restore(run.field_spec)) is not None
    )


def _begin(run: LLMActionHistory, call: Call, request: CompletionRequest) -> LLMActionAttempt:
    parameters = sent_parameters(run)
    if request.json_schema is not None:
        parameters["json_schema"] = request.json_schema
    with transaction.atomic(durable=True):
        # What is called for a run that has ended would count for no limit.
        run.hold()
        row = LLMActionAttempt.objects.create(
            run=run,
            number=call.number,
            kind=call.kind,
            provider=run.provider,
            model_name=run.model_name,
            parameters=parameters,
            price=run.price,
            repair_prompt=call.repair_prompt,
        )
    release_connections()
    return row


def _provider(run: LLMActionHistory) -> BaseProvider:
    try:
        return providers[run.provider]
    except ImproperlyConfigured as error:
        raise ProviderRequestError(str(error), provider=run.provider) from error


def _request(run: LLMActionHistory, call: Call) -> CompletionRequest:
    messages = Prompt(system=run.system_prompt, user=run.prompt).messages(load_pictures(run))
    if run.revision_prompt:
        messages += (
            Message(role="assistant", content=run.revised_text),
            Message(role="user", content=run.revision_prompt),
        )
    if call.repair_prompt:
        messages += (
            Message(role="assistant", content=call.earlier_answer),
            Message(role="user", content=call.repair_prompt),
        )
    constrained = call.constrained and is_constrained(run)
    return CompletionRequest(
        model_name=run.model_name,
        messages=messages,
        json_schema=json_schema(FieldSpec.restore(run.field_spec)) if constrained else None,
        **sent_parameters(run),
    )


def sent_parameters(run: LLMActionHistory) -> dict[str, Any]:
    """Return the parameters that are sent, as a copy."""
    return {name: value for name, value in run.parameters.items() if name != LEFT_OUT}


class _Answer:
    """What a provider has answered so far."""

    def __init__(
        self,
        run: LLMActionHistory,
        request: CompletionRequest,
        stop_at: float,
        watch: CancelWatch,
    ):
        self.run = run
        self.request = request
        self.stop_at = stop_at
        self.watch = watch
        self.parts: list[str] = []
        self.length = 0
        self.usage: Usage | None = None
        self.finish_reason = ""
        self.model_name = ""
        self.first_token_at: datetime | None = None

    @property
    def text(self) -> str:
        """The raw text so far."""
        return storable("".join(self.parts))

    def read(self, provider: BaseProvider) -> Iterator[RunEvent]:
        """
        Yield an event for each chunk of the answer.

        :raises ProviderError: if the answer ends before it is whole, or takes too long.
        """
        chunks = provider.stream(self.request)
        try:
            for chunk in chunks:
                self._take(chunk)
                self._check_limits()
                kind = "delta" if chunk.text else "waiting"
                yield RunEvent(type=kind, run_id=self.run.pk, text=chunk.text)
        finally:
            _close(chunks)
        if not self.finish_reason:
            raise IncompleteResponseError("no finish reason", provider=self.run.provider)

    def facts(self, error: LLMActionsError | None) -> dict[str, Any]:
        """Return what the attempt's row says of the answer."""
        return {
            "raw_text": self.text,
            "usage": self.usage,
            "prompt_sent": _reached_the_model(error),
            "finish_reason": self.finish_reason,
            "response_model_name": self.model_name,
            "first_token_at": self.first_token_at,
        }

    def _take(self, chunk: Chunk) -> None:
        if chunk.text:
            self.first_token_at = self.first_token_at or timezone.now()
            self.parts.append(chunk.text)
            self.length += len(chunk.text)
        self.usage = chunk.usage or self.usage
        self.finish_reason = chunk.finish_reason or self.finish_reason
        self.model_name = chunk.model_name or self.model_name

    def _check_limits(self) -> None:
        if self.length > settings.MAX_OUTPUT_CHARACTERS:
            raise ProviderResponseError(
                f"more than {settings.MAX_OUTPUT_CHARACTERS} characters",
                provider=self.run.provider,
            )
        if time.monotonic() > self.stop_at:
            raise ProviderTimeoutError("the run's time is over", provider=self.run.provider)
        self.watch.look_now_and_then()


def _close(chunks: Iterator[Chunk]) -> None:
    """End the request at the service; a provider may also return a plain iterator."""
    if isinstance(chunks, Generator):
        chunks.close()


def _reached_the_model(error: LLMActionsError | None) -> bool:
    """Return whether the service may have worked, and so charged, although it told no usage."""
    if error is None or isinstance(error, (OutputError, RunCancelledError)):
        return True
    late = (IncompleteResponseError, ProviderTimeoutError, ProviderResponseError)
    return isinstance(error, (*late, ContentFilterError)) or not isinstance(error, ProviderError)


def _value(run: LLMActionHistory, answer: _Answer) -> Any:
    if answer.finish_reason == FinishReason.CONTENT_FILTER:
        raise ContentFilterError("withheld", provider=run.provider)
    if answer.finish_reason == FinishReason.LENGTH:
        raise TruncatedOutputError(f"cut off after {answer.length} characters")
    return make_value(run, answer.text)


def make_value(run: LLMActionHistory, text: str) -> Any:
    """
    Return the field value that a whole answer stands for.

    :raises OutputError: if it is none, or the field refuses it.
    """
    rewrites = run.of_selection or "current_value" in run.template_prompt
    like = run.value_before if rewrites else ""
    value = fit(FieldSpec.restore(run.field_spec), clean(text, like=like), like=like)
    _check_value(run, value)
    return value


def _check_value(run: LLMActionHistory, value: Any) -> None:
    """
    Do nothing if the field's own rules accept the value.

    :raises InvalidOutputError: with the reasons, if not.
    """
    model = run.content_type.model_class() if run.content_type else None
    if model is None:
        return
    known, spec = run.value_before.split(), FieldSpec.restore(run.field_spec)
    if reasons := problems_of_value(model, spec.path, value, known, spec.options):
        raise InvalidOutputError(
            f"refused by {run.destination_path!r}: {' '.join(reasons)}",
            user_message=" ".join([*reasons, gettext("Nothing was changed.")]),
            reasons=reasons,
        )
