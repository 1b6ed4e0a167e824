"""
Trying an LLM action before it is saved: on an object that is there, with its real texts.

The action is what its own form says now. A test is a run like any other, but its output is shown
and never offered to the object.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.translation import gettext

from wagtail_llm_actions.content import BoundEditor
from wagtail_llm_actions.content.drafts import lost_by, objections, value_with
from wagtail_llm_actions.content.problems import problems_of
from wagtail_llm_actions.content.saved import open_saved
from wagtail_llm_actions.engine.deciding import find_run
from wagtail_llm_actions.engine.leave import require_leave_to_try
from wagtail_llm_actions.engine.preparation import RunRequest
from wagtail_llm_actions.engine.saved_targets import address_at
from wagtail_llm_actions.exceptions import (
    ActionNotReadyError,
    EditorNotFoundError,
    InvalidTransitionError,
    RunNotFoundError,
)
from wagtail_llm_actions.models import LLMAction, LLMActionHistory
from wagtail_llm_actions.models.paths import destination_problem
from wagtail_llm_actions.outputs import load
from wagtail_llm_actions.values import FieldSpec, OutputMode, RunStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialResult:
    """The output of a test, and what the field says to it as the object is saved now."""

    run: LLMActionHistory
    errors: tuple[str, ...]
    notices: tuple[str, ...]
    """What the output would remove from the field."""
    length: int
    """Characters of the output, with what the field says already where it is added to that."""
    max_length: int | None


def trial_of(user: Any, bound: BoundEditor, key: str) -> RunRequest:
    """
    Return the run that tries an action on an object.

    :param bound: the form of the action as it stands in the browser.
    :param key: the primary key of the object.
    :raises PermissionRefusedError: if the user may not try actions, or not edit the object.
    :raises EditorNotFoundError: if ``bound`` is no form of an action, or there is no such object.
    :raises ActionNotReadyError: if the form says too little, or something wrong.
    :raises UnknownFieldError: if the object has nothing to fill at the action's path.
    """
    require_leave_to_try(user)
    action = action_in(bound)
    model: Any = action.destination_type.model_class()
    if problem := destination_problem(model, action.destination_path):
        raise _not_ready(problem)
    saved = open_saved(_find(model, key), user)
    address = address_at(saved, action.destination_path)
    return RunRequest(user=user, bound=saved, address=address, action=action, accept_cut=True)


def action_in(bound: BoundEditor) -> LLMAction:
    """
    Return the action that its form describes, as if it was published; never to be saved.

    :raises EditorNotFoundError: if it is no form of an action.
    :raises ActionNotReadyError: if the form says too little, or something wrong.
    """
    if bound.editor.model is not LLMAction:
        raise EditorNotFoundError(f"{bound.editor.model._meta.label} is no LLM action")
    if problems := [problem.sentence() for problem in problems_of(bound.form)]:
        raise _not_ready(" ".join(problems))
    action = bound.form.save(commit=False)
    if not (action.destination_type_id and action.destination_path and action.prompt_template_id):
        raise _not_ready(gettext("Choose a content type, a field and a prompt template first."))
    action.live, action.enabled, action.live_revision = True, True, None
    return action


def result_of(run_id: UUID, user: Any) -> TrialResult:
    """
    Return the output of a test with what the field says to it.

    :raises RunNotFoundError: if there is no such test that the user may see.
    :raises InvalidTransitionError: if it has no output.
    :raises PermissionRefusedError: if the user may not edit the object.
    :raises UnknownFieldError: if the field is gone from it.
    """
    run = find_run(run_id, user)
    if not run.is_test:
        raise RunNotFoundError(f"run {run.pk} is no test")
    if run.status != RunStatus.SUCCEEDED:
        raise InvalidTransitionError(f"run {run.pk} is {run.status}")
    model = run.content_type.model_class() if run.content_type else None
    saved, address = open_saved(_find(model, run.object_id), user), run.destination_address
    value, mode = load(FieldSpec.restore(run.field_spec), run.output), OutputMode(run.output_mode)
    errors = objections(saved, address, value, mode)
    whole = value_with(saved, address, value, mode)
    return TrialResult(
        run=run,
        errors=errors,
        notices=() if errors else lost_by(saved, address, value, mode),
        length=len(whole if isinstance(whole, str) else run.output_text),
        max_length=saved.spec(address).max_length,
    )


def _find(model: Any, key: str) -> Model:
    try:
        instance = model._default_manager.filter(pk=key).first() if model and key else None
    except (ValueError, ValidationError):
        instance = None
    if instance is None:
        raise EditorNotFoundError(
            f"no object {key!r}",
            user_message=gettext("Choose what to try it on: an object of the content type."),
        )
    return instance


def _not_ready(message: str) -> ActionNotReadyError:
    return ActionNotReadyError(message, user_message=message)
