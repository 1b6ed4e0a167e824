"""
Spends a budget from many threads: ``python -m tests.engine.spending <page> <user> <threads> <seed>``.

Each thread prepares and executes runs on the page until the budget is used up. Some succeed, some
fail, some are left in the middle.
"""

import os
import random
import sys
import threading
import time

import django


def main(page_id: int, user_id: int, threads: int, seed: int) -> None:
    """Spend until nothing is left."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    spenders = [
        threading.Thread(
            target=_spend, args=(page_id, user_id, random.Random(seed * 1000 + number))
        )
        for number in range(threads)
    ]
    for spender in spenders:
        spender.start()
    for spender in spenders:
        spender.join()


def _spend(page_id: int, user_id: int, chance: random.Random) -> None:
    from django.contrib.auth import get_user_model
    from django.db import connection, connections

    from tests.testapp.models import StoryPage
    from wagtail_llm_actions import engine
    from wagtail_llm_actions.content.saved import open_saved
    from wagtail_llm_actions.exceptions import LimitReachedError

    connection.ensure_connection()
    user = get_user_model().objects.get(pk=user_id)
    page = StoryPage.objects.get(pk=page_id)
    while not _is_spent():
        bound = open_saved(page, user)
        wish = engine.RunRequest(user=user, bound=bound, address="search_description")
        try:
            run = engine.prepare(wish)
        except LimitReachedError:
            time.sleep(chance.random() / 10)
            continue
        events = engine.execute(run.pk)
        for _ in events:
            time.sleep(chance.random() / 50)
            if chance.random() < 0.1:
                break  # the reader goes away
        events.close()
    connections.close_all()


def _is_spent() -> bool:
    from wagtail_llm_actions.models import LLMLimitCounter

    money = LLMLimitCounter.objects.filter(limit__measure="money").select_related("limit")
    return any(counter.used >= counter.limit.ceiling for counter in money)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:5]))
