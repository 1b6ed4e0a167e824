"""The people who write."""

from django.db import models
from wagtail.admin.panels import FieldPanel
from wagtail.models import DraftStateMixin, RevisionMixin
from wagtail.search import index
from wagtail.snippets.models import register_snippet


@register_snippet
class Author(DraftStateMixin, RevisionMixin, index.Indexed, models.Model):
    """Someone who writes for the blog."""

    name = models.CharField(max_length=100)
    role = models.CharField(max_length=100, blank=True)
    facts = models.TextField(blank=True, help_text="Notes for the editors; readers never see them.")
    biography = models.TextField(blank=True, max_length=600)

    panels = [
        FieldPanel("name"),
        FieldPanel("role"),
        FieldPanel("facts"),
        FieldPanel("biography"),
    ]
    search_fields = [index.SearchField("name"), index.AutocompleteField("name")]

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.name

    @property
    def initials(self) -> str:
        """The first letters of the names, at most two."""
        return "".join(word[0] for word in self.name.split())[:2].upper()
