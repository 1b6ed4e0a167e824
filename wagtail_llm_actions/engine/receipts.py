"""
Writes what happened: the ends of attempts and runs, with what they cost.

Where a provider reports no usage, because the stream was cut or cancelled, the amount is an
estimate on the safe side, and flagged as one.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from wagtail_llm_actions.engine.endings import status_of
from wagtail_llm_actions.engine.limits import output_tokens, settle
from wagtail_llm_actions.engine.pictures import picture_tokens
from wagtail_llm_actions.exceptions import (
    InvalidTransitionError,
    LLMActionsError,
    ProviderError,
)
from wagtail_llm_actions.models import LLMActionAttempt, LLMActionHistory
from wagtail_llm_actions.pricing import Price, fixed_price
from wagtail_llm_actions.signals import run_finished
from wagtail_llm_actions.values import AttemptStatus, Usage, estimate_tokens

logger = logging.getLogger(__name__)

COUNTS = ("input_tokens", "output_tokens", "cached_input_tokens", "reasoning_tokens")
ESTIMATED = {"input_tokens", "output_tokens"}
"""The counts that are estimated where a provider is silent."""
FROM_HISTORY = fixed_price(Decimal(0), Decimal(0), source="history")
"""What an answer costs that was paid for before."""
NOTHING = {"input_tokens": 0, "output_tokens": 0, "cost": Decimal(0), "price": FROM_HISTORY.dump()}
"""What a run used that was answered from the history."""
MAX_TOKENS = 2**31 - 1
"""What the columns take; a service that counts more, or less than none, has miscounted."""


def settle_attempt(
    attempt: LLMActionAttempt,
    error: LLMActionsError | None,
    *,
    usage: Usage | None = None,
    prompt_sent: bool = False,
    is_lost: bool = False,
    **values: Any,
) -> None:
    """
    Record how a provider call ended.

    :param error: what ended it; ``None`` if it succeeded.
    :param usage: what the provider reported, where it did.
    :param prompt_sent: whether the provider may have worked on the prompt, so that missing usage
        is estimated instead of left open.
    :param is_lost: whether nobody knows how far the answer came: it counts as the longest it could be.
    """
    status = AttemptStatus.SUCCEEDED
    if error is not None:
        status = AttemptStatus(status_of(error).value)
        values |= {"error_code": error.code, "error_detail": str(error)}
        if isinstance(error, ProviderError):
            values["http_status"] = error.status
    values |= _usage(attempt, usage or Usage(), values.get("raw_text", ""), prompt_sent, is_lost)
    values["cost"] = _cost(attempt, values)
    try:
        attempt.mark_ended(status, **values)
    except InvalidTransitionError:
        logger.warning("Attempt ended elsewhere attempt=%s", attempt.pk)


def record_refusal(run: LLMActionHistory, error: LLMActionsError) -> None:
    """Write the row of a run that ended before anything was sent, and name it in ``error``."""
    run.status = status_of(error)
    run.error_code = error.code
    run.error_message = str(error.user_message)
    run.error_detail = str(error)
    run.finished_at = timezone.now()
    run.deadline_at = None
    run.cost = Decimal(0)
    with transaction.atomic(durable=True):
        run.save(force_insert=True)
    error.run_id = run.pk
    announce(run)


def settle_open_attempts(run: LLMActionHistory, error: LLMActionsError) -> None:
    """Record the end of the provider calls of a run whose own ends could not be recorded."""
    for attempt in run.attempts.filter(status=AttemptStatus.RUNNING):
        settle_attempt(attempt, error, prompt_sent=True, is_lost=True)


def settle_run(run: LLMActionHistory, error: LLMActionsError) -> bool:
    """
    Record that a run ended without an output.

    Return whether it stood as ``run`` says; if not, somebody else begins or ends it.
    """
    status = status_of(error)
    try:
        with _settled(run) as sums:
            run.mark_ended(status, error, **sums)
    except InvalidTransitionError:
        logger.warning("Run ended elsewhere run=%s", run.pk)
        return False
    logger.warning("Run ended run=%s status=%s code=%s", run.pk, status.value, error.code)
    announce(run)
    return True


def settle_success(run: LLMActionHistory, output: str) -> None:
    """
    Record the output of a run.

    :raises InvalidTransitionError: if the run was ended elsewhere meanwhile.
    """
    with _settled(run) as sums:
        run.mark_succeeded(output, **(sums | (NOTHING if run.is_from_history else {})))
    logger.info("Run succeeded run=%s", run.pk)
    announce(run)


@contextmanager
def _settled(run: LLMActionHistory) -> Iterator[dict[str, Any]]:
    """
    Give what all attempts cost together to who ends the run, and count it for its limits.

    Only who really ends the run does so: another one has raised an error by then.
    """
    sums, before = totals(run), (run.status, run.reservations)
    used = Usage(input_tokens=sums["input_tokens"], output_tokens=sums["output_tokens"])
    try:
        with transaction.atomic():
            yield {**sums, "reservations": []}
            settle(before[1], used, _known_cost(run, sums["cost"]))
    except BaseException:
        run.status, run.reservations = before  # as the database has it
        raise


def _known_cost(run: LLMActionHistory, total: Decimal | None) -> Decimal | None:
    """Return what a run cost as far as it is known: a budget counts that at least."""
    if total is not None:
        return total
    return LLMActionAttempt.objects.filter(run=run.pk).aggregate(sum=Sum("cost"))["sum"]


def announce(run: LLMActionHistory) -> None:
    """Tell other apps that a run has ended; their exceptions are logged."""
    run_finished.send_robust(sender=type(run), run=run)


def totals(run: LLMActionHistory) -> dict[str, Any]:
    """Return what all attempts of a run cost together, and when the last one's text began."""
    columns = ("input_tokens", "output_tokens", "usage_estimated", "cost", "first_token_at")
    rows = LLMActionAttempt.objects.filter(run=run.pk).order_by("number").values(*columns)
    attempts = list(rows)
    return {
        "input_tokens": _sum(attempt["input_tokens"] for attempt in attempts),
        "output_tokens": _sum(attempt["output_tokens"] for attempt in attempts),
        "usage_estimated": any(attempt["usage_estimated"] for attempt in attempts),
        "cost": _total_cost([attempt["cost"] for attempt in attempts]),
        "first_token_at": attempts[-1]["first_token_at"] if attempts else None,
    }


