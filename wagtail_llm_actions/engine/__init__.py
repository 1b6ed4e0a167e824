"""
The one way to run anything.

Permission, prompt, call, record: in that order, in one place. The page editor, the API and a
command are doors to the same functions.
"""

from wagtail_llm_actions.engine.deciding import cancel, decide, find_run
from wagtail_llm_actions.engine.execution import execute
from wagtail_llm_actions.engine.liveness import sweep
from wagtail_llm_actions.engine.notices import notices_of
from wagtail_llm_actions.engine.preparation import RunRequest, prepare
from wagtail_llm_actions.engine.presentation import present
from wagtail_llm_actions.engine.refusals import refusals_recorded
from wagtail_llm_actions.engine.selection import selection_templates
from wagtail_llm_actions.engine.states import FieldState, field_states
from wagtail_llm_actions.engine.switch import is_switched_on
from wagtail_llm_actions.engine.unsaved import adopt_runs

__all__ = [
    "FieldState",
    "RunRequest",
    "adopt_runs",
    "cancel",
    "decide",
    "execute",
    "field_states",
    "find_run",
    "is_switched_on",
    "notices_of",
    "prepare",
    "present",
    "refusals_recorded",
    "selection_templates",
    "sweep",
]
