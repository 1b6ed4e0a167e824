"""The run history lists, filters and exports the runs that one may see."""

import csv
from datetime import datetime, timedelta
from io import BytesIO, StringIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.timezone import make_aware
from openpyxl import load_workbook

from tests.factories import make_action, make_page, make_run, make_user
from tests.testapp.models import Person
from wagtail_llm_actions.models import LLMActionHistory
from wagtail_llm_actions.values import Decision, RunStatus

pytestmark = pytest.mark.django_db
URL = "/admin/llm-actions/runs/"
RESULTS = "/admin/llm-actions/runs/results/"


def listed(client, **filters):
    """Return the object names that the report shows."""
    response = client.get(RESULTS, filters)
    assert response.status_code == 200
    return {run.object_repr for run in response.context["object_list"]}


def exported(client, file_format, **filters):
    response = client.get(URL, {"export": file_format, **filters})
    assert response.status_code == 200
    return b"".join(response.streaming_content)


@pytest.fixture
def runs(home):
    ada, bob = make_user("ada"), make_user("bob")
    action = make_action(name="Describe", slug="describe")
    make_run(action, target=make_page(title="One"), user=ada, model_name="small")
    make_run(
        target=make_page(title="Two"),
        user=bob,
        model_name="large",
        status=RunStatus.FAILED,
        decision=Decision.NONE,
    )
    make_run(target=Person.objects.create(name="Three"), user=bob, decision=Decision.ACCEPTED)
    old = make_run(target=make_page(title="Four"), user=ada)
    LLMActionHistory.objects.filter(pk=old.pk).update(created_at=make_aware(datetime(2020, 5, 17)))


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, {"One", "Two", "Three", "Four"}),
        ({"status": "failed"}, {"Two"}),
        ({"status": ["failed", "succeeded"]}, {"One", "Two", "Three", "Four"}),
        ({"decision": "accepted"}, {"Three"}),
        ({"action": "describe"}, {"One"}),
        ({"user": "bob"}, {"Two", "Three"}),
        ({"model_name": "large"}, {"Two"}),
        ({"object_type": "testapp.person"}, {"Three"}),
        ({"created_at_from": "2020-05-17", "created_at_to": "2020-05-17"}, {"Four"}),
        ({"user": "bob", "status": "succeeded"}, {"Three"}),
    ],
)
def test_filters_narrow_the_list(admin_client, runs, filters, expected):
    assert listed(admin_client, **filters) == expected


def test_the_newest_run_comes_first(admin_client, runs):
    response = admin_client.get(URL)
    assert [run.object_repr for run in response.context["object_list"]][-1] == "Four"


def test_the_page_shows_who_what_and_how_long(admin_client, runs):
    text = admin_client.get(URL).text
    for expected in ("Describe", "One", "Title", "ada", "small", "Succeeded", "Pending", "10 / 5"):
        assert expected in text


def test_a_deleted_user_is_still_named(admin_client, runs):
    LLMActionHistory.objects.update(user=None)
    assert "ada" in admin_client.get(URL).text
    assert listed(admin_client, user="ada") == {"One", "Four"}


def test_csv_has_one_line_a_run(admin_client, runs):
    rows = list(csv.DictReader(StringIO(exported(admin_client, "csv").decode())))
    assert {row["Object"] for row in rows} == {"One", "Two", "Three", "Four"}
    assert {row["Model"] for row in rows} == {"small", "large", "echo"}


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_text_becomes_a_formula(admin_client, home, start):
    make_run(target=make_page(title="Page"), object_repr=f"{start}1+1", destination_label="1-1")
    row = next(csv.DictReader(StringIO(exported(admin_client, "csv").decode(), newline="")))
    assert (row["Object"], row["Field"]) == (f"'{start}1+1", "1-1")
    sheet = load_workbook(BytesIO(exported(admin_client, "xlsx"))).active
    assert sheet["F2"].data_type == "s"
    assert sheet["F2"].value.startswith("'")


def test_xlsx_keeps_to_the_filters(admin_client, runs):
    sheet = load_workbook(BytesIO(exported(admin_client, "xlsx", status="failed"))).active
    assert [row[5].value for row in sheet.iter_rows(min_row=2)] == ["Two"]


@pytest.mark.parametrize("parameters", [{}, {"export": "csv"}, {"export": "xlsx"}])
def test_the_number_of_queries_does_not_grow_with_the_rows(admin_client, parameters):
    def count():
        with CaptureQueriesContext(connection) as queries:
            response = admin_client.get(URL, parameters)
            if response.streaming:
                assert b"".join(response.streaming_content)
        return len(queries)

    def add(number):
        for _row in range(number):
            make_run(make_action(live=False), target=make_page(), user=make_user())

    add(1)
    count()
    few = count()
    add(4)
    assert count() == few


class TestVisibility:
    @pytest.fixture
    def three(self, editor):
        make_run(user=editor, object_repr="own")
        make_run(target=make_page(title="of a page"))
        make_run(object_repr="of something gone", object_id="99", page_id=99)

    def test_an_editor_sees_own_runs_and_those_of_pages_they_may_edit(self, editor_client, three):
        assert listed(editor_client) == {"own", "of a page"}
        assert "of something gone" not in exported(editor_client, "csv").decode()

    def test_one_who_may_run_but_edits_no_page_sees_their_own(self, client_of, three):
        assert listed(client_of(make_user(None, "run_llmaction"))) == set()

    def test_one_who_may_see_all_sees_all(self, client_of, three):
        auditor = client_of(make_user(None, "view_llmactionhistory"))
        assert listed(auditor) == {"own", "of a page", "of something gone"}

    def test_the_filters_do_not_name_what_one_may_not_see(self, client_of, three, editor):
        client = client_of(make_user(None, "run_llmaction"))
        assert "An action" not in client.get(URL).text

    @pytest.mark.parametrize("address", [URL, RESULTS, f"{URL}?export=csv"])
    def test_others_are_refused(self, client_of, stranger, address):
        assert client_of(stranger).get(address).status_code == 302

    def test_the_menu_shows_it_to_those_who_may(self, client_of, stranger, editor_client):
        assert URL in editor_client.get("/admin/").text
        assert URL not in client_of(stranger).get("/admin/").text


def test_a_run_whose_time_is_over_is_shown_as_interrupted(admin_client, home):
    past = timezone.now() - timedelta(seconds=1)
    run = make_run(status=RunStatus.RUNNING, deadline_at=past)
    assert "Interrupted" in admin_client.get(RESULTS).content.decode()
    type(run).objects.update(status=RunStatus.RUNNING, deadline_at=past)
    shown = admin_client.get(f"{URL}{run.pk}/").content.decode()
    assert "Interrupted" in shown
