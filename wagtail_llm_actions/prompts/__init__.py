"""
Prompts: templates with variables become texts, in bounded time and memory.

A template is written by a person who may configure actions, yet it is never trusted: it sees
plain strings, numbers and dictionaries only, and a budget ends whatever it makes too large.
This module must stay light, because the admin imports it: Jinja2 and large patterns load when they
are first used.
"""

from collections.abc import Iterable, Mapping

from wagtail_llm_actions.prompts.defusing import defused
from wagtail_llm_actions.prompts.delimiters import delimit
from wagtail_llm_actions.prompts.fitting import fitted
from wagtail_llm_actions.prompts.plain import Value
from wagtail_llm_actions.prompts.variables import (
    BUILTIN_VARIABLES,
    is_variable_name,
    language_name,
)
from wagtail_llm_actions.values import Suspicion

__all__ = [
    "BUILTIN_VARIABLES",
    "check_template",
    "defused",
    "delimit",
    "fitted",
    "is_variable_name",
    "language_name",
    "render",
    "suspicious",
    "variables_of",
]


def render(template: str, variables: Mapping[str, Value], *, required: Iterable[str] = ()) -> str:
    """
    Return the text that ``template`` becomes with ``variables``.

    Braces inside a value are text. ``None`` is written as nothing.

    :param required: the variables that must have text if the template uses them; using
        ``{{ sources }}`` uses every one of them that is not built in.
    :raises PromptSyntaxError: if the template cannot be parsed, or uses what templates may not.
    :raises UnknownVariableError: if the template uses a variable that is not in ``variables``.
    :raises EmptyVariableError: if a required variable is missing or has nothing but white space.
    :raises PromptLimitError: if rendering takes too much work, or makes too long a text.
    :raises TypeError: if a variable is neither text, number, ``None`` nor a dictionary of them.
    """
    from wagtail_llm_actions.prompts import rendering  # Jinja2 loads with it: see above.

    return rendering.render(template, variables, required=required)


def check_template(template: str, known: Iterable[str]) -> None:
    """
    Make sure that ``template`` can be rendered by an action that has the variables ``known``.

    :param known: names beside the built-in ones.
    :raises PromptSyntaxError: as :func:`render` does.
    :raises UnknownVariableError: as :func:`render` does.
    :raises PromptLimitError: if the template is too long or nested too deeply.
    """
    from wagtail_llm_actions.prompts import rendering  # Jinja2 loads with it: see above.

    rendering.check(template, known)


def suspicious(text: str) -> tuple[Suspicion, ...]:
    """Return what in ``text`` may be meant for language models, or is hidden from readers."""
    from wagtail_llm_actions.prompts import suspicions  # Its patterns take long to load: see above.

    return suspicions.suspicious(text)


def variables_of(template: str) -> set[str]:
    """
    Return the names of the variables that ``template`` uses.

    :raises PromptSyntaxError: as :func:`render` does.
    :raises PromptLimitError: if the template is too long or nested too deeply.
    """
    from wagtail_llm_actions.prompts import rendering  # Jinja2 loads with it: see above.

    return rendering.variables_of(template)
