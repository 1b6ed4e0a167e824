"""What a model is told about the shape of its answer, before and after it got it wrong."""

import json
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext, ngettext

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


def instructions(spec: FieldSpec) -> str:
    """Return what a model is told about its answer; nothing where it answers with prose."""
    if spec.kind in PROSE_KINDS:
        return ""
    example = json.dumps({"value": _example(spec)}, ensure_ascii=False)
    return "\n".join(
        [
            gettext("Answer with nothing but JSON of this shape: %(example)s")
            % {"example": example},
            gettext("“value” is %(description)s.") % {"description": _description(spec)},
            *_parts(spec, 0),
        ]
    )


def repair_prompt(spec: FieldSpec, reasons: Iterable[str]) -> str:
    """Return what is said to a model whose answer does not fit, so that it mends it."""
    lines = [gettext("Your answer does not fit:"), *(f"- {reason}" for reason in reasons)]
    if spec.kind in PROSE_KINDS:
        return "\n".join([*lines, gettext("Answer again, with nothing but the whole mended text.")])
    return "\n".join([*lines, gettext("Answer again, with nothing but the whole mended JSON.")])


def revision_prompt(spec: FieldSpec, feedback: str) -> str:
    """Return what is said to a model whose answer fits, but is not yet what the editor wants."""
    if spec.kind in PROSE_KINDS:
        ending = gettext("Answer again, with nothing but the whole revised text.")
    else:
        ending = gettext("Answer again, with nothing but the whole revised JSON.")
    return "\n".join([gettext("Revise your answer:"), feedback, ending])


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
    return gettext("%(label)s, %(description)s") % {
        "label": spec.label,
        "description": description,
    }


def _description(spec: FieldSpec) -> str:
    words = [_what(spec), *_limits(spec)]
    if not spec.required and spec.kind in SERIES:
        words.append(gettext("[] if there is none"))
    elif not spec.required and spec.kind != FieldKind.STRUCT:
        words.append(gettext("null if there is none"))
    return ", ".join(words)


def _options(spec: FieldSpec) -> str:
    return ", ".join(json.dumps(label, ensure_ascii=False) for label in labels_of(spec))


def _what(spec: FieldSpec) -> str:
    if spec.kind in CHOSEN:
        return gettext("one of: %(options)s") % {"options": _options(spec)}
    if spec.kind in SETS and spec.options:
        return gettext("a list with some of: %(options)s") % {"options": _options(spec)}
    if spec.kind == FieldKind.LIST:
        items = ", ".join(_description(inner) for inner in items_of(spec))
        return gettext("a list, each item %(description)s") % {"description": items}
    return _nouns()[spec.kind]


def _nouns() -> dict[FieldKind, str]:
    return {
        FieldKind.TEXT: gettext("text"),
        FieldKind.RICH_TEXT: gettext("text in Markdown"),
        FieldKind.INTEGER: gettext("a whole number"),
        FieldKind.NUMBER: gettext("a number"),
        FieldKind.BOOLEAN: gettext("true or false"),
        FieldKind.DATE: gettext("a date like 2026-01-31"),
        FieldKind.TIME: gettext("a time like 14:30"),
        FieldKind.DATETIME: gettext("a date and time like 2026-01-31T14:30"),
        FieldKind.URL: gettext("a URL"),
        FieldKind.EMAIL: gettext("an e-mail address"),
        FieldKind.SLUG: gettext("a slug of lower-case letters, digits and hyphens"),
        FieldKind.TAGS: gettext("a list of tags"),
        FieldKind.CHOICES: gettext("a list"),
        FieldKind.OBJECTS: gettext("a list"),
        FieldKind.STRUCT: gettext("an object with these names"),
        FieldKind.STREAM: gettext("a list of blocks of these types"),
        FieldKind.ROWS: gettext("a list of objects with these names"),
    }


def _limits(spec: FieldSpec) -> list[str]:
    """Return the limits of the field, each as a part of a sentence."""
    limits = []
    if spec.minimum is not None:
        limits.append(gettext("from %(minimum)s") % {"minimum": spec.minimum})
    if spec.maximum is not None:
        limits.append(gettext("up to %(maximum)s") % {"maximum": spec.maximum})
    if spec.decimal_places is not None:
        limits.append(_decimal_places(spec.decimal_places))
    if spec.max_length is not None:
        limits.append(_characters(spec, spec.max_length))
    if spec.min_items:
        limits.append(_least_items(spec.min_items))
    if spec.max_items is not None:
        limits.append(_most_items(spec.max_items))
    return limits


def _decimal_places(limit: int) -> str:
    return ngettext(
        "at most %(limit)d decimal place", "at most %(limit)d decimal places", limit
    ) % {"limit": limit}


def _characters(spec: FieldSpec, limit: int) -> str:
    if spec.kind == FieldKind.TAGS:
        return ngettext(
            "each of at most %(limit)d character", "each of at most %(limit)d characters", limit
        ) % {"limit": limit}
    return ngettext("at most %(limit)d character", "at most %(limit)d characters", limit) % {
        "limit": limit
    }


def _least_items(limit: int) -> str:
    return ngettext("at least %(limit)d item", "at least %(limit)d items", limit) % {"limit": limit}


def _most_items(limit: int) -> str:
    return ngettext("at most %(limit)d item", "at most %(limit)d items", limit) % {"limit": limit}
