"""What every field of a form shows before anything is pressed, in a constant number of queries."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext

from wagtail_llm_actions.content import Editor, contentstate, kinds_of
from wagtail_llm_actions.content.guards import hidden_paths, hidden_source, is_hidden
from wagtail_llm_actions.content.opt_outs import is_opted_out
from wagtail_llm_actions.content.source_paths import source_label
from wagtail_llm_actions.engine.destinations import actions_in_force
from wagtail_llm_actions.engine.leave import group_problem
from wagtail_llm_actions.engine.liveness import sweep
from wagtail_llm_actions.engine.staleness import stale_runs
from wagtail_llm_actions.models import LLMAction, LLMActionHistory, LLMConfig
from wagtail_llm_actions.permissions import about_hidden_fields, barred
from wagtail_llm_actions.values import Decision, FieldKind, RunStatus

SHOWN = (
    RunStatus.QUEUED,
    RunStatus.RUNNING,
    RunStatus.SUCCEEDED,
    RunStatus.FAILED,
    RunStatus.INTERRUPTED,
)
NO_OTHERS: Mapping[str, str] = {}
USED = (Decision.ACCEPTED, Decision.EDITED)
"""Of a run of a selection nothing else is told: nobody can go on when the selection is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldState:
    """What one field shows."""

    action: LLMAction | None
    problem: str
    """Why the action cannot run, as a sentence; blank if it can."""
    run: LLMActionHistory | None
    """The last run on this field that says something about it."""
    sources_changed: bool = False
    """Whether what the run's accepted output was made from says something else now."""
    kind: str = ""
    """The :class:`FieldKind` that an action could write here; blank if none."""


def field_states(
    editor: Editor, paths: Mapping[str, str], numbered: Mapping[str, str] = NO_OTHERS
) -> dict[str, FieldState]:
    """
    Return the state of each field, but for those that the site has opted out.

    Of a field that the form does not show to the user, the action is not told.

    :param paths: the field's path for each address.
    :param numbered: what addresses were before the inline children in them were saved; of a run
        there only a used output is shown, because the number may be another child's by now.
    """
    sweep()
    paths = {
        address: path for address, path in paths.items() if not is_opted_out(editor.model, path)
    }
    actions = actions_in_force(editor, paths.values())
    default = LLMConfig.objects.default() if actions else None
    last = _last_runs(editor, {*paths, *numbered.values()}) if editor.object_id else {}
    for address, number in numbered.items():
        if address != number and (run := last.get(number)) and run.decision in USED:
            last.setdefault(address, run)
    hidden = hidden_paths(editor.model, editor.user) if actions else set()
    actions = {path: actions[path] for path in actions if not is_hidden(path, hidden)}
    closed = barred(editor.user, actions.values()) if actions else {}
    problems = {
        path: action.problem(action.llm_config or default)
        or _group_problem(action, closed)
        or _hidden_problem(action, editor, hidden)
        for path, action in actions.items()
    }
    kinds = kinds_of(editor.model)
    used = [run for run in last.values() if run.decision in USED and not run.of_selection]
    stale = stale_runs(editor, used)
    return {
        address: FieldState(
            action=actions.get(path),
            problem=problems.get(path, ""),
            run=(run := last.get(address)),
            sources_changed=run is not None and run.pk in stale,
            kind=kinds.get(path, ""),
        )
        for address, path in paths.items()
    }


def _group_problem(action: LLMAction, closed: dict[int, list[str]]) -> str:
    """Return which groups an action is for, as a sentence; blank where the user is in one."""
    return group_problem(closed[action.pk]) if action.pk in closed else ""


def _hidden_problem(action: LLMAction, editor: Editor, hidden: set[str]) -> str:
    """Return which source the user may not see, as a sentence; blank if they may see all."""
    for source in action.sources.all():
        if is_hidden(source.path, hidden):
            return hidden_source(source_label(editor.model, source.path))
    return ""


def state_sentence(state: FieldState) -> str:
    """Say in one line what the last run on a field came to, and whether that is still up to date."""
    if state.run is None:
        return ""
    told = sentence(state.run)
    if not state.sources_changed:
        return told
    return gettext("%(sentence)s. Sources changed since") % {"sentence": told}


def sentence(run: LLMActionHistory) -> str:
    """Say in one line what a run came to."""
    if run.status in {RunStatus.FAILED, RunStatus.INTERRUPTED}:
        return run.error_message
    if run.status in {RunStatus.QUEUED, RunStatus.RUNNING}:
        return gettext("Generating…")
    decider = run.decided_by_username or run.username
    values = {"user": decider, "date": _date(run.decided_at or run.finished_at)}
    match run.decision:
        case Decision.ACCEPTED:
            return gettext("AI, accepted by %(user)s on %(date)s") % values
        case Decision.EDITED:
            return gettext("AI, accepted with changes by %(user)s on %(date)s") % values
        case Decision.PENDING:
            return gettext("1 suggestion to review")
    return ""


def accepted_state(run: LLMActionHistory) -> str:
    """Return what an accepted output looks like in a rich text editor; blank for all else."""
    is_rich_text = run.field_spec.get("kind") == FieldKind.RICH_TEXT
    if run.decision != Decision.ACCEPTED or run.of_selection or not is_rich_text:
        return ""
    return contentstate.accepted_state(run.output, run.field_spec["features"])


def _date(moment: datetime | None) -> str:
    return date_format(timezone.localtime(moment), "SHORT_DATE_FORMAT") if moment else ""


def _last_runs(editor: Editor, addresses: Collection[str]) -> dict[str, LLMActionHistory]:
    hidden = about_hidden_fields(editor.user, [editor.model])
    of_field = Q(of_selection=False) | Q(decision__in=USED)
    runs = LLMActionHistory.objects.for_object(editor.content_types[0], editor.object_id).filter(
        Q(user=editor.user) | ~hidden, of_field, status__in=SHOWN, is_test=False
    )
    newer = runs.filter(
        destination_address=OuterRef("destination_address"), created_at__gt=OuterRef("created_at")
    )
    latest = runs.filter(~Exists(newer)).defer("prompt", "system_prompt", "sources", "parameters")
    return {run.destination_address: run for run in latest if run.destination_address in addresses}
