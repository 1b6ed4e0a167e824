"""
Stores every hostile answer that a field takes in a post of the sandbox, and publishes it.

Run as a process of its own, because it has the sandbox's settings:
``python -m tests.browser.poison_sandbox``. It prints the post's path and how many were stored.
"""

import json
import sys
from collections.abc import Iterator
from typing import Any

import django


def main() -> None:
    """Print what was stored where."""
    django.setup()
    from django.contrib.auth import get_user_model

    from sandbox.blog.models import BlogIndexPage, BlogPage

    user = get_user_model().objects.get(username="admin")
    post = BlogPage(title="Poison", slug="poison", author=BlogPage.objects.first().author)
    BlogIndexPage.objects.first().add_child(instance=post)
    post.save_revision()
    counts = {address: write(post.pk, address, user) for address in PARTS}
    BlogPage.objects.get(pk=post.pk).get_latest_revision().publish()
    json.dump({"path": BlogPage.objects.get(pk=post.pk).url, "counts": counts}, sys.stdout)


def write(key: int, address: str, user: Any) -> int:
    """Fill one field as work in the background does, and return how many answers are in it."""
    from sandbox.blog.models import BlogPage
    from wagtail_llm_actions.content.drafts import write_draft
    from wagtail_llm_actions.content.saved import open_saved

    post = BlogPage.objects.get(pk=key)
    saved = open_saved(post, user)
    count, value = PARTS[address](saved.spec(address))
    write_draft(post, address, value, user, saved.value_hash(address))
    return count


def fitting(spec: Any, path: str) -> Iterator[Any]:
    """Yield the answers that fit the field at a path, as its values."""
    from sandbox.blog.models import BlogPage
    from tests.hostile.outputs import OUTPUTS
    from wagtail_llm_actions.content import problems_of_value
    from wagtail_llm_actions.exceptions import OutputError
    from wagtail_llm_actions.outputs import clean, fit

    for output in OUTPUTS:
        try:
            value = fit(spec, clean(output))
        except OutputError:
            continue
        if not problems_of_value(BlogPage, path, value):
            yield value


def inside(spec: Any, *names: str) -> Any:
    """Return the spec of a field in another's."""
    for name in names:
        spec = next(field for field in spec.fields if field.name == name)
    return spec


def body(spec: Any) -> tuple[int, list[dict[str, Any]]]:
    """Return a block for each answer in each place that holds text."""
    blocks = [
        {"type": kind, "value": text}
        for kind in ("heading", "paragraph")
        for text in fitting(inside(spec, kind), f"body.{kind}")
    ]
    for text in fitting(inside(spec, "quote", "text"), "body.quote.text"):
        blocks.append({"type": "quote", "value": {"text": text, "source": text[:120]}})
    for text in fitting(inside(spec, "code", "code"), "body.code.code"):
        blocks.append({"type": "code", "value": {"language": text[:30], "code": text}})
    return len(blocks), blocks


def links(spec: Any) -> tuple[int, list[dict[str, Any]]]:
    """Return a related link for each answer."""
    rows = [
        {"caption": text, "url": "http://localhost/about/"}
        for text in fitting(inside(spec, "caption"), "related_links.caption")
    ]
    return len(rows), rows


def prose(spec: Any) -> tuple[int, str]:
    """Return all that the field has room for."""
    texts: list[str] = []
    for text in fitting(spec, spec.path):
        if spec.max_length is None or len("\n\n".join([*texts, text])) <= spec.max_length:
            texts.append(text)
    return len(texts), "\n\n".join(texts)


PARTS = {
    "title": lambda spec: (1, "<script>alert(1)</script><img src=x onerror=alert(1)>"),
    "introduction": prose,
    "key_points": prose,
    "body": body,
    "related_links": links,
}

if __name__ == "__main__":
    main()
