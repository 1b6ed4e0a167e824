"""What the API takes and gives, as JSON."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from ninja import Schema
from pydantic import ConfigDict, Field, ValidationError

from wagtail_llm_actions.api.refusals import sentence_of
from wagtail_llm_actions.engine import Choices, Preview, RunChanges, notices_of
from wagtail_llm_actions.engine.states import FieldState, accepted_state, sentence, state_sentence
from wagtail_llm_actions.exceptions import FormDataError, LLMActionsError, is_retryable
from wagtail_llm_actions.models import LLMAction, LLMActionHistory, LLMConfig, PromptTemplate
from wagtail_llm_actions.models.texts import storable_json
from wagtail_llm_actions.values import Decision, RunStatus

SourcePath = Annotated[str, Field(max_length=255)]

MAX_FIELDS = 5000
"""How many fields one form may ask about."""


MAX_PROMPT_CHARACTERS = 100_000
"""How long a prompt may be that is written for one run."""


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
    def of(cls, run: LLMActionHistory, label: str = "") -> "RunOut":
        """
        Describe a run.

        :param label: what it came to; blank for what the run alone knows of that.
        """
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
            label=label or sentence(run),
        )


class PastRunOut(RunOut):
    """A run as the field's history lists it."""

    model: str
    when: str
    """When it was asked for, in the user's language and time zone."""
    outcome: str
    """What became of it, as words."""
    url: str
    """Of its own page, with all that was sent and came back."""
    of_selection: bool
    """Whether it was on a selection, which is gone; such an output cannot be used again."""

    @classmethod
    def of(cls, run: LLMActionHistory, label: str = "") -> "PastRunOut":
        """Describe a run, as :meth:`RunOut.of` does."""
        decided = run.get_decision_display() if run.decision else run.get_status_display()
        return cls(
            **RunOut.of(run, label).dict(),
            model=run.model_name,
            when=date_format(localtime(run.created_at), "SHORT_DATETIME_FORMAT"),
            outcome=str(decided),
            url=reverse("wagtail_llm_actions:run", args=[run.pk]),
            of_selection=run.of_selection,
        )


class ActionOut(Schema):
    """The action that is in force for a field."""

    id: int
    name: str
    slug: str
    reads: list[str]
    """The paths of its sources."""

    @classmethod
    def of(cls, action: LLMAction) -> "ActionOut":
        """Describe an action."""
        paths = [source.path for source in action.sources.all()]
        return cls(id=action.pk, name=action.name, slug=action.slug, reads=paths)


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
            action=action and ActionOut.of(action),
            ready=action is not None and not state.problem,
            problem=state.problem,
            run=RunOut.of(state.run, state_sentence(state)) if state.run else None,
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
    may_customise: bool
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


