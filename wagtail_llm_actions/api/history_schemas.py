"""Runs on saved objects and the run history, as JSON for other programs."""

import json
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, Self
from uuid import UUID

from ninja import Schema
from pydantic import ConfigDict, Field, StrictBool

from wagtail_llm_actions.api.request_schemas import RunChangesIn
from wagtail_llm_actions.api.row_schemas import Moment, Temperature, Tokens
from wagtail_llm_actions.api.run_schemas import MAX_MENDED_CHARACTERS, Mode
from wagtail_llm_actions.engine import SavedTarget, Wishes, notices_of
from wagtail_llm_actions.exceptions import is_retryable
from wagtail_llm_actions.models import LLMActionHistory
from wagtail_llm_actions.models.texts import storable
from wagtail_llm_actions.permissions import can_see_costs
from wagtail_llm_actions.values import PROSE_KINDS, OutputMode, RunStatus

Way = Literal["wait", "stream", "background"]
StatusName = Literal[
    "queued", "running", "succeeded", "failed", "cancelled", "interrupted", "refused", "skipped"
]
DecisionName = Literal["pending", "accepted", "edited", "rejected"]


class ChangesIn(RunChangesIn):
    """What is otherwise than in the action, for one run; numbers are numbers."""

    temperature: Temperature | None = None
    max_output_tokens: Tokens | None = None


NO_CHANGES = ChangesIn.model_validate({})


class WishesIn(Schema):
    """How a run is made."""

    model_config = ConfigDict(extra="forbid")

    mode: Way = "wait"
    """Wait for the run, stream its events, or leave it to a worker and poll."""
    changes: ChangesIn = NO_CHANGES
    """What is otherwise than in the action; needs the permission to customise."""
    accept_cut: StrictBool = False
    """Whether sources may be cut where they are too long for the model."""


class RunIn(WishesIn):
    """A run of an LLM action on a field of a saved object."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"action": "alt-text", "object_id": "4"}}
    )

    action: str = Field("", max_length=100, examples=["meta-description"])
    """Its slug; or blank, with ``object_type`` and ``field``."""
    object_type: str = Field("", max_length=200, examples=["blog.blogpage"])
    object_id: str = Field(max_length=255, examples=["4"])
    field: str = Field("", max_length=500, examples=["search_description"])
    """A path or an address; blank for the field of the action."""

    def target(self) -> SavedTarget:
        """Return what the run is for."""
        return SavedTarget(
            action=storable(self.action),
            object_type=storable(self.object_type),
            object_id=storable(self.object_id),
            field=storable(self.field),
        )

    def wishes(self) -> Wishes:
        """Return what else is asked of the run."""
        return Wishes(changes=self.changes.value(), accept_cut=self.accept_cut)


class RetryIn(WishesIn):
    """Another run on the same field."""

    feedback: str = Field("", max_length=2000, examples=["Shorter, please."])
    """What is to be revised in the output; blank to begin anew."""
    draft: str = Field("", max_length=MAX_MENDED_CHARACTERS)
    """That output as a person has changed it."""

    def wishes(self) -> Wishes:
        """Return what is asked of the run."""
        return Wishes(
            changes=self.changes.value(),
            accept_cut=self.accept_cut,
            feedback=self.feedback,
            draft=self.draft,
        )


class ApplyIn(Schema):
    """How an output is put into a draft."""

    model_config = ConfigDict(extra="forbid")

    mode: Mode | None = None
    """``null`` for what the action says."""
    mended: str = Field("", max_length=MAX_MENDED_CHARACTERS)
    """What is used instead of the output."""

    def output_mode(self) -> OutputMode | None:
        """Return how the output is used; ``None`` for what the action says."""
        return OutputMode(self.mode) if self.mode else None


class SavedRunOut(Schema):
    """A run, without what was sent."""

    id: UUID
    url: str
    status: str = Field(examples=["succeeded"])
    decision: str = Field(examples=["pending"])
    code: str
    """Of the error; blank if there is none."""
    message: str
    retryable: bool
    output: str
    """For people to read."""
    value: Any
    """The output as the field takes it: text, or the JSON of a list, a date, a choice …"""
    output_mode: str
    site: str = Field(examples=["localhost:80"])
    """``host:port`` of the site that it belongs to; blank for none."""
    action: str
    action_name: str
    object_type: str
    object_id: str
    object: str
    field: str
    address: str
    provider: str
    model_name: str
    user: str
    is_test: bool
    retry_of: UUID | None
    is_from_history: bool
    """Whether an earlier run's answer was used, and nothing was sent."""
    answered_from: UUID | None
    """That run; ``null`` also when it is gone."""
    input_tokens: int | None
    output_tokens: int | None
    usage_estimated: bool
    cost: Decimal | None = Field(examples=["0.000420000"])
    """US dollars; ``null`` where nobody knows, and for who may not see money."""
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @classmethod
    def of(cls, run: LLMActionHistory, url: str, user: Any, **more: Any) -> Self:
        """Describe a run to a user; ``url`` is where it is."""
        names = cls.model_fields.keys() - {"url", "value", "output", "cost", *more}
        return cls(
            url=url,
            output=run.output_text,
            cost=run.cost if can_see_costs(user) else None,
            value=_value(run),
            **{name: _member(run, name) for name in names},
            **more,
        )


