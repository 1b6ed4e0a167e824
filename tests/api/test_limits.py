"""Limits and budgets in the API: kept by who may, with how they stand."""

import re

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import ModelLogEntry

from tests import factories
from tests.api.tokens import API, TokenClient
from wagtail_llm_actions.engine.periods import period_end, period_start
from wagtail_llm_actions.models import LLMLimit

pytestmark = pytest.mark.django_db

NEW = {"name": "Every day", "measure": "requests", "amount": 20, "period": "day"}
ANY = {"If-Match": "*"}


def count(limit, *, used=0, reserved=0, person=""):
    start = period_start(limit.period, timezone.now())
    limit.counters.create(period_start=start, used=used, reserved=reserved, person=person)


def fields_of(answer):
    assert answer.status_code == 422, answer.content
    return answer.json()["fields"]


def test_a_limit_is_made_and_logged(boss, admin):
    answer = boss.send("POST", "/limits", NEW)
    assert answer.status_code == 201, answer.content
    limit = LLMLimit.objects.get()
    assert (limit.amount, limit.period, limit.stops, limit.is_active) == (20, "day", True, True)
    assert answer["Location"] == answer.json()["url"] == f"{API}/limits/{limit.pk}"
    assert answer["ETag"] == f'"{answer.json()["version"]}"'
    (entry,) = ModelLogEntry.objects.for_instance(limit)
    assert (entry.action, entry.user) == ("wagtail.create", admin)


def test_its_conditions_are_named_by_what_is_the_same_elsewhere(boss, home):
    conditions = {
        "group": Group.objects.create(name="Press office").name,
        "user": factories.make_user("anna").username,
        "action": factories.make_action(slug="describe").slug,
        "provider": "default",
        "site": "localhost:80",
    }
    said = boss.send("POST", "/limits", NEW | conditions).json()
    assert {name: said[name] for name in conditions} == conditions
    limit = LLMLimit.objects.get()
    assert (limit.group.name, limit.user.username, limit.action.slug) == (
        "Press office",
        "anna",
        "describe",
    )
    nothing = dict.fromkeys(["group", "user", "action", "site"]) | {"provider": ""}
    answer = boss.send("PATCH", f"/limits/{limit.pk}", nothing, headers=ANY)
    assert {name: answer.json()[name] for name in nothing} == nothing


@pytest.mark.parametrize("name", ["group", "user", "action", "site"])
def test_a_condition_that_names_nothing_is_refused(boss, name):
    assert list(fields_of(boss.send("POST", "/limits", NEW | {name: "nobody"}))) == [name]
    assert not LLMLimit.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"amount": "1.5"}, "amount"),
        ({"measure": "money", "amount": 2_000_000_000}, "amount"),
        ({"measure": "concurrent"}, ""),
        ({"period": ""}, ""),
        ({"amount": -1}, "amount"),
        ({"amount": None}, "amount"),
        ({"measure": "pages"}, "measure"),
        ({"stops": "yes"}, "stops"),
        ({"nonsense": 1}, "nonsense"),
    ],
)
def test_what_the_form_refuses_is_refused(boss, wrong, field):
    found = fields_of(boss.send("POST", "/limits", NEW | wrong))
    assert [name.rpartition(".")[2] for name in found] == [field]
    assert not LLMLimit.objects.exists()


def test_a_limit_says_how_it_stands(boss):
    limit = factories.make_limit("requests", 20)
    count(limit, used=12, reserved=2)
    said = boss.send("GET", f"/limits/{limit.pk}").json()
    assert [said[name] for name in ("amount", "used", "reserved", "left")] == ["20", "12", "2", "6"]
    ends = period_end("day", period_start("day", timezone.now()))
    assert said["resets_at"] == ends.isoformat().replace("+00:00", "Z")


def test_money_is_told_in_dollars_and_runs_at_once_never_reset(boss):
    money = factories.make_limit("money", "10.50", "month")
    count(money, used=2_500_000_000, reserved=250_000_001)
    said = boss.send("GET", f"/limits/{money.pk}").json()
    assert [said[name] for name in ("amount", "used", "reserved", "left")] == [
        "10.5",
        "2.5",
        "0.250000001",
        "7.749999999",
    ]
    at_once = factories.make_limit("concurrent", 3)
    assert boss.send("GET", f"/limits/{at_once.pk}").json()["resets_at"] is None


def test_money_is_told_to_who_may_see_it(keeper):
    money, runs = factories.make_limit("money", 10, "month"), factories.make_limit()
    client = keeper("view_llmlimit", "change_llmlimit")
    hidden = ("amount", "used", "reserved", "left")
    said = {one["id"]: one for one in client.send("GET", "/limits").json()["items"]}
    assert [said[money.pk][name] for name in hidden] == [None] * 4
    assert None not in [said[runs.pk][name] for name in hidden]
    changed = client.send("PATCH", f"/limits/{money.pk}", {"name": "New"}, headers=ANY).json()
    assert [changed[name] for name in hidden] == [None] * 4
    sees = keeper("view_llmlimit", "view_llmcost")
    assert sees.send("GET", f"/limits/{money.pk}").json()["amount"] == "10"


def test_of_a_limit_for_each_person_the_most_is_told(boss):
    limit = factories.make_limit(per_person=True)
    count(limit, used=3, person="1")
    count(limit, used=7, person="2")
    assert boss.send("GET", f"/limits/{limit.pk}").json()["used"] == "7"


