"""The third step of a run: the output in the whole form as it stands now, or what it replaced."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.utils.translation import gettext

from wagtail_llm_actions.content import BoundEditor
from wagtail_llm_actions.content.placing import Placement
from wagtail_llm_actions.content.rows import is_in_other_row
from wagtail_llm_actions.engine.deciding import find_run, own_run
from wagtail_llm_actions.engine.provenance import USED, log_restored, note_offer
from wagtail_llm_actions.engine.switch import require_switched_on
from wagtail_llm_actions.exceptions import (
    InvalidOutputError,
    InvalidTransitionError,
    OutputError,
    PermissionRefusedError,
    UnknownFieldError,
)
from wagtail_llm_actions.models import LLMActionHistory
from wagtail_llm_actions.models.texts import storable
from wagtail_llm_actions.outputs import fit_written, load
from wagtail_llm_actions.permissions import can_run
from wagtail_llm_actions.values import (
    GROWING_KINDS,
    PROSE_KINDS,
    TEXTUAL_KINDS,
    FieldSpec,
    OutputMode,
    Presentation,
    RunStatus,
)


def present(
    run_id: UUID,
    user: Any,
    bound: BoundEditor,
    address: str,
    mended: str | None = None,
    *,
    mode: OutputMode | None = None,
) -> Presentation:
    """
    Return the output as the browser applies it to the field, or the reasons why it may not.

    :param mended: the output as the user has changed it; possible also where the model's own
        answer did not fit the field.
    :param mode: how it is to be used; ``None`` for what the action says.
    :raises RunNotFoundError: if there is no such run, or none that the user may see.
    :raises PermissionRefusedError: if the user may not run LLM actions.
    :raises UnknownFieldError: if the field is gone from the form, or is not the run's.
    :raises InvalidTransitionError: if the run has no output.
    """
    run, spec = _look(run_id, user, bound, address)
    if run.status != RunStatus.SUCCEEDED and (mended is None or not run.may_be_mended):
        raise InvalidTransitionError(f"run {run.pk} is {run.status}")
    current = bound.select(address) if run.of_selection else bound.text(address)
    facts: dict[str, Any] = {
        "run_id": run.pk,
        "kind": spec.kind,
        "changed_meanwhile": _has_changed(run, bound, address, current),
        "current": current,
        "other_mode": _other_mode(run, spec, current),
    }
    placement = _place(run, bound, address, spec, mended, mode or OutputMode(run.output_mode))
    if not placement.errors and run.decision not in USED:
        note_offer(run, placement.text)
    return _presented(placement, **facts)


def present_before(
    run_id: UUID, user: Any, bound: BoundEditor, address: str, mended: str | None = None
) -> Presentation:
    """
    Return what the field held before a run as the browser puts it back, or why it may not.

    :param mended: what it said then, as the user has changed it.
    :raises RunNotFoundError: as :func:`present` does; also the other errors.
    :raises InvalidTransitionError: if nothing is known that could come back.
    """
    run, spec = _look(run_id, user, bound, address)
    if not is_restorable(run):
        raise InvalidTransitionError(f"what stood there before run {run.pk} is not known")
    if run.posted_before and mended is None:
        placement = bound.place_posted(address, run.posted_before)
    else:
        placement = _place_text(run, bound, address, spec, mended)
    return _presented(
        placement,
        run_id=run.pk,
        kind=spec.kind,
        changed_meanwhile=False,
        current=bound.text(address),
        other_mode="",
    )


def note_restored(run_id: UUID, user: Any) -> LLMActionHistory:
    """
    Record that a person put back what had stood in a field before a run, and return the run.

    :raises RunNotFoundError: if there is no such run for this user.
    :raises PermissionRefusedError: if the user may not run LLM actions, or not on its object.
    :raises InvalidTransitionError: if nothing of it could come back.
    """
    run = own_run(run_id, user)
    if not is_restorable(run):
        raise InvalidTransitionError(f"what stood there before run {run.pk} is not known")
    run.mark_restored(user)
    log_restored(run, user)
    return run


def is_restorable(run: LLMActionHistory) -> bool:
    """
    Return whether what the field held before a run can be put there again.

    Without what the browser posted then, only what is nothing but its text can.
    """
    is_used = run.decision in USED and not run.is_test
    is_textual = run.field_spec.get("kind") in TEXTUAL_KINDS and not run.of_selection
    return is_used and (bool(run.posted_before) or (is_textual and bool(run.value_before.strip())))


def _look(
    run_id: UUID, user: Any, bound: BoundEditor, address: str
) -> tuple[LLMActionHistory, FieldSpec]:
    """Return a run that was made for a field, and what the field takes now."""
    require_switched_on()
    if not can_run(user):
        raise PermissionRefusedError(f"user {user.pk} may not run LLM actions")
    run = find_run(run_id, user)
    if run.is_test:
        raise InvalidTransitionError(f"run {run.pk} is a test")
    spec = bound.spec(address)
    _require_same_target(run, bound, spec.path, address)
    return run, spec


def _place(
    run: LLMActionHistory,
    bound: BoundEditor,
    address: str,
    spec: FieldSpec,
    mended: str | None,
    mode: OutputMode,
) -> Placement:
    """Return how the output, or the user's own text, stands in the form."""
    try:
        value = _value(run, spec, mended)
    except OutputError as error:
        return _refused(error, mended)
    if run.of_selection:
        placement = bound.place_selection(address, value)
    else:
        placement = bound.place(address, value, mode)
    return _with_said(placement, mended or "")


