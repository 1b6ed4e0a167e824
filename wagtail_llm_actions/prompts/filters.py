"""
The filters of prompt templates: those of Jinja2 that are of use for text, rewritten to be bounded.

Each has its budget first. Whoever calls them has checked that the values are plain, and paid for
going through them once; a filter pays for what it does beyond that.
"""

import math
from collections.abc import Callable
from typing import Any

from wagtail_llm_actions.prompts.delimiters import mark
from wagtail_llm_actions.prompts.limits import Budget, check_length, check_number
from wagtail_llm_actions.prompts.plain import NUMBERS, SCALARS, size_of, text_of

Filter = Callable[..., Any]
Test = Callable[..., bool]

UNDEFINED = object()
"""What the tests are given for a key that is not there."""


def _of_text(method: Callable[[str], Any]) -> Filter:
    """Return a filter that applies a method of strings to what is given, as text."""

    def apply(budget: Budget, value: Any) -> Any:
        return method(text_of(value))

    return apply


def _absolute(budget: Budget, value: Any) -> Any:
    return abs(value)


def _default(budget: Budget, value: Any, default: Any = "", boolean: bool = False) -> Any:
    """Return ``default`` for nothing at all, and with ``boolean`` for an empty text too."""
    return default if value is None or (boolean and not value) else value


def _first(budget: Budget, value: Any) -> Any:
    return next(iter(value), None)


def _last(budget: Budget, value: Any) -> Any:
    return value[-1] if value else None


def _integer(budget: Budget, value: Any, default: Any = 0) -> Any:
    number = _float(budget, value, None)
    return default if number is None or not math.isfinite(number) else int(number)


def _float(budget: Budget, value: Any, default: Any = 0.0) -> Any:
    if type(value) is str and len(value) > 50:
        return default
    try:
        return check_number(float(value))
    except (TypeError, ValueError):
        return default


def _items(budget: Budget, value: dict[str, Any]) -> list[list[Any]]:
    return [[key, item] for key, item in value.items()]


def _join(budget: Budget, value: Any, separator: Any = "") -> str:
    texts = [text_of(item) for item in value]
    between = text_of(separator)
    length = sum(map(len, texts)) + len(between) * len(texts)
    check_length(length)
    budget.spend(length)
    return between.join(texts)


def _length(budget: Budget, value: Any) -> int:
    return len(value)


def _list(budget: Budget, value: Any) -> list[Any]:
    budget.make_list(len(value))
    return list(value)


def _mark(budget: Budget, value: Any, name: Any = "text") -> str:
    """Return a text between tags that it cannot forge."""
    text = text_of(value)
    budget.spend(len(text))
    marked = mark(text, text_of(name))
    check_length(len(marked))
    return marked


def _replace(budget: Budget, value: Any, old: Any, new: Any) -> str:
    text, old, new = text_of(value), text_of(old), text_of(new)
    if not old:
        raise TypeError("replace needs a text to look for")
    budget.spend_search(len(text), len(old))
    length = len(text) + text.count(old) * (len(new) - len(old))
    check_length(length)
    budget.spend(length)
    return text.replace(old, new)


def _reverse(budget: Budget, value: Any) -> Any:
    return value[::-1]


def _round(budget: Budget, value: Any, digits: int = 0) -> Any:
    if type(digits) is not int or not 0 <= digits <= 10:
        raise TypeError("round takes 0 to 10 digits")
    return round(float(value), digits)


def _sort(budget: Budget, value: Any, reverse: bool = False) -> list[Any]:
    budget.spend(size_of(value) * len(value).bit_length())
    return sorted(value, reverse=bool(reverse))


def _truncate(budget: Budget, value: Any, length: int = 255, end: Any = "…") -> str:
    """Return the first ``length`` characters at most, cut between words where that is possible."""
    text, end = text_of(value), text_of(end)
    if len(text) <= length:
        return text
    kept = text[: max(length - len(end), 0)]
    return (kept.rpartition(" ")[0] or kept).rstrip() + end


def _unique(budget: Budget, value: Any) -> list[Any]:
    if any(type(item) not in SCALARS for item in value):
        raise TypeError("unique takes a list of texts or numbers")
    return list(dict.fromkeys(value))


FILTERS: dict[str, Filter] = {
    "abs": _absolute,
    "capitalize": _of_text(str.capitalize),
    "count": _length,
    "d": _default,
    "default": _default,
    "first": _first,
    "float": _float,
    "int": _integer,
    "items": _items,
    "join": _join,
    "last": _last,
    "length": _length,
    "list": _list,
    "lower": _of_text(str.lower),
    "mark": _mark,
    "replace": _replace,
    "reverse": _reverse,
    "round": _round,
    "sort": _sort,
    "string": _of_text(str),
    "title": _of_text(str.title),
    "trim": _of_text(str.strip),
    "truncate": _truncate,
    "unique": _unique,
    "upper": _of_text(str.upper),
    "wordcount": _of_text(lambda text: len(text.split())),
}

TESTS: dict[str, Test] = {
    "defined": lambda value: value is not UNDEFINED,
    "undefined": lambda value: value is UNDEFINED,
    "divisibleby": lambda value, number: value % number == 0,
    "even": lambda value: value % 2 == 0,
    "mapping": lambda value: type(value) is dict,
    "none": lambda value: value is None,
    "number": lambda value: type(value) in NUMBERS,
    "odd": lambda value: value % 2 == 1,
    "string": lambda value: type(value) is str,
}
