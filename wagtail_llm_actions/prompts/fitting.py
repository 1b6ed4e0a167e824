"""
Shortens sources until a prompt fits into a model's window.

The longest source is cut first, down to the length of the next; at the end of a paragraph or a
sentence where there is one. The template's own words are never cut.
"""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from wagtail_llm_actions.values import SourceText

MIN_LENGTH = 200
"""Characters that a source keeps at least: less says nothing."""
ENDS = re.compile(r"[.!?…]+[\"'”’»)\]]*(?=\s|\Z)|[。！？]+[」』”]*|\n\s*(?=\n)")
"""Where a sentence or a paragraph ends."""


def fitted(
    sources: Sequence[SourceText],
    fits: Callable[[Sequence[SourceText]], bool],
    *,
    whole: Collection[str] = (),
) -> list[SourceText] | None:
    """
    Return ``sources``, shortened where that is needed, or ``None`` where it is not enough.

    :param fits: whether the prompt that is made of some sources fits into the window.
    :param whole: the paths of the sources that may not be cut.
    """
    if fits(sources):
        return list(sources)
    lengths = [len(source.text) for source in sources if source.path not in whole]
    low, high = MIN_LENGTH, max(lengths, default=0)
    if high <= low or not fits(_cut(sources, low, whole)):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        if fits(_cut(sources, middle, whole)):
            low = middle
        else:
            high = middle
    return _cut(sources, low, whole)


def shortened(text: str, length: int) -> str:
    """Return the beginning of ``text``: ``length`` characters at most, to an end where it has one."""
    if len(text) <= length:
        return text
    kept = text[:length]
    ends = [match.end() for match in ENDS.finditer(kept) if match.end() > length // 2]
    if ends:
        return kept[: ends[-1]].rstrip()
    words = kept.rpartition(" ")[0]
    return (words if len(words) > length // 2 else kept).rstrip()


def _cut(sources: Sequence[SourceText], length: int, whole: Collection[str]) -> list[SourceText]:
    return [
        source
        if source.path in whole or len(source.text) <= length
        else _shorter(source, shortened(source.text, length))
        for source in sources
    ]


def _shorter(source: SourceText, text: str) -> SourceText:
    missing = source.words - len(text.split())
    return replace(source, text=text, cut_words=max(missing, 1))
