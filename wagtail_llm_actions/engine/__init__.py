"""
The one way to run anything.

Permission, prompt, call, record: in that order, in one place. The page editor, the API and a
command are doors to the same functions.
"""

from wagtail_llm_actions.engine.applying import apply_output
from wagtail_llm_actions.engine.changes import RunChanges
from wagtail_llm_actions.engine.deciding import cancel, decide, find_run
from wagtail_llm_actions.engine.execution import execute
from wagtail_llm_actions.engine.history import (
    Position,
    columns_for,
    exported,
    part_of,
    position_of,
    runs_for,
)
from wagtail_llm_actions.engine.limit_rows import (
    change_limit,
    create_limit,
    delete_limit,
    find_limit,
    limit_contents,
    limit_version,
    limits_of,
)
from wagtail_llm_actions.engine.liveness import sweep
from wagtail_llm_actions.engine.notices import notices_of
from wagtail_llm_actions.engine.past_runs import past_runs
from wagtail_llm_actions.engine.preparation import RunRequest, prepare
from wagtail_llm_actions.engine.presentation import (
    is_restorable,
    note_restored,
    present,
    present_before,
)
from wagtail_llm_actions.engine.preview import (
    Choices,
    Preview,
    choices,
    model_names,
    models_of,
    preview,
)
from wagtail_llm_actions.engine.provenance import follow_publication, follow_revision
from wagtail_llm_actions.engine.receipts import settle_run as give_up
from wagtail_llm_actions.engine.refusals import refusals_recorded
from wagtail_llm_actions.engine.repetition import claim_key, give_back_key, remember_answer
from wagtail_llm_actions.engine.roles import ROLES, Role, RoleDifference, give_roles
from wagtail_llm_actions.engine.rows import (
    ANY_VERSION,
    WantedVersion,
    as_ours,
    change_row,
    create_row,
    delete_row,
    draft_of,
    find_row,
    publish_row,
    revision_of,
    revisions_of,
    row_version,
    rows_of,
    turn_row,
    unpublish_row,
)
from wagtail_llm_actions.engine.saved_runs import (
    Wishes,
    leave_to_worker,
    prepare_retry,
    prepare_saved,
    run_to_end,
    work_off,
)
from wagtail_llm_actions.engine.saved_targets import SavedTarget
from wagtail_llm_actions.engine.saving import (
    delete_action,
    save_action,
    save_template,
    serves,
    version_of,
)
from wagtail_llm_actions.engine.selection import selection_templates
from wagtail_llm_actions.engine.services import Service, offered_models, providers_for, service_of
from wagtail_llm_actions.engine.serving import Wanted, conflicts_of, served_by
from wagtail_llm_actions.engine.standings import Standing, all_standings, in_words, money
from wagtail_llm_actions.engine.states import FieldState, field_states
from wagtail_llm_actions.engine.switch import is_switched_on
from wagtail_llm_actions.engine.transfer import Difference, export_rows, import_rows
from wagtail_llm_actions.engine.trials import TrialResult, result_of, trial_of
from wagtail_llm_actions.engine.unsaved import adopt_runs
from wagtail_llm_actions.engine.usage import usage_of

__all__ = [
    "ANY_VERSION",
    "ROLES",
    "Choices",
    "Difference",
    "FieldState",
    "Position",
    "Preview",
    "Role",
    "RoleDifference",
    "RunChanges",
    "RunRequest",
    "SavedTarget",
    "Service",
    "Standing",
    "TrialResult",
    "Wanted",
    "WantedVersion",
    "Wishes",
    "adopt_runs",
    "all_standings",
    "apply_output",
    "as_ours",
    "cancel",
    "change_limit",
    "change_row",
    "choices",
    "claim_key",
    "columns_for",
    "conflicts_of",
    "create_limit",
    "create_row",
    "decide",
    "delete_action",
    "delete_limit",
    "delete_row",
    "draft_of",
    "execute",
    "export_rows",
    "exported",
    "field_states",
    "find_limit",
    "find_row",
    "find_run",
    "follow_publication",
    "follow_revision",
    "give_back_key",
    "give_roles",
    "give_up",
    "import_rows",
    "in_words",
    "is_restorable",
    "is_switched_on",
    "leave_to_worker",
    "limit_contents",
    "limit_version",
    "limits_of",
    "model_names",
    "models_of",
    "money",
    "note_restored",
    "notices_of",
    "offered_models",
    "part_of",
    "past_runs",
    "position_of",
    "prepare",
    "prepare_retry",
    "prepare_saved",
    "present",
    "present_before",
    "preview",
    "providers_for",
    "publish_row",
    "refusals_recorded",
    "remember_answer",
    "result_of",
    "revision_of",
    "revisions_of",
    "row_version",
    "rows_of",
    "run_to_end",
    "runs_for",
    "save_action",
    "save_template",
    "selection_templates",
    "served_by",
    "serves",
    "service_of",
    "sweep",
    "trial_of",
    "turn_row",
    "unpublish_row",
    "usage_of",
    "version_of",
    "work_off",
]
