"""
Paths that mean nothing any more, because a deploy took the field away or renamed it.

What panels show does not change while a process lives, so each path is looked up once.
"""

from collections.abc import Iterable
from difflib import SequenceMatcher
from functools import lru_cache

from django.db.models import Model
from django.utils.translation import gettext

from wagtail_llm_actions.content.catalogue import (
    definitions_of,
    panel_for,
    paths_of,
    resolve_path,
)
from wagtail_llm_actions.content.source_paths import (
    PARENT,
    SPECIAL_SOURCES,
    parent_types,
    source_label,
)
from wagtail_llm_actions.exceptions import UnknownFieldError, UnsupportedFieldError

MIN_LIKENESS = 0.58
"""As ``difflib`` has it, of the steps on average: ``intro`` is like ``introduction`` by 0.59."""


def destination_problem(model: type[Model], path: str) -> str:
    """Return why nothing can be written to ``path``, as a translated sentence; blank if it can."""
    if is_writable(model, path):
        return ""
    if is_writable(model, path) is None:
        return gettext("It fills “%(path)s”, which a language model cannot write.") % {"path": path}
    return _sentence(
        path,
        closest_destination(model, path),
        gettext("It fills “%(path)s”, which does not exist."),
        gettext("It fills “%(path)s”, which does not exist. Is it called “%(new_path)s” now?"),
    )


def source_problem(model: type[Model], path: str) -> str:
    """Return why nothing can be read at ``path``, as a translated sentence; blank if it can."""
    if is_readable(model, path):
        return ""
    return _sentence(
        path,
        closest_source(model, path),
        gettext("It reads “%(path)s”, which does not exist."),
        gettext("It reads “%(path)s”, which does not exist. Is it called “%(new_path)s” now?"),
    )


@lru_cache(maxsize=1000)
def is_writable(model: type[Model], path: str) -> bool | None:
    """Return whether an action can fill ``path``; ``None`` where there is a field of no use."""
    try:
        resolve_path(model, path)
    except UnknownFieldError:
        return False
    except UnsupportedFieldError:
        return None
    return True


@lru_cache(maxsize=1000)
def is_readable(model: type[Model], path: str) -> bool:
    """Return whether an action can read ``path``."""
    try:
        source_label(model, path)
    except UnknownFieldError:
        return False
    return True


@lru_cache(maxsize=1000)
def closest_destination(model: type[Model], path: str) -> str:
    """Return what a path that is gone probably became; blank if nothing is like it."""
    return _closest(path, (known.path for known in paths_of(model)))


@lru_cache(maxsize=1000)
def closest_source(model: type[Model], path: str) -> str:
    """Return what the path of a source probably became; blank if nothing is like it."""
    if not path.startswith(PARENT):
        return _closest(path, [*_readable_paths(model), *SPECIAL_SOURCES])
    above = {PARENT + known for page in parent_types(model) for known in _readable_paths(page)}
    return _closest(path, above)


def _readable_paths(model):
    return [".".join(definition.path) for definition in definitions_of(panel_for(model))]


def _closest(path: str, known: Iterable[str]) -> str:
    best = max(known, key=lambda other: _likeness(path, other), default="")
    return best if _likeness(path, best) >= MIN_LIKENESS else ""


def _likeness(path: str, other: str) -> float:
    """Compare step by step: a block that is renamed leaves the rest of the path as it was."""
    steps, others = path.split("."), other.split(".")
    if len(steps) != len(others):
        return 0.0
    ratios = (SequenceMatcher(None, *pair).ratio() for pair in zip(steps, others, strict=True))
    return sum(ratios) / len(steps)


def _sentence(path, new_path, without, with_new_path):
    if not new_path:
        return without % {"path": path}
    return with_new_path % {"path": path, "new_path": new_path}
