"""
Hashes of field values, which tell whether a field still holds what it held.

Unlike its text, the hash of a value knows of images without a description and of raw HTML.
"""

import hashlib
import json
import re
from collections import deque
from typing import Any

from django.db.models import Model

from wagtail_llm_actions.content.addresses import Place
from wagtail_llm_actions.content.forms import UNREADABLE
from wagtail_llm_actions.content.known_links import leaves_of

BLOCK_KEY = re.compile(r' data-block-key="[^"]*"')
"""What Wagtail writes into rich text: some of them anew whenever an editor opens it."""


def hash_of(place: Place) -> str:
    """Return a hash of what stands in a field or block, in hexadecimal digits."""
    return hash_of_value(place, place.value)


def hash_of_value(place: Place, value: Any) -> str:
    """Return the hash that a field or block would have with another value in it."""
    if place.block is not None:
        try:
            # What nobody has looked at yet comes as it was stored, and may be written otherwise.
            deque(leaves_of(place.block, value), maxlen=0)
            value = place.block.get_prep_value(value)
        except UNREADABLE:
            value = str(value)
    elif hasattr(value, "all"):
        value = sorted(str(row.pk) for row in value.all())
    elif isinstance(value, list):
        value = sorted(map(str, value))
    return hash_of_text(json.dumps(_plain(value), sort_keys=True))


def hash_of_text(text: str) -> str:
    """Return a hash of a text, in hexadecimal digits."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def _plain(value: Any) -> Any:
    """Return a value as JSON, the same whether a form has cleaned it, or as it was posted."""
    if isinstance(value, dict):
        is_child = value.keys() == {"type", "value", "id"}
        # A block without an id gets another one each time.
        return {str(key): _plain(value[key]) for key in value if not (is_child and key == "id")}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, Model):
        return str(value.pk)
    text = "" if value is None else str(value)
    return BLOCK_KEY.sub("", text.replace("\r\n", "\n"))
