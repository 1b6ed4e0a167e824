"""Limits and budgets: what is set aside, what is counted, what is refused."""

import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.db import OperationalError
from django.utils import timezone
from wagtail.models import Site

from tests import factories
from wagtail_llm_actions import engine
from wagtail_llm_actions.engine.limits import claims_on, reserve, settle, with_amounts
from wagtail_llm_actions.engine.liveness import sweep
from wagtail_llm_actions.engine.periods import NO_PERIOD, period_end, period_start
from wagtail_llm_actions.engine.receipts import settle_attempt, settle_run, totals
from wagtail_llm_actions.exceptions import (
    LimitReachedError,
    PriceUnknownError,
    ProviderServerError,
    RunCancelledError,
)
from wagtail_llm_actions.models import LLMActionHistory, LLMLimitCounter
from wagtail_llm_actions.providers.echo import Reply
from wagtail_llm_actions.testing import reply_with
from wagtail_llm_actions.values import LimitPeriod, RunStatus, Usage

pytestmark = pytest.mark.django_db

USAGE = Usage(input_tokens=1000, output_tokens=100)


@pytest.fixture
def config(home):
    """A configuration whose tokens cost a dollar per million read and ten per million written."""
    return factories.make_config(
        name="Paid", slug="paid", input_price=1, output_price=10, max_output_tokens=200
    )


@pytest.fixture
def action(config):
    return factories.make_action("search_description", prompt="Describe it.", llm_config=config)


@pytest.fixture
def wish(bind, editor, action):
    """Return a function that prepares a run as a user."""

    def prepare(user=editor):
        request = engine.RunRequest(user=user, bound=bind(user), address="search_description")
        return engine.prepare(request)

    return prepare


def finish(run, **reply):
    """Execute a run, and return it as it is saved."""
    reply.setdefault("usage", USAGE)
    with reply_with("A text.", **reply):
        list(engine.execute(run.pk))
    return LLMActionHistory.objects.get(pk=run.pk)


def counted(limit):
    """Return what a limit has used and set aside, in one counter."""
    counter = LLMLimitCounter.objects.get(limit=limit)
    return counter.used, counter.reserved


def test_so_many_runs_and_no_more(wish):
    limit = factories.make_limit("requests", 2)
    finish(wish())
    finish(wish())
    with pytest.raises(LimitReachedError) as refused:
        wish()
    assert counted(limit) == (2, 0)
    message = str(refused.value.user_message)
    assert f"The limit “{limit.name}” of 2 runs is reached. Nothing was sent." in message
    assert "Try again after" in message
    assert 0 <= refused.value.retry_after <= 24 * 60 * 60
    run = LLMActionHistory.objects.get(pk=refused.value.run_id)
    assert (run.status, run.error_code, run.cost) == (RunStatus.REFUSED, "limit_reached", 0)
    assert not run.attempts.exists()
    assert run.reservations == []


def test_so_many_runs_at_the_same_time(wish):
    limit = factories.make_limit("concurrent", 1)
    first = wish()
    with pytest.raises(LimitReachedError, match="1 reserved") as refused:
        wish()
    assert refused.value.retry_after is None
    assert "Try again when other runs have ended." in str(refused.value.user_message)
    finish(first)
    finish(wish())
    assert counted(limit) == (0, 0)


def test_the_worst_is_set_aside_and_what_was_used_is_counted(wish):
    tokens, money = factories.make_limit("tokens", 100_000), factories.make_limit("money", 1)
    run = wish()
    used, reserved = counted(tokens)
    assert used == 0
    assert reserved > 3 * 200, "three calls with the longest answer, and what they read"
    assert counted(money)[1] > 3 * 200 * 10_000
    run = finish(run)
    assert run.cost == Decimal("0.002")
    assert counted(tokens) == (1100, 0)
    assert counted(money) == (2_000_000, 0)
    assert run.reservations == []


def test_what_may_cost_more_than_is_left_is_refused_without_telling_amounts(wish):
    factories.make_limit("money", "0.0001", name="Pocket money")
    with pytest.raises(LimitReachedError) as refused:
        wish()
    assert str(refused.value.user_message).startswith(
        "The budget “Pocket money” has no room left for this run. Nothing was sent."
    )
    run = LLMActionHistory.objects.get(pk=refused.value.run_id)
    assert "$" not in run.error_message, "not all who read it may see money"
    assert not re.search(r"\d{3}", run.error_detail)
    assert "One run alone may need more than that" in str(refused.value.user_message)
    assert refused.value.retry_after is None