def test_a_limit_is_changed_by_who_has_seen_it(boss):
    limit = factories.make_limit("requests", 20)
    count(limit, used=12)
    path = f"/limits/{limit.pk}"
    seen = boss.send("GET", path)["ETag"]
    assert boss.send("PATCH", path, {"amount": 30}).status_code == 428
    answer = boss.send("PATCH", path, {"amount": 30}, headers={"If-Match": seen})
    assert (answer.status_code, answer.json()["left"]) == (200, "18")
    assert answer["ETag"] != seen
    assert boss.send("PATCH", path, {"amount": 40}, headers={"If-Match": seen}).status_code == 412
    stale = {"amount": 40, "version": seen.strip('"')}
    assert boss.send("PATCH", path, stale).status_code == 409
    limit.refresh_from_db()
    assert limit.amount == 30


def test_every_change_makes_another_version_and_counting_makes_none(boss):
    limit = factories.make_limit()
    path, group = f"/limits/{limit.pk}", Group.objects.create(name="Press office")
    versions = [boss.send("GET", path)["ETag"]]
    count(limit, used=3)
    assert boss.send("GET", path)["ETag"] == versions[0]
    for change in (
        {"name": "Other"},
        {"amount": 11},
        {"period": "month"},
        {"stops": False},
        {"allows_unknown_price": True},
        {"per_person": True},
        {"group": group.name},
        {"provider": "default"},
        {"site": "localhost:80"},
        {"is_active": False},
    ):
        versions.append(boss.send("PATCH", path, change, headers=ANY)["ETag"])
    assert len(set(versions)) == 11


def test_what_is_counted_stays(boss):
    limit = factories.make_limit("requests", 20)
    path = f"/limits/{limit.pk}"
    assert list(fields_of(boss.send("PATCH", path, {"measure": "tokens"}, headers=ANY))) == [
        "measure"
    ]
    assert boss.send("PATCH", path, {"measure": "requests"}, headers=ANY).status_code == 200


def test_a_limit_is_deleted_with_what_it_counted(boss):
    limit = factories.make_limit()
    count(limit, used=3)
    assert boss.send("DELETE", f"/limits/{limit.pk}").status_code == 428
    assert boss.send("DELETE", f"/limits/{limit.pk}?version=1.0").status_code == 409
    assert boss.send("DELETE", f"/limits/{limit.pk}", headers=ANY).status_code == 204
    assert not LLMLimit.objects.exists()
    assert boss.send("GET", f"/limits/{limit.pk}").status_code == 404


def test_a_number_that_no_row_has_is_not_found(boss):
    for key in ("1", "9" * 30):
        assert boss.send("GET", f"/limits/{key}").status_code == 404
        assert boss.send("DELETE", f"/limits/{key}", headers=ANY).status_code == 404


def test_the_same_request_makes_one_limit(boss):
    key = {"Idempotency-Key": "daily"}
    first = boss.send("POST", "/limits", NEW, headers=key)
    again = boss.send("POST", "/limits", NEW, headers=key)
    assert first.json() == again.json() and again["Idempotency-Replayed"] == "true"
    assert LLMLimit.objects.count() == 1


def test_the_list_goes_on_and_is_narrowed_down(boss):
    for number in range(3):
        factories.make_limit(name=f"Runs {number}")
    factories.make_limit("money", 5, name="Money", is_active=False)
    page = boss.send("GET", "/limits?limit=2").json()
    assert (page["count"], [one["name"] for one in page["items"]]) == (4, ["Money", "Runs 0"])
    rest = boss.send("GET", re.sub(f"^{API}", "", page["next"])).json()
    assert [one["name"] for one in rest["items"]] == ["Runs 1", "Runs 2"]
    for query, names in {
        "measure=money": ["Money"],
        "is_active=false": ["Money"],
        "q=runs 1": ["Runs 1"],
    }.items():
        found = boss.send("GET", f"/limits?{query}").json()["items"]
        assert [one["name"] for one in found] == names


def test_the_list_takes_as_many_queries_however_many_there_are(boss):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            boss.send("GET", "/limits")
        return len(captured)

    values = {"group": Group.objects.create(name="Press office"), "user": factories.make_user()}
    count(factories.make_limit(**values), used=1)
    queries()  # what is asked once in a process
    few = queries()
    for _ in range(9):
        count(factories.make_limit(**values), used=1)
    assert queries() == few


RIGHTS = [f"{right}_llmlimit" for right in ("view", "add", "change", "delete")]


def test_where_sites_are_kept_apart_limits_are_those_of_ones_own(apart):
    client = TokenClient(apart.person(*RIGHTS))
    found = client.send("GET", "/limits").json()["items"]
    assert [one["name"] for one in found] == ["Limit all", "Limit here"]
    theirs, for_all = (f"/limits/{apart.limits[name].pk}" for name in ("there", "all"))
    for method, body in (("GET", None), ("PATCH", {"name": "New"}), ("DELETE", None)):
        assert client.send(method, theirs, body, headers=ANY).status_code == 404
    assert client.send("GET", for_all).status_code == 200
    for method, body in (("PATCH", {"name": "New"}), ("DELETE", None)):
        assert client.send(method, for_all, body, headers=ANY).status_code == 403


def test_where_sites_are_kept_apart_a_limit_is_made_for_ones_own(apart):
    client = TokenClient(apart.person(*RIGHTS))
    assert client.send("POST", "/limits", NEW).json()["site"] == "localhost:80"
    for wrong in ({"site": None}, {"site": "there.example:80"}):
        assert list(fields_of(client.send("POST", "/limits", NEW | wrong))) == ["site"]
    assert list(fields_of(client.send("POST", "/limits", NEW | {"action": "of-there"}))) == [
        "action"
    ]
    own = f"/limits/{apart.limits['here'].pk}"
    assert list(fields_of(client.send("PATCH", own, {"site": None}, headers=ANY))) == ["site"]
    assert LLMLimit.objects.count() == 4
