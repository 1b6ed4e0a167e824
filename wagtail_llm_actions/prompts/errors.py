"""
Turns everything that Jinja2 and Python raise about a template into our errors.

Their own words are English and stay so: they name the very sign that is wrong, inside a translated
sentence that says where.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from traceback import walk_tb

from django.utils.translation import gettext
from jinja2 import TemplateError, TemplateSyntaxError, UndefinedError

from wagtail_llm_actions.exceptions import (
    EmptyVariableError,
    PromptError,
    PromptLimitError,
    PromptSyntaxError,
    UnknownVariableError,
)
from wagtail_llm_actions.wording import listed

FILENAME = "<prompt template>"
"""What the compiled code of a template gives as its file."""

EXHAUSTED = (RecursionError, MemoryError, OverflowError, SyntaxError)
"""What one gets for too much; Python calls it a syntax error when blocks are nested too deeply."""
WRONG = (
    *(TemplateError, TypeError, ValueError, ArithmeticError),
    *(LookupError, AttributeError, AssertionError),
)


def syntax_error(problem: str, line: int | None) -> PromptSyntaxError:
    """Return the error about something that a template may not contain."""
    return PromptSyntaxError(f"line {line}: {problem}", user_message=_at_line(problem, line))


def unknown_variable(name: str, line: int, known: Iterable[str]) -> UnknownVariableError:
    """Return the error about a variable that the action does not have."""
    message = gettext(
        "The prompt template uses the unknown variable “%(name)s” in line %(line)d. Known are: "
        "%(known)s. Nothing was sent."
    ) % {"name": name, "line": line, "known": listed(sorted(known))}
    return UnknownVariableError(f"line {line}: {name!r}", user_message=message)


def empty_variable(name: str) -> EmptyVariableError:
    """Return the error about a variable that needs text and has none."""
    message = gettext("“%(name)s” is empty, and the prompt needs it. Nothing was sent.")
    return EmptyVariableError(name, user_message=message % {"name": name})


@contextmanager
def our_errors() -> Iterator[None]:
    """Raise every foreseeable error about a template as a :class:`PromptError`."""
    try:
        yield
    except PromptError:
        raise
    except TemplateSyntaxError as error:
        raise syntax_error(error.message or "", error.lineno) from error
    except UndefinedError as error:
        line = _line_of(error)
        message = _at_line(error.message or "", line)
        raise UnknownVariableError(f"line {line}: {error}", user_message=message) from error
    except EXHAUSTED as error:
        raise PromptLimitError(f"{type(error).__name__}: {error}") from error
    except WRONG as error:
        raise syntax_error(str(error), _line_of(error)) from error


def _at_line(problem: str, line: int | None) -> str:
    problem = problem.rstrip(".")
    if line is None:
        # Translators: The problem comes without a full stop: “a loop cannot be recursive”.
        return gettext("The prompt template has an error: %(problem)s. Nothing was sent.") % {
            "problem": problem
        }
    return gettext(
        "The prompt template has an error in line %(line)d: %(problem)s. Nothing was sent."
    ) % {"line": line, "problem": problem}


def _line_of(error: BaseException) -> int | None:
    """Return the template's line where ``error`` was raised, if its code was running."""
    for frame, line in walk_tb(error.__traceback__):
        if frame.f_code.co_filename == FILENAME:
            lines = [pair.split("=") for pair in frame.f_globals["debug_info"].split("&") if pair]
            return max((int(of) for of, code in lines if int(code) <= line), default=1)
    return None
