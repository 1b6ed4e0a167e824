"""A field's value as the text that a run's row holds, and back."""

import json
from typing import Any

from wagtail_llm_actions.outputs.kinds import SERIES
from wagtail_llm_actions.values import PROSE_KINDS, FieldKind, FieldSpec

JSON_KINDS = SERIES | {FieldKind.STRUCT, FieldKind.INTEGER, FieldKind.BOOLEAN}
"""Kinds that are stored as JSON; the value of any other is a string and is stored as it is."""


def dump(spec: FieldSpec, value: Any) -> str:
    """Return ``value`` as text: a string as it is, anything else as JSON that people can read."""
    if spec.kind not in JSON_KINDS:
        return "" if value is None else str(value)
    return json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False)


def load(spec: FieldSpec, text: str) -> Any:
    """
    Return the value that :func:`dump` made ``text`` of.

    :raises ValueError: if it is no text of that kind.
    """
    if spec.kind in JSON_KINDS:
        return json.loads(text)
    if text or spec.kind in PROSE_KINDS:
        return text
    return None