class RunChangesIn(Schema):
    """What is otherwise than in the action, for one run; what is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    prompt_template: str | None = Field(None, max_length=100)
    system_prompt: str | None = Field(None, max_length=MAX_PROMPT_CHARACTERS)
    prompt: str | None = Field(None, max_length=MAX_PROMPT_CHARACTERS)
    llm_config: str | None = Field(None, max_length=100)
    model_name: str | None = Field(None, max_length=200)
    temperature: float | None = Field(None, ge=0, le=2)
    max_output_tokens: int | None = Field(None, ge=1, le=2**31 - 1)
    extra_parameters: dict[str, Any] | None = None
    output_mode: Literal["replace", "append"] | None = None
    sources: list[SourcePath] | None = Field(None, max_length=50)

    @classmethod
    def read(cls, text: str) -> RunChanges:
        """
        Return the changes that a form field holds as JSON.

        :raises FormDataError: if it holds something else.
        """
        try:
            return cls.model_validate_json(text or "{}").value()
        except ValidationError as error:
            raise FormDataError(str(error), user_message=sentence_of(error) or None) from error

    def value(self) -> RunChanges:
        """Return the changes, without what no database takes."""
        values = storable_json(self.model_dump(exclude_none=True))
        if "sources" in values:
            values["sources"] = tuple(values["sources"])
        return RunChanges(**values)


class PartOut(Schema):
    """A part of a prompt, with the label of the source that it comes from."""

    text: str
    source: str


class TemplateChoiceOut(Schema):
    """A prompt template, with its texts."""

    slug: str
    name: str
    system_prompt: str
    prompt: str


class ConfigChoiceOut(Schema):
    """An LLM configuration."""

    slug: str
    name: str
    model_name: str
    is_default: bool


class SourceChoiceOut(Schema):
    """A source that can be read."""

    path: str
    label: str
    words: int


class ChoicesOut(Schema):
    """What can be changed for a run, and into what."""

    templates: list[TemplateChoiceOut]
    configs: list[ConfigChoiceOut]
    sources: list[SourceChoiceOut]
    suggested: list[str]
    name: str


class RequestOut(Schema):
    """What the action says, as it is saved."""

    prompt_template: str
    system_prompt: str
    prompt: str
    llm_config: str
    model_name: str
    temperature: float | None
    max_output_tokens: int | None
    extra_parameters: dict[str, Any]
    output_mode: str
    sources: list[str]

    @classmethod
    def of(cls, action: LLMAction, default: LLMConfig | None) -> "RequestOut":
        """Describe an action."""
        template, config = action.prompt_template, action.llm_config or default
        return cls(
            prompt_template=template.slug,
            system_prompt=template.system_prompt,
            prompt=template.prompt,
            llm_config=action.llm_config.slug if action.llm_config else "",
            model_name=config.model_name if config else "",
            temperature=action.temperature,
            max_output_tokens=action.max_output_tokens,
            extra_parameters=action.extra_parameters,
            output_mode=action.output_mode,
            sources=[source.path for source in action.sources.all()],
        )


class PreviewOut(Schema):
    """What a run would send, before any call."""

    system: list[PartOut]
    user: list[PartOut]
    cuts: list[str]
    notices: list[str]
    tokens: int | None
    window: int | None
    goes_to: str
    problem: ErrorOut | None
    request: RequestOut | None
    """The action that is in force, as it is saved; ``null`` where there is none."""
    choices: ChoicesOut | None
    """``null`` where the user may change nothing."""
    may_save: bool
    edit_url: str
    """Where the action is edited; blank where there is none, or not by this user."""
    serves: str
    """Whom saving concerns, as a sentence."""

    @classmethod
    def of(
        cls,
        preview: Preview,
        choices: Choices | None,
        *,
        may_save: bool,
        edit_url: str,
        serves: str,
    ) -> "PreviewOut":
        """Describe what a run would send."""
        return cls(
            system=[PartOut.from_orm(part) for part in preview.system],
            user=[PartOut.from_orm(part) for part in preview.user],
            cuts=list(preview.cuts),
            notices=[] if preview.problem else notices_of(preview.run, cuts=False),
            tokens=preview.tokens,
            window=preview.window,
            goes_to=preview.goes_to,
            problem=ErrorOut.of(preview.problem) if preview.problem else None,
            request=RequestOut.of(preview.action, LLMConfig.objects.default())
            if preview.action
            else None,
            choices=ChoicesOut.from_orm(choices) if choices else None,
            may_save=may_save,
            edit_url=edit_url,
            serves=serves,
        )


class ActionIn(Schema):
    """What was changed in an action and is to be saved."""

    changes: RunChangesIn
    template_name: str = Field("", max_length=100)
    """What the prompt template is called that other texts become."""


class DecisionIn(Schema):
    """What a person did with an output."""

    decision: Literal["accepted", "edited", "rejected"]
    mended: str = Field("", max_length=MAX_MENDED_CHARACTERS)
    """With ``"edited"``: what went into the field, where the user changed the output before."""

    def value(self) -> Decision:
        """Return the decision."""
        return Decision(self.decision)
