"""
Keeps limits and budgets, whatever runs at the same time.

Before a run is queued, the worst that it can use is set aside, in the transaction that saves its
row; in the transaction that ends it, what it really used is counted instead. One conditional
``UPDATE`` decides for all processes whether there is room.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import Group
from django.db import connections
from django.db.models import BigIntegerField, F, Q, QuerySet, Value
from django.db.models.expressions import RawSQL
from django.utils import timezone
from django.utils.translation import gettext

from wagtail_llm_actions.conf import settings
from wagtail_llm_actions.engine.connections import release_connections
from wagtail_llm_actions.engine.periods import period_start
from wagtail_llm_actions.engine.pictures import picture_count, picture_tokens
from wagtail_llm_actions.exceptions import PriceUnknownError
from wagtail_llm_actions.models import LLMActionHistory, LLMLimit, LLMLimitCounter
from wagtail_llm_actions.models.limits import to_units
from wagtail_llm_actions.outputs import json_schema
from wagtail_llm_actions.pricing import Price
from wagtail_llm_actions.providers import providers
from wagtail_llm_actions.values import (
    FieldSpec,
    LimitMeasure,
    Usage,
    estimate_tokens,
)

ANSWER_SHARE = 4
"""An answer without a limit gets a quarter of a small window at most."""
FRAME = 100
"""Tokens that a service may put around the messages of one call."""
REPAIR = 2000
"""Tokens that a model is told at most about an answer that does not fit."""


CounterKey = tuple[int, str, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a run wants of one limit."""

    limit: LLMLimit
    person: str
    """Whose runs are counted; blank for those of all."""
    period_start: datetime
    counter_id: int | None = None
    """Where it is counted; ``None`` before the first run of the period."""
    amount: int = 0
    """In the units of :attr:`LLMLimit.ceiling`; 0 until it is known."""

    @property
    def key(self) -> CounterKey:
        """What its counter is known by."""
        return self.limit.pk, self.person, self.period_start


def claims_on(run: LLMActionHistory, site_id: int | None) -> list[Claim]:
    """Return the limits that count for a run on a site; nothing is wanted of them yet."""
    limits = _limits_for(run, site_id)
    if not limits:
        return []
    now, who = timezone.now(), person_of(run)
    claims = [
        Claim(
            limit=limit,
            person=who if limit.per_person else "",
            period_start=period_start(limit.period, now),
        )
        for limit in limits
    ]
    known = counters_of(claims)
    return [
        replace(claim, counter_id=pk) if (pk := known.get(claim.key)) else claim for claim in claims
    ]


def _limits_for(run: LLMActionHistory, site_id: int | None) -> list[LLMLimit]:
    """
    Return the limits that count for a run.

    There are few, and this is asked before every run: comparing takes less than a long query.
    """
    wanted = {
        "user_id": run.user_id,
        "action_id": run.action_id,
        "provider": run.provider,
        "site_id": site_id,
    }
    limits = [
        limit
        for limit in LLMLimit.objects.filter(is_active=True).order_by("pk")
        if all(getattr(limit, name) in (None, "", value) for name, value in wanted.items())
    ]
    if not any(limit.group_id for limit in limits):
        return limits
    own = set(Group.objects.filter(user=run.user_id).values_list("pk", flat=True))
    return [limit for limit in limits if limit.group_id is None or limit.group_id in own]


def counters_of(claims: Sequence[Claim]) -> dict[CounterKey, int]:
    """Return the keys of the counters that claims are counted in, as far as there are any."""
    counters = LLMLimitCounter.objects.filter(
        limit__in=[claim.limit for claim in claims],
        person__in={claim.person for claim in claims},
        period_start__in={claim.period_start for claim in claims},
    )
    keys = counters.values_list("limit", "person", "period_start", "pk")
    return {(limit, person, start): pk for limit, person, start, pk in keys}


def person_of(run: LLMActionHistory) -> str:
    """Return by what a person is counted."""
    return str(run.user_id or run.username)


