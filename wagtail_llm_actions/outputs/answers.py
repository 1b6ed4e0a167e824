"""Makes the value of a field out of an answer that should be JSON."""

import re
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext

from wagtail_llm_actions.exceptions import EmptyOutputError, InvalidOutputError
from wagtail_llm_actions.outputs.converting import Conversion, is_nothing, says_nothing
from wagtail_llm_actions.outputs.kinds import SETS, SINGLE
from wagtail_llm_actions.outputs.parsing import MAX_CHARACTERS, NotJSON, parse
from wagtail_llm_actions.outputs.prose import names_of, values_in
from wagtail_llm_actions.outputs.reasons import limited
from wagtail_llm_actions.values import FieldKind, FieldSpec

WRAPPERS = frozenset({"value", "answer", "result", "output"})
"""Names that models give to the one value that they answer; the first is what they are told."""
LIKE_JSON = re.compile(r"\s*(?:\{|```|\[\s*[\"'{\[\d])")
"""How an answer begins that is JSON, even where it cannot be read."""


def fit_answer(spec: FieldSpec, text: str) -> Any:
    """
    Return the value that ``text`` gives to the field.

    :raises EmptyOutputError: if it gives none.
    :raises InvalidOutputError: if it gives one that the field does not take.
    """
    if not text.strip():
        raise EmptyOutputError(f"nothing but white space for {spec.path!r}")
    reasons: list[str] | None = None
    for found in _candidates(spec, text):
        conversion = Conversion()
        value = conversion.value(spec, found)
        if not conversion.reasons:
            if is_empty(value):
                raise EmptyOutputError(f"nothing for {spec.path!r}")
            return value
        reasons = reasons or conversion.reasons
    raise InvalidOutputError(
        f"no {spec.kind} for {spec.path!r}",
        reasons=limited(reasons or [_unreadable(text)]),
    )


def is_empty(value: Any) -> bool:
    """Return whether a value holds nothing at all; false and zero are something."""
    if isinstance(value, dict):
        return all(is_empty(inner) for inner in value.values())
    if isinstance(value, list):
        return all(is_empty(inner) for inner in value)
    return is_nothing(value)


def _candidates(spec: FieldSpec, text: str) -> Iterator[Any]:
    """Yield what may be meant by ``text``, the likeliest first."""
    bracketed = bool(LIKE_JSON.match(text))
    if spec.options and not bracketed:
        yield text
    if says_nothing(text):
        yield None
        return
    try:
        found = parse(text)
    except NotJSON:
        found = None
    else:
        yield from _unwrapped(spec, found)
    written_list = spec.kind in SETS | {FieldKind.LIST} and found is None
    if not bracketed and (spec.kind in SINGLE or written_list):
        yield from values_in(spec, text)


def _unwrapped(spec: FieldSpec, found: Any) -> Iterator[Any]:
    """Yield the one value in an object that holds nothing else, then the object itself."""
    if isinstance(found, dict) and len(found) == 1:
        key, value = next(iter(found.items()))
        names = WRAPPERS | {name.casefold().replace(" ", "_") for name in names_of(spec)}
        if key.strip().casefold().replace(" ", "_") in names:
            yield value
            if spec.kind in SINGLE:
                return
    yield found


def _unreadable(text: str) -> str:
    if len(text) > MAX_CHARACTERS:
        return gettext("The answer is too long.")
    return gettext("The answer is not the JSON that was asked for, or not all of it.")
