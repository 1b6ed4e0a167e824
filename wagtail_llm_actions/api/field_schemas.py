"""The fields of a form, as JSON."""

from ninja import Schema
from pydantic import Field

from wagtail_llm_actions.api.run_schemas import RunOut
from wagtail_llm_actions.engine.states import FieldState, state_sentence
from wagtail_llm_actions.models import LLMAction, PromptTemplate

MAX_FIELDS = 5000
"""How many fields one form may ask about."""


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
