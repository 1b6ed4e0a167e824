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


def storable_json(value: Any) -> Any:
    """Return a JSON value with all texts in it storable: PostgreSQL refuses NUL there as well."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, Mapping):
        return {storable(str(key)): storable_json(item) for key, item in value.items()}
    return [storable_json(item) for item in value] if isinstance(value, (list, tuple)) else value


def fitted(model: type[models.Model], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``values`` with the texts among them storable, and no longer than their columns."""
    return {name: _fitted(model._meta.get_field(name), value) for name, value in values.items()}


def _fitted(field, value):
    if isinstance(field, models.JSONField):
        return storable_json(value)
    is_text = isinstance(field, (models.CharField, models.TextField)) and not field.choices
    return storable(str(value))[: field.max_length] if is_text else value