def bound_output(run: LLMActionHistory, claims: Iterable[Claim]) -> None:
    """Give an answer that nobody has limited an end, where a budget could not be kept without one."""
    needs_end = any(
        claim.limit.stops and claim.limit.measure in {LimitMeasure.TOKENS, LimitMeasure.MONEY}
        for claim in claims
    )
    if not needs_end or run.parameters["max_output_tokens"]:
        return
    release_connections()  # the provider may be asked now
    window = providers[run.provider].context_length(
        run.model_name, run.parameters["extra_parameters"]
    )
    end = settings.BUDGETED_OUTPUT_TOKENS
    run.parameters["max_output_tokens"] = min(end, window // ANSWER_SHARE) if window else end


def with_amounts(run: LLMActionHistory, claims: Sequence[Claim]) -> list[Claim]:
    """
    Return what a run wants of its limits: the worst that it can use.

    :raises PriceUnknownError: if a budget that refuses runs cannot be kept.
    """
    if not claims:
        return []
    calls = worst_calls(run)
    return [replace(claim, amount=_worst(run, claim.limit, calls)) for claim in claims]


def worst_calls(run: LLMActionHistory) -> list[Usage]:
    """Return the usage of every call that a run may make, at the most."""
    given, written = input_tokens(run), output_tokens(run)
    first = Usage(input_tokens=given, output_tokens=written)
    if not settings.REPAIR_OUTPUTS:
        return [first] * settings.MAX_ATTEMPTS
    # Each attempt after the first may send the answer to be repaired, too.
    repair = Usage(input_tokens=given + written + REPAIR, output_tokens=written)
    return [first] + [repair] * settings.MAX_ATTEMPTS


def input_tokens(run: LLMActionHistory) -> int:
    """Return how many tokens one call sends at the most."""
    texts = [run.system_prompt, run.prompt, run.revised_text, run.revision_prompt]
    schema = json_schema(FieldSpec.restore(run.field_spec))
    if schema is not None:
        texts.append(json.dumps(schema))
    seen = picture_tokens(run) if picture_count(run) else 0
    return estimate_tokens("".join(texts)) + seen + FRAME


def output_tokens(run: LLMActionHistory) -> int:
    """Return how many tokens one answer has at the most, or likely has where it has no limit."""
    return run.parameters.get("max_output_tokens") or settings.BUDGETED_OUTPUT_TOKENS


def _worst(run: LLMActionHistory, limit: LLMLimit, calls: Iterable[Usage]) -> int:
    if limit.measure == LimitMeasure.TOKENS:
        return sum((call.input_tokens or 0) + (call.output_tokens or 0) for call in calls)
    if limit.measure == LimitMeasure.MONEY:
        return to_units(LimitMeasure.MONEY, _worst_cost(run, limit, calls))
    return 1


def _worst_cost(run: LLMActionHistory, limit: LLMLimit, calls: Iterable[Usage]) -> Decimal:
    price = Price.restore(run.price)
    if price is not None:
        return sum((price.cost(call) or Decimal(0) for call in calls), Decimal(0))
    if limit.stops and not limit.allows_unknown_price:
        raise _price_unknown(run, limit)
    return Decimal(0)


def _price_unknown(run: LLMActionHistory, limit: LLMLimit) -> PriceUnknownError:
    message = gettext(
        "Nobody knows what “%(model)s” costs, so the budget “%(limit)s” could not be kept. Nothing "
        "was sent. An administrator can enter the price in the LLM configuration “%(config)s”, or "
        "let the budget allow unknown prices."
    )
    values = {"model": run.model_name, "limit": limit.name, "config": run.llm_config_name}
    return PriceUnknownError(
        f"no price for {run.model_name!r} of {run.provider!r}, limit {limit.pk}",
        user_message=message % values,
    )


def reserve(run: LLMActionHistory, claims: Sequence[Claim]) -> bool:
    """
    Set aside what a run wants, if there is room for all of it; in the transaction that saves the row.

    If not, the transaction is to be rolled back.
    """
    if not claims:
        return True
    ids = _counter_ids(claims)
    amounts = dict(zip(ids, (claim.amount for claim in claims), strict=True))
    room = Q()
    for pk, claim in zip(ids, claims, strict=True):
        room |= Q(pk=pk) & _has_room(claim)
    updated = _in_order(ids).filter(room).update(reserved=F("reserved") + _by_counter(amounts))
    run.reservations = [
        {"counter": pk, "measure": claim.limit.measure, "amount": claim.amount}
        for pk, claim in zip(ids, claims, strict=True)
    ]
    return updated == len(claims)


def claim_nothing(run: LLMActionHistory, claims: Sequence[Claim]) -> None:
    """Remember the limits of a run that sends nothing, in case it has to send something after all."""
    run.reservations = [
        {"counter": pk, "measure": claim.limit.measure, "amount": 0}
        for pk, claim in zip(_counter_ids(claims), claims, strict=True)
    ]


def claims_of(reservations: Sequence[dict[str, Any]]) -> list[Claim]:
    """Return the limits that :func:`claim_nothing` remembers, as far as they are still there."""
    ids = [reservation["counter"] for reservation in reservations]
    counters = LLMLimitCounter.objects.filter(pk__in=ids).select_related("limit").order_by("pk")
    return [
        Claim(
            limit=counter.limit,
            person=counter.person,
            period_start=counter.period_start,
            counter_id=counter.pk,
        )
        for counter in counters
    ]


def settle(reservations: Sequence[dict[str, Any]], used: Usage, cost: Decimal | None) -> None:
    """
    Count what a run has used, instead of what was set aside; in the transaction that ends it.

    :param used: its tokens; ``None`` for both if it has sent nothing, and so counts as no run.
    :param cost: in US dollars, as far as it is known.
    """
    if not reservations:
        return
    ids = [reservation["counter"] for reservation in reservations]
    back = {reservation["counter"]: reservation["amount"] for reservation in reservations}
    spent = {
        reservation["counter"]: _spent(reservation["measure"], used, cost)
        for reservation in reservations
    }
    _in_order(ids).update(
        reserved=F("reserved") - _by_counter(back), used=F("used") + _by_counter(spent)
    )


def _spent(measure: str, used: Usage, cost: Decimal | None) -> int:
    given, written = used.input_tokens, used.output_tokens
    if measure == LimitMeasure.REQUESTS:
        return int(given is not None or written is not None)
    if measure == LimitMeasure.TOKENS:
        return (given or 0) + (written or 0)
    return to_units(measure, cost or Decimal(0)) if measure == LimitMeasure.MONEY else 0


def _has_room(claim: Claim) -> Q:
    if not claim.limit.stops:
        return Q()
    return Q(used__lte=Value(claim.limit.ceiling - claim.amount) - F("reserved"))


def _counter_ids(claims: Sequence[Claim]) -> list[int]:
    """Return the counters of the claims; the first run of a period makes them."""
    known = [claim.counter_id for claim in claims if claim.counter_id is not None]
    if len(known) == len(claims):
        return known
    LLMLimitCounter.objects.bulk_create(
        (
            LLMLimitCounter(limit=claim.limit, person=claim.person, period_start=claim.period_start)
            for claim in claims
            if claim.counter_id is None
        ),
        ignore_conflicts=True,
    )
    by_key = counters_of(claims)
    return [by_key[claim.key] for claim in claims]


def _by_counter(amounts: dict[int, int]) -> RawSQL:
    """Return the amount of each counter; written out, because Django takes a while to make it."""
    whens = " ".join(["WHEN %s THEN %s"] * len(amounts))
    return RawSQL(  # noqa: S611 - what stands in it are placeholders
        f"CASE id {whens} ELSE 0 END",
        [number for pair in amounts.items() for number in pair],
        output_field=BigIntegerField(),
    )


def _in_order(ids: Sequence[int]) -> QuerySet:
    """
    Return counters to be updated.

    Databases lock rows in whatever order they find them, so that two runs could wait for each other
    for ever. MySQL updates them in the order of their keys if it is told to; on PostgreSQL they are
    locked in that order first.
    """
    counters = LLMLimitCounter.objects.filter(pk__in=ids).order_by("pk")
    if connections[counters.db].vendor != "postgresql":
        return counters
    locked = counters.select_for_update()[: len(ids)]
    return LLMLimitCounter.objects.filter(pk__in=locked.values("pk"))
