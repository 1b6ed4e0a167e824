"""The switch turns everything off at once, and says who did it."""

import pytest
from django.urls import reverse
from wagtail.models import ModelLogEntry

from tests.factories import make_run, make_user
from wagtail_llm_actions.models import LLMActionsSwitch
from wagtail_llm_actions.values import RunStatus

pytestmark = pytest.mark.django_db
URL = "/admin/llm-actions/switch/"


@pytest.fixture
def operator(home, client_of):
    return client_of(make_user("operator", "change_llmactionsswitch"))


def test_the_switch_turns_everything_off_and_on(operator):
    assert LLMActionsSwitch.is_on()
    operator.post(URL, {"turn": "off"})
    assert not LLMActionsSwitch.is_on()
    operator.post(URL, {"turn": "on"})
    assert LLMActionsSwitch.is_on()


def test_the_page_says_who_turned_it(operator):
    response = operator.post(URL, {"turn": "off"}, follow=True)
    assert "LLM actions are off." in response.text
    assert "Last turned by operator" in response.text


def test_the_page_works_before_the_switch_was_ever_used(operator):
    response = operator.get(URL)
    assert "LLM actions are on." in response.text
    assert "Last turned" not in response.text


def test_the_page_counts_the_runs_that_still_go_on(operator):
    make_run(status=RunStatus.RUNNING)
    assert "1 run is being worked on" in operator.get(URL).text


def test_turning_it_is_in_the_audit_log(operator):
    operator.post(URL, {"turn": "off"})
    entry = ModelLogEntry.objects.get(action="wagtail_llm_actions.switch_off")
    assert entry.user.get_username() == "operator"


def test_a_get_request_changes_nothing(operator):
    operator.get(URL, {"turn": "off"})
    assert LLMActionsSwitch.is_on()


def test_others_may_neither_see_nor_turn_it(editor_client):
    assert editor_client.get(URL).status_code == 302
    assert editor_client.post(URL, {"turn": "off"}).status_code == 302
    assert LLMActionsSwitch.is_on()


def test_the_menu_shows_it_to_those_who_may(operator, editor_client):
    url = reverse("wagtail_llm_actions:switch")
    assert url in operator.get("/admin/").text
    assert url not in editor_client.get("/admin/").text
