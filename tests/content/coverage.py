"""
Which classes of Django and Wagtail an LLM action reads and writes, tried on a page with all of them.

A class stands in a table by what came of trying it, or in a table of reasons.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction
from wagtail.admin.models import EditingSession
from wagtail.blocks import Block, ListBlock, StreamBlock, StructBlock

from wagtail_llm_actions.content.bound import BoundEditor
from wagtail_llm_actions.content.drafts import write_draft
from wagtail_llm_actions.content.reading import FormReader
from wagtail_llm_actions.content.saved import SavedEditor, open_saved
from wagtail_llm_actions.exceptions import LLMActionsError, UnsupportedFieldError
from wagtail_llm_actions.outputs import dump, fit, json_schema
from wagtail_llm_actions.values import PROSE_KINDS, FieldKind, FieldSpec, OutputMode

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs" / "reference" / "coverage.md"
HEADINGS = {"field": "Form fields", "widget": "Widgets", "panel": "Panels", "block": "Blocks"}

BASE = "A base of other classes, of no use by itself."
ADMIN = "Of Wagtail's own filters, dialogs and settings, where nothing is written."
SCHEDULED = "When something goes live people alone decide."
FILES = "A language model makes no files."
UNSEEN = "The editor does not see it, and could not judge it."
UNUSED = "No editor of Wagtail's has it by itself; a site's own form treats it like its base."
TABLE = "A table is laid out by hand; its cells are read."
REASONS = {
    "django.contrib.admin.": "Of Django's own admin, which Wagtail does not use.",
    "django.contrib.auth.": "Of accounts, where no control is shown.",
    "django.contrib.postgres.": "Arrays, ranges and stores of PostgreSQL: no kind is known for them.",
    "django.forms.fields.BaseTemporalField": BASE,
    "django.forms.fields.ComboField": UNUSED,
    "django.forms.fields.FileField": FILES,
    "django.forms.fields.FilePathField": "Names of the server's files are nobody's business.",
    "django.forms.fields.ImageField": FILES,
    "django.forms.fields.MultiValueField": BASE,
    "django.forms.fields.SplitDateTimeField": UNUSED,
    "django.forms.models.InlineForeignKeyField": "It ties an inline child to its parent.",
    "django.forms.widgets.ChoiceWidget": BASE,
    "django.forms.widgets.ClearableFileInput": FILES,
    "django.forms.widgets.DateTimeBaseInput": BASE,
    "django.forms.widgets.FileInput": FILES,
    "django.forms.widgets.HiddenInput": UNSEEN,
    "django.forms.widgets.Input": BASE,
    "django.forms.widgets.MultiWidget": BASE,
    "django.forms.widgets.MultipleHiddenInput": UNSEEN,
    "django.forms.widgets.PasswordInput": "It is a secret.",
    "django.forms.widgets.SplitHiddenDateTimeWidget": UNSEEN,
    **{
        f"django.forms.widgets.{name}": UNUSED
        for name in (
            "ColorInput",
            "DateInput",
            "DateTimeInput",
            "SearchInput",
            "SelectDateWidget",
            "SplitDateTimeWidget",
            "TelInput",
            "Textarea",
            "TimeInput",
        )
    },
    "wagtail.admin.panels.publishing_panel.PublishingPanel": SCHEDULED,
    "taggit.": UNUSED,
    "wagtail.admin.filters.": ADMIN,
    "wagtail.admin.forms.": ADMIN,
    "wagtail.admin.panels.comment_panel.": "Bookkeeping of the form, not content.",
    "wagtail.admin.panels.group.PanelGroup": BASE,
    "wagtail.admin.panels.help_panel.": "It holds a text and no field.",
    "wagtail.admin.widgets.chooser.AdminPageMoveChooser": ADMIN,
    "wagtail.admin.widgets.chooser.BaseChooser": BASE,
    "wagtail.admin.widgets.boolean_radio_select.BooleanRadioSelect": UNUSED,
    "wagtail.admin.widgets.filtered_select.FilteredSelect": UNUSED,
    "wagtail.admin.widgets.workflows.AdminTaskChooser": ADMIN,
    "wagtail.blocks.field_block.BaseChoiceBlock": BASE,
    "wagtail.blocks.field_block.ChooserBlock": BASE,
    "wagtail.blocks.field_block.FieldBlock": BASE,
    "wagtail.blocks.stream_block.BaseStreamBlock": BASE,
    "wagtail.blocks.struct_block.BaseStructBlock": BASE,
    "wagtail.contrib.forms.panels.": "It lists what visitors have sent.",
    "wagtail.contrib.simple_translation.": ADMIN,
    "wagtail.contrib.table_block.blocks.TableInput": TABLE,
    "wagtail.contrib.typed_table_block.blocks.BaseTypedTableBlock": BASE,
    "wagtail.documents.fields.": FILES,
    "wagtail.documents.views.chooser.": BASE,
    "wagtail.images.fields.": FILES,
}
"""Why a class that the page does not have is in no other table, by the beginning of its name."""

SAMPLES: dict[str, Any] = {
    "duration": "1:05:00",
    "pair": "3–4",
    "stream.regex": "ZZ-9",
}
"""Values of fields that take not just any text, by path."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of trying one field of the page."""

    path: str
    form: bool
    """Whether it was read from the posted form."""
    saved: bool
    """Whether it was read from the saved page, with the same words."""
    schema: str = "–"
    """How the model is asked."""
    editor: str = "–"
    """How the browser writes it."""
    draft: str = "–"

    @property
    def cells(self) -> tuple[str, ...]:
        """What the table says of it."""
        read = ("yes" if self.form else "no", "yes" if self.saved else "no")
        return (*read, self.schema, self.editor, self.draft, f"`{self.path}`")


