"""
Runs on objects as they were last saved, for doors that have no edit form.

What comes of them is a draft: nothing that such a run makes is live before a person publishes it.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone, translation

from wagtail_llm_actions.conf import settings
from wagtail_llm_actions.engine.changes import NO_CHANGES, RunChanges
from wagtail_llm_actions.engine.deciding import find_run
from wagtail_llm_actions.engine.execution import execute
from wagtail_llm_actions.engine.preparation import RunRequest, prepare
from wagtail_llm_actions.engine.refusals import saved_refusals_recorded
from wagtail_llm_actions.engine.saved_targets import (
    SavedTarget,
    address_at,
    named_model,
    open_target,
    require_in_force,
)
from wagtail_llm_actions.engine.switch import require_switched_on
from wagtail_llm_actions.exceptions import (
    EditorNotFoundError,
    InvalidTransitionError,
    PermissionRefusedError,
    RunNotFoundError,
)
from wagtail_llm_actions.models import IdempotencyKey, LLMActionHistory
from wagtail_llm_actions.models.texts import storable
from wagtail_llm_actions.permissions import can_run


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What is asked of a run besides where it is to write."""

    changes: RunChanges = NO_CHANGES
    retry_of: UUID | None = None
    feedback: str = ""
    draft: str = ""
    accept_cut: bool = False
    key: IdempotencyKey | None = None
    """By which the same request is known if it is sent again; it keeps the run."""


NO_WISHES = Wishes()


def prepare_saved(user: Any, target: SavedTarget, wishes: Wishes = NO_WISHES) -> LLMActionHistory:
    """
    Check everything and commit a queued run on a saved object, as :func:`prepare` does.

    :raises LLMActionsError: as :func:`prepare`, and as the target is opened.
    """
    require_switched_on()
    if not can_run(user):
        raise PermissionRefusedError(f"user {user.pk} may not run LLM actions")
    model, field = named_model(user, target)
    with saved_refusals_recorded(user, model, storable(target.object_id)[:255], field):
        saved = open_target(user, model, target.object_id)
        address = address_at(saved, field)
        if target.action:
            require_in_force(saved, saved.path(address), target.action)
    return prepare(
        RunRequest(
            user=user,
            bound=saved,
            address=address,
            retry_of=wishes.retry_of,
            feedback=wishes.feedback,
            draft=wishes.draft,
            changes=wishes.changes,
            accept_cut=wishes.accept_cut,
            key=wishes.key,
        )
    )


def prepare_retry(run_id: UUID, user: Any, wishes: Wishes) -> LLMActionHistory:
    """
    Prepare another run on the field of an earlier one, changed as that was unless told otherwise.

    :raises RunNotFoundError: if there is no such run for this user.
    :raises EditorNotFoundError: if its object is gone or was never saved.
    """
    run = find_run(run_id, user)
    if not run.object_id or not run.object_type or run.of_selection:
        raise EditorNotFoundError(f"run {run.pk} is for no field of a saved object")
    target = SavedTarget(
        object_type=run.object_type,
        object_id=run.object_id,
        field=run.destination_address or run.destination_path,
    )
    changes = wishes.changes
    if changes == NO_CHANGES and run.changes:
        sources = run.changes.get("sources")
        changes = RunChanges(**run.changes | ({"sources": tuple(sources)} if sources else {}))
    return prepare_saved(user, target, replace(wishes, changes=changes, retry_of=run.pk))


def leave_to_worker(run: LLMActionHistory) -> None:
    """Give a queued run the time that it takes until a worker comes to it."""
    run.deadline_at = timezone.now() + timedelta(seconds=settings.BACKGROUND_QUEUE_TIMEOUT)
    LLMActionHistory.objects.active().filter(pk=run.pk).update(deadline_at=run.deadline_at)


def run_to_end(run: LLMActionHistory) -> LLMActionHistory:
    """Execute a prepared run, whose events nobody reads, and return it as it is then."""
    with translation.override(run.language or None):
        for _event in execute(run):
            pass
    run.refresh_from_db()
    return run


def work_off(run_id: UUID) -> None:
    """Execute a queued run that was left to a worker; one that was cancelled since is no matter."""
    run = LLMActionHistory.objects.filter(pk=run_id).first()
    if run is None:
        raise RunNotFoundError(f"no run {run_id}")
    try:
        run_to_end(run)
    except InvalidTransitionError:
        return
