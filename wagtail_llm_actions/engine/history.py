"""The run history, read in parts from the newest on and exported as a whole."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext

from wagtail_llm_actions.engine.liveness import sweep
from wagtail_llm_actions.exceptions import PermissionRefusedError
from wagtail_llm_actions.models import LLMActionHistory
from wagtail_llm_actions.permissions import can_open_history, can_see_costs, visible_runs

LONG_TEXTS = (
    *("error_message", "error_detail", "template_system_prompt", "template_prompt", "parameters"),
    *("system_prompt", "prompt", "sources", "field_spec", "value_before", "posted_before"),
    *("revised_text", "revision_prompt", "output", "price", "reservations"),
)
"""What lists of runs do not read."""
EXPORTED = (
    *("id", "created_at", "action_name", "object_type", "object_id", "object_repr"),
    *("destination_label", "destination_address", "username", "provider", "model_name", "status"),
    *("error_code", "decision", "duration", "input_tokens", "output_tokens", "usage_estimated"),
    *("site_name", "is_from_history", "answered_from_id"),
)
"""The columns of an export, money aside."""
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What makes a cell a formula: https://owasp.org/www-community/attacks/CSV_Injection"""
AT_ONCE = 500
"""How many runs an export reads at once."""


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the history: behind one run."""

    created_at: datetime
    id: UUID


def runs_for(user: Any, filters: Mapping[str, Any] | None = None) -> QuerySet:
    """
    Return the runs that ``user`` may see, the newest first.

    :param filters: lookups.
    :raises PermissionRefusedError: if the history is not there for them.
    """
    if not can_open_history(user):
        raise PermissionRefusedError(
            f"user {user.pk} may not open the history",
            user_message=gettext("You do not have permission to see the run history."),
        )
    sweep()
    runs = visible_runs(user).filter(**filters or {})
    return runs.order_by("-created_at", "-id")


def part_of(runs: QuerySet, size: int, after: Position | None = None) -> list[LLMActionHistory]:
    """
    Return the next runs, at most ``size``.

    However far into the history: the index is entered at the position.
    """
    if after is not None:
        is_older = Q(created_at__lt=after.created_at) | Q(id__lt=after.id)
        runs = runs.filter(is_older, created_at__lte=after.created_at)
    return list(runs[:size])


def position_of(run: LLMActionHistory) -> Position:
    """Return the place behind a run."""
    return Position(run.created_at, run.pk)


def columns_for(user: Any) -> tuple[str, ...]:
    """Return the columns that an export has for a user."""
    return (*EXPORTED, "cost") if can_see_costs(user) else EXPORTED


def exported(runs: QuerySet, columns: Sequence[str]) -> Iterator[list[Any]]:
    """Yield the rows of an export, the headings first; between two parts no query is open."""
    yield list(columns)
    after: Position | None = None
    runs = runs.defer(*LONG_TEXTS)
    while part := part_of(runs, AT_ONCE, after):
        yield from ([safe_cell(getattr(run, name)) for name in columns] for run in part)
        after = position_of(part[-1])


def safe_cell(value: Any) -> Any:
    """Let no spreadsheet take a text that people or models wrote for a formula."""
    is_formula = isinstance(value, str) and value.startswith(FORMULA_STARTS)
    return f"'{value}" if is_formula else value