def shipped() -> dict[str, list[str]]:
    """Return the full names of the classes, by what they are."""
    command = [sys.executable, "-m", "tests.content.shipped"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def addresses_of(reader: FormReader) -> Iterator[str]:
    """Yield the address of every field, relation and block that is in the page."""
    relations = {}
    for field in reader._material.fields:
        if field.read_only:
            continue
        if len(field.address) > 1:
            relations[field.address[0]] = None
        yield from _and_inside(reader, ".".join(field.address))
    yield from relations


def _and_inside(reader, address):
    yield address
    place = reader.place_of(address)
    if isinstance(place.block, StreamBlock):
        steps = [child.id or f"@{number}" for number, child in enumerate(place.value)]
    elif isinstance(place.block, ListBlock):
        steps = [f"@{number}" for number in range(len(place.value))]
    else:
        steps = list(place.block.child_blocks) if isinstance(place.block, StructBlock) else []
    for step in steps:
        yield from _and_inside(reader, f"{address}.{step}")


def trial_of(bound: BoundEditor, saved: SavedEditor, address: str) -> Trial:
    """Read and write one field in every way there is."""
    path, text = bound.path(address), bound.text(address)
    read = {"form": bool(text), "saved": bool(text) and saved.text(address) == text}
    try:
        spec = bound.spec(address)
    except UnsupportedFieldError:
        return Trial(path, **read)
    value = sample(spec)
    placement = bound.place(address, value, OutputMode.REPLACE)
    return Trial(
        path,
        **read,
        schema="prose" if spec.kind in PROSE_KINDS else _asked(spec, value),
        editor="; ".join(placement.errors) or placement.method,
        draft=_draft(saved, address, value),
    )


def sample(spec: FieldSpec) -> Any:
    """Return a value that the field takes."""
    if spec.path in SAMPLES:
        return SAMPLES[spec.path]
    match spec.kind:
        case FieldKind.TEXT:
            return "Tide"
        case FieldKind.RICH_TEXT:
            return "A **tide**"
        case FieldKind.INTEGER:
            return 5
        case FieldKind.NUMBER:
            return "2.5"
        case FieldKind.BOOLEAN:
            return True
        case FieldKind.DATE:
            return "2026-05-06"
        case FieldKind.TIME:
            return "08:15:00"
        case FieldKind.DATETIME:
            return "2026-05-06T08:15:00"
        case FieldKind.URL:
            return "http://localhost/tide/"
        case FieldKind.EMAIL:
            return "tide@example.com"
        case FieldKind.SLUG:
            return "a-tide"
        case FieldKind.TAGS:
            return ["tide"]
        case FieldKind.CHOICE | FieldKind.OBJECT:
            return spec.options[-1].value
        case FieldKind.CHOICES | FieldKind.OBJECTS:
            return [spec.options[-1].value]
        case FieldKind.STRUCT:
            return {field.path: sample(field) for field in spec.fields}
        case FieldKind.LIST:
            return [sample(spec.fields[0])]
        case FieldKind.STREAM:
            first = spec.fields[0]
            return [{"type": first.path, "value": sample(first)}]
    return [{field.path: sample(field) for field in spec.fields}]


def _asked(spec, value):
    """A value in JSON comes out of an answer as it went in."""
    has_schema = json_schema(spec) is not None
    return "JSON" if has_schema and fit(spec, dump(spec, value)) == value else "no"


def _draft(saved, address, value):
    instance, user = saved.editor.instance, saved.editor.user
    with transaction.atomic():
        EditingSession.objects.all().delete()  # that of the form
        if address == "stream":
            saved = _without_what_would_be_lost(instance, user)
        try:
            write_draft(instance, address, value, user, saved.value_hash(address))
        except LLMActionsError as error:
            return type(error).__name__
        finally:
            transaction.set_rollback(True)
    return "yes"


def _without_what_would_be_lost(instance, user):
    """Return the page with the blocks alone that a language model can write."""
    page = type(instance).objects.get(pk=instance.pk)
    lost = {"raw_html", "embed", "table", "typed_table", "static"}
    page.stream = [
        (child.block_type, child.value) for child in instance.stream if child.block_type not in lost
    ]
    page.save_revision(clean=False)
    return open_saved(page, user)


def block_class(block: Block) -> type:
    """Return the class of Wagtail's that a block is made from."""
    return next(cls for cls in type(block).__mro__ if cls.__module__.startswith("wagtail."))


def name_of(cls: type) -> str:
    """Return the full name of a class."""
    return f"{cls.__module__}.{cls.__qualname__}"
