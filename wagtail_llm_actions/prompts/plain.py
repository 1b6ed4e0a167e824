"""
Plain values: the only ones that a prompt template ever sees.

Types are compared exactly, because a subclass may do anything when it is asked for its length.
"""

from collections.abc import Mapping
from typing import Any, TypeAlias

from django.utils.functional import Promise

from wagtail_llm_actions.exceptions import PromptLimitError
from wagtail_llm_actions.prompts.limits import (
    MAX_DICT_DEPTH,
    MAX_VALUES_LENGTH,
    check_number,
)

Value: TypeAlias = str | int | float | Mapping[str, Any] | None

SCALARS = (str, int, float, bool, type(None))
NUMBERS = (int, float, bool)


def plain_values(variables: Mapping[str, Value]) -> dict[str, Any]:
    """
    Return ``variables`` as plain values: strings, numbers, ``None`` and dictionaries of them.

    :raises TypeError: if a value is anything else.
    :raises PromptLimitError: if they are too long in total, or a number is beyond use.
    """
    values = {name: _plain(value, name, MAX_DICT_DEPTH) for name, value in variables.items()}
    length = sum(_total_length(value) for value in values.values())
    if length > MAX_VALUES_LENGTH:
        raise PromptLimitError(f"the variables have {length} characters")
    return values


def _plain(value: Any, name: str, depth: int) -> Any:
    if value is None or type(value) is bool:
        return value
    if isinstance(value, (str, Promise)):
        return "".join((str(value),))  # of a subclass of str, this makes a str
    if isinstance(value, int):
        return check_number(int(value))
    if isinstance(value, float):
        return float(value)
    if isinstance(value, Mapping) and depth:
        return {str(key): _plain(item, f"{name}.{key}", depth - 1) for key, item in value.items()}
    raise TypeError(f"The variable {name!r} cannot be a {type(value).__name__}.")


def _total_length(value: Any) -> int:
    if type(value) is dict:
        return sum(len(key) + _total_length(item) for key, item in value.items())
    return size_of(value)


def size_of(value: Any) -> int:
    """
    Return how much work it is to go through ``value`` once: about its characters.

    A list holds scalars or pairs, and the values of a dictionary are not looked into: so this
    is quick, and no value can be nested into something larger than it looks.
    """
    if type(value) is str:
        return len(value)
    if type(value) is list:
        return sum(1 + len(item) if type(item) in (str, list) else 1 for item in value)
    return len(value) if type(value) is dict else 1


def is_blank(value: Any) -> bool:
    """Return whether a variable has nothing in it; a number always has something."""
    if type(value) is str:
        return not value.strip()
    return value is None or value == {}


def text_of(value: Any) -> str:
    """
    Return a scalar as it is written into a text; ``None`` as nothing.

    :raises TypeError: if it is a list or a dictionary.
    """
    if type(value) is str:
        return value
    if value is None:
        return ""
    if type(value) in NUMBERS:
        return str(value)
    raise TypeError(f"a {type(value).__name__} has no text; write its parts, or use join")
