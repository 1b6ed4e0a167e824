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
ROUNDS = 20


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

    def read(user, query=""):
        def measure() -> None:
            answer = clients[user].get(f"/admin/llm-actions/api/v1/runs?limit=50{query}")
            assert answer.status_code == 200, answer.content

        return milliseconds(measure)

    (short,) = alternate(read(admin), rounds=ROUNDS)
    fill(LLMActionHistory, run)
    run.refresh_from_db()
    behind = Position(run.created_at - timedelta(seconds=DEEP), run.pk)
    first, deep, own = alternate(
        read(admin), read(admin, f"&cursor={cursor_of(behind)}"), read(editor), rounds=ROUNDS
    )
    sys.stdout.write(json.dumps({"short": short, "first": first, "deep": deep, "own": own}))


def fill(model, run) -> None:
    """Copy a run a million times, each a second older than the one before."""
    from django.db import connection

    own = {"id": "gen_random_uuid()", "created_at": "run.created_at - n * interval '1 second'"}
    names = [field.column for field in model._meta.concrete_fields]
    values = ", ".join(own.get(name, f'run."{name}"') for name in names)
    columns = ", ".join(f'"{name}"' for name in names)
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({columns}) SELECT {values} FROM {table} run, "
            f"generate_series(1, %s) n WHERE run.id = %s",
            [RUNS, run.pk],
        )
        cursor.execute(f"ANALYZE {table}")


if __name__ == "__main__":
    main()
