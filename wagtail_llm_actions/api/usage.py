"""The endpoint of what runs have used."""

from decimal import Decimal
from typing import Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from wagtail_llm_actions import engine
from wagtail_llm_actions.api.errors import answers
from wagtail_llm_actions.api.history_schemas import RunFilters
from wagtail_llm_actions.permissions import can_see_costs

Grouping = Literal["day", "action", "user", "model_name", "provider"]


class UsedOut(Schema):
    """What the runs of one group have used."""

    group: str = Field(examples=["2026-01-31"])
    """A day in the site's time zone, the slug of an action, a user name, a model, an alias."""
    runs: int
    succeeded: int
    failed: int
    """Failed or interrupted."""
    refused: int
    accepted: int
    """With or without changes."""
    input_tokens: int
    output_tokens: int
    cost: Decimal | None = Field(examples=["0.420000000"])
    """US dollars, as far as it is known; ``null`` for who may not see money."""
    unknown_costs: int
    """How many runs there are whose cost is not known."""


class GroupingIn(Schema):
    """By what runs are summed up."""

    by: Grouping = "day"


def make_usage_router() -> Router:
    """Return the endpoint."""
    router = Router(tags=["usage"])
    router.get(
        "",
        response=answers(ok=list[UsedOut]),
        url_name="usage",
        operation_id="get_usage",
        summary="Sum up what runs have used",
    )(show_usage)
    return router


def show_usage(
    request: HttpRequest, filters: Query[RunFilters], grouping: Query[GroupingIn]
) -> list[UsedOut]:
    """Sum up what the runs have used that the user may see."""
    runs = engine.runs_for(request.user, filters.lookups())
    sees = can_see_costs(request.user)
    found = [UsedOut.from_orm(used) for used in engine.usage_of(runs, grouping.by)]
    return found if sees else [used.model_copy(update={"cost": None}) for used in found]
