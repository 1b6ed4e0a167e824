"""What tokens cost: from the list, by hand, with what was read before, by the length of the prompt."""

import socket
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wagtail_llm_actions.pricing import SMALLEST, Price, Rate, fixed_price, listed_price
from wagtail_llm_actions.values import Usage

OPENAI = "https://api.openai.com/v1"


def used(given=1_000_000, written=0, **more):
    return Usage(input_tokens=given, output_tokens=written, **more)


def test_the_list_knows_the_models_of_a_service():
    price = listed_price("gpt-4o-mini", OPENAI)
    assert price.cost(used()) == Decimal("0.15")
    assert price.cost(used(0, 1_000_000)) == Decimal("0.60")
    assert price.cost(used(cached_input_tokens=1_000_000)) == Decimal("0.075")
    assert price.source.startswith("genai-prices ")
    assert price.source.endswith(": openai/gpt-4o-mini")


@pytest.mark.parametrize(
    ("model_name", "url"),
    [
        ("no-such-model", OPENAI),
        ("gpt-4o-mini", "https://llm.example.com/v1"),
        ("", ""),
        ("sonar-pro", "https://api.perplexity.ai"),  # which charges for each request, too
    ],
)
def test_what_is_not_in_the_list_is_not_known(model_name, url):
    assert listed_price(model_name, url) is None


def test_the_list_asks_nobody(monkeypatch):
    def refuse(*args):
        raise AssertionError("somebody was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert listed_price("gpt-4o", OPENAI)


def test_a_long_prompt_is_charged_by_its_tier_as_a_whole():
    rate = Rate(Decimal(1), ((100, Decimal(2)), (200, Decimal(3))))
    price = Price(input=rate, output=Rate(Decimal(0)), source="test")
    assert [rate.at(tokens) for tokens in (0, 100, 101, 200, 201)] == [1, 1, 2, 2, 3]
    assert price.cost(used(201)) == Decimal("0.000603")


def test_without_a_price_of_its_own_what_was_read_before_costs_as_much_as_any():
    price = fixed_price(Decimal(1), Decimal(1), source="test")
    assert price.cost(used(cached_input_tokens=500_000)) == 1


def test_usage_that_nobody_told_costs_what_nobody_knows():
    price = fixed_price(Decimal(1), Decimal(1), source="test")
    assert price.cost(Usage(input_tokens=5)) is None
    assert price.cost(Usage()) is None


def test_a_service_that_counts_more_cached_tokens_than_tokens_makes_nothing_negative():
    price = fixed_price(Decimal(1), Decimal(1), Decimal("0.1"), source="test")
    assert price.cost(used(10, 0, cached_input_tokens=50)) == Decimal("0.000001")


amounts = st.decimals(min_value=0, max_value=10_000, places=6)


@given(amounts, amounts, st.none() | amounts, st.integers(0, 10**7), st.integers(0, 10**6))
def test_a_price_is_the_same_after_it_was_kept_on_a_row(given_, written, cached, tokens, answer):
    price = fixed_price(given_, written, cached, source="test")
    kept = Price.restore(price.dump())
    usage = used(tokens, answer, cached_input_tokens=tokens // 3)
    assert kept == price
    assert kept.cost(usage) == price.cost(usage)


@given(amounts, st.integers(0, 10**7))
def test_amounts_are_rounded_up_to_what_is_counted(rate, tokens):
    cost = fixed_price(rate, rate, source="test").cost(used(tokens))
    exact = rate * tokens / 1_000_000
    assert exact <= cost < exact + SMALLEST
    assert cost % SMALLEST == 0


def test_a_row_without_a_price_has_none():
    assert Price.restore({}) is None


def test_only_what_costs_nothing_at_any_length_is_free():
    free = Rate(Decimal(0))
    later = Rate(Decimal(0), ((100, Decimal(1)),))
    assert Price(input=free, output=free, source="test").is_free
    assert not Price(input=later, output=free, source="test").is_free
