"""A budget for exactly ten runs, seven at a time, and many that want it at once."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.db import connection
from django.db.models import F, Sum

from tests import factories
from wagtail_llm_actions.engine import sweep
from wagtail_llm_actions.models import LLMActionAttempt, LLMActionHistory, LLMLimitCounter

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).resolve().parents[2]
BUDGET, AT_A_TIME = 10, 7
PATIENCE = 240
"""Seconds, for a machine with much else to do."""
MANY = (13, 13, 12, 12)
PROCESSES = {"postgresql": MANY, "mysql": MANY, "sqlite": (4, 4)}
"""How many threads each process has."""
LLM_ACTIONS = {
    "PROVIDERS": {"default": {"BACKEND": "tests.engine.flaky.FlakyProvider"}},
    "MAX_ATTEMPTS": 1,
    "REPAIR_OUTPUTS": False,
}


@pytest.fixture
def wish(transactional_db):
    """What the spenders run: an answer of ten tokens, which costs a dollar."""
    user = factories.make_superuser()
    page = factories.make_page(title="The tide", intro="The tide comes and goes.")
    config = factories.make_config(input_price=0, output_price=100_000, max_output_tokens=10)
    factories.make_action("search_description", prompt="Describe it.", llm_config=config)
    factories.make_limit("money", BUDGET, "month")
    factories.make_limit("concurrent", AT_A_TIME)
    return page, user


def environment() -> dict[str, str]:
    """Return what makes a process use the test's own database."""
    name = str(connection.settings_dict["NAME"])
    keys = {"PGDATABASE": name, "MYSQL_DATABASE": name, "TEST_SQLITE": name}
    return os.environ | keys | {"TEST_LLM_ACTIONS": json.dumps(LLM_ACTIONS)}


def start(page, user, threads: int, seed: int) -> subprocess.Popen:
    """Return a process that spends."""
    arguments = [str(number) for number in (page.pk, user.pk, threads, seed)]
    return subprocess.Popen(
        [sys.executable, "-m", "tests.engine.spending", *arguments], cwd=ROOT, env=environment()
    )


def look() -> None:
    """Make sure that nothing is beyond its limit at this moment."""
    taken = LLMLimitCounter.objects.annotate(taken=F("used") + F("reserved"))
    for counter in taken.select_related("limit"):
        assert counter.reserved >= 0
        assert counter.taken <= counter.limit.ceiling, counter.limit.measure
    assert LLMActionHistory.objects.active().count() <= AT_A_TIME


def test_a_budget_is_never_overspent(wish):
    processes = [
        start(*wish, threads, seed) for seed, threads in enumerate(PROCESSES[connection.vendor])
    ]
    end = time.monotonic() + PATIENCE
    is_killed = False
    try:
        while any(process.poll() is None for process in processes):
            assert time.monotonic() < end, "nobody gets on"
            look()
            if not is_killed and LLMActionAttempt.objects.exists():
                processes[0].send_signal(signal.SIGKILL)
                is_killed = True
            time.sleep(0.02)
    finally:
        for process in processes:
            process.kill()
            process.wait()
    assert is_killed
    assert [process.returncode for process in processes[1:]] == [0] * (len(processes) - 1)
    sweep()
    look()
    assert not LLMActionHistory.objects.active().exists()
    assert not LLMLimitCounter.objects.exclude(reserved=0).exists()
    ledger = LLMActionAttempt.objects.aggregate(sum=Sum("cost"))["sum"]
    assert ledger == BUDGET
    assert LLMActionHistory.objects.aggregate(sum=Sum("cost"))["sum"] == BUDGET
    money = LLMLimitCounter.objects.get(limit__measure="money")
    assert money.used == money.limit.ceiling
    assert not LLMActionAttempt.objects.filter(cost=None).exists()
