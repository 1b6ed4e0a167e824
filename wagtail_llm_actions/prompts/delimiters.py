"""
Puts texts between marks, so that a model can tell material from instructions.

The marks are tags, for sources named ``source``. If a text has something like such a tag in it, they
are named ``source-1``, ``source-2`` … instead, the first that no text has: so no text can end its
source, or begin another.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import count

from wagtail_llm_actions.values import SourceText

INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
    "\U000e0000-\U000e01ef]"
)
"""Characters of no width: a text with them reads like one without."""
MAX_MARKS = 30
"""Accents in a row that are put in order: more are no writing, and take the square of their time."""
JOINER = "\u034f"
"""What parts a row of accents; it is invisible."""
TAG_NAME = re.compile(r"[a-z]{1,20}")
NOT_IN_A_LABEL = re.compile(r'[<>"\s]+')


def delimit(sources: Sequence[SourceText]) -> str:
    """
    Return the texts of ``sources``, each labelled and between marks that it cannot forge.

    A source without text is left out; without any, the result is empty.
    """
    filled = [source for source in sources if source.text.strip()]
    tag = _tag("source", [source.text for source in filled])
    return "\n\n".join(
        f'<{tag} label="{_label(source)}">\n{source.text.strip()}\n</{tag}>' for source in filled
    )


def mark(text: str, name: str) -> str:
    """
    Return one text between tags called ``name`` that it cannot forge; nothing if it is empty.

    :raises ValueError: if the name is anything but a word of small letters.
    """
    if not TAG_NAME.fullmatch(name):
        raise ValueError(f"a mark cannot be called {name!r}: use small letters from a to z")
    if not text.strip():
        return ""
    tag = _tag(name, [text])
    return f"<{tag}>\n{text.strip()}\n</{tag}>"


def visible(text: str) -> str:
    """Return what a model may take the text for: letters of other forms are read like ASCII."""
    if text.isascii():
        return text
    return INVISIBLE.sub("", unicodedata.normalize("NFKC", "".join(_parted(text))))


def _parted(text: str) -> Iterator[str]:
    """Yield the letters of ``text``, and a joiner wherever too many accents follow each other."""
    marks = 0
    for letter in text:
        yield letter
        last = unicodedata.normalize("NFKD", letter)[-1]
        marks = marks + 1 if unicodedata.combining(last) else 0
        if marks == MAX_MARKS:
            yield JOINER
            marks = 0


def _tag(name: str, texts: Sequence[str]) -> str:
    seen = [visible(text).casefold() for text in texts]
    if not any(re.search(rf"<[^\w<>]{{0,20}}{name}", text) for text in seen):
        return name
    taken = {number for text in seen for number in re.findall(rf"{name}-(\d+)", text)}
    return next(f"{name}-{number}" for number in count(1) if str(number) not in taken)


def _label(source: SourceText) -> str:
    return NOT_IN_A_LABEL.sub(" ", source.label or source.name).strip()
