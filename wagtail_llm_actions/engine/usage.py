"""What runs have used, summed up by day, action, user, model or provider."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import CharField, Count, Q, QuerySet, Sum
from django.db.models.functions import Cast, TruncDate
from django.utils.timezone import get_default_timezone

from wagtail_llm_actions.values import RunStatus

GROUPINGS = ("day", "action", "user", "model_name", "provider")
COLUMNS = {"action": "action_slug", "user": "username"}
"""The groupings that a run calls otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """What the runs of one group have used."""

    group: str
    """A day as ``2026-01-31`` in the site's time zone, a slug, a name."""
    runs: int
    succeeded: int
    failed: int
    """Failed or interrupted."""
    refused: int
    accepted: int
    """With or without changes."""
    input_tokens: int
    output_tokens: int
    cost: Decimal
    """US dollars, as far as it is known."""
    unknown_costs: int
    """How many runs there are whose cost is not known."""


def usage_of(runs: QuerySet, by: str) -> Iterator[Used]:
    """
    Yield what runs have used, the groups in their order.

    :param by: one of ``GROUPINGS``.
    """
    group = (
        Cast(TruncDate("created_at", tzinfo=get_default_timezone()), CharField())
        if by == "day"
        else COLUMNS.get(by, by)
    )
    annotated = runs.order_by().annotate(_group=group) if by == "day" else runs.order_by()
    name = "_group" if by == "day" else group
    rows = annotated.values(name).annotate(**_sums()).order_by(name)
    for row in rows:
        yield Used(group=str(row.pop(name) or ""), **_known(row))


def _sums() -> dict[str, Any]:
    failed = Q(status__in=[RunStatus.FAILED, RunStatus.INTERRUPTED])
    return {
        "runs": Count("pk"),
        "succeeded": Count("pk", filter=Q(status=RunStatus.SUCCEEDED)),
        "failed": Count("pk", filter=failed),
        "refused": Count("pk", filter=Q(status=RunStatus.REFUSED)),
        "accepted": Count("pk", filter=Q(decision__in=["accepted", "edited"])),
        "input": Sum("input_tokens"),
        "output": Sum("output_tokens"),
        "money": Sum("cost"),
        "unknown_costs": Count("pk", filter=Q(cost=None, finished_at__isnull=False)),
    }


def _known(row: dict[str, Any]) -> dict[str, Any]:
    """Return the sums, nothing as 0; of the names that a model has none may be an annotation's."""
    money = row.pop("money") or Decimal(0)
    return {
        "input_tokens": row.pop("input") or 0,
        "output_tokens": row.pop("output") or 0,
        "cost": money.quantize(Decimal("0.000000001")),
        **row,
    }