def test_a_limit_that_only_warns_counts_and_refuses_nothing(wish):
    limit = factories.make_limit("requests", 1, stops=False)
    finish(wish())
    finish(wish())
    assert counted(limit) == (2, 0)


def test_each_attempt_is_paid_and_the_run_costs_their_sum(wish):
    factories.make_limit("money", 1)
    run = wish()
    broken = Reply(chunks=["Half of it"], error=ProviderServerError("down", provider="default"))
    with reply_with("A text.") as echo:
        echo.answer_with([broken, Reply(chunks=["A text."], usage=USAGE)])
        list(engine.execute(run.pk))
    run.refresh_from_db()
    first, second = run.attempts.order_by("number")
    assert first.usage_estimated, "it broke off before anything was counted"
    assert first.cost > 0
    assert second.cost == Decimal("0.002")
    assert run.cost == first.cost + second.cost
    assert counted(run_limit()) == (int(run.cost * 10**9), 0)


def run_limit():
    """Return the only limit there is."""
    return LLMLimitCounter.objects.get().limit


def test_the_price_is_frozen_when_the_run_is_prepared(wish, config):
    run = wish()
    config.input_price = 500
    config.save()
    run = finish(run)
    attempt = run.attempts.get()
    assert attempt.price == run.price
    assert attempt.price["source"] == "configuration paid"
    assert attempt.cost == run.cost == Decimal("0.002")


def test_what_failed_is_given_back(wish):
    requests, money = factories.make_limit("requests", 5), factories.make_limit("money", 1)
    run = finish(wish(), error=ProviderServerError("down", provider="default"), chunks=[])
    assert run.status == RunStatus.FAILED
    assert counted(money)[1] == 0
    assert counted(requests)[1] == 0


def test_a_run_that_is_cancelled_while_it_waits_gives_all_back(wish, editor):
    limit = factories.make_limit("requests", 5)
    run = wish()
    assert counted(limit) == (0, 1)
    engine.cancel(run.pk, editor)
    assert counted(limit) == (0, 0)


def test_what_a_dead_process_had_is_given_back_by_the_sweep(wish):
    limit, money = factories.make_limit("concurrent", 1), factories.make_limit("money", 1)
    run = wish()
    run.mark_running(worker="elsewhere/1/1", deadline_at=timezone.now())
    run.attempts.create(number=1, provider="default", model_name="echo", price=run.price)
    assert sweep() == 1
    run.refresh_from_db()
    attempt = run.attempts.get()
    assert run.status == RunStatus.INTERRUPTED
    assert attempt.usage_estimated
    assert attempt.output_tokens == 200, "as long as it could be"
    assert counted(limit) == (0, 0)
    assert counted(money) == (int(attempt.cost * 10**9), 0)
    assert attempt.cost > 0


def test_a_run_whose_process_is_dead_is_in_nobodys_way(wish):
    factories.make_limit("concurrent", 1)
    run = wish()
    run.mark_running(worker="elsewhere/1/1", deadline_at=timezone.now())
    assert wish().status == RunStatus.QUEUED


def test_nobody_settles_twice(wish, editor):
    limit = factories.make_limit("requests", 5)
    run = wish()
    stale = LLMActionHistory.objects.get(pk=run.pk)
    engine.cancel(run.pk, editor)
    assert not settle_run(stale, RunCancelledError("again"))
    assert counted(limit) == (0, 0)


class TestWhoseRunsCount:
    """The conditions of a limit."""

    @pytest.fixture
    def other(self, db):
        return factories.make_user("other", "run_llmaction", groups=["Moderators"])

    def test_for_each_person_alone(self, wish, other):
        factories.make_limit("requests", 1, per_person=True)
        wish()
        wish(other)
        with pytest.raises(LimitReachedError):
            wish()

    def test_for_a_group_together(self, wish, other, editor):
        factories.make_limit("requests", 1, group=Group.objects.get(name="Moderators"))
        wish(other)
        with pytest.raises(LimitReachedError):
            wish(other)
        assert not editor.groups.filter(name="Moderators").exists()
        wish()

    def test_for_one_user(self, wish, other):
        factories.make_limit("requests", 0, user=other)
        wish()
        with pytest.raises(LimitReachedError):
            wish(other)

    def test_for_one_action(self, wish, action):
        another = factories.make_action("intro", llm_config=action.llm_config)
        factories.make_limit("requests", 0, action=another)
        wish()
        factories.make_limit("requests", 0, action=action)
        with pytest.raises(LimitReachedError):
            wish()

    def test_for_one_provider(self, wish):
        factories.make_limit("requests", 0, provider="other")
        wish()
        factories.make_limit("requests", 0, provider="default")
        with pytest.raises(LimitReachedError):
            wish()

    def test_for_one_site(self, wish, home):
        site = Site.objects.get(is_default_site=True)
        other = Site.objects.create(hostname="other", port=81, root_page=home)
        factories.make_limit("requests", 0, site=other)
        wish()
        factories.make_limit("requests", 0, site=site)
        with pytest.raises(LimitReachedError):
            wish()

    def test_one_that_is_not_active_counts_nothing(self, wish):
        factories.make_limit("requests", 0, is_active=False)
        wish()
        assert not LLMLimitCounter.objects.exists()


