"""Database connections are not held while a provider works."""

from django.db import connections


def release_connections() -> None:
    """Give every database connection of this thread back, or close it."""
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close()
