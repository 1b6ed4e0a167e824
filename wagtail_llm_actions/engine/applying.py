"""Using an output without an edit form: it becomes a draft of its object, and is decided on."""

from typing import Any
from uuid import UUID

from wagtail.models import Revision

from wagtail_llm_actions.content.drafts import write_draft
from wagtail_llm_actions.content.saved import SavedEditor, open_saved, texts_in
from wagtail_llm_actions.engine.connections import writing
from wagtail_llm_actions.engine.deciding import decide, own_run
from wagtail_llm_actions.engine.provenance import USED, follow_revision, note_offer
from wagtail_llm_actions.engine.saved_targets import find_object
from wagtail_llm_actions.engine.switch import require_switched_on
from wagtail_llm_actions.exceptions import (
    EditorNotFoundError,
    InvalidTransitionError,
    UnsupportedFieldError,
)
from wagtail_llm_actions.models import LLMActionHistory
from wagtail_llm_actions.models.texts import storable
from wagtail_llm_actions.outputs import fit_written, load
from wagtail_llm_actions.values import (
    PROSE_KINDS,
    Decision,
    FieldKind,
    FieldSpec,
    OutputMode,
    RunStatus,
)


def apply_output(
    run_id: UUID, user: Any, mended: str = "", mode: OutputMode | None = None
) -> LLMActionHistory:
    """
    Put the output of a run into a new draft of its object, and record that it was used.

    :param mended: what is used instead of it.
    :param mode: how it is used; ``None`` for what the run says.
    :raises RunNotFoundError: if there is no such run for this user.
    :raises PermissionRefusedError: if the user may not run LLM actions, or not edit the object now.
    :raises InvalidTransitionError: if it has no output, or was used before.
    :raises EditorNotFoundError: if the object is gone or was never saved.
    :raises ValueChangedError: if the field does not say any more what it said before the run.
    :raises BeingEditedError: if somebody has the object open in an editor.
    :raises NoDraftsError: if the object has no drafts.
    :raises OutputError: if the field refuses it; also the other errors of ``write_draft``.
    """
    require_switched_on()
    run = own_run(run_id, user)
    _require_usable(run, mended)
    model = run.content_type.model_class() if run.content_type else None
    if model is None or not run.object_id:
        raise EditorNotFoundError(f"run {run.pk} is for no saved object")
    used, address = mode or OutputMode(run.output_mode), run.destination_address
    with writing():
        instance = find_object(model, run.object_id)
        value = _value(run, open_saved(instance, user), mended, used)
        revision = write_draft(instance, address, value, user, run.value_hash)
        decision = Decision.EDITED if mended else Decision.ACCEPTED
        run = decide(run.pk, user, decision, mended, mode)
        _follow(run, revision, user)
    return run


def _require_usable(run: LLMActionHistory, mended: str) -> None:
    is_open = run.status == RunStatus.SUCCEEDED or (mended and run.may_be_mended)
    if not is_open or run.is_test or run.of_selection or run.decision in USED:
        raise InvalidTransitionError(f"run {run.pk} is {run.status}, {run.decision}")


def _value(run: LLMActionHistory, saved: SavedEditor, mended: str, mode: OutputMode) -> Any:
    """Return the value that the field is to hold."""
    spec = saved.spec(run.destination_address)
    if mended:
        value = fit_written(spec, storable(mended))
    else:
        value = load(FieldSpec.restore(run.field_spec), run.output)
    current = saved.text(run.destination_address)
    if mode == OutputMode.REPLACE or spec.kind == FieldKind.ROWS or not current.strip():
        return value
    if spec.kind not in PROSE_KINDS:
        raise UnsupportedFieldError(f"nothing is added to {spec.kind} without a form")
    is_line = spec.kind == FieldKind.TEXT and not spec.multiline
    return current.rstrip() + (" " if is_line else "\n\n") + value


def _follow(run: LLMActionHistory, revision: Any, user: Any) -> None:
    """Note that the revision holds the output, as it is noted when an editor saves."""
    if not isinstance(revision, Revision):
        return
    address = run.destination_address
    text = texts_in(revision.as_object(), user, [address]).get(address)
    if text is not None:
        note_offer(run, text)
        follow_revision(revision)
