"""What the editor should know of the sources of a run, as sentences."""

from collections.abc import Mapping
from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext, ngettext

from wagtail_llm_actions.models import LLMActionHistory
from wagtail_llm_actions.models.runs import LEFT_OUT
from wagtail_llm_actions.values import SuspicionKind
from wagtail_llm_actions.wording import listed_in_quotes


def notices_of(run: LLMActionHistory, *, cuts: bool = True) -> list[str]:
    """
    Return what was left out of the sources, what in them may be meant for language models, which
    configuration took the place of another, and whether the answer is an earlier one.

    :param cuts: whether to tell what was cut.
    """
    found = [notice for source in run.sources for notice in _of_source(source, cuts=cuts)]
    return [*_of_history(run), *_of_config(run), *found]


def _of_history(run: LLMActionHistory) -> list[str]:
    if not run.is_from_history:
        return []
    before = run.answered_from
    if before is None:
        return [gettext("Answered from the history: exactly the same was sent before.")]
    message = gettext(
        "Answered from the history: exactly the same was sent before (%(time)s). Nothing is sent "
        "now, and it costs nothing. “Try again” asks the language model."
    )
    return [message % {"time": date_format(localtime(before.created_at), "SHORT_DATETIME_FORMAT")}]


def _of_config(run: LLMActionHistory) -> list[str]:
    if not run.replaced_config_name:
        return []
    message = gettext(
        "“%(config)s” is used instead of “%(replaced)s”, whose provider is not cleared for what is "
        "sent."
    )
    values = {"config": run.llm_config_name, "replaced": run.replaced_config_name}
    return [message % values, *_of_parameters(run)]


def _of_parameters(run: LLMActionHistory) -> list[str]:
    left_out = run.parameters.get(LEFT_OUT, [])
    if not left_out:
        return []
    message = ngettext(
        "The provider of “%(config)s” does not know the extra parameter %(names)s of the LLM action: "
        "that was left out.",
        "The provider of “%(config)s” does not know the extra parameters %(names)s of the LLM action: "
        "those were left out.",
        len(left_out),
    )
    return [message % {"config": run.llm_config_name, "names": listed_in_quotes(left_out)}]


def _of_source(source: Mapping[str, Any], *, cuts: bool) -> list[str]:
    label = source.get("label") or source["path"]
    cut = [_cut(label, source["cut_words"])] if cuts and source.get("cut_words") else []
    left_out = [source["notice"]] if source.get("notice") else []
    return cut + left_out + [_finding(label, finding) for finding in source.get("findings", ())]


def _cut(label: str, count: int) -> str:
    message = ngettext(
        "“%(label)s” was too long for the model: its last word was left out.",
        "“%(label)s” was too long for the model: its last %(count)d words were left out.",
        count,
    )
    return message % {"label": label, "count": count}


def _finding(label: str, finding: Mapping[str, str]) -> str:
    return gettext("Look closely at “%(label)s”. %(suspicion)s: %(excerpt)s") % {
        "label": label,
        "suspicion": _kind(finding["kind"]),
        "excerpt": finding["excerpt"],
    }


def _kind(kind: str) -> str:
    return str(SuspicionKind(kind).label) if kind in SuspicionKind.values else kind
