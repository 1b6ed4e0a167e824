"""How database connections are used: not while a provider works, and one writer at a time."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, connections, transaction

from wagtail_llm_actions.models import LLMActionsSwitch


def release_connections() -> None:
    """Give every database connection of this thread back, or close it."""
    for one in connections.all(initialized_only=True):
        if not one.in_atomic_block:
            one.close()


@contextmanager
def writing() -> Iterator[None]:
    """
    Open a transaction that reads before it writes.

    SQLite locks no rows, and refuses to let a transaction write that has read what another one has
    changed since. There it begins by writing nothing, and so waits until it is the only writer.
    """
    with transaction.atomic():
        if connection.vendor == "sqlite":
            LLMActionsSwitch.objects.filter(pk=0).update(enabled=True)
        yield
