"""
The predefined prompt templates: files of this package that become rows of a site.

A row belongs to the site as soon as a person has changed it. Only while its live text is still
the one that was loaded last does a newer version of this package bring it up to date.

Names and descriptions are for people, and come in the site's language. The prompts stay English:
models follow it best, and a prompt asks for the language of the page.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from importlib.resources import files

from django.db import transaction
from django.utils.translation import gettext, pgettext

from wagtail_llm_actions.models.templates import PromptTemplate, hash_texts

FOLDER = files("wagtail_llm_actions") / "data" / "prompt_templates"


class LoadOutcome(Enum):
    """What became of a predefined template; the value is how a command says it."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    EDITED = "skipped: it was edited on this site"
    HAS_DRAFT = "skipped: it has unpublished changes"
    NOT_LIVE = "skipped: it is not published"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippedTemplate:
    """A predefined prompt template, as its file has it."""

    slug: str
    name: str
    description: str
    category: str
    system_prompt: str
    prompt: str

    @property
    def text_hash(self) -> str:
        """The SHA-256 that a row records when it is loaded."""
        return hash_texts(self.system_prompt, self.prompt)


def shipped_templates() -> Iterator[ShippedTemplate]:
    """Yield the predefined templates, by slug."""
    for file in sorted(FOLDER.iterdir(), key=lambda file: file.name):
        if file.name.endswith(".toml"):
            values = tomllib.loads(file.read_text(encoding="utf-8"))
            texts = {key: text.strip() for key, text in values.items()}
            yield ShippedTemplate(slug=file.name.removesuffix(".toml"), **texts)


def load_shipped_template(shipped: ShippedTemplate, *, dry_run: bool = False) -> LoadOutcome:
    """
    Create the row of a predefined template, or bring it up to date if nobody has changed it.

    :param dry_run: only say what would happen.
    """
    with transaction.atomic():
        row = PromptTemplate.objects.select_for_update().filter(slug=shipped.slug).first()
        outcome = _outcome(shipped, row)
        if not dry_run and outcome in (LoadOutcome.CREATED, LoadOutcome.UPDATED):
            _publish(shipped, row or PromptTemplate(slug=shipped.slug, live=False))
    return outcome


def _outcome(shipped: ShippedTemplate, row: PromptTemplate | None) -> LoadOutcome:
    if row is None:
        return LoadOutcome.CREATED
    if not row.live:
        return LoadOutcome.NOT_LIVE
    live_hash = _hash_of(row)
    if live_hash == shipped.text_hash:
        return LoadOutcome.UNCHANGED
    if live_hash != row.shipped_hash:
        return LoadOutcome.EDITED
    return LoadOutcome.HAS_DRAFT if row.has_unpublished_changes else LoadOutcome.UPDATED


def _hash_of(row: PromptTemplate) -> str:
    """Return the hash of a row's text as it was loaded: browsers post other line ends."""
    return hash_texts(_as_loaded(row.system_prompt), _as_loaded(row.prompt))


def _as_loaded(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def _publish(shipped: ShippedTemplate, row: PromptTemplate) -> None:
    row.name = pgettext("prompt template", shipped.name)
    row.description = gettext(shipped.description)
    row.category = shipped.category
    row.system_prompt = shipped.system_prompt
    row.prompt = shipped.prompt
    row.shipped_hash = shipped.text_hash
    if row.pk is None:
        row.save()
    row.save_revision().publish()
