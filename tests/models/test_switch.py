"""The switch ends what is under way and leaves the rest alone."""

import pytest

from tests import factories
from wagtail_llm_actions.models import LLMActionsSwitch
from wagtail_llm_actions.values import RunStatus

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "on, status, is_cancelled",
    [
        (False, RunStatus.RUNNING, True),
        (False, RunStatus.QUEUED, True),
        (False, RunStatus.SUCCEEDED, False),
        (True, RunStatus.RUNNING, False),
    ],
)
def test_turning_everything_off_cancels_what_is_under_way(admin, on, status, is_cancelled):
    run = factories.make_run(status=status)
    LLMActionsSwitch.turn(on, admin)
    run.refresh_from_db()
    assert run.cancel_requested is is_cancelled
