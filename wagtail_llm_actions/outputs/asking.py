"""
What a model is told about the shape of its answer, before and after it got it wrong.

It is told so in English, whatever the language of the person who asks: a small model follows no
other as well, and a run must not come out otherwise because a colleague started it.
"""

import json
from collections.abc import Iterable
from typing import Any

from wagtail_llm_actions.outputs.kinds import CHOSEN, SERIES, SETS, items_of
from wagtail_llm_actions.outputs.options import labels_of
from wagtail_llm_actions.values import PROSE_KINDS, FieldKind, FieldSpec

GAP = "…"
"""What stands in the example where the model is to write: a real text would be copied."""
SAMPLES: dict[FieldKind, Any] = {
    FieldKind.INTEGER: 3,
    FieldKind.NUMBER: 3.5,
    FieldKind.BOOLEAN: True,
    FieldKind.DATE: "2026-01-31",
    FieldKind.TIME: "14:30",
    FieldKind.DATETIME: "2026-01-31T14:30",
    FieldKind.URL: "https://example.org/page",
    FieldKind.EMAIL: "name@example.org",
    FieldKind.SLUG: "about-us",
}

NOUNS = {
    FieldKind.TEXT: "text",
    FieldKind.RICH_TEXT: "text in Markdown",
    FieldKind.INTEGER: "a whole number",
    FieldKind.NUMBER: "a number",
    FieldKind.BOOLEAN: "true or false",
    FieldKind.DATE: "a date like 2026-01-31",
    FieldKind.TIME: "a time like 14:30",
    FieldKind.DATETIME: "a date and time like 2026-01-31T14:30",
    FieldKind.URL: "a URL",
    FieldKind.EMAIL: "an e-mail address",
    FieldKind.SLUG: "a slug of lower-case letters, digits and hyphens",
    FieldKind.TAGS: "a list of tags",
    FieldKind.CHOICES: "a list",
    FieldKind.OBJECTS: "a list",
    FieldKind.STRUCT: "an object with these names",
    FieldKind.STREAM: "a list of blocks of these types",
    FieldKind.ROWS: "a list of objects with these names",
}


def instructions(spec: FieldSpec) -> str:
    """Return what a model is told about its answer; nothing where it answers with prose."""
    if spec.kind in PROSE_KINDS:
        return ""
    example = json.dumps({"value": _example(spec)}, ensure_ascii=False)
    return "\n".join(
        [
            f"Answer with nothing but JSON of this shape: {example}",
            f"“value” is {_description(spec)}.",
            *_parts(spec, 0),
        ]
    )


def repair_prompt(spec: FieldSpec, reasons: Iterable[str]) -> str:
    """Return what is said to a model whose answer does not fit, so that it mends it."""
    lines = ["Your answer does not fit:", *(f"- {reason}" for reason in reasons)]
    if spec.kind in PROSE_KINDS:
        return "\n".join([*lines, "Answer again, with nothing but the whole mended text."])
    return "\n".join([*lines, "Answer again, with nothing but the whole mended JSON."])


def revision_prompt(spec: FieldSpec, feedback: str) -> str:
    """Return what is said to a model whose answer fits, but is not yet what the editor wants."""
    if spec.kind in PROSE_KINDS:
        ending = "Answer again, with nothing but the whole revised text."
    else:
        ending = "Answer again, with nothing but the whole revised JSON."
    return "\n".join(["Revise your answer:", feedback, ending])


def _example(spec: FieldSpec) -> Any:
    if spec.kind == FieldKind.STRUCT:
        return {inner.name: _example(inner) for inner in spec.fields}
    if spec.kind == FieldKind.ROWS:
        return [{inner.name: _example(inner) for inner in spec.fields}]
    if spec.kind == FieldKind.STREAM:
        return [{"type": inner.name, "value": _example(inner)} for inner in spec.fields]
    if spec.kind == FieldKind.LIST:
        return [_example(item) for item in items_of(spec)]
    if spec.kind in SETS:
        return [GAP]
    return SAMPLES.get(spec.kind, GAP)


def _parts(spec: FieldSpec, depth: int) -> list[str]:
    """Return a line for each part of a value that has several, and for the parts of these."""
    inner_specs = spec.fields
    if spec.kind == FieldKind.LIST:
        return [line for inner in inner_specs for line in _parts(inner, depth)]
    lines = []
    for inner in inner_specs:
        lines.append("  " * depth + f"- {inner.name}: {_labelled(inner)}")
        lines += _parts(inner, depth + 1)
    return lines


def _labelled(spec: FieldSpec) -> str:
    description = _description(spec)
    if spec.label.casefold() == spec.name.replace("_", " ").casefold():
        return description
    return f"{spec.label}, {description}"


def _description(spec: FieldSpec) -> str:
    words = [_what(spec), *_limits(spec)]
    if not spec.required and spec.kind in SERIES:
        words.append("[] if there is none")
    elif not spec.required and spec.kind != FieldKind.STRUCT:
        words.append("null if there is none")
    return ", ".join(words)


def _options(spec: FieldSpec) -> str:
    return ", ".join(json.dumps(label, ensure_ascii=False) for label in labels_of(spec))


def _what(spec: FieldSpec) -> str:
    if spec.kind in CHOSEN:
        return f"one of: {_options(spec)}"
    if spec.kind in SETS and spec.options:
        return f"a list with some of: {_options(spec)}"
    if spec.kind == FieldKind.LIST:
        items = ", ".join(_description(inner) for inner in items_of(spec))
        return f"a list, each item {items}"
    return NOUNS[spec.kind]


def _limits(spec: FieldSpec) -> list[str]:
    """Return the limits of the field, each as a part of a sentence."""
    limits = []
    if spec.minimum is not None:
        limits.append(f"from {spec.minimum}")
    if spec.maximum is not None:
        limits.append(f"up to {spec.maximum}")
    if spec.decimal_places is not None:
        limits.append(_decimal_places(spec.decimal_places))
    if spec.max_length is not None:
        limits.append(_characters(spec, spec.max_length))
    if spec.min_items:
        limits.append(f"at least {_counted(spec.min_items, 'item')}")
    if spec.max_items is not None:
        limits.append(f"at most {_counted(spec.max_items, 'item')}")
    return limits


def _decimal_places(limit: int) -> str:
    return f"at most {_counted(limit, 'decimal place')}"


def _characters(spec: FieldSpec, limit: int) -> str:
    each = "each of " if spec.kind == FieldKind.TAGS else ""
    return f"{each}at most {_counted(limit, 'character')}"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
