"""Prompt templates: versioned texts with variables, shared by actions."""

import hashlib

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.models import DraftStateMixin, RevisionMixin
from wagtail.search import index

from wagtail_llm_actions.models.publication import CheckedPublication
from wagtail_llm_actions.models.slugs import Slugged


def hash_texts(system_prompt: str, prompt: str) -> str:
    """Return the SHA-256 of a template's two texts, as hexadecimal digits."""
    return hashlib.sha256(f"{system_prompt}\0{prompt}".encode()).hexdigest()


class PromptTemplate(CheckedPublication, DraftStateMixin, RevisionMixin, index.Indexed, Slugged):
    """A text with variables that becomes the prompt of a run."""

    class Category(models.TextChoices):
        """What a template is for."""

        WRITE = "write", _("Write")
        REWRITE = "rewrite", _("Rewrite")
        SUMMARISE = "summarise", _("Summarise")
        SEARCH = "search", _("Search and sharing")
        TRANSLATE = "translate", _("Translate")
        DESCRIBE = "describe", _("Describe images")
        OTHER = "other", _("Other")

    description = models.TextField(_("description"), blank=True)
    category = models.CharField(
        _("category"), max_length=20, choices=Category.choices, default=Category.OTHER
    )
    system_prompt = models.TextField(
        _("system prompt"),
        blank=True,
        help_text=_("Who the model is and how it answers. Variables may be used here too."),
    )
    prompt = models.TextField(
        _("prompt"),
        help_text=_("What the model is to do. “{{ sources }}” is the text of all sources."),
    )
    shipped_hash = models.CharField(
        _("hash of the shipped text"), max_length=64, blank=True, editable=False
    )
    """SHA-256 of the predefined text that was loaded last; blank for a template of one's own."""

    search_fields = [
        index.SearchField("name"),
        index.SearchField("description"),
        index.SearchField("prompt"),
        index.AutocompleteField("name"),
    ]

    class Meta:
        verbose_name = _("prompt template")
        verbose_name_plural = _("prompt templates")
        ordering = ["name"]

    @property
    def text_hash(self) -> str:
        """The SHA-256 of the template's texts as they stand."""
        return hash_texts(self.system_prompt, self.prompt)