def _place_text(
    run: LLMActionHistory, bound: BoundEditor, address: str, spec: FieldSpec, mended: str | None
) -> Placement:
    """Return how what the field said before, or what the user made of it, stands in the form."""
    said = run.value_before if mended is None else storable(mended)
    try:
        value = fit_written(spec, said)
    except OutputError as error:
        return _refused(error, said)
    placement = bound.place(address, value, OutputMode.REPLACE)
    if placement.errors:
        return _with_said(placement, said)
    return replace(placement, notices=(*placement.notices, *_inexact(run, bound, address, value)))


def _with_said(placement: Placement, text: str) -> Placement:
    """Let what the form refuses be read, also where nothing can be told of the field."""
    is_silent = placement.errors and not placement.text
    return replace(placement, text=text) if is_silent else placement


def _refused(error: OutputError, text: str | None) -> Placement:
    reasons = error.reasons if isinstance(error, InvalidOutputError) else ()
    return Placement(text=text or "", errors=reasons or (str(error.user_message),))


def _presented(placement: Placement, **facts: Any) -> Presentation:
    """Return a placement as the dialog shows it; what the form refuses is not to be applied."""
    if placement.errors:
        return Presentation(output=placement.text, errors=placement.errors, **facts)
    return Presentation(
        output=placement.text,
        method=placement.method,
        state=placement.state,
        html=placement.html,
        notices=placement.notices,
        **facts,
    )


def _other_mode(run: LLMActionHistory, spec: FieldSpec, current: str) -> str:
    """Return the other way that the output could be used in; empty where that is the same."""
    if run.of_selection or spec.kind not in GROWING_KINDS or not current.strip():
        return ""
    return next(mode for mode in OutputMode if mode != run.output_mode)


def _inexact(
    run: LLMActionHistory, bound: BoundEditor, address: str, value: Any
) -> tuple[str, ...]:
    """Return that something of what stood there before is not in its text, as a sentence."""
    is_prose = run.field_spec.get("kind") in PROSE_KINDS
    if run.of_selection or not is_prose or bound.hash_with(address, value) == run.value_hash:
        return ()
    return (
        gettext(
            "This is the text of what stood there. Images, embedded objects or formatting that "
            "it had may be missing."
        ),
    )


def _has_changed(run: LLMActionHistory, bound: BoundEditor, address: str, current: str) -> bool:
    """Return whether what the output would replace is another than when the run was prepared."""
    if storable(current) != run.value_before:
        return True
    is_known = bool(run.value_hash) and not run.of_selection
    return is_known and bound.value_hash(address) != run.value_hash


def _value(run: LLMActionHistory, spec: FieldSpec, mended: str | None) -> Any:
    """
    Return the field value that the run's output or the user's text stands for.

    :raises OutputError: if the user's text does not fit the field.
    """
    if mended is None:
        return load(FieldSpec.restore(run.field_spec), run.output)
    return fit_written(spec, storable(mended))


def _require_same_target(
    run: LLMActionHistory, bound: BoundEditor, path: str, address: str
) -> None:
    editor = bound.editor
    same_type = run.object_type == editor.model._meta.label_lower
    if not same_type or run.destination_path != path:
        raise UnknownFieldError(f"run {run.pk} is for {run.object_type} {run.destination_path}")
    if not run.object_id and editor.object_id and run.user_id == editor.user.pk:
        _attach(run, bound)
    if run.object_id != editor.object_id:
        raise UnknownFieldError(f"run {run.pk} is for object {run.object_id!r}")
    if is_in_other_row(run.destination_address, address):
        raise UnknownFieldError(f"run {run.pk} is for {run.destination_address}")


def _attach(run: LLMActionHistory, bound: BoundEditor) -> None:
    """Give a run of an unsaved object the identity that saving has given it meanwhile."""
    editor = bound.editor
    run.object_id, run.page_id = editor.object_id, editor.page_id
    run.object_repr = editor.object_repr
    run.save(update_fields=["object_id", "page_id", "object_repr"])
