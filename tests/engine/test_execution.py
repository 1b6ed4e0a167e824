"""One run, from the queue to its end, with every attempt accounted for."""

import threading

import pytest
from django.db import OperationalError, connection
from django.db.backends.signals import connection_created

from tests import factories
from wagtail_llm_actions import engine
from wagtail_llm_actions.exceptions import (
    InvalidTransitionError,
    ProviderServerError,
    RunCancelledError,
    RunNotFoundError,
)
from wagtail_llm_actions.models import LLMActionAttempt, LLMActionHistory, LLMActionsSwitch
from wagtail_llm_actions.providers.echo import EchoProvider
from wagtail_llm_actions.signals import run_finished
from wagtail_llm_actions.testing import Reply, reply_with
from wagtail_llm_actions.values import (
    AttemptStatus,
    Chunk,
    Decision,
    FinishReason,
    RunStatus,
    Usage,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def action(home):
    return factories.make_action(
        "search_description", prompt="Describe: {{ intro }}", sources={"intro": "intro"}
    )


def test_a_run_streams_its_text_and_keeps_it(run_field):
    usage = Usage(input_tokens=7, output_tokens=3)
    with reply_with(chunks=["The tide ", "turns."], usage=usage):
        run, events = run_field()
    assert [event.type for event in events if event.type != "waiting"] == [
        "started",
        "delta",
        "delta",
        "succeeded",
    ]
    assert (run.status, run.decision, run.output) == (
        RunStatus.SUCCEEDED,
        Decision.PENDING,
        "The tide turns.",
    )
    assert (run.input_tokens, run.output_tokens, run.usage_estimated) == (7, 3, False)
    assert run.duration is not None
    attempt = run.attempts.get()
    assert (attempt.status, attempt.raw_text) == (AttemptStatus.SUCCEEDED, "The tide turns.")
    assert attempt.first_token_at is not None


def test_wrappings_are_taken_off_and_the_raw_text_kept(run_field):
    raw = '<think>Hm.</think>Here is a description:\n\n"The tide turns."'
    with reply_with(raw):
        run, _ = run_field()
    assert run.output == "The tide turns."
    assert run.attempts.get().raw_text == raw


@pytest.mark.parametrize(
    "reply, code",
    [
        (Reply(chunks=[""]), "empty_output"),
        (Reply(chunks=[" \n "]), "empty_output"),
        (Reply(chunks=["<think>What?"]), "empty_output"),
        (Reply(chunks=["The ti"], finish_reason=FinishReason.LENGTH), "truncated_output"),
        (Reply(chunks=["The ti"], finish_reason=FinishReason.CONTENT_FILTER), "content_filter"),
    ],
)
def test_an_answer_that_is_no_output_fails(run_field, reply, code):
    with reply_with(reply):
        run, events = run_field()
    assert (run.status, run.error_code, run.output) == (RunStatus.FAILED, code, "")
    assert (events[-1].type, events[-1].code) == ("failed", code)
    attempt = run.attempts.get()
    assert (attempt.status, attempt.error_code) == (AttemptStatus.FAILED, code)
    assert attempt.raw_text == "".join(reply.chunks)


def test_an_answer_that_is_too_long_for_its_field_fails_with_both_numbers(run_field):
    factories.make_action("summary", prompt="Sum up.")
    with reply_with("x" * 101):
        run, _ = run_field("summary")
    assert (run.status, run.error_code) == (RunStatus.FAILED, "invalid_output")
    assert "101" in run.error_message and "100" in run.error_message


def test_a_transient_error_is_tried_again_and_both_attempts_are_kept(run_field):
    with reply_with(Reply(chunks=["The "], error="provider_busy"), "The tide turns."):
        run, events = run_field()
    assert "restarted" in [event.type for event in events]
    assert (run.status, run.output) == (RunStatus.SUCCEEDED, "The tide turns.")
    first, second = run.attempts.all()
    assert (first.kind, first.error_code, first.raw_text) == ("first", "provider_busy", "The ")
    assert (second.kind, second.status) == ("retry", AttemptStatus.SUCCEEDED)


def test_attempts_are_bounded(run_field, settings):
    settings.WAGTAIL_LLM_ACTIONS = settings.WAGTAIL_LLM_ACTIONS | {"MAX_ATTEMPTS": 3}
    with reply_with(error="provider_busy"):
        run, _ = run_field()
    assert (run.status, run.attempts.count()) == (RunStatus.FAILED, 3)


@pytest.mark.parametrize("code", ["provider_timeout", "provider_authentication"])
def test_what_a_second_attempt_cannot_mend_is_not_tried_again(run_field, code):
    with reply_with(error=code):
        run, _ = run_field()
    assert run.attempts.count() == 1


def test_an_answer_without_an_end_grows_to_the_limit_only(run_field, settings):
    limits = {"MAX_OUTPUT_CHARACTERS": 10, "MAX_ATTEMPTS": 1}
    settings.WAGTAIL_LLM_ACTIONS = settings.WAGTAIL_LLM_ACTIONS | limits
    with reply_with(chunks=["12345"] * 100):
        run, _ = run_field()
    assert run.error_code == "provider_response"
    assert len(run.attempts.get().raw_text) == 15


def test_a_reader_who_goes_away_cancels_the_run_and_its_cost_is_estimated(bind, editor):
    request = engine.RunRequest(user=editor, bound=bind(editor), address="search_description")
    run = engine.prepare(request)
    with reply_with(chunks=["The tide ", "turns."]):
        events = engine.execute(run.pk)
        while next(events).type != "delta":
            pass
        events.close()
    run.refresh_from_db()
    assert (run.status, run.error_code, run.usage_estimated) == (
        RunStatus.CANCELLED,
        "cancelled",
        True,
    )
    assert run.input_tokens >= len(run.prompt) // 2
    assert run.attempts.get().raw_text == "The tide "


def test_a_run_cancelled_in_the_queue_is_never_executed(bind, editor):
    request = engine.RunRequest(user=editor, bound=bind(editor), address="search_description")
    run = engine.prepare(request)
    assert engine.cancel(run.pk, editor).status == RunStatus.CANCELLED
    with pytest.raises(InvalidTransitionError):
        next(engine.execute(run.pk))


def test_a_run_is_executed_once(run_field):
    with reply_with("Once."):
        run, _ = run_field()
        with pytest.raises(InvalidTransitionError):
            next(engine.execute(run.pk))
    assert run.attempts.count() == 1


def test_an_unknown_run_is_an_error(db):
    with pytest.raises(RunNotFoundError):
        next(engine.execute("7f2c1d7e-3c1b-4b3f-9d52-0d5a5f6f0c11"))


def test_an_unforeseen_exception_of_a_provider_ends_the_run(run_field, monkeypatch):
    def explode(self, request):
        raise ZeroDivisionError
        yield

    monkeypatch.setattr(EchoProvider, "stream", explode)
    with pytest.raises(ZeroDivisionError):
        run_field()
    run = LLMActionHistory.objects.get()
    assert (run.status, run.error_code) == (RunStatus.FAILED, "error")
    assert run.attempts.get().status == AttemptStatus.FAILED


def test_listeners_hear_of_the_end_and_cannot_break_it(run_field):
    heard = []

    def listen(sender, run, **kwargs):
        heard.append(run.status)
        raise RuntimeError("a listener's own mistake")

    run_finished.connect(listen)
    try:
        with reply_with("Fine."):
            run, _ = run_field()
    finally:
        run_finished.disconnect(listen)
    assert heard == [RunStatus.SUCCEEDED]
    assert run.status == RunStatus.SUCCEEDED


@pytest.mark.django_db(transaction=True)
def test_no_connection_is_held_while_the_provider_works(run_field, monkeypatch):
    held = []
    answer = EchoProvider.stream

    def watch(self, request):
        for chunk in answer(self, request):
            held.append(connection.connection is not None)
            yield chunk

    monkeypatch.setattr(EchoProvider, "stream", watch)
    run, _ = run_field()
    assert run.status == RunStatus.SUCCEEDED
    assert held and not any(held)


@pytest.mark.django_db(transaction=True)
def test_a_run_connects_to_the_database_once_before_the_call_and_once_after_it(bind, editor):
    request = engine.RunRequest(user=editor, bound=bind(editor), address="search_description")
    run, made = engine.prepare(request), []

    def note(**kwargs):
        made.append(kwargs["connection"])

    connection.close()
    connection_created.connect(note)
    try:
        assert list(engine.execute(run))[-1].type == "succeeded"
    finally:
        connection_created.disconnect(note)
    assert len(made) == 2


@pytest.mark.django_db(transaction=True)
def test_two_processes_cannot_claim_the_same_run(bind, editor):
    request = engine.RunRequest(user=editor, bound=bind(editor), address="search_description")
    run = engine.prepare(request)
    outcomes = []

    def claim():
        try:
            outcomes.append(list(engine.execute(run.pk))[-1].type)
        except InvalidTransitionError:
            outcomes.append("lost")
        finally:
            connection.close()

    threads = [threading.Thread(target=claim) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["lost", "lost", "lost", "succeeded"]
    assert run.attempts.count() == 1


@pytest.mark.parametrize(
    "chunks, raw",
    [
        (["The\0 tide."], "The tide."),
        (["The tide\ud83c", "\udf0a."], "The tide\U0001f30a."),
        (["The tide\ud83c."], "The tide\ufffd."),
    ],
)
def test_characters_that_no_database_takes_do_not_cost_the_answer(run_field, chunks, raw):
    with reply_with(chunks=chunks):
        run, _ = run_field()
    assert run.status == RunStatus.SUCCEEDED
    assert run.attempts.get().raw_text == raw


def test_an_error_may_quote_characters_that_no_database_takes(run_field):
    with reply_with(error=ProviderServerError("\0\ud83c!")):
        run, _ = run_field()
    assert (run.status, run.error_code) == (RunStatus.FAILED, "provider_server_error")
    assert run.error_detail == run.attempts.last().error_detail == "\ufffd!"


@pytest.mark.parametrize("count", [-1, 2**31])
def test_a_count_of_tokens_that_cannot_be_is_estimated(run_field, count):
    with reply_with("The tide.", usage=Usage(input_tokens=count, output_tokens=3)):
        run, _ = run_field()
    assert run.status == RunStatus.SUCCEEDED
    for row in (run, run.attempts.get()):
        assert row.input_tokens >= len(run.prompt) // 2
        assert (row.output_tokens, row.usage_estimated) == (3, True)


@pytest.mark.parametrize("exception", [SystemExit, KeyboardInterrupt])
def test_a_server_that_stops_its_worker_interrupts_the_run(bind, editor, monkeypatch, exception):
    def stop(self, request):
        yield Chunk(text="The ")
        raise exception

    monkeypatch.setattr(EchoProvider, "stream", stop)
    request = engine.RunRequest(user=editor, bound=bind(editor), address="search_description")
    run = engine.prepare(request)
    with pytest.raises(exception):
        list(engine.execute(run.pk))
    run.refresh_from_db()
    assert (run.status, run.error_code) == (RunStatus.INTERRUPTED, "interrupted")
    assert run.attempts.get().status == AttemptStatus.INTERRUPTED


def test_a_run_that_waits_while_everything_is_turned_off_calls_nobody(bind, editor, admin):
    request = engine.RunRequest(user=editor, bound=bind(editor), address="search_description")
    run = engine.prepare(request)
    LLMActionsSwitch.turn(False, admin)
    with reply_with("Fine.") as echo:
        events = list(engine.execute(run.pk))
    run.refresh_from_db()
    assert (run.status, run.error_code) == (RunStatus.REFUSED, "switched_off")
    assert (events[-1].type, echo.requests) == ("failed", [])


def test_a_run_that_is_cancelled_between_two_attempts_calls_nobody_again(bind, editor, settings):
    settings.WAGTAIL_LLM_ACTIONS = settings.WAGTAIL_LLM_ACTIONS | {"RETRY_DELAY": 0.6}
    request = engine.RunRequest(user=editor, bound=bind(editor), address="search_description")
    run = engine.prepare(request)
    with reply_with(Reply(error="provider_busy"), "Too late.") as echo:
        for event in engine.execute(run.pk):
            if event.type == "restarted":
                engine.cancel(run.pk, editor)
    assert len(echo.requests) == 1
    assert (event.type, event.status) == ("failed", RunStatus.CANCELLED)
    run.refresh_from_db()
    assert (run.status, run.attempts.count()) == (RunStatus.CANCELLED, 1)


def test_the_end_of_a_run_that_another_process_has_begun_is_left_to_it(bind, editor):
    request = engine.RunRequest(user=editor, bound=bind(editor), address="search_description")
    queued = engine.prepare(request)
    begun = LLMActionHistory.objects.get(pk=queued.pk)
    begun.mark_running(worker="another", deadline_at=None)
    with pytest.raises(InvalidTransitionError):
        queued.mark_ended(RunStatus.CANCELLED, RunCancelledError())
    begun.refresh_from_db()
    assert begun.status == RunStatus.RUNNING


@pytest.mark.parametrize(
    "model, method", [(LLMActionAttempt, "mark_ended"), (LLMActionHistory, "mark_succeeded")]
)
def test_a_database_that_fails_at_the_end_leaves_nothing_open(
    run_field, monkeypatch, model, method
):
    record = getattr(model, method)

    def fail_once(self, *args, **values):
        monkeypatch.setattr(model, method, record)
        raise OperationalError("the connection is lost")

    monkeypatch.setattr(model, method, fail_once)
    with reply_with("The tide."), pytest.raises(OperationalError):
        run_field()
    run = LLMActionHistory.objects.get()
    assert (run.status, run.error_code) == (RunStatus.FAILED, "error")
    assert run.input_tokens is not None
    assert run.attempts.get().status != AttemptStatus.RUNNING
