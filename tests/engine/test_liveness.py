"""Runs whose process is gone end; others are left alone."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.utils import timezone

from tests import factories
from wagtail_llm_actions import engine
from wagtail_llm_actions.engine import liveness
from wagtail_llm_actions.models import LLMActionHistory
from wagtail_llm_actions.testing import reply_with
from wagtail_llm_actions.values import AttemptStatus, RunStatus

pytestmark = pytest.mark.django_db


def dead_worker() -> str:
    """Return the name of a process that has ended."""
    machine, _, _ = liveness.worker_name().rsplit("/", 2)
    process = subprocess.Popen([sys.executable, "-c", "pass"])
    started = liveness._started(process.pid)
    process.wait()
    return f"{machine}/{process.pid}/{started}"


def running(worker, **values):
    values.setdefault("deadline_at", timezone.now() + timedelta(minutes=5))
    return factories.make_run(status=RunStatus.RUNNING, worker=worker, **values)


def test_a_run_of_this_process_is_alive(home):
    run = running(liveness.worker_name())
    assert engine.sweep() == 0
    run.refresh_from_db()
    assert run.status == RunStatus.RUNNING


def test_a_run_of_a_dead_process_ends_at_once_with_an_estimate(home):
    run = running(dead_worker(), prompt="x" * 10, system_prompt="", input_tokens=None)
    assert engine.sweep() == 1
    run.refresh_from_db()
    assert (run.status, run.error_code) == (RunStatus.INTERRUPTED, "interrupted")
    attempt = run.attempts.get()
    assert (attempt.status, attempt.input_tokens, attempt.usage_estimated) == (
        AttemptStatus.INTERRUPTED,
        5,
        True,
    )
    assert (run.input_tokens, run.usage_estimated) == (5, True)


def test_a_process_number_that_was_given_again_is_another_process(home):
    machine, pid, started = liveness.worker_name().rsplit("/", 2)
    assert liveness.is_gone(f"{machine}/{pid}/{started}1")


def test_of_another_machine_only_the_deadline_tells(home):
    run = running("elsewhere/container/1/1")
    assert engine.sweep() == 0
    type(run).objects.update(deadline_at=timezone.now() - timedelta(seconds=1))
    assert engine.sweep() == 1


def test_a_prepared_run_that_nobody_executes_ends(home):
    past = timezone.now() - timedelta(seconds=1)
    run = factories.make_run(status=RunStatus.QUEUED, attempts=0, deadline_at=past)
    assert engine.sweep() == 1
    run.refresh_from_db()
    assert run.status == RunStatus.INTERRUPTED
    assert run.error_message == "The run was not begun in time. Nothing was sent."


def test_a_run_that_has_ended_is_never_swept(home):
    past = timezone.now() - timedelta(seconds=1)
    factories.make_run(status=RunStatus.SUCCEEDED, worker="x/1/1", deadline_at=past)
    assert engine.sweep() == 0


def test_where_there_is_no_proc_a_process_is_asked_for_a_sign_of_life():
    assert liveness._answers(os.getpid()) == "alive"


def test_a_dead_process_that_nobody_has_buried_is_gone():
    machine, _, _ = liveness.worker_name().rsplit("/", 2)
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    worker = f"{machine}/{process.pid}/{liveness._started(process.pid)}"
    assert not liveness.is_gone(worker)
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert liveness.is_gone(worker)
    process.communicate()


def test_a_process_that_hides_its_start_is_alive(monkeypatch):
    worker = liveness.worker_name()
    monkeypatch.setattr(liveness, "_read", lambda path: "")
    assert not liveness.is_gone(worker)


def test_a_prepared_run_that_is_claimed_at_the_last_moment_goes_on(home, monkeypatch):
    past = timezone.now() - timedelta(seconds=1)
    run = factories.make_run(status=RunStatus.QUEUED, attempts=0, deadline_at=past)

    def claim(swept):
        run.mark_running(worker=liveness.worker_name(), deadline_at=None)
        return True

    monkeypatch.setattr(liveness, "_is_over", claim)
    assert engine.sweep() == 0
    run.refresh_from_db()
    assert run.status == RunStatus.RUNNING


def test_nothing_is_sent_for_a_run_that_was_swept_before_its_call(bind, editor):
    factories.make_action("search_description")
    request = engine.RunRequest(user=editor, bound=bind(editor), address="search_description")
    run = engine.prepare(request)
    with reply_with("Too late.") as provider:
        events = engine.execute(run.pk)
        next(events)
        LLMActionHistory.objects.update(deadline_at=timezone.now() - timedelta(seconds=1))
        engine.sweep()
        last = list(events)[-1]
    assert (last.type, last.status) == ("failed", RunStatus.INTERRUPTED)
    assert provider.requests == []
    run.refresh_from_db()
    assert (run.status, run.attempts.count(), run.reservations) == (RunStatus.INTERRUPTED, 0, [])
