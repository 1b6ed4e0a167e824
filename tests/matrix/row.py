"""How a place is asked, which rights it takes, and under which conditions it refuses."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.matrix.worlds import World

Body = Callable[[World], dict[str, Any]]

EDIT, LOCK, FIELD, SITE, SOURCE = "edit", "lock", "field", "site", "source"
FOREIGN = "foreign"
"""The conditions that only some places meet: no right to edit the object, the object locked by
somebody else, a field that the person does not see, the site another one than theirs, a source that
they do not see; and that the action is for another site than the object."""
OF_SITE = {SITE, FOREIGN}
"""What may be for one site."""
ON_OBJECT = {EDIT, FIELD, SITE}
"""What is about one object, or a run on it."""


def nothing(world: World) -> dict[str, Any]:
    """Send nothing."""
    return {}


@dataclass(frozen=True)
class Row:
    """
    How a place is asked, and who is refused.

    Who has no access to the admin, no session or token, or no CSRF token is refused everywhere.
    """

    rights: tuple[str, ...] = ()
    """All that it takes of the package's permissions; with ``|`` between those of which one is enough."""
    of: str = ""
    """What of the world the address names."""
    refused: frozenset[str] = frozenset()
    """The conditions under which it is refused; under all others it answers as ever, without what
    the person may not see."""
    query: Body = nothing
    body: Body = nothing
    headers: dict[str, str] = field(default_factory=dict)
    answer: int = 200
    """The status for who may."""
    changes: bool = False
    """Whether anything is otherwise afterwards."""
    is_quiet: bool = False
    """Whether who lacks the right gets an answer, which says nothing."""
    is_json: bool = False


def row(*rights: str, refused: set[str] | frozenset[str] = frozenset(), **options: Any) -> Row:
    """Return a row that takes some rights."""
    return Row(rights, refused=frozenset(refused), **options)


ANY_VERSION = {"If-Match": "*"}
SEES = ("view", "add", "change", "delete")
RUN = "run_llmaction"


def any_right(model: str, *verbs: str) -> str:
    """Return permissions on a model of which one is enough."""
    return "|".join(f"{verb}_{model}" for verb in verbs)
