"""
Sets aside and settles for a run, without limits and with two: ``python -m benchmarks.counting``.

Prints the milliseconds and the queries of both as JSON.
"""

import json
import os
import sys
from decimal import Decimal

import django


def main() -> None:
    """Measure in the database of the environment."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    from django.db import transaction

    from benchmarks.figures import alternate, milliseconds
    from benchmarks.queries import count_queries
    from tests import factories
    from wagtail_llm_actions.engine.limits import claims_on, reserve, settle, with_amounts
    from wagtail_llm_actions.models import LLMAction, LLMLimit
    from wagtail_llm_actions.values import RunStatus, Usage

    run = factories.make_run(
        LLMAction.objects.get(),
        status=RunStatus.RUNNING,
        price={
            "input": {"base": "1", "tiers": []},
            "output": {"base": "2", "tiers": []},
            "source": "benchmark",
        },
        parameters={"max_output_tokens": 100},
    )
    used = Usage(input_tokens=100, output_tokens=50)

    def count() -> None:
        claims = with_amounts(run, claims_on(run, None))
        with transaction.atomic():
            assert reserve(run, claims)
        with transaction.atomic():
            settle(run.reservations, used, Decimal(0))

    def without() -> None:
        LLMLimit.objects.update(is_active=False)
        run.reservations = []

    def with_two() -> None:
        LLMLimit.objects.update(is_active=True)

    factories.make_limit("requests", 10**6)
    factories.make_limit("money", 10**6)

    def turn(prepare):
        def measure() -> float:
            prepare()
            return milliseconds(count)()

        return measure

    none, two = alternate(turn(without), turn(with_two), rounds=200)
    without()
    queries_none = count_queries(count)
    with_two()
    queries_two = count_queries(count)
    sys.stdout.write(
        json.dumps(
            {
                "none": {"milliseconds": none, "queries": queries_none},
                "two": {"milliseconds": two, "queries": queries_two},
            }
        )
    )


if __name__ == "__main__":
    main()
