"""
Where accepted outputs went: into which revision of the object, and when they were published.

Whether a revision holds an output is read from the revision itself each time: a person may have
changed the field since, and autosave writes revisions anew in their place.
"""

import logging
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import get_language, override
from wagtail.log_actions import log
from wagtail.models import Revision

from wagtail_llm_actions.content.hashes import hash_of_text
from wagtail_llm_actions.content.saved import texts_in
from wagtail_llm_actions.models import LLMActionHistory
from wagtail_llm_actions.values import Decision

logger = logging.getLogger(__name__)

USED = (Decision.ACCEPTED, Decision.EDITED)
ACCEPT, RESTORE = "wagtail_llm_actions.accept", "wagtail_llm_actions.restore"
"""What entries in the object's history are called."""


def note_offer(run: LLMActionHistory, text: str) -> None:
    """Remember what the field would say with the output, so that it is known again when saved."""
    applied = _hash(text)
    if run.applied_hash != applied:
        run.applied_hash = applied
        run.save(update_fields=["applied_hash"])


def follow_revision(revision: Revision) -> None:
    """Note for accepted outputs whether a revision that was saved just now holds them."""
    runs = _accepted(revision)
    if not runs:
        return
    held = _held(revision.as_object(), runs)
    for run in runs:
        found = run.holding_revision_id
        if run in held and found is None:
            _write(run, holding_revision_id=revision.pk)
        elif run not in held and found == revision.pk:
            _write(run, holding_revision_id=None)


def follow_publication(instance: Model, revision: Revision | None) -> None:
    """Note when accepted outputs went live, those that the published revision still holds."""
    if revision is None:
        return
    for run in _held(instance, _accepted(revision)):
        _write(run, holding_revision_id=revision.pk, live_at=timezone.now())


def log_acceptance(run: LLMActionHistory, user: Any) -> None:
    """
    Tell in the object's own history that an output was accepted, without a word of it.

    An object that was never saved has no history yet: see :func:`log_adopted`.
    """
    _log(_target(run), ACCEPT, run, user)


def log_restored(run: LLMActionHistory, user: Any) -> None:
    """Tell in the object's own history that what stood there before a run came back."""
    _log(_target(run), RESTORE, run, user)


def log_adopted(instance: Model, runs: Iterable[LLMActionHistory]) -> None:
    """Tell in the history of a new object which outputs were accepted before it was saved."""
    for run in runs:
        if run.decision in USED:
            _log(instance, ACCEPT, run, run.decided_by)
        if run.restored_at:
            _log(instance, RESTORE, run, run.restored_by)


def _target(run: LLMActionHistory) -> Model | None:
    """Return the object of a run; ``None`` if it was never saved, or is gone."""
    model = run.content_type.model_class() if run.content_type else None
    if model is None or not run.object_id:
        return None
    return model._default_manager.filter(pk=run.object_id).first()


def _log(instance: Model | None, action: str, run: LLMActionHistory, user: Any) -> None:
    if instance is not None:
        data = {"action": run.action_name, "field": run.destination_label, "run": str(run.pk)}
        log(instance=instance, action=action, user=user, data=data)


def _accepted(revision: Revision) -> list[LLMActionHistory]:
    """Return the accepted runs on the object of a revision that are not known to be live."""
    runs = LLMActionHistory.objects.filter(
        content_type=revision.content_type_id,
        object_id=revision.object_id,
        decision__in=USED,
        of_selection=False,
        live_at=None,
    ).exclude(applied_hash="")
    fields = ("destination_address", "applied_hash", "holding_revision_id", "language")
    return list(runs.select_related("user", "decided_by").only(*fields, "user", "decided_by"))


def _held(instance: Model, runs: list[LLMActionHistory]) -> list[LLMActionHistory]:
    """Return the runs whose output stands in their field."""
    user = next((who for run in runs if (who := run.decided_by or run.user)), None)
    if user is None:
        return []
    # Dates and choices are words of the language in which the output was looked at.
    languages = {get_language(), *(run.language for run in runs if run.language)}
    held: set[Any] = set()
    for language in languages:
        held |= _held_in(language, instance, user, runs)
    return [run for run in runs if run.pk in held]


def _held_in(
    language: str | None, instance: Model, user: Any, runs: list[LLMActionHistory]
) -> set[Any]:
    """Return the keys of the runs whose output stands in their field, as one language has it."""
    try:
        with override(language), transaction.atomic():  # an error must not end the saving
            texts = texts_in(instance, user, {run.destination_address for run in runs})
    except Exception:
        # A page is saved or published whatever we can make of it.
        logger.exception("Accepted outputs not looked for in %s", instance._meta.label)
        return set()
    return {run.pk for run in runs if _hash(texts.get(run.destination_address)) == run.applied_hash}


def _hash(text: str | None) -> str:
    """Return the hash of a text; spaces and line breaks count alike."""
    return "" if text is None else hash_of_text(" ".join(text.split()))


def _write(run: LLMActionHistory, **values: Any) -> None:
    LLMActionHistory.objects.filter(pk=run.pk).update(**values)
