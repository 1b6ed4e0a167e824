"""Why an answer does not fit: sentences that an editor reads and that a model can act on."""

from typing import Any

from django.utils.translation import gettext, ngettext

from wagtail_llm_actions.outputs.characters import readable
from wagtail_llm_actions.wording import in_quotes

MAX_QUOTED = 60
"""Characters of an answer that a sentence quotes."""
MAX_REASONS = 10
"""How many reasons are told: a model mends no more at once, and nobody reads them."""


class Unfit(ValueError):  # noqa: N818 - it is caught where it is raised, and no failure
    """A value that a field does not take; its text is the sentence that says why."""


def quoted(found: Any) -> str:
    """Return what a sentence calls ``found``: a text in quotation marks, else what it is."""
    if found is None:
        return gettext("Nothing")
    if isinstance(found, dict):
        return gettext("A group of values")
    if isinstance(found, list):
        return gettext("A list")
    if isinstance(found, bool):
        found = "true" if found else "false"
    return in_quotes(short(str(found)))


def short(text: str) -> str:
    """Return the beginning of ``text`` on one line."""
    line = " ".join(readable(text[: MAX_QUOTED * 2]).split())
    return line if len(line) <= MAX_QUOTED else line[: MAX_QUOTED - 1].rstrip() + "…"


def limited(reasons: list[str]) -> tuple[str, ...]:
    """Return the first of ``reasons``, and how many more there are."""
    told = list(dict.fromkeys(reasons))
    more = len(told) - MAX_REASONS
    if more <= 0:
        return tuple(told)
    rest = ngettext("And %(count)d more.", "And %(count)d more.", more) % {"count": more}
    return (*told[:MAX_REASONS], rest)


def too_long(length: int, limit: int) -> str:
    """Return the sentence for a text of more characters than its field takes."""
    return ngettext(
        "The answer has %(length)d character; this field takes %(limit)d.",
        "The answer has %(length)d characters; this field takes %(limit)d.",
        length,
    ) % {"length": length, "limit": limit}
