"""A field's value as text for people."""

from typing import Any

from django.utils.translation import gettext

from wagtail_llm_actions.outputs.converting import find
from wagtail_llm_actions.outputs.kinds import CHOSEN, SETS, items_of
from wagtail_llm_actions.outputs.options import label_of
from wagtail_llm_actions.values import FieldKind, FieldSpec

INDENT = "  "


def readable(spec: FieldSpec, value: Any) -> str:
    """
    Return ``value`` as text: labels of options, yes or no, items with commas or in lines.

    Rich text stays the Markdown that it is.
    """
    if value is None:
        return ""
    if spec.kind == FieldKind.BOOLEAN:
        return gettext("Yes") if value else gettext("No")
    if spec.kind in CHOSEN:
        return label_of(spec, value)
    if spec.kind in SETS:
        return ", ".join(label_of(spec, item) for item in value)
    if spec.kind == FieldKind.STRUCT:
        return _group(spec, value)
    if spec.kind == FieldKind.ROWS:
        return _paragraphs(_group(spec, row) for row in value)
    if spec.kind == FieldKind.STREAM:
        return _paragraphs(_block(spec, block) for block in value)
    if spec.kind == FieldKind.LIST:
        return _items(spec, value)
    return str(value)


def _group(spec: FieldSpec, value: Any) -> str:
    members = ((inner.label, readable(inner, value.get(inner.name))) for inner in spec.fields)
    return "\n".join(_labelled(label, text) for label, text in members if text)


def _labelled(label: str, text: str) -> str:
    words = {"label": label, "text": text}
    if "\n" not in text:
        return gettext("%(label)s: %(text)s") % words
    return gettext("%(label)s:") % words + "\n" + _indented(text)


def _block(spec: FieldSpec, block: Any) -> str:
    inner = find(spec.fields, block["type"])
    return readable(inner, block["value"]) if inner else ""


def _items(spec: FieldSpec, items: Any) -> str:
    texts = [readable(inner, item) for inner in items_of(spec) for item in items]
    if any("\n" in text for text in texts):
        return _paragraphs(texts)
    return "\n".join(f"- {text}" for text in texts if text)


def _paragraphs(texts: Any) -> str:
    return "\n\n".join(text for text in texts if text)


def _indented(text: str) -> str:
    return "\n".join(INDENT + line if line else "" for line in text.splitlines())
