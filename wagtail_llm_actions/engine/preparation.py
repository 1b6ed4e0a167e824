"""
The first step of a run: everything that can be refused is refused here, before any call.

``prepare`` is eager, so that a door can answer with an error before the first byte of a stream.
A run that is refused is a row too.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language, gettext
from wagtail.models import Site

from wagtail_llm_actions.conf import settings
from wagtail_llm_actions.content import BoundEditor
from wagtail_llm_actions.content.opt_outs import require_opted_in
from wagtail_llm_actions.content.saved import SavedEditor
from wagtail_llm_actions.engine.changes import (
    NO_CHANGES,
    RunChanges,
    changed_action,
    changed_config,
)
from wagtail_llm_actions.engine.clearance import cleared_config
from wagtail_llm_actions.engine.destinations import actions_in_force, config_of
from wagtail_llm_actions.engine.leave import (
    require_leave,
    require_leave_to_try,
    require_membership,
)
from wagtail_llm_actions.engine.limits import (
    Claim,
    bound_output,
    claim_nothing,
    claims_on,
    reserve,
    with_amounts,
)
from wagtail_llm_actions.engine.liveness import sweep
from wagtail_llm_actions.engine.pictures import sees_pictures
from wagtail_llm_actions.engine.prices import price_of
from wagtail_llm_actions.engine.recall import recall
from wagtail_llm_actions.engine.receipts import record_refusal
from wagtail_llm_actions.engine.repetition import remember_answer
from wagtail_llm_actions.engine.row_contents import site_name
from wagtail_llm_actions.engine.selection import action_on_selection, take_selection
from wagtail_llm_actions.engine.standings import refusal
from wagtail_llm_actions.engine.switch import require_switched_on
from wagtail_llm_actions.engine.writing import variables_in, write_prompt
from wagtail_llm_actions.exceptions import (
    ActionNotFoundError,
    ActionNotReadyError,
    LimitReachedError,
    LLMActionsError,
    PermissionRefusedError,
    RepetitionPendingError,
    RunNotFoundError,
    SourcesCutError,
)
from wagtail_llm_actions.models import (
    IdempotencyKey,
    LLMAction,
    LLMActionHistory,
    LLMConfig,
)
from wagtail_llm_actions.models.runs import LEFT_OUT
from wagtail_llm_actions.models.texts import storable
from wagtail_llm_actions.outputs import clean, revision_prompt
from wagtail_llm_actions.permissions import can_run, visible_runs
from wagtail_llm_actions.prompts import (
    defused,
)
from wagtail_llm_actions.providers import providers
from wagtail_llm_actions.values import FieldSpec

ROUNDS = 4
"""How often room is looked for that other runs give back at the same moment."""
MAX_FEEDBACK = 2000
"""Characters of what a user wants otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """A wish to have one field of one form written."""

    user: Any
    bound: BoundEditor | SavedEditor
    """The edit form as it stands, unsaved; for a test the object as it was last saved."""
    address: str
    retry_of: UUID | None = None
    template: str = ""
    """The slug of a prompt template to run on what is selected in the field, not on the field."""
    feedback: str = ""
    """What the user wants otherwise in the output of the run to retry; blank to begin anew."""
    draft: str = ""
    """That output as the user has changed it; blank if they have not."""
    changes: RunChanges = NO_CHANGES
    """What is otherwise than in the action, for this run only."""
    action: LLMAction | None = None
    """One to try instead of the one in force, as its form stands; the run is a test of it."""
    accept_cut: bool = False
    """Whether the user agreed that sources are cut where they are too long for the model."""
    key: IdempotencyKey | None = None
    """By which the same request is known if it is sent again."""


def prepare(request: RunRequest) -> LLMActionHistory:
    """
    Check everything, write the prompt and commit a queued run.

    :raises RunRefusedError: if the run may not happen.
    :raises ContentError: if the field or a source cannot be read.
    :raises PromptError: if the prompt cannot be written.
    :raises SourcesCutError: if sources have to be cut, and the user has not agreed to it; nothing
        is recorded, because nothing was refused.
    :raises ContextWindowError: if the prompt is too long for the model, whatever is cut.
    :raises RepetitionPendingError: if the request took so long that its key was given away; nothing
        is recorded then.
    """
    run = begin(request)
    try:
        _queue(run, fill(run, request), request.key)
    except (SourcesCutError, RepetitionPendingError):
        raise
    except LLMActionsError as error:
        record_refusal(run, error)
        raise
    return run


