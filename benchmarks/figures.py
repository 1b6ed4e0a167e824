"""A figure against its baseline, and how it is printed."""

import time
from collections.abc import Callable
from dataclasses import dataclass

ROUNDS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What one thing costs."""

    name: str
    unit: str
    cost: float
    baseline: float = 0.0
    goal: float | None = None
    """The largest difference that is good enough; ``None`` where the figure only explains."""

    @property
    def difference(self) -> float:
        """How much more than the baseline."""
        return self.cost - self.baseline

    def __str__(self):
        verdict = ""
        if self.goal is not None:
            sign, word = ("≤", "good") if self.difference <= self.goal else (">", "OVER THE GOAL")
            verdict = f"{sign} {self.goal:g} {self.unit}: {word}"
        return (
            f"{self.name:<68}{self.baseline:>10.2f}{self.cost:>10.2f}{self.difference:>+10.2f} "
            f"{self.unit:<8}{verdict}"
        )


HEADING = f"{'':<68}{'baseline':>10}{'with us':>10}{'more':>10}"


def alternate(*actions: Callable[[], float], rounds: int = ROUNDS) -> list[float]:
    """
    Return the least that each action measures.

    The actions take turns, so that a busy moment of the machine strikes them alike; the least of
    many is what they take when nothing else runs. The first turn warms up and is forgotten.
    """
    rows = [[action() for action in actions] for _ in range(rounds + 1)][1:]
    return [min(column) for column in zip(*rows, strict=True)]


def milliseconds(action: Callable[[], object]) -> Callable[[], float]:
    """Return a function that does ``action`` and says how long it took."""

    def measure() -> float:
        before = time.perf_counter()
        action()
        return (time.perf_counter() - before) * 1000

    return measure
