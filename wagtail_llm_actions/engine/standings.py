"""How limits stand now, in numbers and in sentences."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import ROUND_UP, Decimal

from django.db.models import F
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext, ngettext

from wagtail_llm_actions.engine.limits import Claim, with_amounts, worst_calls
from wagtail_llm_actions.engine.periods import period_end, period_start
from wagtail_llm_actions.exceptions import LimitReachedError, LLMActionsError, PriceUnknownError
from wagtail_llm_actions.models import LLMActionHistory, LLMLimit, LLMLimitCounter
from wagtail_llm_actions.models.limits import from_units
from wagtail_llm_actions.pricing import Price
from wagtail_llm_actions.values import LimitMeasure

CENTS = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What one limit has counted in the period of now, for everybody or for one person."""

    limit: LLMLimit
    person: str = ""
    used: int = 0
    reserved: int = 0
    """In the units of :attr:`LLMLimit.ceiling`, as ``used``."""
    ends_at: datetime | None = None
    """When the period ends; ``None`` where there is none."""

    @property
    def left(self) -> int:
        """What may still be used; below 0 where a limit that only warns was passed."""
        return self.limit.ceiling - self.used - self.reserved

    @property
    def share(self) -> float:
        """How much of it is used or set aside, of 1; more where it was passed."""
        taken = self.used + self.reserved
        return taken / self.limit.ceiling if self.limit.ceiling else 1.0

    @property
    def sentence(self) -> str:
        """What is left, for who runs something."""
        message = gettext("%(name)s: %(left)s of %(amount)s left.")
        if self.ends_at is not None:
            message = gettext("%(name)s: %(left)s of %(amount)s left until %(time)s.")
        return message % {
            "name": self.limit.name,
            "left": in_words(self.limit.measure, max(self.left, 0)),
            "amount": in_words(self.limit.measure, self.limit.ceiling),
            "time": self.ends_at and moment(self.ends_at),
        }


def room_for(
    run: LLMActionHistory, claims: Sequence[Claim], *, sees_money: bool
) -> tuple[tuple[str, ...], LLMActionsError | None]:
    """
    Return what is left of the limits of a run, as sentences, and why it would be refused.

    :param sees_money: whether it is for somebody who may see budgets.
    """
    try:
        claims = with_amounts(run, claims)
    except PriceUnknownError as error:
        return (), error
    standings = standings_of(claims)
    shown = [
        standing.sentence
        for standing in standings
        if sees_money or standing.limit.measure != LimitMeasure.MONEY
    ]
    return tuple(shown), _refusal(claims, standings)


def refusal(claims: Sequence[Claim]) -> LimitReachedError | None:
    """Return why there is no room for a run; ``None`` if there is meanwhile."""
    return _refusal(claims, standings_of(claims))


def standings_of(claims: Sequence[Claim]) -> list[Standing]:
    """Return how the limits stand that a run would count for."""
    counters = LLMLimitCounter.objects.filter(
        limit__in={claim.limit.pk for claim in claims},
        period_start__in={claim.period_start for claim in claims},
        person__in={claim.person for claim in claims},
    )
    by_key = {(one.limit_id, one.person, one.period_start): one for one in counters}
    return [_standing(claim, by_key.get(claim.key)) for claim in claims]


def _refusal(claims: Sequence[Claim], standings: Sequence[Standing]) -> LimitReachedError | None:
    for claim, standing in zip(claims, standings, strict=True):
        if claim.limit.stops and claim.amount > standing.left:
            return _refused(claim, standing)
    return None


def _standing(claim: Claim, counter: LLMLimitCounter | None) -> Standing:
    return Standing(
        limit=claim.limit,
        person=claim.person,
        used=counter.used if counter else 0,
        reserved=counter.reserved if counter else 0,
        ends_at=period_end(claim.limit.period, claim.period_start),
    )


