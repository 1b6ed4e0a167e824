"""What a run would send and what of it a person changes, as JSON."""

from typing import Annotated, Any, Self

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from ninja import Schema
from pydantic import ConfigDict, Field, ValidationError, field_validator

from wagtail_llm_actions.api.errors import ErrorOut
from wagtail_llm_actions.api.parameters import Parameters
from wagtail_llm_actions.api.refusals import sentence_of
from wagtail_llm_actions.api.run_schemas import Mode
from wagtail_llm_actions.engine import Choices, Preview, RunChanges, notices_of, version_of
from wagtail_llm_actions.engine.template_versions import TemplateVersion
from wagtail_llm_actions.exceptions import FormDataError
from wagtail_llm_actions.models import LLMAction, LLMConfig
from wagtail_llm_actions.models.texts import storable_json

SourcePath = Annotated[str, Field(max_length=255)]


MAX_PROMPT_CHARACTERS = 100_000
"""How long a prompt may be that is written for one run."""


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
    extra_parameters: Parameters | None = None
    output_mode: Mode | None = None
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
            raise FormDataError(
                str(error), user_message=sentence_of(error.errors()) or None
            ) from error

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


class TemplateVersionOut(Schema):
    """An earlier version of a prompt template."""

    number: int
    date: str
    """When it was published, in the user's language."""
    url: str
    """Where it is compared with the live one."""

    @classmethod
    def of(cls, version: TemplateVersion) -> "TemplateVersionOut":
        """Describe a version; Wagtail's own view compares it."""
        view = "wagtailsnippets_wagtail_llm_actions_prompttemplate:revisions_compare"
        return cls(
            number=version.number,
            date=date_format(localtime(version.published_at), "DATE_FORMAT"),
            url=reverse(view, args=[version.template_id, version.revision_id, "live"]),
        )


class TemplateChoiceOut(Schema):
    """A prompt template, with its texts."""

    slug: str
    name: str
    system_prompt: str
    prompt: str
    versions: list[TemplateVersionOut] = []
    """Earlier ones, the latest first; empty for who may not compare them."""

    @field_validator("versions", mode="before")
    @classmethod
    def describe(cls, versions: Any) -> Any:
        """Describe the versions that come from the engine."""
        return [
            TemplateVersionOut.of(one) if isinstance(one, TemplateVersion) else one
            for one in versions
        ]


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


class DestinationOut(Schema):
    """A field that has no LLM action of its own on this type of object."""

    path: str
    label: str


class ChoicesOut(Schema):
    """What can be changed for a run, and into what."""

    templates: list[TemplateChoiceOut]
    configs: list[ConfigChoiceOut]
    sources: list[SourceChoiceOut]
    suggested: list[str]
    name: str
    destinations: list[DestinationOut]


class RequestOut(Schema):
    """What the action says, as it is saved."""

    version: str
    """Which action it is, and which version of it: to be sent with what is saved or deleted."""
    is_own: bool
    """Whether it is for this very type of object, and not for a base."""
    is_draft: bool
    """Whether it has changes that are not published: then nothing can be saved from here."""
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
    def of(cls, action: LLMAction, default: LLMConfig | None, own_type: int | None) -> "RequestOut":
        """Describe an action; ``own_type`` is the key of the object's content type."""
        template, config = action.prompt_template, action.llm_config or default
        return cls(
            version=version_of(action),
            is_own=action.destination_type_id == own_type,
            is_draft=action.has_unpublished_changes,
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


class RightsOut(Schema):
    """What the user may do with what was tried."""

    save: bool = False
    save_as: bool = False
    """As another LLM action."""
    save_template: bool = False
    delete: bool = False


class SendingOut(Schema):
    """What would be sent, before any call."""

    system: list[PartOut]
    user: list[PartOut]
    cuts: list[str]
    notices: list[str]
    tokens: int | None
    window: int | None
    goes_to: str
    price: str
    """What it would cost, as a sentence; blank for who may not see money."""
    limits: list[str]
    """What is left of the limits that count for it, as sentences."""
    problem: ErrorOut | None

    @classmethod
    def of(cls, preview: Preview, **more: Any) -> Self:
        """Describe what a run would send."""
        return cls(
            system=[PartOut.from_orm(part) for part in preview.system],
            user=[PartOut.from_orm(part) for part in preview.user],
            cuts=list(preview.cuts),
            notices=[] if preview.problem else notices_of(preview.run, cuts=False),
            tokens=preview.tokens,
            window=preview.window,
            goes_to=preview.goes_to,
            price=preview.price,
            limits=list(preview.limits),
            problem=ErrorOut.of(preview.problem) if preview.problem else None,
            **more,
        )


class PreviewOut(SendingOut):
    """What a run would send, and what of it can be changed."""

    request: RequestOut | None
    """The action that is in force, as it is saved; ``null`` where there is none."""
    choices: ChoicesOut | None
    """``null`` where the user may change nothing."""
    rights: RightsOut
    edit_url: str
    """Where the action is edited; blank where there is none, or not by this user."""
    serves: str
    """Whom saving concerns, as a sentence."""

    @classmethod
    def of_field(cls, preview: Preview, choices: Choices | None, **more: Any) -> "PreviewOut":
        """Describe what a run on a field would send; ``more`` are the rest of the members."""
        action, type_id = preview.action, preview.run.content_type_id
        default = LLMConfig.objects.default()
        return cls.of(
            preview,
            request=RequestOut.of(action, default, type_id) if action else None,
            choices=ChoicesOut.from_orm(choices) if choices else None,
            **more,
        )


class ActionIn(Schema):
    """What was changed in an action and is to be saved."""

    changes: RunChangesIn
    template_name: str = Field("", max_length=100)
    """What the prompt template is called that other texts become."""
    destination: str = Field("", max_length=255)
    """The path of another field that the action is for from now on; blank for the field."""
    version: str | None = Field(None, max_length=50)
    """Of the action that was shown, blank for none; if it is another by now, nothing is saved."""
    as_new: bool = False
    """Whether it becomes another action, for this type of object alone."""


class TemplateIn(Schema):
    """A prompt that is to be saved as a template."""

    name: str = Field(max_length=100)
    system_prompt: str = Field("", max_length=MAX_PROMPT_CHARACTERS)
    prompt: str = Field(max_length=MAX_PROMPT_CHARACTERS)
