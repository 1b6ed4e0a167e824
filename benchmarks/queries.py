"""Counts queries, also those of requests, which reset what Django itself counts."""

from collections.abc import Callable

from django.db import connection


def count_queries(action: Callable[[], object]) -> int:
    """Return how many queries ``action`` makes, those of its session and user included."""
    count = 0

    def notice(execute, sql, params, many, context):
        nonlocal count
        count += 1
        return execute(sql, params, many, context)

    with connection.execute_wrapper(notice):
        action()
    return count
