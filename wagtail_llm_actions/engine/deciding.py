"""What people do to runs: find, cancel, accept, reject."""

import logging
from typing import Any
from uuid import UUID

from django.utils.translation import gettext

from wagtail_llm_actions.engine.liveness import sweep
from wagtail_llm_actions.engine.provenance import log_acceptance
from wagtail_llm_actions.engine.receipts import settle_run
from wagtail_llm_actions.exceptions import (
    InvalidTransitionError,
    PermissionRefusedError,
    RunCancelledError,
    RunNotFoundError,
)
from wagtail_llm_actions.models import LLMActionHistory
from wagtail_llm_actions.permissions import can_run, own_runs, visible_runs
from wagtail_llm_actions.signals import run_decided
from wagtail_llm_actions.values import Decision, OutputMode, RunStatus

logger = logging.getLogger(__name__)


def find_run(run_id: UUID, user: Any) -> LLMActionHistory:
    """
    Return a run that ``user`` may see.

    :raises RunNotFoundError: if there is none.
    """
    run = visible_runs(user).filter(pk=run_id).first()
    if run is None:
        raise RunNotFoundError(f"no run {run_id} for user {user.pk}")
    return run


def cancel(run_id: UUID, user: Any) -> LLMActionHistory:
    """
    Ask for the end of a run, wherever it is executed, and return it.

    A run that no process has begun ends at once; one that has ended stays as it is.

    :raises RunNotFoundError: if there is no such run for this user.
    :raises PermissionRefusedError: if the user may not run LLM actions, or not on its object.
    """
    sweep()
    run = own_run(run_id, user)
    if run.request_cancel() and run.status == RunStatus.QUEUED:
        settle_run(run, RunCancelledError(f"by user {user.pk}"))
    run.refresh_from_db()
    return run


def decide(
    run_id: UUID,
    user: Any,
    decision: Decision,
    mended: str = "",
    mode: OutputMode | None = None,
) -> LLMActionHistory:
    """
    Record what a person did with an output, once.

    :param mended: the text that went into the field, where the user changed the output before.
    :param mode: how it went into the field, where that is otherwise than in the action.
    :raises RunNotFoundError: if there is no such run for this user.
    :raises PermissionRefusedError: if the user may not run LLM actions, or not on its object.
    :raises InvalidTransitionError: if it was decided already, or there is nothing to decide.
    """
    if decision not in {Decision.ACCEPTED, Decision.EDITED, Decision.REJECTED}:
        raise InvalidTransitionError(
            f"{decision!r} is no decision", user_message=gettext("This is no decision.")
        )
    run = own_run(run_id, user)
    is_rejected = decision == Decision.REJECTED
    run.mark_decided(
        decision,
        user,
        mended if decision == Decision.EDITED else "",
        None if is_rejected else mode,
    )
    logger.info("Run decided run=%s decision=%s", run.pk, decision.value)
    if not is_rejected:
        log_acceptance(run, user)
    run_decided.send_robust(sender=type(run), run=run)
    return run


def own_run(run_id: UUID, user: Any) -> LLMActionHistory:
    """
    Return a run that is the user's to cancel and to decide on.

    :raises RunNotFoundError: if there is no such run for this user.
    :raises PermissionRefusedError: if the user may not run LLM actions, or not on its object.
    """
    run = find_run(run_id, user)
    if not can_run(user) or not own_runs(user).filter(pk=run.pk).exists():
        raise PermissionRefusedError(f"user {user.pk} may not handle run {run.pk}")
    return run