def _sent_text(attempt: LLMActionAttempt) -> str:
    """Return all that a model was sent in one call, pictures aside."""
    run = attempt.run
    texts = [run.system_prompt, run.prompt, run.revised_text, run.revision_prompt]
    if attempt.repair_prompt:
        before = run.attempts.filter(number=attempt.number - 1).values_list("raw_text", flat=True)
        texts += [*before, attempt.repair_prompt]
    return "".join(texts)


def _sum(counts: Iterable[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return min(sum(known), MAX_TOKENS) if known else None


def _total_cost(costs: Sequence[Decimal | None]) -> Decimal | None:
    """Return the sum; not known if one of them is not."""
    known = [cost for cost in costs if cost is not None]
    return sum(known, Decimal(0)) if len(known) == len(costs) else None


def _cost(attempt: LLMActionAttempt, values: dict[str, Any]) -> Decimal | None:
    """Return what a call cost; nothing if nothing has reached the model."""
    counts = {name: values.get(name) for name in COUNTS}
    if all(count is None for count in counts.values()):
        return Decimal(0)
    price = Price.restore(attempt.price)
    return price.cost(Usage(**counts)) if price else None


def _usage(
    attempt: LLMActionAttempt, usage: Usage, raw: str, sent: bool, lost: bool
) -> dict[str, Any]:
    known = {
        name: count
        for name, count in asdict(usage).items()
        if count is not None and 0 <= count <= MAX_TOKENS
    }
    if known.keys() >= ESTIMATED or not (sent or raw):
        return known
    run = attempt.run
    # A model that reasons is paid before it has written anything that comes through.
    hidden = bool(run.reservations) and not raw
    estimate = {
        "input_tokens": estimate_tokens(_sent_text(attempt)) + picture_tokens(run),
        "output_tokens": output_tokens(run) if lost or hidden else estimate_tokens(raw),
    }
    return estimate | known | {"usage_estimated": True}
