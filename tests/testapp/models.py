"""Pages and snippets with every kind of field the tests need."""

import uuid

from django.db import models
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import FieldPanel, InlinePanel, MultiFieldPanel
from wagtail.blocks import CharBlock, ListBlock, RichTextBlock, StreamBlock, StructBlock, TextBlock
from wagtail.fields import RichTextField, StreamField
from wagtail.models import DraftStateMixin, LockableMixin, Orderable, Page, RevisionMixin
from wagtail.snippets.models import register_snippet

from tests.testapp.everything import (  # noqa: F401
    Everything,
    EverythingItem,
    EverythingPage,
    EverythingPicture,
    EverythingTag,
    Topic,
)
from tests.testapp.media import Announcement, Branding, Picture, PictureRendition  # noqa: F401


class SectionBlock(StructBlock):
    """A heading, plain text and rich text."""

    heading = CharBlock(max_length=80, required=False)
    teaser = TextBlock(required=False)
    body = RichTextBlock(required=False)


class ColumnsBlock(StreamBlock):
    """Blocks within a block."""

    heading = CharBlock()
    section = SectionBlock()


class StoryPage(Page):
    """A page with every kind of field that the editor offers a control for."""

    intro = models.TextField(blank=True, max_length=500)
    summary = models.CharField(blank=True, max_length=100)
    body = RichTextField(blank=True, features=["bold", "italic", "h2", "link", "ul", "ol"])
    stream = StreamField(
        [
            ("heading", CharBlock()),
            ("text", TextBlock()),
            ("rich_text", RichTextBlock(features=["bold", "italic", "link"])),
            ("section", SectionBlock()),
            ("columns", ColumnsBlock()),
            ("quotes", ListBlock(CharBlock())),
        ],
        blank=True,
    )
    internal_note = models.CharField(blank=True, max_length=100)
    """Only superusers may edit it."""
    reference = models.CharField(max_length=50, blank=True)
    """Read-only in the editor."""
    reviewed_on = models.DateField(null=True, blank=True)

    content_panels = [
        *Page.content_panels,
        FieldPanel("intro"),
        MultiFieldPanel([FieldPanel("summary"), FieldPanel("reviewed_on")], heading="Details"),
        FieldPanel("body"),
        FieldPanel("stream"),
        FieldPanel("internal_note", permission="superuser"),
        FieldPanel("reference", read_only=True),
        InlinePanel("related_links", label="Related link"),
    ]


class RelatedLink(Orderable):
    """An inline child of a page."""

    page = ParentalKey(StoryPage, on_delete=models.CASCADE, related_name="related_links")
    caption = models.CharField(max_length=120, blank=True)
    note = RichTextField(blank=True, features=["bold", "link"])

    panels = [FieldPanel("caption"), FieldPanel("note")]


class OtherPage(Page):
    """Another page type, without fields of its own."""


@register_snippet
class Person(DraftStateMixin, LockableMixin, RevisionMixin, ClusterableModel):
    """A snippet with drafts and locks."""

    name = models.CharField(max_length=100)
    role = models.CharField(max_length=100, blank=True)
    biography = models.TextField(blank=True)
    profile = RichTextField(blank=True)

    panels = [
        FieldPanel("name"),
        FieldPanel("role"),
        FieldPanel("biography"),
        FieldPanel("profile"),
        InlinePanel("awards", label="Award"),
    ]

    def __str__(self):
        return self.name


class Award(Orderable):
    """An inline child of a snippet."""

    person = ParentalKey(Person, on_delete=models.CASCADE, related_name="awards")
    title = models.CharField(max_length=100)

    panels = [FieldPanel("title")]


@register_snippet
class Note(models.Model):
    """A snippet without drafts or revisions."""

    subject = models.CharField(max_length=100)
    text = models.TextField(blank=True)

    def __str__(self):
        return self.subject


@register_snippet
class Event(models.Model):
    """A snippet whose primary key is no number, with a field that only superusers may see."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=100)
    budget = models.CharField(max_length=100, blank=True)

    panels = [FieldPanel("name"), FieldPanel("budget", permission="superuser")]

    def __str__(self):
        return self.name


class BookPage(Page):
    """A page whose inline children have inline children."""

    content_panels = [*Page.content_panels, InlinePanel("chapters", label="Chapter")]


class Chapter(Orderable, ClusterableModel):
    """An inline child with children of its own."""

    page = ParentalKey(BookPage, on_delete=models.CASCADE, related_name="chapters")
    heading = models.CharField(max_length=80)

    panels = [FieldPanel("heading"), InlinePanel("notes", label="Note")]


class ChapterNote(Orderable):
    """An inline child of an inline child."""

    chapter = ParentalKey(Chapter, on_delete=models.CASCADE, related_name="notes")
    text = models.CharField(max_length=80)

    panels = [FieldPanel("text")]
