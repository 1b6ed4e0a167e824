"""
Fills the run history and reads parts of it over the API: ``python -m benchmarks.long_history``.

Prints milliseconds as JSON.
"""

import json
import os
import sys
from datetime import timedelta

import django

RUNS = 1_000_000
DEEP = 900_000
RARE = 300
"""How many runs each rare filter leaves, all of them older than the others."""
ROUNDS = 20
FEW = 3
"""Rounds of what takes seconds."""
FILTERS = {
    "user": "user=rare",
    "action": "action=rare",
    "object": "object_type=testapp.storypage&object_id=rare",
    "status": "status=interrupted",
}


def main() -> None:
    """Measure in the database of the environment, which has to be PostgreSQL."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    from django.contrib.auth import get_user_model
    from django.test import Client

    from benchmarks.figures import alternate, milliseconds
    from tests import factories
    from tests.testapp.models import StoryPage
    from wagtail_llm_actions.api.history import cursor_of
    from wagtail_llm_actions.engine import Position
    from wagtail_llm_actions.models import LLMActionHistory

    admin = get_user_model().objects.get(username="admin")
    editor = factories.make_user("editor", "run_llmaction", groups=["Editors"])
    page = StoryPage.objects.get()
    run = factories.make_run(target=page, user=admin, output="A text of some words. " * 20)
    clients = {}
    for user in (admin, editor):
        clients[user] = Client()
        clients[user].force_login(user)

    def read(user, query="", count=50):
        def measure() -> None:
            answer = clients[user].get(f"/admin/llm-actions/api/v1/runs?limit=50&{query}")
            assert answer.status_code == 200, answer.content
            assert len(answer.json()["items"]) == count

        return milliseconds(measure)

    def report(user):
        def measure() -> None:
            assert clients[user].get("/admin/llm-actions/runs/").status_code == 200

        return milliseconds(measure)

    def behind(age: int) -> str:
        return "cursor=" + cursor_of(Position(run.created_at - timedelta(seconds=age), run.pk))

    (short,) = alternate(read(admin, count=1), rounds=ROUNDS)
    fill(LLMActionHistory, run)
    run.refresh_from_db()
    found = {"first": read(admin), "deep": read(admin, behind(DEEP)), "own": read(editor)}
    for name, query in FILTERS.items():
        found[name] = read(admin, query)
        found[f"deep {name}"] = read(admin, f"{query}&{behind(RUNS + RARE // 2)}")
    measured = dict(zip(found, alternate(*found.values(), rounds=ROUNDS), strict=True))
    reports = alternate(report(admin), report(editor), rounds=FEW)
    measured |= zip(("report", "own report"), reports, strict=True)
    sys.stdout.write(json.dumps({"short": short, **measured}))


def fill(model, run) -> None:
    """Copy a run a million times, each a second older than the one before; then rare ones."""
    from django.db import connection

    is_rare = f"n > {RUNS}"
    own = {
        "id": "gen_random_uuid()",
        "created_at": "run.created_at - n * interval '1 second'",
        "status": f"CASE WHEN {is_rare} THEN 'interrupted' ELSE 'succeeded' END",
        "username": _mixed("user", 200),
        "action_slug": _mixed("action", 50),
        "object_id": _mixed("", 20_000),
    }
    names = [field.column for field in model._meta.concrete_fields]
    values = ", ".join(own.get(name, f'run."{name}"') for name in names)
    columns = ", ".join(f'"{name}"' for name in names)
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({columns}) SELECT {values} FROM {table} run, "
            f"generate_series(1, {RUNS + RARE}) n WHERE run.id = %s",
            [run.pk],
        )
        cursor.execute(f"VACUUM ANALYZE {table}")


def _mixed(name: str, kinds: int) -> str:
    return f"CASE WHEN n > {RUNS} THEN 'rare' ELSE '{name}' || n %% {kinds} END"


if __name__ == "__main__":
    main()