def _refused(claim: Claim, standing: Standing) -> LimitReachedError:
    limit, ends_at = claim.limit, standing.ends_at
    sentences = [_what_is_reached(claim, standing), gettext("Nothing was sent.")]
    if claim.amount > limit.ceiling:
        ends_at = None
        sentences.append(gettext("One run alone may need more than that: ask an administrator."))
    elif standing.reserved and claim.amount <= limit.ceiling - standing.used:
        ends_at = None
        sentences.append(gettext("Try again when other runs have ended."))
    elif ends_at is not None:
        sentences.append(gettext("Try again after %(time)s.") % {"time": moment(ends_at)})
    wait = None if ends_at is None else max((ends_at - timezone.now()).total_seconds(), 0)
    counts = (
        f": {standing.used} used, {standing.reserved} reserved, "
        f"{claim.amount} wanted of {limit.ceiling}"
    )
    return LimitReachedError(
        f"limit {limit.pk}{'' if limit.measure == LimitMeasure.MONEY else counts}",
        retry_after=wait,
        user_message=" ".join(sentences),
    )


def _what_is_reached(claim: Claim, standing: Standing) -> str:
    """Return which limit has no room, without money: who reads it may not be allowed to see that."""
    values = {
        "name": claim.limit.name,
        "amount": in_words(claim.limit.measure, claim.limit.ceiling),
        "left": in_words(claim.limit.measure, max(standing.left, 0)),
        "needed": in_words(claim.limit.measure, claim.amount),
    }
    if claim.limit.measure == LimitMeasure.MONEY:
        return gettext("The budget “%(name)s” has no room left for this run.") % values
    if claim.limit.measure == LimitMeasure.TOKENS:
        message = gettext(
            "The limit “%(name)s” of %(amount)s has %(left)s left, and this run may need %(needed)s."
        )
        return message % values
    return gettext("The limit “%(name)s” of %(amount)s is reached.") % values


def in_words(measure: str, units: int) -> str:
    """Return an amount with what it is: “3 runs”, “$0.12”."""
    if measure == LimitMeasure.MONEY:
        return money(from_units(measure, units))
    if measure == LimitMeasure.TOKENS:
        message = ngettext("%(count)s token", "%(count)s tokens", units)
    elif measure == LimitMeasure.CONCURRENT:
        message = ngettext(
            "%(count)s run at the same time", "%(count)s runs at the same time", units
        )
    else:
        message = ngettext("%(count)s run", "%(count)s runs", units)
    return message % {"count": number_format(units, force_grouping=True)}


def price_sentence(run: LLMActionHistory) -> str:
    """Return what a run costs at the most, with every attempt that it may make, as a sentence."""
    price = Price.restore(run.price)
    if price is None:
        return gettext("The price is not known.")
    if price.is_free:
        return gettext("It costs nothing.")
    most = sum((price.cost(call) or Decimal(0) for call in worst_calls(run)), Decimal(0))
    if run.parameters.get("max_output_tokens"):
        return gettext("It costs up to %(amount)s.") % {"amount": money(most)}
    return gettext("It likely costs less than %(amount)s.") % {"amount": money(most)}


def money(amount: Decimal) -> str:
    """Return US dollars for people: with cents, with more digits where it is less than one."""
    if amount == 0 or amount >= CENTS:
        text = number_format(amount.quantize(CENTS, rounding=ROUND_UP), 2, force_grouping=True)
    else:
        digits = -amount.adjusted() + 1
        text = number_format(round(amount, digits), digits)
    # Translators: An amount of US dollars: “$0.12”.
    return gettext("$%(amount)s") % {"amount": text}


def moment(value: datetime) -> str:
    """Return a moment for people: “15:30”, with the date where it is not within a day."""
    local = timezone.localtime(value)
    time = date_format(local, "H:i")
    if abs(value - timezone.now()) <= timedelta(days=1):
        return time
    return f"{date_format(local, 'SHORT_DATE_FORMAT')} {time}"


def all_standings(limits: Iterable[LLMLimit]) -> dict[int, Standing]:
    """
    Return how limits stand in the period of now, by their keys.

    Of a limit for each person, that of who has used most.
    """
    now, limits = timezone.now(), list(limits)
    starts = {limit.pk: period_start(limit.period, now) for limit in limits}
    result = {
        limit.pk: Standing(limit=limit, ends_at=period_end(limit.period, now)) for limit in limits
    }
    counters = LLMLimitCounter.objects.filter(limit__in=starts, period_start__in=starts.values())
    for counter in counters.order_by(F("used") + F("reserved")):
        if counter.period_start == starts[counter.limit_id]:
            result[counter.limit_id] = replace(
                result[counter.limit_id],
                person=counter.person,
                used=counter.used,
                reserved=counter.reserved,
            )
    return result
