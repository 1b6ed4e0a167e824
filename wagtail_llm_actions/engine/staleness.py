"""Whether what an accepted output was made from has changed since, as the object is saved now."""

from collections.abc import Collection
from contextlib import suppress
from typing import Any

from django.utils.translation import get_language, override

from wagtail_llm_actions.content import Editor
from wagtail_llm_actions.content.saved import SavedEditor
from wagtail_llm_actions.content.source_paths import SELECTION
from wagtail_llm_actions.exceptions import LLMActionsError
from wagtail_llm_actions.models import LLMActionHistory
from wagtail_llm_actions.models.texts import storable
from wagtail_llm_actions.prompts import defused

CURRENT = "current_value"
"""What the field itself said is recorded among the sources, and is changed by accepting."""


def stale_runs(editor: Editor, runs: Collection[LLMActionHistory]) -> set[Any]:
    """
    Return the keys of the runs, one of whose sources says something else now.

    A source that cannot be read any more says nothing about that. Each is read in the language that
    it was read in then.
    """
    if not runs:
        return set()
    keys = [run.pk for run in runs]
    sources = dict(LLMActionHistory.objects.filter(pk__in=keys).values_list("pk", "sources"))
    reader = _Reader(editor)
    return {
        run.pk
        for run in runs
        if any(reader.is_changed(source, run) for source in sources.get(run.pk, ()))
    }


class _Reader:
    """Reads each source once."""

    def __init__(self, editor: Editor):
        self._editor = editor
        self._saved: SavedEditor | None = None
        self._texts: dict[tuple[str, str, str], str | None] = {}

    def is_changed(self, source: dict[str, Any], run: LLMActionHistory) -> bool:
        path = source["path"]
        if source["name"] == CURRENT or path in {SELECTION, run.destination_path}:
            return False
        # A field of a child or block is read from the one that is written, others anywhere.
        near = run.destination_address if "." in path else ""
        with override(run.language or get_language()):
            text = self._text(path, near)
        if text is None:
            return False
        if source.get("cut_words"):
            return not text.startswith(source["text"].rstrip())
        return text != source["text"]

    def _text(self, path: str, near: str) -> str | None:
        key = (get_language() or "", path, near)
        if key not in self._texts:
            self._texts[key] = self._read(path, near)
        return self._texts[key]

    def _read(self, path: str, near: str) -> str | None:
        with suppress(LLMActionsError):
            self._saved = self._saved or SavedEditor(self._editor)
            return defused(storable(self._saved.read(path, near=near).text))
        return None
