"""
The second step of a run: call the provider, record every call, make an output of the answer.

``execute`` takes an id, so any process can do it. It is a generator of events; whoever reads it may
go away at any time by closing it, and the run is cancelled. No database connection is held while
the provider works.
"""

import logging
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext

from wagtail_llm_actions.conf import settings
from wagtail_llm_actions.engine.attempts import Call, attempt, is_constrained, make_value
from wagtail_llm_actions.engine.cancellation import CancelWatch
from wagtail_llm_actions.engine.connections import release_connections
from wagtail_llm_actions.engine.endings import ending_of, status_of
from wagtail_llm_actions.engine.liveness import worker_name
from wagtail_llm_actions.engine.recall import leave_history, recalled, turn_to_provider
from wagtail_llm_actions.engine.receipts import settle_open_attempts, settle_run, settle_success
from wagtail_llm_actions.engine.switch import require_switched_on
from wagtail_llm_actions.exceptions import (
    InvalidOutputError,
    InvalidTransitionError,
    LLMActionsError,
    OutputError,
    ProviderError,
    ProviderRequestError,
    ProviderTimeoutError,
    RunCancelledError,
    RunInterruptedError,
    RunNotFoundError,
)
from wagtail_llm_actions.models import LLMActionHistory
from wagtail_llm_actions.outputs import clean, dump, readable, repair_prompt
from wagtail_llm_actions.values import AttemptKind, FieldSpec, RunEvent, RunStatus

logger = logging.getLogger(__name__)

DEADLINE_MARGIN = 30.0
"""How long after its timeout a run counts as interrupted, in seconds: time to write its end."""

