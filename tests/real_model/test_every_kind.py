"""
The embedded model fills fields of other kinds than prose, over the sandbox's posts.

How many answers fit is told, not demanded: that is the model's. What fits must be right.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WEIGHTS = os.environ.get("EMBEDDED_MODEL", "")

pytestmark = [pytest.mark.embedded, pytest.mark.skipif(not WEIGHTS, reason="no weights")]


def measure(runs: int) -> dict:
    environment = {k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"}
    done = subprocess.run(
        [sys.executable, "-m", "tests.real_model.measure", WEIGHTS, str(runs)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout)
    sys.stdout.write(f"\nSmolLM2-135M-Instruct (Q4_1), {runs} runs\n")
    for kind, outcomes in found["results"].items():
        sys.stdout.write(f"  {kind}: {outcomes}\n")
    return found


def check(found: dict, runs: int) -> None:
    assert found["wrong"] == []
    assert sum(sum(outcomes.values()) for outcomes in found["results"].values()) == runs
    assert any(outcomes.get("first attempt") for outcomes in found["results"].values())


def test_twenty_runs_fit_or_are_refused(capsys):
    with capsys.disabled():
        check(measure(20), 20)


@pytest.mark.slow
def test_two_hundred_runs_fit_or_are_refused(capsys):
    with capsys.disabled():
        check(measure(200), 200)
