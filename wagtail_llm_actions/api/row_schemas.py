"""Actions, prompt templates and LLM configurations, as JSON."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.db.models import QuerySet
from ninja import Schema
from pydantic import AfterValidator, AwareDatetime, BeforeValidator, ConfigDict, Field, StrictBool

from wagtail_llm_actions.api.numbers import Positive, Whole
from wagtail_llm_actions.api.parameters import Parameters
from wagtail_llm_actions.api.request_schemas import MAX_PROMPT_CHARACTERS
from wagtail_llm_actions.models.texts import storable

Name = Annotated[str, Field(min_length=1, max_length=100, examples=["Meta description"])]
Slug = Annotated[
    str, Field(max_length=100, pattern="^[-a-zA-Z0-9_]*$", examples=["meta-description"])
]
TemplateSlug = Annotated[Slug, Field(min_length=1, examples=["sum-up"])]
ConfigSlug = Annotated[Slug, Field(examples=["fast"])]
Text = Annotated[str, Field(max_length=MAX_PROMPT_CHARACTERS)]
TypeName = Annotated[str, Field(max_length=200, examples=["blog.blogpage"])]
FieldPath = Annotated[str, Field(max_length=255, examples=["search_description"])]
SiteName = Annotated[str, Field(max_length=300, examples=["example.com:443"])]
Temperature = Annotated[float, Field(strict=True, ge=0, le=2, examples=[0.4])]
Tokens = Annotated[int, Field(strict=True, ge=1, le=2**31 - 1, examples=[200]), Whole]
GroupName = Annotated[str, Field(max_length=150, examples=["Press office"])]
Price = Annotated[Decimal, Positive(digits=12, places=6, example="0.15")]
OutputModeName = Literal["replace", "append"]
CategoryName = Literal["write", "rewrite", "summarise", "search", "translate", "describe", "other"]
Variable = Annotated[str, Field(max_length=100, examples=["body"])]


def _written_out(value: Any) -> Any:
    """
    Refuse numbers, which would be read as seconds.

    :raises ValueError: if ``value`` is one.
    """
    if isinstance(value, (int, float)) or (isinstance(value, str) and "-" not in value[1:]):
        raise ValueError("a moment is written like 2026-01-31T12:00:00Z")
    return value


def _in_utc(moment: datetime) -> datetime:
    """
    Return a moment as databases keep it.

    :raises ValueError: if their calendar does not have it.
    """
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("a moment of the years 1 to 9999") from error


Moment = Annotated[AwareDatetime, BeforeValidator(_written_out), AfterValidator(_in_utc)]


class SourceIn(Schema):
    """A field that an action reads, and the variable that it becomes."""

    model_config = ConfigDict(extra="forbid")

    path: FieldPath
    name: Variable
    required: StrictBool = True


class Wish(Schema):
    """What is said of a row; what is left out stays as it is, or is blank in a new one."""

    model_config = ConfigDict(extra="forbid")

    name: Name | None = None
    slug: Slug | None = None
    go_live_at: Moment | None = Field(None, examples=["2099-01-31T12:00:00Z"])
    expire_at: Moment | None = Field(None, examples=["2099-12-31T12:00:00Z"])
    """In the future, and after ``go_live_at``."""
    publish: StrictBool = False
    """Whether it goes live at once, instead of being kept as a draft."""
    version: str | None = Field(None, min_length=1, max_length=100)
    """The version that is replaced, where the header ``If-Match`` does not say it."""

    def contents(self) -> dict[str, Any]:
        """Return what is said of the row."""
        said = self.model_fields_set - {"publish", "version"}
        return {name: value for name, value in self.dict().items() if name in said}


class ActionChange(Wish):
    """What is changed in an LLM action."""

    object_type: TypeName | None = None
    """What it is for, as ``app_label.model``."""
    path: FieldPath | None = None
    """The field that it fills."""
    site: SiteName | None = None
    """The only site that it is for, as ``host:port``; ``null`` for all."""
    groups: list[GroupName] | None = Field(None, max_length=100)
    """The groups whose members may run it; none for all."""
    prompt_template: TemplateSlug | None = None
    llm_config: ConfigSlug | None = None
    """``null`` for the default one."""
    output_mode: OutputModeName | None = None
    answers_from_history: StrictBool | None = None
    """Whether an identical request at temperature 0 is answered from the history."""
    temperature: Temperature | None = None
    max_output_tokens: Tokens | None = None
    extra_parameters: Parameters | None = None
    sources: list[SourceIn] | None = Field(None, max_length=50)


class ActionCreation(ActionChange):
    """A new LLM action."""

    name: Name
    object_type: TypeName
    path: FieldPath
    prompt_template: TemplateSlug


class TemplateChange(Wish):
    """What is changed in a prompt template."""

    category: CategoryName | None = None
    description: Text | None = None
    system_prompt: Text | None = None
    prompt: Annotated[Text, Field(examples=["Sum up: {{ body }}"])] | None = None


class TemplateCreation(TemplateChange):
    """A new prompt template."""

    name: Name
    prompt: Annotated[Text, Field(examples=["Sum up: {{ body }}"])]


class ConfigChange(Wish):
    """What is changed in an LLM configuration."""

    provider: Annotated[str, Field(max_length=100, examples=["default"])] | None = None
    model_name: Annotated[str, Field(max_length=200, examples=["llama3.2:3b"])] | None = None
    reads_images: StrictBool | None = None
    is_default: StrictBool | None = None
    takes_over: StrictBool | None = None
    """Whether it is used instead of those whose providers are not cleared for what is sent."""
    input_price: Price | None = None
    """US dollars per million tokens, as are the other prices; ``null`` for the price list's."""
    output_price: Price | None = None
    cached_input_price: Price | None = None
    temperature: Temperature | None = None
    max_output_tokens: Tokens | None = None
    extra_parameters: Parameters | None = None


