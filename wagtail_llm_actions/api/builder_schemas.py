"""What the API says to the forms that actions and configurations are built in."""

from uuid import UUID

from ninja import Schema

from wagtail_llm_actions.api.errors import ErrorOut
from wagtail_llm_actions.api.request_schemas import PartOut
from wagtail_llm_actions.engine import Preview, TrialResult, notices_of


class TrialPreviewOut(Schema):
    """What a test of an action would send, before any call."""

    system: list[PartOut]
    user: list[PartOut]
    cuts: list[str]
    notices: list[str]
    tokens: int | None
    window: int | None
    goes_to: str
    problem: ErrorOut | None
    label: str
    """What the field is called."""

    @classmethod
    def of(cls, preview: Preview) -> "TrialPreviewOut":
        """Describe what a test would send."""
        return cls(
            system=[PartOut.from_orm(part) for part in preview.system],
            user=[PartOut.from_orm(part) for part in preview.user],
            cuts=list(preview.cuts),
            notices=[] if preview.problem else notices_of(preview.run, cuts=False),
            tokens=preview.tokens,
            window=preview.window,
            goes_to=preview.goes_to,
            problem=ErrorOut.of(preview.problem) if preview.problem else None,
            label=preview.run.destination_label,
        )


class TrialResultOut(Schema):
    """The output of a test, with what the field says to it."""

    id: UUID
    output: str
    errors: list[str]
    """Why the field would not take it."""
    notices: list[str]
    """What it would remove from the field."""
    length: int
    """Characters of the output, with what the field says already where it is added to that."""
    max_length: int | None
    current: str
    """What the field says now."""

    @classmethod
    def of(cls, result: TrialResult) -> "TrialResultOut":
        """Describe the result of a test."""
        return cls(
            id=result.run.pk,
            output=result.run.output_text,
            errors=list(result.errors),
            notices=list(result.notices),
            length=result.length,
            max_length=result.max_length,
            current=result.run.value_before,
        )
