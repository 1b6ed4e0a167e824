"""
Reads JSON as models write it: between talk, in a fence, with a comma too many, with Python's words.

Numbers stay the text that they were written as, so that no digit is lost and none is computed.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

MAX_CHARACTERS = 1_000_000
"""Of an answer that is read as JSON."""
MAX_DEPTH = 60
"""How deep brackets may stand in each other; a StreamField in three levels needs twelve."""
MAX_STARTS = 20
"""At how many brackets of an answer its JSON may begin."""

OPENING = re.compile(r"[\[{]")
STRUCTURE = re.compile(
    r'(?P<string>"(?:[^"\\]|\\.)*+(?:"|\\?\Z))|(?P<open>[\[{])|(?P<close>[\]}])', re.DOTALL
)
SLIP = re.compile(
    r"""
    (?P<string> "(?:[^"\\]|\\.)*+" )
    | '(?P<single> (?:[^'\\]|\\.)*+ )'
    | (?P<comma> ,(?=\s*[\]}]) )
    | (?P<word> \b(?:True|False|None)\b )
    | (?P<comment> //[^\n]* | /\*.*?\*/ )
    | (?P<unclosed> (?:["'] | /\*) .* )
    """,
    re.DOTALL | re.VERBOSE,
)
"""
What is no JSON, but says clearly what is meant; strings are matched so as to be left alone.

What is never closed is left alone up to the end: nobody looks twice for what is not there.
"""
WORDS = {"True": "true", "False": "false", "None": "null"}
ESCAPED_QUOTE = re.compile(r"\\(.)|\"", re.DOTALL)


class NotJSON(ValueError):  # noqa: N818 - it is caught where it is raised, and no failure
    """There is no JSON object or list in a text, or only a part of one."""


class NumberText(str):
    """A JSON number, as it was written."""

    __slots__ = ()


class Members(dict[str, Any]):
    """A JSON object; it remembers which names it gives more than once."""

    repeated: tuple[str, ...] = ()


def parse(text: str) -> Any:
    """
    Return the first JSON object or list in ``text``.

    Numbers are :class:`NumberText`, objects :class:`Members`.

    :raises NotJSON: if there is none that is whole and not too deep.
    """
    if len(text) > MAX_CHARACTERS:
        raise NotJSON("too long")
    for part in _parts(text):
        for attempt in (part, SLIP.sub(_mended, part)):
            try:
                return DECODER.decode(attempt)
            except (ValueError, RecursionError):
                continue
    raise NotJSON("no JSON")


def _parts(text: str) -> Iterator[str]:
    """
    Yield the parts of ``text`` that begin with a bracket and end with the one that closes it.

    :raises NotJSON: where a bracket is never closed: what is in it is not the whole answer.
    """
    end = 0
    for _ in range(MAX_STARTS):
        start = OPENING.search(text, end)
        if not start:
            return
        end = _end(text, start.start())
        yield text[start.start() : end]


def _end(text: str, start: int) -> int:
    depth = 0
    for match in STRUCTURE.finditer(text, start):
        if match["open"]:
            depth += 1
        elif match["close"]:
            depth -= 1
        if depth == 0:
            return match.end()
        if depth > MAX_DEPTH:
            raise NotJSON("too deep")
    raise NotJSON("not closed")


def _mended(match: re.Match[str]) -> str:
    if untouched := match["string"] or match["unclosed"]:
        return untouched
    if match["single"] is not None:
        return f'"{ESCAPED_QUOTE.sub(_requoted, match["single"])}"'
    return WORDS[match["word"]] if match["word"] else ""


def _requoted(match: re.Match[str]) -> str:
    """Return a character of a text between single quotes as it stands between double ones."""
    if match[0] == '"':
        return '\\"'
    return "'" if match[1] == "'" else match[0]


def _members(pairs: list[tuple[str, Any]]) -> Members:
    members = Members(pairs)
    if len(members) < len(pairs):
        counts = Counter(name for name, _ in pairs)
        members.repeated = tuple(name for name, count in counts.items() if count > 1)
    return members


DECODER = json.JSONDecoder(
    strict=False,
    parse_int=NumberText,
    parse_float=NumberText,
    parse_constant=NumberText,
    object_pairs_hook=_members,
)
