"""A request that is sent again is answered as it was at first."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from tests import factories
from tests.api.tokens import TokenClient
from wagtail_llm_actions import engine
from wagtail_llm_actions.engine import preparation
from wagtail_llm_actions.models import (
    IdempotencyKey,
    LLMAction,
    LLMActionHistory,
    PromptTemplate,
)
from wagtail_llm_actions.testing import reply_with

pytestmark = pytest.mark.django_db
KEY = {"headers": {"Idempotency-Key": "one"}}


@pytest.fixture
def wanted(home):
    page = factories.make_page()
    return {"action": factories.make_action("intro").slug, "object_id": str(page.pk)}


@pytest.mark.parametrize("mode", ["wait", "background"])
def test_a_run_is_made_once(boss, wanted, mode):
    with reply_with("The tide turns.") as echo:
        first = boss.send("POST", "/runs", wanted | {"mode": mode}, **KEY)
        second = boss.send("POST", "/runs", wanted | {"mode": mode}, **KEY)
    assert first.status_code == second.status_code
    assert first.json()["id"] == second.json()["id"]
    assert ("Idempotency-Replayed" in first, second["Idempotency-Replayed"]) == (False, "true")
    assert LLMActionHistory.objects.count() == 1
    assert len(echo.requests) <= 1


def test_a_streamed_run_is_answered_as_it_stands(boss, wanted):
    with reply_with("The tide turns."):
        first = boss.send("POST", "/runs", wanted | {"mode": "stream"}, **KEY)
        b"".join(first.streaming_content)
        second = boss.send("POST", "/runs", wanted | {"mode": "stream"}, **KEY)
    assert second.json()["output"] == "The tide turns."


def test_a_row_is_made_once(boss):
    body = {"name": "Mine", "prompt": "Say something."}
    first = boss.send("POST", "/templates", body, **KEY)
    PromptTemplate.objects.update(name="Changed since")
    second = boss.send("POST", "/templates", body, **KEY)
    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert (first["ETag"], first["Location"]) == (second["ETag"], second["Location"])
    assert PromptTemplate.objects.count() == 1


def test_a_key_is_for_one_request(boss, keeper):
    body = {"name": "Mine", "prompt": "Say something."}
    boss.send("POST", "/templates", body, **KEY)
    response = boss.send("POST", "/templates", body | {"name": "Else"}, **KEY)
    assert (response.status_code, response.json()["code"]) == (422, "idempotency_mismatch")
    other = keeper("add_prompttemplate").send("POST", "/templates", body, **KEY)
    assert other.status_code == 201


@pytest.mark.parametrize("other", ["ONE", "one ", "oné"])
def test_keys_that_are_nearly_alike_are_two(boss, other):
    body = {"name": "Mine", "prompt": "Say something."}
    boss.send("POST", "/templates", body, **KEY)
    boss.send("POST", "/templates", body, headers={"Idempotency-Key": other})
    assert PromptTemplate.objects.count() == 2


def test_a_request_that_failed_gives_its_key_back(boss):
    body = {"name": "Mine", "prompt": "{{ }", "publish": True}
    assert boss.send("POST", "/templates", body, **KEY).status_code == 422
    assert boss.send("POST", "/templates", body | {"prompt": "Good."}, **KEY).status_code == 201


def test_a_request_that_goes_on_is_waited_for(boss, admin):
    body = {"name": "Mine", "prompt": "Say something."}
    boss.send("POST", "/templates", body, **KEY)
    IdempotencyKey.objects.update(answer="")
    response = boss.send("POST", "/templates", body, **KEY)
    assert (response.status_code, response.json()["code"]) == (409, "idempotency_pending")
    assert response.json()["retryable"]
    IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(minutes=2))
    assert boss.send("POST", "/templates", body, **KEY).status_code == 201


def test_keys_are_forgotten_after_a_day(boss):
    body = {"name": "Mine", "prompt": "Say something."}
    boss.send("POST", "/templates", body, **KEY)
    IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(hours=25))
    boss.send("POST", "/templates", body, **KEY)
    assert (PromptTemplate.objects.count(), IdempotencyKey.objects.count()) == (2, 1)


@pytest.mark.parametrize("key", ["", " ", "x" * 256])
def test_a_key_has_some_characters(boss, key):
    body = {"name": "Mine", "prompt": "Say something."}
    response = boss.send("POST", "/templates", body, headers={"Idempotency-Key": key})
    assert (response.status_code, response.json()["code"]) == (400, "form_data")


@pytest.fixture
def killed(monkeypatch):
    """Let the process that makes a run die when it has committed it."""

    def let(name):
        function = getattr(engine, name)

        def kill(*args, **kwargs):
            function(*args, **kwargs)
            raise SystemExit

        monkeypatch.setattr(engine, name, kill)

    return let


def test_a_run_whose_process_is_killed_is_not_made_again(boss, wanted, killed):
    killed("prepare_saved")
    with pytest.raises(SystemExit):
        boss.send("POST", "/runs", wanted, **KEY)
    run = LLMActionHistory.objects.get()
    again = boss.send("POST", "/runs", wanted, **KEY)
    assert (again.json()["id"], again["Idempotency-Replayed"]) == (str(run.pk), "true")


def test_nor_is_a_retry_or_one_that_is_answered_from_the_history(boss, wanted, killed):
    config = factories.make_config(temperature=0, slug="exact")
    LLMAction.objects.update(llm_config=config, answers_from_history=True)
    with reply_with("The tide turns."):
        first = boss.send("POST", "/runs", wanted).json()
    killed("prepare_saved")
    killed("prepare_retry")
    for path, body in (("/runs", wanted), (f"/runs/{first['id']}/retry", {})):
        key = {"headers": {"Idempotency-Key": path}}
        with pytest.raises(SystemExit):
            boss.send("POST", path, body, **key)
        run = LLMActionHistory.objects.order_by("created_at").last()
        assert boss.send("POST", path, body, **key).json()["id"] == str(run.pk)
    answered = LLMActionHistory.objects.order_by("created_at")
    assert list(answered.values_list("is_from_history", flat=True)) == [False, True, False]


def test_a_request_whose_key_was_given_away_makes_no_run(boss, wanted, monkeypatch):
    def give_away(*args):
        IdempotencyKey.objects.all().delete()
        return function(*args)

    function = preparation.fill
    monkeypatch.setattr(preparation, "fill", give_away)
    response = boss.send("POST", "/runs", wanted, **KEY)
    assert (response.status_code, response.json()["code"]) == (409, "idempotency_pending")
    assert not LLMActionHistory.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_at_the_same_moment_one_is_done(wanted, admin):
    barrier, statuses = threading.Barrier(4), []

    def send(client):
        try:
            barrier.wait()
            statuses.append(client.send("POST", "/runs", wanted, **KEY).status_code)
        finally:
            connection.close()

    with reply_with("The tide turns.", delay=0.2) as echo:
        threads = [
            threading.Thread(target=send, args=(TokenClient(admin),)) for _number in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(echo.requests) == 1
    assert LLMActionHistory.objects.count() == 1
    assert set(statuses) <= {200, 409}
