"""
Makes a prompt fit into the window of the model that reads it.

Exact where the provider can count tokens, estimated where not; an estimate that is too low is
caught by the service, which refuses the prompt. What is cut is never cut silently.
"""

from collections.abc import Callable, Sequence
from math import ceil

from django.utils.translation import gettext, ngettext

from wagtail_llm_actions.content.source_paths import SELECTION
from wagtail_llm_actions.engine.connections import release_connections
from wagtail_llm_actions.engine.limits import ANSWER_SHARE
from wagtail_llm_actions.engine.pictures import TOKENS_PER_PICTURE
from wagtail_llm_actions.exceptions import ContextWindowError, SourcesCutError
from wagtail_llm_actions.models import LLMActionHistory
from wagtail_llm_actions.prompts import fitted
from wagtail_llm_actions.providers import providers
from wagtail_llm_actions.providers.base import BaseProvider
from wagtail_llm_actions.values import Prompt, SourceText, estimate_tokens

UNASKED = 1000
"""Tokens that fit every model; for less, no provider is asked for its window."""
ANSWER = 1000
"""Tokens kept free for an answer whose length nobody has limited."""
FRAME = 64
"""Tokens that a service puts around the messages."""
LIKELY_BYTES_PER_TOKEN = 3
"""Of UTF-8, for a likely estimate; most languages have more."""

Write = Callable[[Sequence[SourceText]], Prompt]


def fit_to_window(
    run: LLMActionHistory, sources: Sequence[SourceText], write: Write, *, accept_cut: bool
) -> list[SourceText]:
    """
    Return the sources as they fit, with what ``write`` makes of them, into the model's window.

    A source that is to be rewritten stays whole: what is cut of it would be lost.

    :raises SourcesCutError: if sources have to be cut and ``accept_cut`` is false.
    :raises ContextWindowError: if cutting the sources is not enough.
    """
    answer = run.parameters["max_output_tokens"] or 0
    seen = TOKENS_PER_PICTURE * sum(len(source.pictures) for source in sources)
    seen += estimate_tokens(run.revised_text + run.revision_prompt)
    if estimate_tokens(_text(write(sources))) + answer + seen <= UNASKED:
        return list(sources)
    provider = providers[run.provider]
    release_connections()  # the provider may be asked now
    extra = run.parameters["extra_parameters"]
    window = provider.context_length(run.model_name, extra)
    if window is None:
        return list(sources)
    room = window - FRAME - seen - (answer or min(ANSWER, window // ANSWER_SHARE))
    result = fitted(
        sources,
        lambda some: _fits(provider, run.model_name, write(some), room),
        whole={run.destination_path, SELECTION},
    )
    if result is None:
        raise ContextWindowError(
            f"the prompt does not fit into {room} of {window} tokens", provider=run.provider
        )
    if not accept_cut and any(source.cut_words for source in result):
        raise SourcesCutError(
            f"sources do not fit into {room} of {window} tokens", reasons=cut_sentences(result)
        )
    return result


def measured(run: LLMActionHistory, pictures: int) -> tuple[int, int | None]:
    """
    Return the tokens of a run's prompt, estimated unless the provider can count, and the window.

    :param pictures: how many are sent along.
    """
    provider = providers[run.provider]
    text = f"{run.system_prompt}\n{run.prompt}"
    seen = TOKENS_PER_PICTURE * pictures + _likely(run.revised_text + run.revision_prompt)
    release_connections()  # the provider may be asked now
    window = provider.context_length(run.model_name, run.parameters["extra_parameters"])
    return _counted(provider, run.model_name, text) + seen, window


def cut_sentences(sources: Sequence[SourceText]) -> tuple[str, ...]:
    """Return what would be left out of each source, as sentences."""
    return tuple(_sentence(source) for source in sources if source.cut_words)


def _sentence(source: SourceText) -> str:
    message = ngettext(
        "“%(label)s”: the last word of %(all)d would be left out.",
        "“%(label)s”: the last %(count)d words of %(all)d would be left out.",
        source.cut_words,
    )
    total = source.words + source.cut_words
    return message % {
        "label": source.label or gettext("Source"),
        "count": source.cut_words,
        "all": total,
    }


def _fits(provider: BaseProvider, model_name: str, prompt: Prompt, room: int) -> bool:
    text = _text(prompt)
    if estimate_tokens(text) <= room:
        return True
    return _counted(provider, model_name, text) <= room


def _counted(provider: BaseProvider, model_name: str, text: str) -> int:
    counted = provider.count_tokens(model_name, text)
    return _likely(text) if counted is None else counted


def _likely(text: str) -> int:
    return ceil(len(text.encode()) / LIKELY_BYTES_PER_TOKEN)


def _text(prompt: Prompt) -> str:
    return f"{prompt.system}\n{prompt.user}"
