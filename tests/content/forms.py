"""What the browser posts from an edit form: all that Wagtail renders, and what JavaScript adds."""

import json
from urllib.parse import urlencode

from bs4 import BeautifulSoup
from django.http import QueryDict
from django.urls import reverse
from wagtail.test.utils.form_data import inline_formset, nested_form_data, streamfield
from wagtail.test.utils.form_data import rich_text as rich_text_of

STREAM_BODY = {"features": ["bold", "italic", "link"]}


def edit_path(instance) -> str:
    """Return where a page or snippet is edited."""
    if hasattr(instance, "get_parent"):
        return reverse("wagtailadmin_pages:edit", args=[instance.pk])
    return reverse(instance.snippet_viewset.get_url_name("edit"), args=[instance.pk])


def add_path(parent, model="storypage") -> str:
    """Return where a page is created under ``parent``."""
    return reverse("wagtailadmin_pages:add", args=["testapp", model, parent.pk])


def rich_text(html, features=None) -> str:
    """Return contentstate JSON."""
    return rich_text_of(html, features=features)


def stream(*blocks, ids=()) -> dict:
    """Return the data of a stream of ``(type, value)``, with ids where given."""
    data = streamfield(list(blocks))
    for number, block_id in enumerate(ids):
        data[str(number)]["id"] = block_id
    return data


def items(*values, ids=()) -> dict:
    """Return the data of a list block."""
    data = streamfield([("", value) for value in values])
    for number in range(len(values)):
        del data[str(number)]["type"]
        data[str(number)]["id"] = ids[number] if ids else ""
    return data


def story(**values) -> QueryDict:
    """Return the data of a story page's form; ``stream`` and ``related_links`` start empty."""
    data = {
        "title": "A story",
        "slug": "a-story",
        "seo_title": "",
        "search_description": "",
        "intro": "",
        "summary": "",
        "reviewed_on": "",
        "body": rich_text(""),
        "stream": stream(),
        "internal_note": "",
        "related_links": inline_formset([]),
        "comments": inline_formset([]),
        "go_live_at": "",
        "expire_at": "",
    }
    return posted(data | values)


CHOICE_LISTS = ("colours", "sizes", "topics", "boxes")
"""Fields of an everything page that post nothing where nothing is chosen."""
EMPTY_FIELDS = (
    *("seo_title", "search_description", "char", "text", "integer", "decimal", "float"),
    *("date", "time", "datetime", "choice", "radio", "mood", "size", "url", "email", "own_slug"),
    *("page_link", "story", "image", "document", "person", "topic", "json", "duration", "uuid"),
    *("ip", "pair_from", "pair_to", "tags", "go_live_at", "expire_at"),
)


def everything(**values) -> QueryDict:
    """
    Return the data of an everything page's form: all empty but title and slug.

    ``boolean`` and ``switch`` are ``"on"`` or absent, several choices lists of strings.
    """
    data = dict.fromkeys(EMPTY_FIELDS, "") | {
        "title": "Everything",
        "slug": "everything",
        "null_boolean": "unknown",
        "rich": rich_text(""),
        "rich_few": rich_text(""),
        "rich_lists": rich_text(""),
        "stream": stream(),
        "items": inline_formset([]),
        "gallery": inline_formset([]),
        "comments": inline_formset([]),
    }
    lists = {name: values.pop(name) for name in CHOICE_LISTS if name in values}
    post = posted(data | values).copy()
    for name, chosen in lists.items():
        post.setlist(name, chosen)
    return post


def posted(data: dict) -> QueryDict:
    """Return nested data as the browser posts them."""
    return QueryDict(urlencode(nested_form_data(data)), mutable=False)


def rendered(html: str) -> tuple[str, QueryDict]:
    """Return the action and the data of the edit form in a page, as its scripts complete them."""
    form = BeautifulSoup(html, "html.parser").select_one("form[data-edit-form]")
    data = {}
    for element in form.select("input[name], textarea[name], select[name]"):
        if element.find_parent("template") or element.get("type") in ("submit", "checkbox"):
            continue
        data[element["name"]] = element.get("value") or element.text.strip("\n")
    for element in form.select("[data-controller='w-block']"):
        state = json.loads(element["data-w-block-arguments-value"])[0]
        data |= nested_form_data({element["id"]: _stream_inputs(state)})
    return form["action"], QueryDict(urlencode(data))


def _stream_inputs(state):
    """What StreamBlock.js, StructBlock.ts and ListBlock.js render for a form state."""
    if isinstance(state, dict):
        return {name: _stream_inputs(value) for name, value in state.items()}
    if not isinstance(state, list):
        return state or ""
    inputs = {"count": str(len(state))}
    for number, item in enumerate(state):
        inputs[str(number)] = {
            "type": item.get("type", ""),
            "value": _stream_inputs(item["value"]),
            "id": item["id"] or "",
            "order": str(number),
            "deleted": "",
        }
    return inputs
