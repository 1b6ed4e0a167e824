"""What the API says to the forms that actions and configurations are built in."""

from uuid import UUID

from ninja import Schema

from wagtail_llm_actions.api.request_schemas import SendingOut
from wagtail_llm_actions.engine import TrialResult


class TrialPreviewOut(SendingOut):
    """What a test of an action would send, before any call."""

    label: str
    """What the field is called."""


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
