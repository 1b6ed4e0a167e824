"""The admin pages of limits and budgets, and what costs are shown to whom."""

import csv
import io
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from tests import factories
from wagtail_llm_actions.engine.periods import period_start
from wagtail_llm_actions.models import LLMLimit

pytestmark = pytest.mark.django_db

LIST = reverse("wagtail_llm_actions_limits:index")
ADD = reverse("wagtail_llm_actions_limits:add")
FORM = {"name": "Every day", "measure": "requests", "amount": "20", "period": "day", "stops": "on"}


@pytest.fixture
def keeper(db):
    """Somebody who may keep limits."""
    return factories.make_user("keeper", "view_llmlimit", "add_llmlimit", "change_llmlimit")


def count(limit, *, used=0, reserved=0, person=""):
    start = period_start(limit.period, timezone.now())
    limit.counters.create(period_start=start, used=used, reserved=reserved, person=person)


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def test_the_list_says_how_each_limit_stands(client, keeper):
    runs = factories.make_limit("requests", 20, name="Runs a day")
    money = factories.make_limit("money", "10.50", "month", name="Money")
    each = factories.make_limit("tokens", 5000, per_person=True, name="Tokens each")
    factories.make_limit("concurrent", 3, name="At once")
    count(runs, used=12, reserved=2)
    count(money, used=10_500_000_000)
    count(each, used=100, person="1")
    count(each, used=4000, person="2")
    keeper.user_permissions.add(factories.permission("wagtail_llm_actions.view_llmcost"))
    client.force_login(keeper)
    page = text_of(client.get(LIST))
    assert "12 runs of 20 runs, 2 runs set aside for runs that go on" in page
    assert "$10.50 of $10.50" in page
    assert "Nothing is left." in page
    assert "4,000 tokens of 5,000 tokens, who has used most" in page
    assert "0 runs at the same time of 3 runs at the same time" in page


def test_what_is_used_of_a_budget_is_for_who_may_see_money(client, keeper):
    limit = factories.make_limit("money", "10.50", "month", name="Money")
    count(limit, used=7_250_000_000)
    client.force_login(keeper)
    page = text_of(client.get(LIST))
    assert "$10.50 each month" in page
    assert "7.25" not in page
    assert "<meter" not in page


def test_the_list_takes_as_many_queries_however_many_there_are(
    client, keeper, django_assert_num_queries
):
    client.force_login(keeper)
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    for _ in range(3):
        count(factories.make_limit(), used=1)
    client.get(LIST)
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get(LIST)
    for _ in range(9):
        count(factories.make_limit(), used=1)
    with django_assert_num_queries(len(few)):
        client.get(LIST)


def test_one_is_added(client, keeper):
    client.force_login(keeper)
    response = client.post(ADD, FORM)
    assert response.status_code == 302
    limit = LLMLimit.objects.get()
    assert (limit.name, limit.amount, limit.stops, limit.is_active) == (
        "Every day",
        20,
        True,
        False,
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"amount": "2.5"}, "Enter a whole number: only money has cents."),
        ({"amount": "-1"}, "greater than or equal to 0"),
        ({"period": ""}, "Choose a period; only a limit on runs at the same time has none."),
        (
            {"measure": "concurrent"},
            "Choose a period; only a limit on runs at the same time has none.",
        ),
        ({"measure": "rubles"}, "Select a valid choice"),
    ],
)
def test_what_cannot_be_counted_is_refused_in_words(client, keeper, changes, message):
    client.force_login(keeper)
    response = client.post(ADD, FORM | changes)
    assert message in text_of(response)
    assert not LLMLimit.objects.exists()


def test_money_may_have_cents(client, keeper):
    client.force_login(keeper)
    client.post(ADD, FORM | {"measure": "money", "amount": "2.5"})
    assert LLMLimit.objects.get().ceiling == 2_500_000_000


@pytest.mark.parametrize("url", [LIST, ADD])
def test_others_are_turned_away(client, editor, url):
    client.force_login(editor)
    assert client.get(url).status_code == 302
    assert not LLMLimit.objects.exists()


def test_the_menu_leads_there_for_who_may(client, keeper):
    client.force_login(keeper)
    assert LIST in client.get(reverse("wagtailadmin_home")).content.decode()


class TestCosts:
    """What a run cost, for who may see money."""

    @pytest.fixture
    def run(self, db):
        price = {
            "input": {"base": "1", "tiers": []},
            "output": {"base": "2", "tiers": []},
            "source": "configuration paid",
        }
        run = factories.make_run(cost=Decimal("0.25"), price=price, attempts=0)
        factories.make_attempt(
            run, cost=Decimal("0.25"), cached_input_tokens=7, reasoning_tokens=3, input_tokens=10
        )
        return run

    @pytest.fixture
    def treasurer(self, db):
        return factories.make_user("treasurer", "view_llmactionhistory", "view_llmcost")

    @pytest.fixture
    def auditor(self, db):
        return factories.make_user("auditor", "view_llmactionhistory")

    @pytest.mark.parametrize(("name", "sees"), [("treasurer", True), ("auditor", False)])
    def test_list_page_and_export(self, client, run, name, sees, request):
        client.force_login(request.getfixturevalue(name))
        history = reverse("wagtail_llm_actions:run_list")
        assert ("$0.25" in text_of(client.get(history))) is sees
        page = text_of(client.get(reverse("wagtail_llm_actions:run", args=[run.pk])))
        assert ("$0.25" in page) is sees
        assert ("price by configuration paid" in page) is sees
        assert "7 read before, 3 for reasoning" in page
        exported = b"".join(client.get(f"{history}?export=csv").streaming_content).decode()
        (row,) = csv.DictReader(io.StringIO(exported))
        assert (row.get("Cost in US dollars") == "0.250000000") is sees

    def test_what_nobody_knows_is_not_called_nothing(self, client, treasurer):
        run = factories.make_run(cost=None)
        client.force_login(treasurer)
        page = text_of(client.get(reverse("wagtail_llm_actions:run", args=[run.pk])))
        assert "Not known" in page
        assert "$0.00" not in page


@pytest.mark.parametrize(
    ("prices", "is_fine"),
    [
        ({}, True),
        ({"input_price": "1", "output_price": "2"}, True),
        ({"input_price": "1", "output_price": "2", "cached_input_price": "0.1"}, True),
        ({"input_price": "1"}, False),
        ({"cached_input_price": "0.1"}, False),
        ({"input_price": "-1", "output_price": "2"}, False),
    ],
)
def test_a_configuration_has_a_whole_price_or_none(client, admin, prices, is_fine):
    client.force_login(admin)
    url = reverse("wagtailsnippets_wagtail_llm_actions_llmconfig:add")
    form = {"name": "Paid", "slug": "paid", "provider": "default", "model_name": "echo"}
    form |= {"extra_parameters": "{}", "action-publish": "action-publish"}
    response = client.post(url, form | prices)
    assert (response.status_code == 302) is is_fine
