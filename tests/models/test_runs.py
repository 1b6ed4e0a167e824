"""Runs are receipts that move through their statuses once."""

import pytest
from django.contrib.contenttypes.models import ContentType

from tests.factories import make_action, make_page, make_run, make_user
from wagtail_llm_actions.exceptions import InvalidTransitionError, RunCancelledError
from wagtail_llm_actions.models import LLMActionHistory
from wagtail_llm_actions.values import Decision, RunStatus

pytestmark = pytest.mark.django_db


def test_a_run_is_claimed_by_one_process_only():
    run = make_run(status=RunStatus.QUEUED)
    same = LLMActionHistory.objects.get(pk=run.pk)
    run.mark_running(worker="one", deadline_at=None)
    with pytest.raises(InvalidTransitionError):
        same.mark_running(worker="two", deadline_at=None)
    run.refresh_from_db()
    assert run.worker == "one"


def test_a_run_that_ended_does_not_succeed_later():
    run = make_run(status=RunStatus.RUNNING)
    run.mark_ended(RunStatus.CANCELLED, RunCancelledError())
    with pytest.raises(InvalidTransitionError):
        run.mark_succeeded("Late.")
    run.refresh_from_db()
    assert (run.status, run.output, run.error_code) == (RunStatus.CANCELLED, "", "cancelled")


def test_an_output_is_decided_once(editor):
    run = make_run()
    run.mark_decided(Decision.ACCEPTED, editor)
    with pytest.raises(InvalidTransitionError):
        run.mark_decided(Decision.REJECTED, editor)
    run.refresh_from_db()
    assert (run.decision, run.decided_by) == (Decision.ACCEPTED, editor)


def test_who_decided_is_still_named_when_they_are_gone(editor):
    run = make_run()
    run.mark_decided(Decision.ACCEPTED, editor)
    editor.delete()
    run.refresh_from_db()
    assert (run.decided_by, run.decided_by_username) == (None, "editor")


def test_a_failed_run_has_nothing_to_decide(editor):
    with pytest.raises(InvalidTransitionError):
        make_run(status=RunStatus.FAILED).mark_decided(Decision.ACCEPTED, editor)


def test_a_finished_run_cannot_be_cancelled():
    assert make_run(status=RunStatus.RUNNING).request_cancel() is True
    assert make_run().request_cancel() is False


def test_a_run_survives_everything_it_points_to(home):
    user = make_user("gone")
    action, page = make_action(), make_page()
    run = make_run(action, target=page, user=user)
    retry = make_run(retry_of=run)
    template, config = action.prompt_template, action.llm_config
    for row in (action, template, config, page, user):
        row.delete()
    ContentType.objects.filter(pk=run.content_type_id).delete()
    run.refresh_from_db()
    assert (run.action, run.user, run.prompt_template, run.llm_config) == (None, None, None, None)
    assert (run.action_name, run.username) == (action.name, "gone")
    assert (run.object_repr, run.object_type) == ("A story", "testapp.storypage")
    assert retry.retry_of == run
