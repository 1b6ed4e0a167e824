"""Loads everything, once, and takes it away again."""

from collections.abc import Callable

from django.contrib.auth import get_user_model
from django.db import transaction
from wagtail.images import get_image_model
from wagtail.models import Page

from sandbox.blog.loading.actions import follow_choice, make_actions, make_templates
from sandbox.blog.loading.content import read_posts, read_table
from sandbox.blog.loading.pages import link_posts, make_post, make_trees
from sandbox.blog.loading.people import USER_NAMES, make_authors, make_users
from sandbox.blog.loading.pictures import Gallery
from sandbox.blog.models import Author, HomePage
from wagtail_llm_actions.models import LLMAction, LLMActionHistory, LLMConfig, PromptTemplate

Say = Callable[[str], None]


def is_loaded() -> bool:
    """Whether the database has content already, loaded or a person's own."""
    return HomePage.objects.exists()


@transaction.atomic
def load(say: Say) -> None:
    """
    Fill an empty database.

    :param say: is told what is being done.
    """
    site = read_table("site.toml")
    make_users()
    authors = make_authors(read_table("authors.toml")["authors"])
    indexes = make_trees(site["languages"], site["name"])
    load_posts(indexes, authors, say)
    say("LLM actions and prompt templates")
    actions = read_table("actions.toml")
    make_templates(actions["templates"])
    follow_choice()
    make_actions(actions["actions"])


def load_posts(indexes: dict, authors: dict, say: Say) -> None:
    """Make the posts, with their pictures."""
    posts, gallery, pages = read_posts(), Gallery(), {}
    for number, post in enumerate(posts, 1):
        say(f"post {number} of {len(posts)}: {post.title}")
        index = indexes[post.language]
        pages[post.slug] = make_post(post, index, authors[post.author], gallery)
        index.refresh_from_db()
    link_posts(posts, pages)


@transaction.atomic
def unload() -> None:
    """Take away all content, users, actions and runs, also what people made or edited."""
    for page in Page.get_first_root_node().get_children():
        page.specific.delete()
    for model in (LLMActionHistory, LLMAction, LLMConfig, PromptTemplate, Author):
        model.objects.all().delete()
    for image in get_image_model().objects.all():
        image.delete()
    get_user_model().objects.filter(username__in=USER_NAMES).delete()
