"""What a database refuses, in words that are the same for all of them."""

from django.db import IntegrityError

DUPLICATES = frozenset(
    {
        *("SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY"),
        "23505",  # PostgreSQL
        *(1062, 1586),  # MySQL and MariaDB
    }
)
LOOSE_ENDS = frozenset(
    {
        "SQLITE_CONSTRAINT_FOREIGNKEY",
        "23503",
        *(1216, 1217, 1451, 1452),
    }
)


def is_duplicate(error: IntegrityError) -> bool:
    """Return whether there is another row of what there may be one of."""
    return bool(DUPLICATES & _codes(error))


def is_loose_end(error: IntegrityError) -> bool:
    """Return whether a row that is referred to is gone, or would be."""
    return bool(LOOSE_ENDS & _codes(error))


def _codes(error: IntegrityError) -> set[object]:
    """Return how the database's own error calls itself: each adapter has another place for it."""
    cause = error.__cause__
    codes = {getattr(cause, name, None) for name in ("sqlite_errorname", "sqlstate", "pgcode")}
    return codes.union(cause.args[:1] if cause else ())