class ConfigCreation(ConfigChange):
    """A new LLM configuration."""

    name: Name
    model_name: Annotated[str, Field(max_length=200, examples=["llama3.2:3b"])]


class RowOut(Schema):
    """What all rows say, as their latest draft has it."""

    url: str
    """Where it is; its slug is that of the published row, a draft may have another."""
    name: str
    slug: str
    version: str = Field(examples=["7.31.31.0.110"])
    """To be sent with what replaces or deletes it; also the ``ETag`` of the answer."""
    live: bool
    has_unpublished_changes: bool
    live_revision: int | None
    latest_revision: int | None
    go_live_at: datetime | None
    expire_at: datetime | None


class ActionRowOut(RowOut):
    """An LLM action."""

    enabled: bool
    problem: str
    """Why it cannot run now, as a sentence; blank where it can."""
    object_type: str
    path: str
    site: str | None
    groups: list[str]
    prompt_template: str
    llm_config: str | None
    output_mode: str
    answers_from_history: bool
    temperature: float | None
    max_output_tokens: int | None
    extra_parameters: dict[str, Any]
    sources: list[SourceIn]


class TemplateRowOut(RowOut):
    """A prompt template."""

    category: str
    description: str
    system_prompt: str
    prompt: str


class ConfigRowOut(RowOut):
    """An LLM configuration; the key of its provider stands in the settings, and nowhere else."""

    provider: str
    model_name: str
    reads_images: bool
    is_default: bool
    takes_over: bool
    input_price: str | None
    output_price: str | None
    cached_input_price: str | None
    temperature: float | None
    max_output_tokens: int | None
    extra_parameters: dict[str, Any]


class RevisionOut(Schema):
    """One revision of a row."""

    id: int
    created_at: datetime
    user: str
    """Blank where it is not known."""
    is_live: bool
    is_latest: bool


class RevisionContentsOut(RevisionOut):
    """One revision of a row, with what it says."""

    contents: dict[str, Any]


class LastIn(Schema):
    """How much of a list is asked for."""

    limit: int = Field(20, ge=1, le=100)
    """How many at most."""


class PageIn(LastIn):
    """Which part of a list is asked for."""

    offset: int = Field(0, ge=0, le=1_000_000)
    """How many are left out before."""


class RowFilters(Schema):
    """What a list of rows can be narrowed down to, as they are published."""

    q: str | None = Field(None, max_length=100)
    """A part of the name."""
    live: bool | None = None

    def narrow(self, rows: QuerySet) -> QuerySet:
        """Return the rows that are asked for."""
        wanted = {
            self.lookup(name): storable(value) if isinstance(value, str) else value
            for name, value in self.dict(exclude_none=True).items()
        }
        return rows.filter(**wanted)

    def lookup(self, name: str) -> str:
        """Return the lookup that a filter stands for."""
        return LOOKUPS.get(name, name)


class ActionFilters(RowFilters):
    """What a list of actions can be narrowed down to."""

    enabled: bool | None = None
    object_type: TypeName | None = None
    path: FieldPath | None = None
    prompt_template: Slug | None = None
    llm_config: Slug | None = None

    def narrow(self, rows: QuerySet) -> QuerySet:
        """Return the actions that are asked for."""
        app_label, _dot, model = storable(self.object_type or "").partition(".")
        if self.object_type:
            rows = rows.filter(
                destination_type__app_label=app_label, destination_type__model=model.lower()
            )
        rest = self.model_copy(update={"object_type": None})
        return super(ActionFilters, rest).narrow(rows)


class TemplateFilters(RowFilters):
    """What a list of templates can be narrowed down to."""

    category: CategoryName | None = None


class ConfigFilters(RowFilters):
    """What a list of configurations can be narrowed down to."""

    provider: str | None = Field(None, max_length=100)
    is_default: bool | None = None


LOOKUPS = {
    "q": "name__icontains",
    "path": "destination_path",
    "prompt_template": "prompt_template__slug",
    "llm_config": "llm_config__slug",
}
