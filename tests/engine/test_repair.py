"""An answer that does not fit its field: said to the model once, then to the person."""

import pytest

from tests import factories
from wagtail_llm_actions import engine
from wagtail_llm_actions.exceptions import InvalidTransitionError
from wagtail_llm_actions.providers.echo import EchoProvider
from wagtail_llm_actions.testing import Reply, reply_with
from wagtail_llm_actions.values import AttemptStatus, Decision, RunStatus

pytestmark = pytest.mark.django_db

TOO_LONG = "x" * 101


@pytest.fixture(autouse=True)
def action(home):
    factories.make_action("summary", prompt="Sum up.")
    factories.make_action("reviewed_on", prompt="When?")


def test_the_model_is_told_once_what_is_wrong(run_field):
    with reply_with(TOO_LONG, "Short.") as echo:
        run, events = run_field("summary")
    assert (run.status, run.output, run.error_code) == (RunStatus.SUCCEEDED, "Short.", "")
    first, second = run.attempts.all()
    assert (first.kind, first.status, first.error_code) == (
        "first",
        AttemptStatus.FAILED,
        "invalid_output",
    )
    assert (second.kind, second.status) == ("repair", AttemptStatus.SUCCEEDED)
    assert "100" in second.repair_prompt
    *before, answer, correction = echo.requests[1].messages
    assert tuple(before) == echo.requests[0].messages
    assert (answer.role, answer.content) == ("assistant", TOO_LONG)
    assert (correction.role, correction.content) == ("user", second.repair_prompt)
    assert [event.type for event in events if event.type not in ("delta", "waiting")] == [
        "started",
        "restarted",
        "succeeded",
    ]


def test_all_calls_of_a_repaired_run_are_added_up(run_field):
    with reply_with(TOO_LONG, "Short."):
        run, _ = run_field("summary")
    first, second = run.attempts.all()
    assert run.input_tokens == first.input_tokens + second.input_tokens
    assert second.input_tokens > first.input_tokens


def test_a_second_unfit_answer_fails_with_its_reasons(run_field):
    with reply_with(TOO_LONG):
        run, events = run_field("summary")
    assert (run.status, run.error_code, run.output) == (RunStatus.FAILED, "invalid_output", "")
    assert [attempt.kind for attempt in run.attempts.all()] == ["first", "repair"]
    assert "101" in events[-1].text and "100" in events[-1].text


@pytest.mark.parametrize("error", ["context_window", "provider_unavailable"])
def test_an_answer_whose_repair_is_not_to_be_had_can_be_mended(run_field, settings, error):
    settings.WAGTAIL_LLM_ACTIONS = settings.WAGTAIL_LLM_ACTIONS | {"MAX_ATTEMPTS": 2}
    with reply_with(TOO_LONG, Reply(error=error)):
        run, events = run_field("summary")
    assert (run.status, run.error_code) == (RunStatus.FAILED, "invalid_output")
    assert [attempt.error_code for attempt in run.attempts.all()] == ["invalid_output", error]
    assert run.may_be_mended
    assert events[-1].answer == TOO_LONG


def test_repairs_can_be_switched_off(run_field, settings):
    settings.WAGTAIL_LLM_ACTIONS = settings.WAGTAIL_LLM_ACTIONS | {"REPAIR_OUTPUTS": False}
    with reply_with(TOO_LONG, "Short."):
        run, _ = run_field("summary")
    assert (run.status, run.attempts.count()) == (RunStatus.FAILED, 1)


def test_a_field_that_is_no_prose_is_asked_for_as_json(run_field):
    with reply_with('{"value": "2026-03-01"}') as echo:
        run, events = run_field("reviewed_on")
    assert (run.status, run.output) == (RunStatus.SUCCEEDED, "2026-03-01")
    assert events[-1].text == "2026-03-01"
    request = echo.requests[0]
    assert request.json_schema["required"] == ["value"]
    assert "JSON" in request.messages[0].content
    assert run.system_prompt == request.messages[0].content
    assert run.attempts.get().parameters["json_schema"] == request.json_schema


def test_a_provider_without_schemas_is_only_asked(run_field, monkeypatch):
    monkeypatch.setattr(EchoProvider, "supports", frozenset())
    with reply_with("2026-03-01") as echo:
        run, _ = run_field("reviewed_on")
    assert run.output == "2026-03-01"
    assert echo.requests[0].json_schema is None


def test_a_server_that_refuses_the_schema_is_asked_without_it(run_field):
    with reply_with(Reply(error="provider_request"), '{"value": "2026-03-01"}') as echo:
        run, _ = run_field("reviewed_on")
    assert (run.status, run.output) == (RunStatus.SUCCEEDED, "2026-03-01")
    assert [request.json_schema is None for request in echo.requests] == [False, True]
    assert [attempt.kind for attempt in run.attempts.all()] == ["first", "retry"]


def test_a_request_that_is_refused_without_a_schema_is_not_sent_again(run_field):
    with reply_with(error="provider_request"):
        run, _ = run_field("summary")
    assert (run.status, run.attempts.count()) == (RunStatus.FAILED, 1)


def test_a_repair_says_what_the_field_itself_refuses(run_field):
    with reply_with('{"value": "2026-02-30"}', '{"value": "2026-02-28"}') as echo:
        run, _ = run_field("reviewed_on")
    assert run.output == "2026-02-28"
    assert "2026-02-30" in echo.requests[1].messages[-2].content


def test_a_person_may_mend_what_the_model_could_not(run_field, bind, editor):
    with reply_with(TOO_LONG):
        run, _ = run_field("summary")
    shown = engine.present(run.pk, editor, bind(editor), "summary", "My own.")
    assert (shown.method, shown.state, shown.errors) == ("text", "My own.", ())
    decided = engine.decide(run.pk, editor, Decision.EDITED, "My own.")
    assert (decided.status, decided.decision) == (RunStatus.FAILED, Decision.EDITED)
    assert (decided.output, decided.mended_output) == ("", "My own.")


def test_what_a_person_mends_has_to_fit_as_well(run_field, bind, editor):
    with reply_with("Fine."):
        run, _ = run_field("summary")
    shown = engine.present(run.pk, editor, bind(editor), "summary", TOO_LONG)
    assert (shown.method, shown.state) == ("", None)
    assert "101" in shown.errors[0]


@pytest.mark.parametrize("decision", [Decision.ACCEPTED, Decision.REJECTED])
def test_an_unfit_answer_itself_can_neither_be_shown_nor_decided(run_field, bind, editor, decision):
    with reply_with(TOO_LONG):
        run, _ = run_field("summary")
    with pytest.raises(InvalidTransitionError):
        engine.present(run.pk, editor, bind(editor), "summary")
    with pytest.raises(InvalidTransitionError):
        engine.decide(run.pk, editor, decision, "My own.")
    assert run.decision == Decision.NONE


def test_a_run_that_failed_otherwise_cannot_be_mended(run_field, bind, editor):
    with reply_with(error="provider_authentication"):
        run, _ = run_field("summary")
    with pytest.raises(InvalidTransitionError):
        engine.present(run.pk, editor, bind(editor), "summary", "My own.")
    with pytest.raises(InvalidTransitionError):
        engine.decide(run.pk, editor, Decision.EDITED, "My own.")
