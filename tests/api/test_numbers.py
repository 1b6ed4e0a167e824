"""Numbers are read exactly as their JSON Schema says."""

from decimal import Decimal

import pytest
from pydantic import TypeAdapter, ValidationError

from wagtail_llm_actions.api.limit_schemas import Amount
from wagtail_llm_actions.api.row_schemas import Tokens

AMOUNT = TypeAdapter(Amount)
COUNT = TypeAdapter(Tokens)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("50", "50"),
        ("0.1", "0.1"),
        ("9999999999.9999", "9999999999.9999"),
        ('"50.25"', "50.25"),
        ("0.30000000000000004", "0.3"),
    ],
)
def test_amounts_are_numbers_or_texts(written, read):
    assert AMOUNT.validate_json(written) == Decimal(read)


@pytest.mark.parametrize(
    "written",
    ["-1", "10000000000", "0.00005", '"1e3"', '" 5"', '"+5"', '"٥"', '""', "true", "null"],
)
def test_what_no_schema_would_take_for_an_amount_is_refused(written):
    with pytest.raises(ValidationError):
        AMOUNT.validate_json(written)


def test_the_schema_of_an_amount_says_what_is_read():
    number, text = AMOUNT.json_schema()["anyOf"]
    assert number["exclusiveMaximum"] == 10**10
    assert text["pattern"] == r"^[0-9]{1,10}(\.[0-9]{1,4})?$"


def test_a_whole_number_may_be_written_with_a_point():
    assert COUNT.validate_json("200.0") == 200
    for written in ("200.5", "0", '"200"', "true"):
        with pytest.raises(ValidationError):
            COUNT.validate_json(written)
    assert COUNT.json_schema()["minimum"] == 1
