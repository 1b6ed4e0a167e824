"""
The run history over the API with a million runs.

Read are the first part, one deep in it, and what few runs have: a user, an action, an object, a status.
"""

from collections.abc import Iterator

from benchmarks.figures import Figure
from benchmarks.long_history import FILTERS, RARE
from benchmarks.site import ask
from tests import temporary_postgres


def figures() -> Iterator[Figure]:
    """Yield how long a part of a long history takes, against one of a short history."""
    programs = temporary_postgres.find_programs()
    if programs is None:
        print("NOT RUN: PostgreSQL is not installed (Debian: postgresql)")
        return
    with temporary_postgres.running(programs) as variables:
        environment = {"TEST_DATABASE": "postgres", "PGDATABASE": "postgres", **variables}
        ask("tests.servers.seed", environment, json_out=False)
        found = ask("benchmarks.long_history", environment)
    names = {
        "first": "the first 50 runs of 1,000,000, for who sees all",
        "deep": "50 runs behind 900,000 others, for who sees all",
        "own": "the first 50 runs of 1,000,000, for who sees those on pages they edit",
    }
    for one in FILTERS:
        names[one] = f"the first 50 of the {RARE} runs with one {one}, the oldest of all"
        names[f"deep {one}"] = f"  … and 50 behind {RARE // 2} of them"
    reports = {
        "report": "the report in the admin of 1,000,000, for who sees all",
        "own report": "  … and for who sees those on pages they edit",
    }
    for name, words in (names | reports).items():
        yield Figure(
            name=words,
            unit="ms",
            baseline=found["short"],
            cost=found[name],
            goal=150 - found["short"] if name in names else None,
        )
