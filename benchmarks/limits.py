"""What a limit and a budget add to one run on PostgreSQL: time, and queries."""

from collections.abc import Iterator

from benchmarks.figures import Figure
from benchmarks.site import ask
from tests import temporary_postgres


def figures() -> Iterator[Figure]:
    """Yield what is set aside and counted for one run, with and without limits."""
    programs = temporary_postgres.find_programs()
    if programs is None:
        print("NOT RUN: PostgreSQL is not installed (Debian: postgresql)")
        return
    with temporary_postgres.running(programs) as variables:
        environment = {"TEST_DATABASE": "postgres", "PGDATABASE": "postgres", **variables}
        ask("tests.servers.seed", environment, json_out=False)
        found = ask("benchmarks.counting", environment)
    yield Figure(
        name="one limit and one budget for one run, PostgreSQL",
        unit="ms",
        baseline=found["none"]["milliseconds"],
        cost=found["two"]["milliseconds"],
        goal=3,
    )
    yield Figure(
        name="their queries, without the transactions",
        unit="queries",
        baseline=found["none"]["queries"],
        cost=found["two"]["queries"],
        goal=4,
    )