def _queue(run: LLMActionHistory, claims: Sequence[Claim], key: IdempotencyKey | None) -> None:
    """
    Save the row, with what it may use set aside, and keep it in the key of its request.

    All in one commit: if the process dies after it, the same request finds the run.

    :raises LimitReachedError: if there is no room for it, also when all runs are ended whose
        process is gone.
    """
    if run.is_from_history:
        with transaction.atomic(durable=True):
            claim_nothing(run, claims)
            _insert(run, key)
        return
    claims = with_amounts(run, claims)
    for _ in range(ROUNDS):
        with transaction.atomic(durable=True):
            if reserve(run, claims):
                _insert(run, key)
                return
            transaction.set_rollback(True)
        run.reservations = []
        error = refusal(claims)
        if error is not None and not sweep():
            raise error
    raise error or LimitReachedError(f"no room in {ROUNDS} rounds")


def _insert(run: LLMActionHistory, key: IdempotencyKey | None) -> None:
    run.save(force_insert=True)
    if key is not None:
        remember_answer(key, run=run)


def begin(request: RunRequest) -> LLMActionHistory:
    """Make the row, unsaved, with what is known before anything was checked."""
    editor, user = request.bound.editor, request.user
    return LLMActionHistory(
        user=user,
        username=user.get_username(),
        content_type=editor.content_types[0],
        object_type=editor.model._meta.label_lower,
        object_id=editor.object_id,
        object_repr=editor.object_repr,
        page_id=editor.page_id,
        **placed(editor.site),
        form_token=request.bound.form_token if editor.is_new else "",
        destination_address=request.address,
        is_test=request.action is not None,
        language=get_language() or "",
        deadline_at=timezone.now() + timedelta(seconds=settings.QUEUE_TIMEOUT),
    )


def placed(site: Site | None) -> dict[str, Any]:
    """Return what a run keeps of the site that it belongs to."""
    return {"site": site, "site_name": site_name(site) if site else ""}


def fill(run: LLMActionHistory, request: RunRequest) -> list[Claim]:
    """
    Write into the row all that is sent, and return the limits that count for it; nothing is saved.

    :raises LLMActionsError: see :func:`prepare`.
    """
    require_switched_on()
    if not can_run(request.user):
        raise PermissionRefusedError(f"user {request.user.pk} may not run LLM actions")
    if request.action:
        require_leave_to_try(request.user)
    spec = request.bound.spec(request.address)
    require_opted_in(request.bound.editor.model, spec.path)
    _copy_destination(run, request, spec)
    run.retry_of = _retried(request, run)
    _take_feedback(run, request, spec)
    current = run.value_before
    editor = request.bound.editor
    action = request.action or actions_in_force(editor, [spec.path]).get(spec.path)
    if not request.action:
        require_membership(request.user, action)
    if request.template and isinstance(request.bound, BoundEditor):
        action = action_on_selection(request.template, editor, spec, action)
        spec = take_selection(run, request.bound, spec)
        run.field_spec = asdict(spec)
    require_leave(request.user, request.changes, has_action=action is not None)
    action = changed_action(action, request.changes, editor, spec)
    if action is None:
        raise ActionNotFoundError(f"no action for {spec.path}")
    run.changes = request.changes.made
    config = changed_config(config_of(action), request.changes)
    _copy_action(run, action, config)
    if problem := action.problem(config):
        raise ActionNotReadyError(f"action {action.pk}: {problem}", user_message=problem)
    config = _cleared(run, action, config, request)
    check_parameters(run.provider, run.parameters["extra_parameters"])
    price = price_of(config) if config else None
    run.price = price.dump() if price else {}
    claims = claims_on(run, request.bound.editor.site_id)
    bound_output(run, claims)
    sees = bool(config and sees_pictures(config))
    write_prompt(run, request, action, spec, current=current, sees=sees)
    recall(run, action, claims, tries_again=request.retry_of is not None)
    return claims


def _cleared(
    run: LLMActionHistory,
    action: LLMAction,
    config: LLMConfig | None,
    request: RunRequest,
) -> LLMConfig | None:
    """
    Return the configuration that the run goes by, and copy it where another one takes over.

    The action's extra parameters were made for the provider of the one that is replaced: those that
    the other provider does not know are left out, and the run says so.
    """
    if config is None:
        return None
    cleared = cleared_config(run, action, config, request.bound.editor, variables_in(run))
    if cleared is not config:
        _copy_config(run, action, cleared)
        known = providers[cleared.provider].allowed_parameters | cleared.extra_parameters.keys()
        extra = run.parameters["extra_parameters"]
        if left_out := sorted(extra.keys() - known):
            kept = {name: value for name, value in extra.items() if name in known}
            run.parameters |= {"extra_parameters": kept, LEFT_OUT: left_out}
    return cleared


