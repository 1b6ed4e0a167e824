"""Jinja2's immutable sandbox, with a budget and without everything that prompts do not need."""

from collections.abc import Callable
from typing import Any

from jinja2 import StrictUndefined, Undefined, pass_context
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment

from wagtail_llm_actions.prompts import operators
from wagtail_llm_actions.prompts.filters import FILTERS, TESTS, UNDEFINED
from wagtail_llm_actions.prompts.grammar import COMPARE, CONCATENATE, LIST, LOOP, RANGE, SLICE
from wagtail_llm_actions.prompts.limits import Budget, check_length
from wagtail_llm_actions.prompts.plain import SCALARS, size_of, text_of

OPERATORS: dict[str, Callable[..., Any]] = {
    CONCATENATE: operators.concatenate,
    COMPARE: operators.compare,
    LIST: operators.make_list,
    LOOP: operators.rounds_of,
    RANGE: operators.make_range,
    SLICE: operators.part_of,
}
PLAIN = (*SCALARS, list, dict)
LOOP_ATTRIBUTES = frozenset(
    ["index", "index0", "revindex", "revindex0", "first", "last", "length", "previtem", "nextitem"]
)


class PromptEnvironment(ImmutableSandboxedEnvironment):
    """
    The environment of one rendering, which pays for every operation out of its budget.

    Attributes of Python objects cannot be reached at all: a dot means a key.
    """

    intercepted_binops = frozenset(operators.ARITHMETIC)

    def __init__(self, budget: Budget) -> None:
        super().__init__(
            undefined=StrictUndefined, finalize=_written, cache_size=0, optimized=False
        )
        self.budget = budget
        self.globals = {}
        self.filters = {name: self._bounded(call) for name, call in FILTERS.items()}
        self.filters |= {name: self._checked(call) for name, call in OPERATORS.items()}
        self.filters |= dict.fromkeys(["d", "default"], self._bounded(FILTERS["default"], 1))
        self.tests = {name: _test(call) for name, call in TESTS.items()}

    def _checked(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def operation(*values: Any) -> Any:
            for value in values:
                _check_plain(value)
            return call(self.budget, *values)

        return operation

    def _bounded(self, call: Callable[..., Any], optional: int = 0) -> Callable[..., Any]:
        """
        Return a filter that checks and pays for its arguments and for its result.

        :param optional: how many arguments at the beginning may be undefined, and are then none.
        """

        def operation(*values: Any, **options: Any) -> Any:
            values = (*map(_none_if_undefined, values[:optional]), *values[optional:])
            for value in (*values, *options.values()):
                _check_plain(value)
                self.budget.spend(size_of(value))
            result = call(self.budget, *values, **options)
            if type(result) is str:
                check_length(len(result))
            return result

        return operation

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Return what an arithmetic operator makes of two plain values."""
        _check_plain(left)
        _check_plain(right)
        return operators.arithmetic(self.budget, left, right, operator)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return the value of a key, or an attribute of ``loop``."""
        if isinstance(obj, LoopContext) and attribute in LOOP_ATTRIBUTES:
            return getattr(obj, attribute)
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Return the value of a key of a dictionary, or of a position in a list or text."""
        _check_plain(obj)
        if type(obj) is dict and type(argument) is str and argument in obj:
            return obj[argument]
        if type(obj) in (str, list) and type(argument) is int and -len(obj) <= argument < len(obj):
            return obj[argument]
        return self.undefined(obj=obj, name=argument)


@pass_context
def _written(context: Context, value: Any) -> str:
    """Return a value as it is written; with the context, so that nothing is written early."""
    _check_plain(value)
    return text_of(value)


def _check_plain(value: Any) -> None:
    """
    Make sure that ``value`` is one of ours.

    :raises UndefinedError: if it is undefined.
    :raises TypeError: if it is anything else, as ``loop`` is.
    """
    if type(value) not in PLAIN:
        if isinstance(value, Undefined):
            str(value)  # which raises, because it is strict
        raise TypeError(f"a {type(value).__name__} cannot be used as a value")


def _none_if_undefined(value: Any) -> Any:
    return None if isinstance(value, Undefined) else value


def _test(call: Callable[..., bool]) -> Callable[..., bool]:
    def test(value: Any, *arguments: Any) -> bool:
        for argument in arguments:
            _check_plain(argument)
        return call(UNDEFINED if isinstance(value, Undefined) else value, *arguments)

    return test
