"""
The values that cross module boundaries: frozen dataclasses and choices.

This is the lowest layer but one. It knows neither the database nor Wagtail.
"""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models.enums import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class RunStatus(TextChoices):
    """Where a run stands."""

    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Running")
    SUCCEEDED = "succeeded", _("Succeeded")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")
    INTERRUPTED = "interrupted", _("Interrupted")
    REFUSED = "refused", _("Refused")
    SKIPPED = "skipped", _("Skipped")


ACTIVE_STATUSES = frozenset({RunStatus.QUEUED, RunStatus.RUNNING})
FINAL_STATUSES = frozenset(RunStatus) - ACTIVE_STATUSES


class Decision(TextChoices):
    """What became of the output of a run."""

    NONE = "", _("Nothing to decide")
    PENDING = "pending", _("Pending")
    ACCEPTED = "accepted", _("Accepted")
    EDITED = "edited", _("Accepted with changes")
    REJECTED = "rejected", _("Rejected")


class AttemptKind(TextChoices):
    """Why a provider was called."""

    # Translators: Why a language model was called: for the first time, again, or to mend its answer.
    FIRST = "first", pgettext_lazy("call of a model", "First")
    RETRY = "retry", pgettext_lazy("call of a model", "Retry")
    REPAIR = "repair", pgettext_lazy("call of a model", "Repair")


class AttemptStatus(TextChoices):
    """How a provider call ended."""

    RUNNING = "running", _("Running")
    SUCCEEDED = "succeeded", _("Succeeded")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")
    INTERRUPTED = "interrupted", _("Interrupted")


class OutputMode(TextChoices):
    """What an accepted output does to the value that is there."""

    REPLACE = "replace", _("Replace the current value")
    APPEND = "append", _("Add to the end of the current value")


class LimitMeasure(TextChoices):
    """What a limit counts."""

    REQUESTS = "requests", _("Runs")
    CONCURRENT = "concurrent", _("Runs at the same time")
    TOKENS = "tokens", _("Tokens")
    MONEY = "money", _("US dollars")


class LimitPeriod(TextChoices):
    """For how long a limit counts; each begins by the clock and the calendar of the site."""

    MINUTE = "minute", _("Minute")
    HOUR = "hour", _("Hour")
    DAY = "day", _("Day")
    WEEK = "week", _("Week, from Monday")
    MONTH = "month", _("Month")


class DataClass(TextChoices):
    """How far what a field says may go; each includes those before it."""

    PUBLIC = "public", _("Public")
    INTERNAL = "internal", _("Internal")
    PERSONAL = "personal", _("Personal data")

    @property
    def rank(self) -> int:
        """Higher where less may happen to it."""
        return list(type(self)).index(self)


class FinishReason(TextChoices):
    """Why a model stopped, in one vocabulary for every provider."""

    STOP = "stop", _("Finished")
    LENGTH = "length", _("Token limit")
    CONTENT_FILTER = "content_filter", _("Withheld by the service")


class FieldKind(TextChoices):
    """What kind of value a field takes."""

    TEXT = "text", _("Text")
    RICH_TEXT = "rich_text", _("Rich text")
    INTEGER = "integer", _("Whole number")
    NUMBER = "number", _("Number")
    BOOLEAN = "boolean", _("Yes or no")
    DATE = "date", _("Date")
    TIME = "time", _("Time")
    DATETIME = "datetime", _("Date and time")
    CHOICE = "choice", _("Choice")
    CHOICES = "choices", _("Several choices")
    URL = "url", _("URL")
    EMAIL = "email", _("E-mail address")
    SLUG = "slug", _("Slug")
    TAGS = "tags", _("Tags")
    OBJECT = "object", _("Page, image, document or other object")
    OBJECTS = "objects", _("Several objects")
    STRUCT = "struct", _("Group of fields")
    LIST = "list", _("List")
    STREAM = "stream", _("Blocks")
    ROWS = "rows", _("Rows")


BYTES_PER_TOKEN = 2
"""Of UTF-8, fewer than any common tokeniser needs for running text: estimates err upwards."""