class TestUnknownPrices:
    """Unknown is unknown, never nothing."""

    @pytest.fixture
    def config(self, home, settings):
        options = {"base_url": "https://llm.example.com/v1", "api_key": "key"}
        backend = "wagtail_llm_actions.providers.openai.OpenAIProvider"
        known = settings.WAGTAIL_LLM_ACTIONS
        elsewhere = {"elsewhere": {"BACKEND": backend, "OPTIONS": options}}
        settings.WAGTAIL_LLM_ACTIONS = known | {"PROVIDERS": known["PROVIDERS"] | elsewhere}
        return factories.make_config(
            "house-model", name="House", provider="elsewhere", max_output_tokens=200
        )

    def test_a_budget_refuses_them_and_names_what_is_missing(self, wish):
        factories.make_limit("money", 100, name="Month")
        with pytest.raises(PriceUnknownError) as refused:
            wish()
        message = str(refused.value.user_message)
        assert "“house-model”" in message
        assert "“Month”" in message
        assert "“House”" in message

    def test_an_admin_may_allow_them(self, wish):
        limit = factories.make_limit("money", 100, allows_unknown_price=True)
        assert wish().price == {}
        assert counted(limit) == (0, 0)

    def test_without_a_budget_they_run_and_their_cost_is_not_known(self, wish):
        run = wish()
        attempt = run.attempts.create(number=1, provider="elsewhere", model_name="house-model")
        settle_attempt(attempt, None, usage=USAGE)
        attempt.refresh_from_db()
        assert attempt.cost is None
        assert totals(run)["cost"] is None


def test_an_answer_without_an_end_gets_one_where_a_budget_needs_it(wish, config, settings):
    config.max_output_tokens = None
    config.save()
    assert wish().parameters["max_output_tokens"] is None
    factories.make_limit("money", 100)
    assert wish().parameters["max_output_tokens"] == 4000


def test_own_machines_cost_what_the_settings_say(wish, config, settings):
    config.input_price = config.output_price = None
    config.save()
    assert finish(wish()).cost == 0
    price = {"SELF_HOSTED_PRICE": {"input": "0.5", "output": 1}}
    settings.WAGTAIL_LLM_ACTIONS = settings.WAGTAIL_LLM_ACTIONS | price
    run = finish(wish())
    assert run.cost == Decimal("0.0006")
    assert run.price["source"] == "settings"


def test_the_price_of_a_configuration_is_that_of_its_own_model(bind, admin, action):
    changes = engine.RunChanges(model_name="another")
    request = engine.RunRequest(
        user=admin, bound=bind(admin), address="search_description", changes=changes
    )
    assert engine.prepare(request).price["source"] == "settings"


def test_a_deleted_limit_is_in_no_runs_way(wish):
    limit = factories.make_limit("requests", 5)
    run = wish()
    limit.delete()
    assert finish(run).status == RunStatus.SUCCEEDED


def test_few_queries(wish, django_assert_max_num_queries):
    factories.make_limit("requests", 50)
    factories.make_limit("money", 50)
    run = wish()
    with django_assert_max_num_queries(4):
        claims = with_amounts(run, claims_on(run, None))
        assert reserve(run, claims)
        settle(run.reservations, USAGE, Decimal(0))