TICK = 0.25
"""How often a wait lets the reader go away, in seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Earlier:
    """What the history has for a run: an answer with its value, or why there is none."""

    text: str = ""
    value: Any = None
    error: LLMActionsError | None = None


def execute(prepared: UUID | LLMActionHistory) -> Iterator[RunEvent]:
    """
    Execute a prepared run and yield what happens.

    :param prepared: the run's id; or the run that ``prepare`` gave, which then is not read again.
        Whether it still waits is the database's to say either way.

    The last event is ``"succeeded"`` or ``"failed"``. A foreseen failure is an event, not an
    exception; an unforeseen one is an event, and then raised to whoever reads on.

    :raises RunNotFoundError: if there is no such run.
    :raises InvalidTransitionError: if the run is not queued any more.
    """
    run = _claim(prepared)
    try:
        earlier = _look_back(run) if run.is_from_history else None
        yield RunEvent(type="started", run_id=run.pk)
        value = yield from _value(run, earlier)
        spec = FieldSpec.restore(run.field_spec)
        settle_success(run, dump(spec, value))
    except LLMActionsError as error:
        yield _failed(run, error)
    except GeneratorExit as error:
        settle_run(run, ending_of(error))
        raise
    except BaseException as error:
        logger.exception("Run failed unforeseen run=%s", run.pk)
        release_connections()  # the database may be what failed
        ending = ending_of(error)
        settle_open_attempts(run, ending)
        if isinstance(error, Exception):
            yield _failed(run, ending)
        else:
            settle_run(run, ending)
        raise
    else:
        text = readable(spec, value)
        yield RunEvent(type="succeeded", run_id=run.pk, text=text, status=run.status)
    finally:
        release_connections()


def _claim(prepared: UUID | LLMActionHistory) -> LLMActionHistory:
    run = prepared if isinstance(prepared, LLMActionHistory) else _find(prepared)
    seconds = settings.RUN_TIMEOUT + DEADLINE_MARGIN
    run.mark_running(worker=worker_name(), deadline_at=timezone.now() + timedelta(seconds=seconds))
    return run


def _find(run_id: UUID) -> LLMActionHistory:
    run = LLMActionHistory.objects.filter(pk=run_id).first()
    if run is None:
        raise RunNotFoundError(f"no run {run_id}")
    return run


def _look_back(run: LLMActionHistory) -> _Earlier:
    """
    Take the answer from the history where it is there still; else the provider is to be called.

    This is known before the run is said to have started, so that what is told of it then is true.
    """
    try:
        require_switched_on()
        CancelWatch(run).look()
        text = recalled(run)
        return _Earlier(text=text, value=make_value(run, text))
    except OutputError as unfit:
        logger.info("Earlier answer cannot be used run=%s code=%s", run.pk, unfit.code)
        try:
            turn_to_provider(run)
        except LLMActionsError as error:
            return _Earlier(error=error)
        return _Earlier(error=unfit)
    except LLMActionsError as error:
        leave_history(run)
        return _Earlier(error=error)


def _value(run: LLMActionHistory, earlier: _Earlier | None) -> Generator[RunEvent, None, Any]:
    """Give the answer of the history, if there is one; else call the provider."""
    if earlier is None:
        return (yield from _attempts(run))
    if earlier.error is None:
        yield RunEvent(type="delta", run_id=run.pk, text=earlier.text)
        return earlier.value
    if not isinstance(earlier.error, OutputError):
        raise earlier.error
    yield RunEvent(
        type="restarted",
        run_id=run.pk,
        text=gettext("The earlier answer cannot be used any more. The model is asked."),
        code=earlier.error.code,
    )
    return (yield from _attempts(run))


def _attempts(run: LLMActionHistory) -> Generator[RunEvent, None, Any]:
    """Call the provider until there is a value, as often as settings and time allow."""
    stop_at = time.monotonic() + settings.RUN_TIMEOUT
    watch = CancelWatch(run)
    call, unfit = Call(), None
    while True:
        require_switched_on()
        watch.look()
        try:
            return (yield from attempt(run, call, stop_at=stop_at, watch=watch))
        except (ProviderError, InvalidOutputError) as error:
            unfit = error if isinstance(error, InvalidOutputError) else unfit
            following = _following(run, call, error, stop_at)
            if following is None:
                if unfit is None or unfit is error:
                    raise
                # A person can mend the answer, whatever became of its repair.
                raise unfit from error
            call, delay = following
            logger.info("Run goes on run=%s after=%s with=%s", run.pk, error.code, call.kind.value)
            release_connections()
            message = str(error.user_message)
            yield RunEvent(type="restarted", run_id=run.pk, text=message, code=error.code)
        yield from _wait(run, delay, watch)


def _following(
    run: LLMActionHistory, call: Call, error: LLMActionsError, stop_at: float
) -> tuple[Call, float] | None:
    """Return the call to make after a failed one, and how long to wait before it, in seconds."""
    following = replace(call, number=call.number + 1, kind=AttemptKind.RETRY)
    if isinstance(error, InvalidOutputError):
        may_repair = settings.REPAIR_OUTPUTS and not call.repair_prompt
        return (_repair(run, following, error), 0.0) if may_repair else None
    if isinstance(error, ProviderRequestError) and call.constrained and is_constrained(run):
        # Not every server and model knows schemas; the prompt asks for the same shape.
        return replace(following, constrained=False), 0.0
    delay = _retry_delay(error, call.number, stop_at)
    return None if delay is None else (following, delay)


def _repair(run: LLMActionHistory, call: Call, error: InvalidOutputError) -> Call:
    spec = FieldSpec.restore(run.field_spec)
    return replace(
        call,
        kind=AttemptKind.REPAIR,
        earlier_answer=run.attempts.get(number=call.number - 1).raw_text,
        repair_prompt=repair_prompt(spec, error.reasons or (str(error.user_message),)),
    )


def _retry_delay(error: LLMActionsError, number: int, stop_at: float) -> float | None:
    """Return how long to wait before another attempt, in seconds; ``None`` for no other."""
    if not isinstance(error, ProviderError) or isinstance(error, ProviderTimeoutError):
        return None
    delay = settings.RETRY_DELAY if error.retry_after is None else error.retry_after
    too_late = time.monotonic() + delay >= stop_at
    if not error.retryable or number >= settings.MAX_ATTEMPTS or too_late:
        return None
    return delay if delay <= settings.MAX_RETRY_DELAY else None


def _wait(run: LLMActionHistory, seconds: float, watch: CancelWatch) -> Iterator[RunEvent]:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        time.sleep(min(left, TICK))
        watch.look_now_and_then()
        yield RunEvent(type="waiting", run_id=run.pk)


def _failed(run: LLMActionHistory, error: LLMActionsError) -> RunEvent:
    """Record the end of a run and tell it as it stands in the row."""
    if isinstance(error, InvalidTransitionError):
        error = _ended_elsewhere(run)
    else:
        settle_run(run, error)
    return RunEvent(
        type="failed",
        run_id=run.pk,
        status=status_of(error),
        code=error.code,
        text=str(error.user_message),
        retryable=error.retryable,
        answer=_unfit_answer(run) if run.is_unfit else "",
    )


def _unfit_answer(run: LLMActionHistory) -> str:
    unfit = run.attempts.filter(error_code=InvalidOutputError.code).order_by("number")
    return clean(unfit.values_list("raw_text", flat=True).last() or "")


def _ended_elsewhere(run: LLMActionHistory) -> LLMActionsError:
    run.refresh_from_db()
    if run.status == RunStatus.CANCELLED:
        return RunCancelledError("cancelled elsewhere")
    return RunInterruptedError("ended elsewhere")
