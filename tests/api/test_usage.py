"""What runs have used, summed up, over the API for other programs."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from tests import factories
from tests.api.tokens import TokenClient
from wagtail_llm_actions.models import LLMActionHistory
from wagtail_llm_actions.values import Decision, RunStatus

pytestmark = pytest.mark.django_db


@pytest.fixture
def runs(admin):
    """Three runs on two days: an accepted one, a failed one, one whose cost nobody knows."""
    made = [
        factories.make_run(user=admin, cost=Decimal("0.1"), decision=Decision.ACCEPTED),
        factories.make_run(user=admin, cost=Decimal("0.2"), status=RunStatus.FAILED),
        factories.make_run(user=admin, cost=None, model_name="house-model"),
    ]
    days = (datetime(2026, 3, day, 12, tzinfo=UTC) for day in (1, 1, 2))
    for run, day in zip(made, days, strict=True):
        LLMActionHistory.objects.filter(pk=run.pk).update(created_at=day)
    return made


def test_by_day(boss, runs):
    first, second = boss.send("GET", "/usage").json()
    assert first == {
        "group": "2026-03-01",
        "runs": 2,
        "succeeded": 1,
        "failed": 1,
        "refused": 0,
        "accepted": 1,
        "input_tokens": 20,
        "output_tokens": 10,
        "cost": "0.300000000",
        "unknown_costs": 0,
    }
    assert (second["group"], second["runs"], second["unknown_costs"]) == ("2026-03-02", 1, 1)
    assert Decimal(second["cost"]) == 0


@pytest.mark.parametrize(
    ("by", "groups"),
    [
        ("action", {"an-action": 3}),
        ("user", {"admin": 3}),
        ("model_name", {"echo": 2, "house-model": 1}),
        ("provider", {"default": 3}),
    ],
)
def test_by_what_one_likes(boss, runs, by, groups):
    found = boss.send("GET", f"/usage?by={by}").json()
    assert {used["group"]: used["runs"] for used in found} == groups


def test_of_some_runs_only(boss, runs):
    found = boss.send("GET", "/usage?created_from=2026-03-02T00:00:00Z").json()
    assert [used["group"] for used in found] == ["2026-03-02"]
    assert boss.send("GET", "/usage?by=colour").status_code == 422


def test_money_and_the_runs_of_others_are_not_everybodys(db, runs):
    auditor = factories.make_user("auditor", "view_llmactionhistory")
    assert {used["cost"] for used in TokenClient(auditor).send("GET", "/usage").json()} == {None}
    editor = factories.make_user("someone", "run_llmaction")
    assert TokenClient(editor).send("GET", "/usage").json() == []