def test_periods_begin_by_the_calendar_of_the_site(settings):
    settings.TIME_ZONE = "Europe/Berlin"
    with timezone.override("Asia/Tokyo"):  # as a user's own
        # The night in which the clock goes forward: this day has 23 hours.
        moment = datetime(2026, 3, 29, 10, 30, 15, tzinfo=UTC)
        starts = {period: period_start(period, moment) for period in LimitPeriod}
        assert starts[LimitPeriod.MINUTE] == datetime(2026, 3, 29, 10, 30, tzinfo=UTC)
        assert starts[LimitPeriod.HOUR] == datetime(2026, 3, 29, 10, tzinfo=UTC)
        assert starts[LimitPeriod.DAY] == datetime(2026, 3, 28, 23, tzinfo=UTC)
        assert starts[LimitPeriod.WEEK] == datetime(2026, 3, 22, 23, tzinfo=UTC)
        assert starts[LimitPeriod.MONTH] == datetime(2026, 2, 28, 23, tzinfo=UTC)
        assert period_end(LimitPeriod.MINUTE, moment) == datetime(2026, 3, 29, 10, 31, tzinfo=UTC)
        assert period_end(LimitPeriod.DAY, moment) == datetime(2026, 3, 29, 22, tzinfo=UTC)
        assert period_end(LimitPeriod.WEEK, moment) == datetime(2026, 3, 29, 22, tzinfo=UTC)
        assert period_end(LimitPeriod.MONTH, moment) == datetime(2026, 3, 31, 22, tzinfo=UTC)
    assert period_start("", moment) == NO_PERIOD
    assert period_end("", moment) is None


@pytest.mark.parametrize(
    ("zone", "moment"),
    [
        ("Europe/Berlin", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("Europe/Berlin", datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
        ("Africa/Cairo", datetime(2026, 4, 24, 12, tzinfo=UTC)),
    ],
)
def test_counters_are_found_when_the_clock_changes(wish, settings, monkeypatch, zone, moment):
    settings.TIME_ZONE = zone
    limits = [factories.make_limit("requests", 5, period) for period in LimitPeriod.values]
    monkeypatch.setattr("wagtail_llm_actions.engine.limits.timezone.now", lambda: moment)
    claims = claims_on(wish(), None)
    assert [claim.counter_id for claim in claims] == [limit.counters.get().pk for limit in limits]


def test_what_is_known_of_a_cost_counts(wish):
    limit = factories.make_limit("money", 1)
    run = wish()
    run.mark_running(worker="here", deadline_at=timezone.now())
    for number, cost in ((1, Decimal("0.05")), (2, None)):
        run.attempts.create(number=number, provider="x", model_name="x", cost=cost)
    settle_run(run, RunCancelledError("by a test"))
    assert run.cost is None
    assert counted(limit) == (50_000_000, 0)


def test_a_run_that_could_not_be_settled_stays_as_it_is(wish, monkeypatch):
    limit = factories.make_limit("money", 1)
    run = wish()
    run.mark_running(worker="here", deadline_at=timezone.now())
    reserved = counted(limit)[1]

    def fail(*args):
        raise OperationalError("locked")

    with monkeypatch.context() as patch:
        patch.setattr("wagtail_llm_actions.engine.receipts.settle", fail)
        with pytest.raises(OperationalError):
            settle_run(run, RunCancelledError("by a test"))
    assert counted(limit) == (0, reserved)
    assert settle_run(run, RunCancelledError("by a test")), "it can be tried again"
    assert counted(limit) == (0, 0)


@pytest.mark.parametrize("period", LimitPeriod.values)
def test_a_period_ends_where_the_next_begins(period):
    moment = datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)
    end = period_end(period, moment)
    assert period_start(period, moment) <= moment < end
    assert period_start(period, end) == end


class TestPreview:
    """What is said before a run."""

    def look(self, bind, user):
        request = engine.RunRequest(user=user, bound=bind(user), address="search_description")
        return engine.preview(request)

    def test_price_and_what_is_left_are_said(self, bind, admin, action):
        factories.make_limit("requests", 5, "minute", name="Often")
        factories.make_limit("money", 20, name="Budget")
        preview = self.look(bind, admin)
        assert preview.price.startswith("It costs up to $0.0")
        often, budget = preview.limits
        assert often.startswith("Often: 5 runs of 5 runs left until ")
        assert budget.startswith("Budget: $20.00 of $20.00 left until ")
        assert preview.problem is None
        assert not LLMLimitCounter.objects.exists()

    def test_money_is_not_everybodys_to_see(self, bind, editor, action):
        factories.make_limit("requests", 5)
        factories.make_limit("money", 20)
        preview = self.look(bind, editor)
        assert preview.price == ""
        assert len(preview.limits) == 1

    def test_a_refusal_is_said_beforehand_and_the_prompt_all_the_same(self, bind, admin, action):
        factories.make_limit("requests", 0, name="None")
        preview = self.look(bind, admin)
        assert isinstance(preview.problem, LimitReachedError)
        assert preview.user

    def test_so_is_a_price_that_is_not_known(self, bind, admin, action, monkeypatch):
        monkeypatch.setattr("wagtail_llm_actions.engine.preparation.price_of", lambda *_: None)
        factories.make_limit("money", 20)
        preview = self.look(bind, admin)
        assert preview.price == "The price is not known."
        assert isinstance(preview.problem, PriceUnknownError)
