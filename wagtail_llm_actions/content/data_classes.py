"""What the fields of a site hold: public, internal, personal, as the settings say."""

from typing import Any

from django.db.models import Model

from wagtail_llm_actions.conf import settings
from wagtail_llm_actions.content.naming import holds, is_within, paths_named
from wagtail_llm_actions.content.source_paths import CONTENT, IMAGE, PARENT
from wagtail_llm_actions.values import DataClass


def class_of(model: type[Model], path: str, *, parent: Model | None = None) -> DataClass:
    """
    Return the class of what a source says: the highest of all that it reads.

    :param path: of a field or group, or ``@content``, ``@image``, ``@parent.…``.
    :param parent: the page above, where there is one.
    """
    entries = settings.DATA_CLASSES
    if not entries:
        return DataClass.PUBLIC
    if path.startswith(PARENT):
        if parent is None:
            return DataClass.PUBLIC
        above: Any = getattr(parent, "specific", parent)
        return class_of(type(above), path.removeprefix(PARENT))
    held = [
        data_class
        for data_class in DataClass
        if _says_any(path, paths_named(model, _of_class(entries, data_class)))
    ]
    return held[-1] if held else DataClass.PUBLIC


def _of_class(entries: dict[str, DataClass], data_class: DataClass) -> tuple[str, ...]:
    return tuple(name for name, held in entries.items() if held == data_class)


def _says_any(path: str, named: frozenset[str]) -> bool:
    """Return whether a source says what is named: it is within it, or it holds it."""
    if path in {CONTENT, IMAGE}:
        return bool(named)
    return is_within(path, named) or holds(path, named)