def _retried(request: RunRequest, run: LLMActionHistory) -> LLMActionHistory | None:
    """
    Return the run to retry, if it was for the same field; the object may be saved since.

    A block is the same by its address: its siblings have the same path.
    """
    if request.retry_of is None:
        return None
    same_field = visible_runs(request.user).filter(
        object_type=run.object_type,
        object_id__in={run.object_id, ""},
        destination_path=run.destination_path,
        destination_address__in={run.destination_address, ""},
    )
    return same_field.filter(pk=request.retry_of).first()


def _take_feedback(run: LLMActionHistory, request: RunRequest, spec: FieldSpec) -> None:
    """
    Make the run one that revises an earlier output, if the user has said what is to be revised.

    :raises RunNotFoundError: if there is no such output.
    """
    feedback = storable(request.feedback).strip()[:MAX_FEEDBACK]
    if not feedback:
        return
    run.revised_text = storable(request.draft) or _answer_of(run.retry_of)
    if not run.revised_text.strip():
        raise RunNotFoundError(f"run {request.retry_of} has no output to revise")
    run.revision_prompt = revision_prompt(spec, defused(feedback))


def _answer_of(run: LLMActionHistory | None) -> str:
    """Return what the model answered last in a run."""
    answers = run.attempts.exclude(raw_text="").order_by("number") if run else None
    return clean(answers.values_list("raw_text", flat=True).last() or "") if answers else ""


def _copy_destination(run: LLMActionHistory, request: RunRequest, spec: FieldSpec) -> None:
    run.destination_path = spec.path
    run.destination_label = spec.label
    run.field_spec = asdict(spec)
    run.value_before = storable(request.bound.text(request.address))
    run.value_hash = request.bound.value_hash(request.address)
    run.posted_before = request.bound.posted(request.address)


def _copy_action(run: LLMActionHistory, action: LLMAction, config: LLMConfig | None) -> None:
    template = action.prompt_template
    if run.site is None and action.site:
        run.site, run.site_name = action.site, site_name(action.site)
    run.action = action if action.pk else None
    run.action_name, run.action_slug = action.name, action.slug
    run.action_revision_id = action.live_revision_id
    run.output_mode = action.output_mode
    run.prompt_template = template if template.pk else None
    run.prompt_template_name = template.name
    run.prompt_template_revision_id = template.live_revision_id
    run.template_system_prompt = template.system_prompt
    run.template_prompt = template.prompt
    if config is not None:
        _copy_config(run, action, config)


def _copy_config(run: LLMActionHistory, action: LLMAction, config: LLMConfig) -> None:
    run.llm_config = config
    run.llm_config_name = config.name
    run.llm_config_revision_id = config.live_revision_id
    run.provider, run.model_name = config.provider, config.model_name
    run.parameters = {
        "temperature": _first_set(action.temperature, config.temperature),
        "max_output_tokens": _first_set(action.max_output_tokens, config.max_output_tokens),
        "extra_parameters": {**config.extra_parameters, **action.extra_parameters},
    }


def _first_set(*values: float | None) -> float | None:
    return next((value for value in values if value is not None), None)


def check_parameters(alias: str, parameters: Iterable[str]) -> None:
    """
    Do nothing if a provider allows the extra parameters.

    :raises ActionNotReadyError: if not, or if the provider is not set up correctly.
    """
    try:
        allowed = providers[alias].allowed_parameters
    except ImproperlyConfigured as error:
        raise ActionNotReadyError(
            str(error),
            user_message=gettext(
                "The provider “%(provider)s” is not set up correctly. Nothing was sent. "
                "Ask an administrator to check the settings."
            )
            % {"provider": alias},
        ) from error
    unknown = sorted(set(parameters) - allowed)
    if unknown:
        raise ActionNotReadyError(
            f"extra parameters {unknown!r} are not allowed by {alias!r}",
            user_message=gettext(
                "The provider does not allow the extra parameter “%(name)s”. Nothing was sent."
            )
            % {"name": unknown[0]},
        )
