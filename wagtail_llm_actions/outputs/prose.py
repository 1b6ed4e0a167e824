"""Finds the value in an answer that is no JSON: “The answer is: bread”, a list with bullets."""

import re
from collections.abc import Iterator

from wagtail_llm_actions.outputs.kinds import SETS
from wagtail_llm_actions.outputs.preambles import without_label
from wagtail_llm_actions.values import FieldKind, FieldSpec

MAX_CHARACTERS = 2000
"""Of a text that is taken for a single value, or for the items of a list on one line."""
BULLET = re.compile(r"[ \t]*(?:[-*•+]|\d{1,3}[.)])[ \t]+(?P<item>\S.*)")
LEAD = re.compile(r"\A[^:,;\n]{1,60}:\s+")
"""What stands before a list of tags; a tag has no colon and space in it."""
COMMA = re.compile(r"\s*[,;，、]\s*")
AFTER_IS = re.compile(r"[^.:\n]{0,60}?\b(?:is|are):?\s+(?P<value>\S.*)", re.DOTALL)
DATES = re.compile(r"(?<![\d-])\d{4}-\d{2}-\d{2}(?![\d-])", re.ASCII)


def names_of(spec: FieldSpec) -> tuple[str, str]:
    """Return what models call the field."""
    return spec.label, spec.name.replace("_", " ")


def values_in(spec: FieldSpec, text: str) -> Iterator[str]:
    """Yield what may be the value in an answer of plain text, the surest first."""
    text = without_label(text, names_of(spec))
    if spec.kind == FieldKind.TAGS:
        text = LEAD.sub("", text)
    if spec.kind != FieldKind.SLUG:
        yield text
    if len(text) <= MAX_CHARACTERS:
        yield from _presented(spec, text)
    if spec.kind == FieldKind.SLUG:
        yield text  # any text can become a slug, so this comes last


def _presented(spec: FieldSpec, text: str) -> Iterator[str]:
    """Yield the ends of sentences that present a value."""
    _, colon, after = text.rpartition(": ")
    if colon:
        yield after
    match = AFTER_IS.match(text)
    if match:
        yield match["value"]
    if spec.kind == FieldKind.DATE:
        dates = set(DATES.findall(text))
        if len(dates) == 1:
            yield dates.pop()


def written_items(spec: FieldSpec, text: str) -> list[str] | None:
    """Return the items of a list that is written as text; ``None`` where it is none."""
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) > 1 and lines[0].rstrip(" *").endswith(":"):
        lines = lines[1:]
    bullets = [BULLET.fullmatch(line) for line in lines]
    if bullets and all(bullets):
        return [match["item"] for match in bullets if match]
    if spec.kind not in SETS:
        return None
    if len(lines) > 1:
        return lines
    return [text] if len(text) > MAX_CHARACTERS else [part for part in COMMA.split(text) if part]
