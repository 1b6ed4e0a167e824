"""What a person is told whose changes for one run cannot be read."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext, ngettext

from wagtail_llm_actions.engine.changes import LABELS


def sentence_of(errors: Sequence[Mapping[str, Any]]) -> str:
    """
    Return what is wrong first, with the field that it is about, as the dialog calls it.

    It is blank where it is about no field.

    :param errors: as Pydantic tells them.
    """
    first = errors[0]
    steps = [step for step in first["loc"] if isinstance(step, str)]
    field = next((step for step in steps if step in LABELS), steps[-1] if steps else "")
    if not field:
        return ""
    label, message = str(LABELS.get(field, field)), _message(first["type"], first.get("ctx", {}))
    return gettext("%(field)s: %(message)s") % {"field": label, "message": message}


def _message(kind: str, context: Mapping[str, Any]) -> str:
    if kind == "less_than_equal":
        return str(MaxValueValidator.message) % {"limit_value": _plain(context["le"])}
    if kind == "greater_than_equal":
        return str(MinValueValidator.message) % {"limit_value": _plain(context["ge"])}
    if kind == "string_too_long":
        limit = context["max_length"]
        message = ngettext(
            "This takes %(limit)d character at most.",
            "This takes %(limit)d characters at most.",
            limit,
        )
        return message % {"limit": limit}
    if kind == "timezone_aware":
        return gettext("Add the offset from UTC, like 2026-01-31T12:00:00+01:00.")
    return gettext("This is not the kind of value that belongs here.")


def _plain(limit: float) -> int | float:
    """Return a limit as people write it: 2 instead of 2.0."""
    return int(limit) if limit == int(limit) else limit
