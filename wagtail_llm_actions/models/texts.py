"""Texts as every database takes them: a receipt is never refused."""

from collections.abc import Mapping
from typing import Any

from django.db import models


def storable(text: str) -> str:
    """
    Return ``text`` without NUL and lone surrogates, which databases refuse.

    Halves of a surrogate pair that came apart are joined; lone ones become U+FFFD.
    """
    joined = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return joined.replace("\0", "")


def fitted(model: type[models.Model], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``values`` with the texts among them storable, and no longer than their columns."""
    return {name: _fitted(model._meta.get_field(name), value) for name, value in values.items()}


def _fitted(field, value):
    is_text = isinstance(field, (models.CharField, models.TextField)) and not field.choices
    return storable(str(value))[: field.max_length] if is_text else value
