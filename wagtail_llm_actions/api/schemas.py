"""What the API takes and gives, as JSON."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import Field

from wagtail_llm_actions.engine.states import FieldState, accepted_state, sentence
from wagtail_llm_actions.exceptions import LLMActionsError, is_retryable
from wagtail_llm_actions.models import LLMActionHistory, PromptTemplate
from wagtail_llm_actions.values import Decision, RunStatus

MAX_FIELDS = 5000
"""How many fields one form may ask about."""


MAX_MENDED_CHARACTERS = 1_000_000
"""How long a text may be that a person made of an output."""


class ErrorOut(Schema):
    """Why a request was refused."""

    code: str
    message: str
    retryable: bool = False
    run_id: UUID | None = None
    reasons: list[str] = []
    """What exactly, as sentences, where one is not enough."""

    @classmethod
    def of(cls, error: LLMActionsError) -> "ErrorOut":
        """Describe one of our errors."""
        return cls(
            code=error.code,
            message=str(error.user_message),
            retryable=error.retryable,
            run_id=error.run_id,
            reasons=[str(reason) for reason in getattr(error, "reasons", ())],
        )


class FieldIn(Schema):
    """A field of the form that the browser found."""

    address: str = Field(max_length=500)
    path: str = Field(max_length=255)
    numbered: str = Field("", max_length=500)
    """What the address was before the inline child that the field is in was saved."""


class FieldsIn(Schema):
    """The fields whose state is asked for."""

    editor: str = Field(max_length=2000)
    """The path of the edit form's action."""
    fields: list[FieldIn] = Field(max_length=MAX_FIELDS)


class RunOut(Schema):
    """A run, without what was sent."""

    id: UUID
    status: str
    decision: str
    code: str
    message: str
    retryable: bool
    output: str
    mode: str
    """``"replace"`` or ``"append"``."""
    state: str
    """What an accepted output looks like in a rich text editor, as JSON; blank for other fields."""
    action_name: str
    user: str
    created_at: datetime
    finished_at: datetime | None
    label: str
    """What the run came to, as a sentence in the user's language."""

    @classmethod
    def of(cls, run: LLMActionHistory) -> "RunOut":
        """Describe a run."""
        return cls(
            id=run.pk,
            status=run.status,
            decision=run.decision,
            code=run.error_code,
            message=run.error_message,
            retryable=run.status == RunStatus.INTERRUPTED or is_retryable(run.error_code),
            output=run.output_text,
            mode=run.output_mode,
            state=accepted_state(run),
            action_name=run.action_name,
            user=run.username,
            created_at=run.created_at,
            finished_at=run.finished_at,
            label=sentence(run),
        )


class ActionOut(Schema):
    """The action that is in force for a field."""

    id: int
    name: str
    slug: str


class FieldStateOut(Schema):
    """What one field shows."""

    action: ActionOut | None
    ready: bool
    problem: str
    run: RunOut | None
    kind: str
    """What a language model could write here; empty if nothing."""
    writable: bool

    @classmethod
    def of(cls, state: FieldState) -> "FieldStateOut":
        """Describe the state of a field."""
        action = state.action
        return cls(
            action=action and ActionOut(id=action.pk, name=action.name, slug=action.slug),
            ready=action is not None and not state.problem,
            problem=state.problem,
            run=RunOut.of(state.run) if state.run else None,
            kind=state.kind,
            writable=bool(state.kind),
        )


class TemplateOut(Schema):
    """A prompt template that can be run on what is selected in rich text."""

    slug: str
    name: str

    @classmethod
    def of(cls, template: PromptTemplate) -> "TemplateOut":
        """Describe a template."""
        return cls(slug=template.slug, name=template.name)


class FieldsOut(Schema):
    """What the fields of a form show, and what the user may do."""

    enabled: bool
    may_run: bool
    may_add: bool
    add_url: str
    selection_templates: list[TemplateOut]
    fields: dict[str, FieldStateOut]


class PresentationOut(Schema):
    """An output as the browser applies it, or the reasons why it may not be applied."""

    run_id: UUID
    output: str
    method: str
    state: Any
    html: str
    kind: str
    errors: list[str]
    changed_meanwhile: bool
    current: str
    notices: list[str]


class DecisionIn(Schema):
    """What a person did with an output."""

    decision: Literal["accepted", "edited", "rejected"]
    mended: str = Field("", max_length=MAX_MENDED_CHARACTERS)
    """With ``"edited"``: what went into the field, where the user changed the output before."""

    def value(self) -> Decision:
        """Return the decision."""
        return Decision(self.decision)
