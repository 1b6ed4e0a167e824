"""
The operators of prompt templates, each of which pays before it works.

Jinja2 would use Python's own, which make a text of any size out of a short expression.
"""

import operator
from collections.abc import Callable
from typing import Any

from wagtail_llm_actions.prompts.limits import Budget, check_length, check_number
from wagtail_llm_actions.prompts.plain import NUMBERS, SCALARS, size_of, text_of

ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
}
COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "lteq": operator.le,
    "gt": operator.gt,
    "gteq": operator.ge,
}


def arithmetic(budget: Budget, left: Any, right: Any, sign: str) -> Any:
    """
    Return what ``left sign right`` is for two numbers, or for texts that are joined or repeated.

    :raises TypeError: if the operator does not take these values.
    """
    if type(left) in NUMBERS and type(right) in NUMBERS:
        return check_number(ARITHMETIC[sign](left, right))
    if sign == "+" and type(left) is str and type(right) is str:
        return concatenate(budget, left, right)
    if sign == "*" and type(left) is str and type(right) is int:
        return _repeated(budget, left, right)
    kinds = f"{type(left).__name__} and {type(right).__name__}"
    raise TypeError(f"{sign} cannot be used between {kinds}")


def _repeated(budget: Budget, text: str, times: int) -> str:
    length = len(text) * max(times, 0)
    check_length(length)
    budget.spend(length)
    return text * times


def concatenate(budget: Budget, *parts: Any) -> str:
    """Return the parts as one text."""
    texts = [text_of(part) for part in parts]
    length = sum(len(text) for text in texts)
    check_length(length)
    budget.spend(length)
    return "".join(texts)


def compare(budget: Budget, left: Any, *rest: Any) -> bool:
    """Return whether a chain of comparisons holds: ``rest`` alternates operators and values."""
    for name, right in zip(rest[::2], rest[1::2], strict=True):
        if not _holds(budget, name, left, right):
            return False
        left = right
    return True


def _holds(budget: Budget, name: str, left: Any, right: Any) -> bool:
    if type(left) not in SCALARS:
        raise TypeError(f"a {type(left).__name__} cannot be compared")
    if name in ("in", "notin"):
        return _contains(budget, right, left) == (name == "in")
    if type(right) not in SCALARS:
        raise TypeError(f"a {type(right).__name__} cannot be compared")
    budget.spend(size_of(left) + size_of(right))
    return COMPARISONS[name](left, right)


def _contains(budget: Budget, container: Any, item: Any) -> bool:
    if type(container) is str and type(item) is str:
        budget.spend_search(len(container), len(item))
    else:
        budget.spend(size_of(container) + size_of(item))
    return item in container


def part_of(budget: Budget, value: Any, start: Any, stop: Any, step: Any) -> Any:
    """
    Return a slice of a text or a list.

    :raises TypeError: if it is something else.
    """
    if type(value) not in (str, list):
        raise TypeError(f"a {type(value).__name__} has no parts")
    budget.spend(size_of(value))
    return value[start:stop:step]


def make_list(budget: Budget, *items: Any) -> list[Any]:
    """
    Return a list of scalars.

    :raises TypeError: if an item is a list or a dictionary, which could grow like an avalanche.
    """
    for item in items:
        if type(item) not in SCALARS:
            raise TypeError(f"a list cannot hold a {type(item).__name__}")
    budget.spend(len(items))
    return list(items)


def make_range(budget: Budget, *bounds: Any) -> list[int]:
    """Return the numbers of a range as a list."""
    numbers = range(*bounds)
    budget.make_list(len(numbers))
    return list(numbers)


def rounds_of(budget: Budget, value: Any, nodes: int) -> list[Any]:
    """
    Return what a loop goes through, and take all its rounds off the budget.

    :param nodes: how many parts the body of the loop has.
    :raises TypeError: if one cannot go through ``value``.
    """
    if type(value) not in (str, list, dict):
        raise TypeError(f"a loop cannot go through a {type(value).__name__}")
    budget.enter_loop(len(value), nodes)
    return list(value)
