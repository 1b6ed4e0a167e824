"""The pages that lead to posts."""

from django.core.paginator import Paginator
from django.db import models
from taggit.models import Tag
from wagtail.admin.panels import FieldPanel
from wagtail.models import Page

from sandbox.blog.models.posts import BlogPage

POSTS_ON_HOME = 7
POSTS_PER_PAGE = 6


class HomePage(Page):
    """The front page in one language: its newest posts."""

    introduction = models.TextField(blank=True, max_length=300)

    content_panels = [*Page.content_panels, FieldPanel("introduction")]
    parent_page_types = ["wagtailcore.Page"]
    subpage_types = ["blog.BlogIndexPage"]

    def get_context(self, request, *args, **kwargs):
        posts = list(BlogPage.objects.for_listing().descendant_of(self)[:POSTS_ON_HOME])
        context = super().get_context(request, *args, **kwargs)
        return context | {
            "lead": posts[0] if posts else None,
            "posts": posts[1:],
            "index": BlogIndexPage.objects.live().child_of(self).first(),
        }


class BlogIndexPage(Page):
    """All posts in one language, page by page, or those with one tag."""

    introduction = models.TextField(blank=True, max_length=300)

    content_panels = [*Page.content_panels, FieldPanel("introduction")]
    parent_page_types = ["blog.HomePage"]
    subpage_types = ["blog.BlogPage"]

    def get_context(self, request, *args, **kwargs):
        posts = BlogPage.objects.for_listing().child_of(self)
        tags = Tag.objects.filter(blog_taggedpost_items__content_object__in=posts.order_by())
        tag = tags.filter(slug=request.GET.get("tag", "")).first()
        if tag:
            posts = posts.filter(tags=tag)
        context = super().get_context(request, *args, **kwargs)
        return context | {
            "posts": Paginator(posts, POSTS_PER_PAGE).get_page(request.GET.get("page")),
            "tag": tag,
            "tags": tags.distinct().order_by("name"),
        }