class AttemptOut(Schema):
    """One call to a provider."""

    number: int
    kind: str
    status: str
    provider: str
    model_name: str
    error_code: str
    input_tokens: int | None
    output_tokens: int | None
    cached_input_tokens: int | None
    reasoning_tokens: int | None
    usage_estimated: bool
    cost: Decimal | None
    started_at: datetime
    finished_at: datetime | None


class WholeRunOut(SavedRunOut):
    """A run with all that was sent."""

    label: str
    value_before: str
    mended_output: str
    decided_by: str
    decided_at: datetime | None
    restored_by: str
    """Who put back, last, what had stood in the field before."""
    restored_at: datetime | None
    template: str
    config: str
    system_prompt: str
    prompt: str
    sources: list[dict[str, Any]]
    parameters: dict[str, Any]
    changes: dict[str, Any]
    notices: list[str]
    attempts: list[AttemptOut]

    @classmethod
    def of(cls, run: LLMActionHistory, url: str, user: Any, **more: Any) -> Self:
        """Describe a run to a user; ``url`` is where it is."""
        attempts = [AttemptOut.from_orm(one) for one in run.attempts.order_by("number")]
        if not can_see_costs(user):
            attempts = [one.model_copy(update={"cost": None}) for one in attempts]
        return super().of(run, url, user, attempts=attempts, notices=notices_of(run), **more)


class RunPageOut(Schema):
    """A part of the history."""

    items: list[SavedRunOut]
    next: str | None
    """Where the history goes on; ``null`` at its end."""


class RunFilters(Schema):
    """What the history can be narrowed down to."""

    status: StatusName | None = None
    decision: DecisionName | None = None
    site: str | None = Field(None, max_length=262, examples=["localhost:80"])
    """``host:port``, as ``site`` says it."""
    action: str | None = Field(None, max_length=100)
    """The slug of the action."""
    user: str | None = Field(None, max_length=255)
    """The user name."""
    model_name: str | None = Field(None, max_length=200)
    object_type: str | None = Field(None, max_length=200)
    object_id: str | None = Field(None, max_length=255)
    field: str | None = Field(None, max_length=255)
    """The path of the field."""
    created_from: Moment | None = Field(None, examples=["2026-01-31T12:00:00Z"])
    created_to: Moment | None = Field(None, examples=["2026-12-31T12:00:00Z"])

    def lookups(self) -> dict[str, Any]:
        """Return the filters as lookups."""
        wanted = self.dict(exclude_none=True)
        if "object_type" in wanted:
            wanted["object_type"] = wanted["object_type"].lower()
        return {
            LOOKUPS.get(name, name): storable(value) if isinstance(value, str) else value
            for name, value in wanted.items()
        }


class RunPartIn(Schema):
    """Which part of the history is asked for."""

    limit: int = Field(20, ge=1, le=100)
    """How many at most."""
    cursor: str = Field("", max_length=200)
    """Where the last part ended, as ``next`` says it."""


LOOKUPS = {
    "site": "site_name",
    "action": "action_slug",
    "user": "username",
    "field": "destination_path",
    "created_from": "created_at__gte",
    "created_to": "created_at__lt",
}
MEMBERS = {
    "site": "site_name",
    "code": "error_code",
    "message": "error_message",
    "action": "action_slug",
    "object": "object_repr",
    "field": "destination_path",
    "address": "destination_address",
    "label": "destination_label",
    "user": "username",
    "retry_of": "retry_of_id",
    "answered_from": "answered_from_id",
    "decided_by": "decided_by_username",
    "restored_by": "restored_by_username",
    "template": "prompt_template_name",
    "config": "llm_config_name",
}
"""The members of a run that the row calls otherwise."""


def _member(run: LLMActionHistory, name: str) -> Any:
    if name == "retryable":
        return run.status == RunStatus.INTERRUPTED or is_retryable(run.error_code)
    return getattr(run, MEMBERS.get(name, name))


def _value(run: LLMActionHistory) -> Any:
    if not run.output or run.field_spec.get("kind") in PROSE_KINDS:
        return run.output or None
    try:
        return json.loads(run.output)
    except ValueError:
        return run.output
