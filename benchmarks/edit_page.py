"""What the edit page of a page costs more before anything is pressed."""

import json
import os
import timeit
from collections.abc import Iterator

from benchmarks.figures import Figure, alternate, milliseconds
from benchmarks.site import ask_both, seeded


def figures() -> Iterator[Figure]:
    """Measure the edit page with and without this package, and the hook alone."""
    with seeded() as environment:
        without, with_us = ask_both("benchmarks.edit_page", environment)
    for name, unit, goal, key in (
        ("edit page: queries", "queries", 0, "queries"),
        ("edit page: time", "ms", None, "time"),
        ("edit page: the hook alone", "µs", None, "hook"),
    ):
        yield Figure(name=name, unit=unit, baseline=without[key], cost=with_us[key], goal=goal)


def measure() -> dict[str, float]:
    """Open the edit page in this process."""
    import django

    django.setup()
    from django.contrib.auth import get_user_model
    from django.test import Client
    from django.urls import reverse

    from benchmarks.queries import count_queries

    client = Client()
    client.force_login(get_user_model().objects.get(username="admin"))
    url = reverse("wagtailadmin_pages:edit", args=[os.environ["BENCH_PAGE"]])

    def open_page() -> None:
        assert client.get(url).status_code == 200

    open_page()
    queries = count_queries(open_page)
    (time,) = alternate(milliseconds(open_page), rounds=20)
    return {"queries": queries, "time": time, "hook": hook()}


def hook() -> float:
    """Return how long the editor hook takes, in microseconds."""
    if os.environ.get("BENCH_WITHOUT"):
        return 0.0
    from wagtail_llm_actions.views.editor_assets import editor_js

    return min(timeit.repeat(editor_js, number=200, repeat=5)) / 200 * 1e6


if __name__ == "__main__":
    print(json.dumps(measure()))
