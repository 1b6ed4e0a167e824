"""
What an editor has selected in a rich text field, as the browser posts it: the selected blocks,
cut to the selection, as contentstate JSON.
"""

import json
from typing import Any

from django import forms
from django.utils.translation import gettext

from wagtail_llm_actions.content.forms import UNREADABLE
from wagtail_llm_actions.content.native import rich_text_html
from wagtail_llm_actions.exceptions import FormDataError, UnsupportedFieldError

SELECTION_KEY = "llm-selection"
"""The key under which the browser posts what is selected."""
TEXT = "unstyled"
EMBEDDED = "atomic"
RULE = "HORIZONTAL_RULE"


def selected_html(posted: str, field: forms.Field) -> str:
    """
    Return the selection as the HTML that the field would store.

    A part of one block is text: what kind of block it is stays as it is.

    :raises FormDataError: if it is no contentstate JSON.
    :raises UnsupportedFieldError: if an image or another embedded object is in it.
    """
    try:
        state = json.loads(posted)
        _require_text(state)
        if len(state["blocks"]) == 1:
            state["blocks"][0].update(type=TEXT, depth=0)
        return rich_text_html(json.dumps(state), field)
    except UNREADABLE as error:
        raise FormDataError(f"no contentstate: {error!r}") from error


def _require_text(state: dict[str, Any]) -> None:
    entities = state["entityMap"]
    for block in state["blocks"]:
        kinds = {entities[str(item["key"])]["type"] for item in block["entityRanges"]}
        if block["type"] == EMBEDDED and kinds != {RULE}:
            raise UnsupportedFieldError(
                f"{sorted(kinds)} in the selection",
                user_message=gettext(
                    "An image or another embedded object is selected, and a language model would "
                    "lose it. Nothing was sent. Select only text, then try again."
                ),
            )
