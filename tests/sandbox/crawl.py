"""
Looks at everything in a loaded sandbox and prints, as JSON, what it found.

Run as a process of its own, because it has the sandbox's settings: ``python -m tests.sandbox.crawl``.
"""

import io
import json
import re
import sys

import django
from django.core.management import call_command


def main() -> None:
    """Print what there is, and what a second load leaves of a person's edits."""
    django.setup()
    found = {
        "posts": posts(),
        "actions": actions(),
        "front": front_pages(),
        "admin": {name: admin_pages(name) for name in ("editor", "moderator")},
        "permissions": permissions(),
        "checks": checks(),
        "edits": edits(),
    }
    json.dump(found, sys.stdout)


def posts() -> list[dict]:
    from django.utils.html import strip_tags

    from sandbox.blog.models import BlogPage

    return [
        {
            "slug": post.slug,
            "language": post.locale.language_code,
            "words": len(re.findall(r"\w+", strip_tags(str(post.body)))),
            "image": bool(post.image),
            "blank": [
                name
                for name in ("introduction", "search_description", "seo_title")
                if not getattr(post, name)
            ],
            "blocks": sorted({block.block_type for block in post.body}),
            "tags": post.tags.count(),
        }
        for post in BlogPage.objects.live()
    ]


def actions() -> list[dict]:
    from wagtail_llm_actions.models import LLMAction

    return [
        {
            "model": action.destination_type.model,
            "path": action.destination_path,
            "template_is_live": action.prompt_template.live,
        }
        for action in LLMAction.objects.live()
    ]


def front_pages() -> dict[str, int]:
    from django.test import Client
    from wagtail.models import Page

    urls = [page.url for page in Page.objects.live().filter(depth__gt=1)]
    urls += ["/blog/?page=2", "/blog/?page=99", "/blog/?tag=walking", "/blog/?tag=none"]
    client = Client()
    return {url: client.get(url).status_code for url in urls}


def admin_pages(user_name: str) -> dict[str, int]:
    from django.test import Client
    from wagtail.models import Page

    from sandbox.blog.models import Author

    client = Client()
    if not client.login(username=user_name, password=user_name):
        raise SystemExit(f"{user_name} cannot log in")
    urls = ["/admin/", "/admin/pages/", "/admin/images/", "/admin/snippets/blog/author/"]
    urls += ["/admin/images/chooser/"]
    urls += [f"/admin/pages/{page.pk}/edit/" for page in Page.objects.filter(depth__gt=1)]
    urls += [f"/admin/snippets/blog/author/edit/{author.pk}/" for author in Author.objects.all()]
    return {url: client.get(url).status_code for url in urls}


def permissions() -> dict[str, list[bool]]:
    from django.contrib.auth import get_user_model

    from wagtail_llm_actions import permissions

    users = get_user_model().objects
    return {
        name: [
            permissions.can_run(user := users.get(username=name)),
            permissions.can_see_all_runs(user),
            permissions.can_configure(user),
        ]
        for name in ("editor", "moderator", "admin")
    }


def checks() -> str:
    errors = io.StringIO()
    quiet = {"stdout": io.StringIO(), "stderr": errors}
    call_command("check", databases=["default"], fail_level="WARNING", **quiet)
    return errors.getvalue()


def edits() -> dict[str, object]:
    """Edit, delete and configure as a person would; load again; say what is there then."""
    from django.contrib.auth import get_user_model

    from sandbox.blog.models import BlogPage
    from wagtail_llm_actions.models import LLMAction, LLMConfig

    post = BlogPage.objects.get(slug="a-quiet-cup")
    post.title = "My own title"
    post.save_revision().publish()
    LLMAction.objects.get(slug="post-title").delete()
    config = LLMConfig.objects.get()
    config.model_name = "my-own-model"
    config.save_revision(user=get_user_model().objects.get(username="admin")).publish()
    count = BlogPage.objects.count()
    call_command("load_sandbox", verbosity=0, stdout=io.StringIO())
    post.refresh_from_db()
    config.refresh_from_db()
    return {
        "title": post.title,
        "deleted_action_is_back": LLMAction.objects.filter(slug="post-title").exists(),
        "model_name": config.model_name,
        "posts_added": BlogPage.objects.count() - count,
    }


if __name__ == "__main__":
    main()