def estimate_tokens(text: str) -> int:
    """Return a safe upper estimate of the tokens in ``text``, for any model."""
    return -(-len(text.encode()) // BYTES_PER_TOKEN)


GROWING_KINDS = frozenset(
    {
        FieldKind.TEXT,
        FieldKind.RICH_TEXT,
        FieldKind.TAGS,
        FieldKind.CHOICES,
        FieldKind.OBJECTS,
        FieldKind.LIST,
        FieldKind.STREAM,
    }
)
"""Kinds that an output can be added to; rows are only ever added, all others only replaced."""


TEXTUAL_KINDS = frozenset(
    {
        FieldKind.TEXT,
        FieldKind.RICH_TEXT,
        FieldKind.INTEGER,
        FieldKind.URL,
        FieldKind.EMAIL,
        FieldKind.SLUG,
    }
)
"""Kinds whose value is what it says, in every language: dates and decimals are not."""


PROSE_KINDS = frozenset({FieldKind.TEXT, FieldKind.RICH_TEXT})
"""Kinds whose output is the model's own text; all others are asked for as JSON."""


class ApplyMethod(TextChoices):
    """How the browser puts an output into its field."""

    TEXT = "text", _("As typed text")
    RICH_TEXT = "rich_text", _("As the content of a rich text editor")
    STATE = "state", _("By the widget's or block's setState")
    HTML = "html", _("By replacing the rendered field")
    ROWS = "rows", _("By adding inline children")


class ModelAbility(TextChoices):
    """What a model can do besides answering text with text."""

    JSON_SCHEMA = "json_schema", _("Schema-constrained output")
    IMAGES = "images", _("Images")
    SEED = "seed", _("Reproducible sampling")


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens spent on one completion; ``None`` where the provider is silent."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_input_tokens: int | None = None
    """Of the input tokens, those that the service had read before and charges less for."""
    reasoning_tokens: int | None = None
    """Of the output tokens, those that nobody gets to read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageData:
    """A picture as it is sent to a model."""

    content: bytes = field(repr=False)
    mime_type: str
    """``"image/jpeg"`` or ``"image/png"``."""

    @property
    def base64(self) -> str:
        """The bytes in base64."""
        return b64encode(self.content).decode("ascii")


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message of a conversation with a model."""

    role: str
    """``"system"``, ``"user"`` or ``"assistant"``."""
    content: str
    images: tuple[ImageData, ...] = ()
    """Only for a provider that supports them, and a model that sees."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletionRequest:
    """What is asked of a provider."""

    model_name: str
    messages: tuple[Message, ...]
    temperature: float | None = None
    """``None`` leaves it to the service."""
    max_output_tokens: int | None = None
    """``None`` leaves it to the service."""
    extra_parameters: Mapping[str, Any] = field(default_factory=dict)
    """Parameters by the service's own names; the provider says which it allows."""
    json_schema: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """
    A part of an answer.

    A chunk without anything means that the provider is still waiting: it gives the reader a
    chance to go away.
    """

    text: str = ""
    finish_reason: str | None = None
    """A :class:`FinishReason` value, on the last chunk."""
    usage: Usage | None = None
    model_name: str = ""
    """The model that answered, as the service names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """A provider's whole raw answer."""

    text: str
    finish_reason: str | None = None
    usage: Usage = Usage()
    model_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelInfo:
    """A model that a provider offers."""

    name: str
    size: int | None = None
    """Bytes on disk, where the service tells."""
    context_length: int | None = None
    """Tokens, where the service tells."""
    abilities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One of the values that a field can be given."""

    value: str
    """What the form takes; of an object its primary key."""
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSpec:
    """
    What a destination field takes.

    Its value, between a completion and the form, is JSON by the kind of the field: a string for
    text, Markdown, dates and times (ISO 8601), URLs, e-mail addresses, slugs, decimal numbers,
    the value of a choice and the primary key of an object; an integer; a boolean; a list of
    strings for tags and several choices or objects; an object by the names of ``fields`` for a
    group; a list of values for a list; ``{"type": …, "value": …}`` objects for blocks; a list of
    objects for rows; ``None`` for nothing.
    """

    path: str
    """The field's path, without the identities of blocks and children: ``body.section.heading``."""
    label: str
    kind: FieldKind
    required: bool = False
    max_length: int | None = None
    """Characters; ``None`` where there is no limit."""
    multiline: bool = True
    """Whether line breaks may stay."""
    features: tuple[str, ...] = ()
    """The rich text features that the field allows."""
    help_text: str = ""
    options: tuple[Option, ...] = ()
    """What can be chosen: choices, or objects that the user may choose."""
    minimum: str | None = None
    """The least number or the earliest date, as in the value."""
    maximum: str | None = None
    decimal_places: int | None = None
    min_items: int | None = None
    """Of lists, blocks, rows, tags and several choices or objects."""
    max_items: int | None = None
    fields: "tuple[FieldSpec, ...]" = ()
    """
    What is inside: the fields of a group or row, the types of block, the one item of a list.

    Their paths are relative to this field: ``heading``.
    """

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition(".")[2]

    @classmethod
    def restore(cls, stored: Mapping[str, Any]) -> "FieldSpec":
        """Return the spec that :func:`dataclasses.asdict` made ``stored`` of, also after JSON."""
        return cls(
            **{
                **stored,
                "kind": FieldKind(stored["kind"]),
                "features": tuple(stored.get("features", ())),
                "options": tuple(Option(**option) for option in stored.get("options", ())),
                "fields": tuple(cls.restore(inner) for inner in stored.get("fields", ())),
            }
        )


class SuspicionKind(TextChoices):
    """Why a text may be meant for language models instead of readers."""

    INSTRUCTIONS = "instructions", _("Reads like instructions to a language model")
    MARKS = "marks", _("Imitates the marks that surround a message or a source")
    INVISIBLE = "invisible", _("Has characters that cannot be seen")
    TAGS = "tags", _("Has text in characters that cannot be seen")
    COMMENT = "comment", _("Has a comment that readers do not see")
    HIDDEN = "hidden", _("Has text that is styled to be hidden")
    ENCODED = "encoded", _("Has text in an encoding that readers cannot read")


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspicion:
    """A place in a text that may be meant for language models instead of readers."""

    kind: SuspicionKind
    excerpt: str
    """What stands there, decoded where it cannot be seen; short."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """Which image a model looks at."""

    model: str
    """``app_label.model`` of the image, or of the file that waits to become one."""
    key: str
    title: str
    hash: str
    """SHA-1 of the file, in hexadecimal digits, as Wagtail keeps it."""
    size: int
    """Bytes of the file; what is sent is smaller."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceText:
    """A source of a prompt, read and turned into text."""

    name: str
    """The variable's name in the prompt template."""
    path: str
    label: str
    text: str
    """As it goes into the prompt: shortened and defused where that was needed."""
    required: bool = True
    cut_words: int = 0
    """How many words were left out at the end, so that the prompt fits the model."""
    findings: tuple[Suspicion, ...] = ()
    """What the whole text has that may be meant for a language model."""
    pictures: tuple[Picture, ...] = ()
    """What is sent along with the text, where the model sees."""
    notice: str = ""
    """Why an image is not sent as a picture, as a sentence for the editor."""

    @property
    def words(self) -> int:
        """How many words the text has, counted at spaces."""
        return len(self.text.split())

    @property
    def tokens(self) -> int:
        """How many tokens the text has at most, as :func:`estimate_tokens` has it."""
        return estimate_tokens(self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """The rendered texts that are sent to a model."""

    system: str
    user: str

    def messages(self, images: tuple[ImageData, ...] = ()) -> tuple[Message, ...]:
        """Return the prompt as the messages of a conversation, with pictures for who sees."""
        system = (Message(role="system", content=self.system),) if self.system else ()
        return (*system, Message(role="user", content=self.user, images=images))


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEvent:
    """Something that happened while a run was executed."""

    type: str
    """
    ``"started"``, ``"waiting"``, ``"delta"``, ``"restarted"`` (a new attempt: forget the deltas),
    ``"succeeded"``, or ``"failed"`` (also when cancelled or interrupted: see ``status``).
    """
    run_id: UUID
    text: str = ""
    """The new text of a delta; the output on success; the sentence for the editor on failure."""
    status: str = ""
    code: str = ""
    retryable: bool = False
    answer: str = ""
    """What the model answered where that does not fit the field: a person may mend it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Presentation:
    """An output as the browser applies it, or the reasons why it may not be applied."""

    run_id: UUID
    output: str
    """The output as plain text, for reading."""
    method: str = ""
    """An :class:`ApplyMethod` value; empty where the output may not be applied."""
    state: Any = None
    """What the browser applies by ``method``; ``None`` where the output may not be applied."""
    html: str = ""
    """The field rendered with the output, for the method ``"html"``."""
    kind: str = ""
    """A :class:`FieldKind` value."""
    errors: tuple[str, ...] = ()
    changed_meanwhile: bool = False
    """Whether the field's value is another than when the run was prepared."""
    current: str = ""
    """The field's value as it stands in the form now, as plain text."""
    notices: tuple[str, ...] = ()
    """What the editor should know of the output, such as links that it loses, as sentences."""
    other_mode: str = ""
    """The other :class:`OutputMode` that the output could be used in; empty if that is the same."""
