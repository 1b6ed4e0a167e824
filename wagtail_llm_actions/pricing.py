"""
What tokens cost, in US dollars.

Prices come from `genai-prices <https://github.com/pydantic/genai-prices>`_, which is brought along
with its list and asks nobody. A price that is not known is ``None``, never 0.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_UP, Decimal
from typing import Any

from wagtail_llm_actions.values import Usage

PER = 1_000_000
"""Prices are for as many tokens."""
SMALLEST = Decimal("0.000000001")
"""US dollars: amounts are rounded up to it, and counted in it."""


@dataclass(frozen=True, slots=True)
class Rate:
    """US dollars per million tokens, which may depend on how long the prompt is."""

    base: Decimal
    tiers: tuple[tuple[int, Decimal], ...] = ()
    """From more input tokens than these on, all tokens cost as much; ascending."""

    def at(self, input_tokens: int) -> Decimal:
        """Return the rate for a prompt of so many tokens."""
        reached = [rate for start, rate in self.tiers if input_tokens > start]
        return reached[-1] if reached else self.base


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What a model charges."""

    input: Rate
    output: Rate
    cached_input: Rate | None = None
    """For input that the service had read before; ``None`` if that costs as much as any."""
    source: str
    """Who says so: a price list with its version, the configuration, the settings."""

    def cost(self, usage: Usage) -> Decimal | None:
        """Return the US dollars that a call cost, rounded up; ``None`` if its usage is not known."""
        given, written = usage.input_tokens, usage.output_tokens
        if given is None or written is None:
            return None
        cached = min(usage.cached_input_tokens or 0, given) if self.cached_input else 0
        total = (given - cached) * self.input.at(given) + written * self.output.at(given)
        if self.cached_input:
            total += cached * self.cached_input.at(given)
        return (total / PER).quantize(SMALLEST, rounding=ROUND_UP)

    @property
    def is_free(self) -> bool:
        """Whether nothing costs anything."""
        rates = filter(None, (self.input, self.output, self.cached_input))
        return not any(rate.base or rate.tiers for rate in rates)

    def dump(self) -> dict[str, Any]:
        """Return the price as JSON can hold it, so that a row can keep it."""
        rates = {"input": self.input, "output": self.output, "cached_input": self.cached_input}
        written = {name: _dump_rate(rate) for name, rate in rates.items() if rate is not None}
        return {**written, "source": self.source}

    @classmethod
    def restore(cls, row: Mapping[str, Any]) -> "Price | None":
        """Return the price that a row keeps; ``None`` if it keeps none."""
        if not row:
            return None
        rates = {name: _restore_rate(row[name]) for name in row if name != "source"}
        return cls(source=row["source"], **rates)


def fixed_price(
    input: Decimal,  # noqa: A002 - the name of the rate
    output: Decimal,
    cached_input: Decimal | None = None,
    *,
    source: str,
) -> Price:
    """Return a price that is the same for prompts of every length, in US dollars per million tokens."""
    cached = None if cached_input is None else Rate(cached_input)
    return Price(input=Rate(input), output=Rate(output), cached_input=cached, source=source)


def listed_price(model_name: str, service_url: str) -> Price | None:
    """
    Return what a service charges for a model according to the list; ``None`` if it is not in there.

    :param service_url: the address of the service's API.
    """
    import genai_prices  # takes most of a second to import, and few processes need it

    try:
        found = genai_prices.calc_price(
            genai_prices.Usage(input_tokens=1, output_tokens=1),
            model_name,
            provider_api_url=service_url,
        )
    except LookupError:
        return None
    rates = found.model_price
    by_tokens = rates.input_mtok is not None and rates.output_mtok is not None
    if not by_tokens or rates.requests_kcount is not None:
        return None  # charged by something else than tokens, or by that too
    return Price(
        input=_listed_rate(rates.input_mtok),
        output=_listed_rate(rates.output_mtok),
        cached_input=_listed_rate(rates.cache_read_mtok) if rates.cache_read_mtok else None,
        source=f"genai-prices {genai_prices.__version__}: {found.provider.id}/{found.model.id}",
    )


def _listed_rate(rate: Any) -> Rate:
    if isinstance(rate, Decimal):
        return Rate(rate)
    return Rate(rate.base, tuple((tier.start, tier.price) for tier in rate.tiers))


def _dump_rate(rate: Rate) -> dict[str, Any]:
    return {"base": str(rate.base), "tiers": [[start, str(price)] for start, price in rate.tiers]}


def _restore_rate(row: Mapping[str, Any]) -> Rate:
    tiers = tuple((start, Decimal(price)) for start, price in row["tiers"])
    return Rate(Decimal(row["base"]), tiers)
