"""Posts and what belongs to them."""

import math
import re

from django.db import models
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.html import strip_tags
from modelcluster.contrib.taggit import ClusterTaggableManager
from modelcluster.fields import ParentalKey
from taggit.models import TaggedItemBase
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Orderable, Page, PageManager
from wagtail.query import PageQuerySet
from wagtail.search import index

from sandbox.blog.blocks import BodyBlock

WORDS_PER_MINUTE = 220
FORMS = [
    ("essay", "Essay"),
    ("guide", "Guide"),
    ("story", "Story"),
    ("notice", "Notice"),
]
IMAGE_HELP = "Shown above the post and in lists."


class TaggedPost(TaggedItemBase):
    """A tag on a post."""

    content_object = ParentalKey(
        "blog.BlogPage", on_delete=models.CASCADE, related_name="tagged_items"
    )


class BlogPageQuerySet(PageQuerySet):
    """Filters over posts."""

    def for_listing(self):
        """Return the published posts, newest first, with what a list shows of each."""
        posts = self.live().select_related("author", "image").order_by("-date", "-pk")
        return posts.prefetch_related("image__renditions")


class BlogPage(Page):
    """One post."""

    date = models.DateField(default=timezone.localdate)
    author = models.ForeignKey(
        "blog.Author", null=True, blank=True, on_delete=models.SET_NULL, related_name="posts"
    )
    form = models.CharField("kind of post", max_length=20, choices=FORMS, blank=True)
    introduction = models.TextField(
        blank=True, max_length=500, help_text="One or two sentences, shown in lists too."
    )
    image = models.ForeignKey(
        "wagtailimages.Image",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=IMAGE_HELP,
    )
    key_points = RichTextField(
        blank=True,
        features=["bold", "italic", "link", "ul"],
        help_text="What to take away, for readers in a hurry.",
    )
    body = StreamField(BodyBlock(), blank=True)
    tags = ClusterTaggableManager(through=TaggedPost, blank=True)

    objects = PageManager.from_queryset(BlogPageQuerySet)()

    content_panels = [
        *Page.content_panels,
        FieldPanel("introduction"),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("date"), FieldPanel("author")]),
                FieldRowPanel([FieldPanel("form"), FieldPanel("image")]),
                FieldPanel("tags"),
            ],
            heading="About this post",
        ),
        FieldPanel("key_points"),
        FieldPanel("body"),
        InlinePanel("gallery_images", label="Gallery image", heading="Gallery"),
        InlinePanel("related_links", label="Related link", heading="Related links"),
    ]
    search_fields = [
        *Page.search_fields,
        index.SearchField("introduction"),
        index.SearchField("body"),
    ]
    parent_page_types = ["blog.BlogIndexPage"]
    subpage_types = []

    @cached_property
    def minutes(self) -> int:
        """How long the body takes to read, in minutes; at least 1."""
        words = len(re.findall(r"\w+", strip_tags(str(self.body))))
        return max(1, math.ceil(words / WORDS_PER_MINUTE))


class GalleryImage(Orderable):
    """A picture below a post."""

    page = ParentalKey(BlogPage, on_delete=models.CASCADE, related_name="gallery_images")
    image = models.ForeignKey("wagtailimages.Image", on_delete=models.CASCADE, related_name="+")
    caption = models.CharField(max_length=160, blank=True)

    panels = [FieldPanel("image"), FieldPanel("caption")]


class RelatedLink(Orderable):
    """Where to read on."""

    page = ParentalKey(BlogPage, on_delete=models.CASCADE, related_name="related_links")
    caption = models.CharField(max_length=120)
    linked_page = models.ForeignKey(
        "wagtailcore.Page", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    url = models.URLField("address", blank=True)

    panels = [FieldPanel("caption"), FieldPanel("linked_page"), FieldPanel("url")]

    @property
    def target(self) -> str:
        """The address that the link leads to; blank where there is none."""
        return (self.linked_page.url if self.linked_page else self.url) or ""
