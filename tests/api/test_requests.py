"""The endpoints of the request side: what would be sent, what can be changed, and saving it."""

import json
from urllib.parse import urlencode

import pytest
from django.urls import reverse

from tests import factories
from tests.engine.conftest import form_data
from wagtail_llm_actions.models import LLMAction, LLMActionHistory
from wagtail_llm_actions.testing import reply_with

pytestmark = pytest.mark.django_db

API = "/admin/llm-actions/api"


@pytest.fixture
def page(home):
    return factories.make_page(title="The tide", intro="The tide comes and goes.")


@pytest.fixture
def action(home):
    return factories.make_action(
        "summary", prompt="Sum up: {{ intro }}", sources={"intro": "intro"}, name="Sum up"
    )


@pytest.fixture
def author_client(client_of):
    names = ["run_llmaction", "customise_llmaction"]
    names += [f"{verb}_llmaction" for verb in ("add", "change", "publish")]
    names += ["add_prompttemplate", "publish_prompttemplate"]
    return client_of(factories.make_user("author", *names, groups=["Editors"]))


def where(page):
    return {"editor": reverse("wagtailadmin_pages:edit", args=[page.pk])}


def post(client, endpoint, page, changes=None):
    query = urlencode(where(page) | {"address": "summary"})
    data = form_data(page).dict()
    if changes is not None:
        data["llm-changes"] = changes if isinstance(changes, str) else json.dumps(changes)
    return client.post(f"{API}/{endpoint}?{query}", data)


def save(client, page, **body):
    query = urlencode(where(page) | {"path": "summary"})
    return client.post(f"{API}/actions/save?{query}", body, content_type="application/json")


def test_an_editor_sees_what_is_sent_and_can_change_nothing(editor_client, page, action):
    answer = post(editor_client, "preview", page).json()
    assert answer["user"] == [
        {"text": "Sum up: ", "source": ""},
        {"text": "The tide comes and goes.", "source": "Intro"},
    ]
    assert answer["request"]["sources"] == ["intro"]
    assert answer["choices"] is None
    assert (answer["rights"]["save"], answer["edit_url"], answer["problem"]) == (False, "", None)


def test_who_may_change_it_gets_the_choices(author_client, page, action):
    answer = post(author_client, "preview", page, {"prompt": "Title: {{ title }}"}).json()
    assert answer["problem"]["code"] == "unknown_variable"
    answer = post(
        author_client, "preview", page, {"prompt": "On: {{ title }}", "sources": ["title"]}
    ).json()
    assert answer["user"][-1] == {"text": "The tide", "source": "Title"}
    assert [t["slug"] for t in answer["choices"]["templates"]] == [action.prompt_template.slug]
    assert {"path": "intro", "label": "Intro", "words": 5} in answer["choices"]["sources"]
    assert answer["rights"]["save"]
    assert answer["edit_url"].endswith(f"/edit/{action.pk}/")


def test_a_field_without_action_offers_a_beginning(author_client, page):
    factories.make_config(is_default=True)
    answer = post(author_client, "preview", page).json()
    assert answer["request"] is None
    assert answer["problem"]["code"] == "action_not_found"
    assert answer["choices"]["suggested"] == ["@content"]
    assert answer["rights"]["save"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ("no json", "The form could not be read."),
        ({"temperature": 3}, "Temperature: Ensure this value is less than or equal to 2."),
        ({"max_output_tokens": 0}, "Maximum output tokens: Ensure this value is greater than"),
        ({"model_name": "x" * 201}, "Model name: This takes 200 characters at most."),
        ({"nonsense": 1}, "nonsense: "),
        ({"sources": "title"}, "Sources: This is not the kind of value"),
        ({"output_mode": "burn"}, "What an accepted output does: "),
    ],
)
@pytest.mark.parametrize("endpoint", ["preview", "runs"])
def test_wrong_changes_get_a_sentence_that_names_them(
    author_client, page, action, endpoint, changes, said
):
    response = post(author_client, endpoint, page, changes)
    assert response.status_code == 400
    assert response.json()["code"] == "form_data"
    assert said in response.json()["message"]
    assert not LLMActionHistory.objects.exists()


def test_a_changed_run_is_streamed(author_client, page, action):
    with reply_with("Done.") as echo:
        response = post(author_client, "runs", page, {"prompt": "Changed: {{ intro }}"})
        b"".join(response.streaming_content)
    assert echo.requests[0].messages[-1].content == "Changed: The tide comes and goes."
    assert LLMActionHistory.objects.get().changes == {"prompt": "Changed: {{ intro }}"}


def test_an_action_is_saved_from_nothing(author_client, page):
    factories.make_config(is_default=True)
    response = save(
        author_client,
        page,
        changes={"prompt": "Sum up: {{ sources }}", "sources": ["@content"]},
        template_name="Sum it up",
    )
    action = LLMAction.objects.get()
    assert response.json() == {
        "id": action.pk,
        "name": action.name,
        "slug": action.slug,
        "reads": ["@content"],
    }
    assert (action.live, action.prompt_template.name) == (True, "Sum it up")


def test_who_may_not_save_is_told(editor_client, page, action):
    response = save(editor_client, page, changes={"temperature": 1})
    assert response.status_code == 403
    assert "may not save" in response.json()["message"]


def test_the_models_are_those_that_the_provider_has_now(author_client, editor_client, home):
    factories.make_config(is_default=True)
    assert author_client.get(f"{API}/models").json() == ["echo"]
    assert author_client.get(f"{API}/models?config=gone").json() == []
    assert editor_client.get(f"{API}/models").status_code == 403


NUL = {
    "prompt": "Sum\x00up: {{ intro }}",
    "model_name": "a\x00b",
}


def test_what_no_database_takes_is_left_out(author_client, page, action):
    with reply_with("Done.") as echo:
        response = post(author_client, "runs", page, NUL)
        b"".join(response.streaming_content)
    assert echo.requests[0].messages[-1].content == "Sumup: The tide comes and goes."
    assert LLMActionHistory.objects.get().changes["model_name"] == "ab"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"prompt_template": "a\x00"}, "action_not_found"),
        ({"llm_config": "a\x00"}, "action_not_found"),
        ({"sources": ["a\x00"]}, "action_not_ready"),
    ],
)
def test_names_that_no_database_takes_are_not_found(author_client, page, action, changes, code):
    assert post(author_client, "preview", page, changes).json()["problem"]["code"] == code
    response = post(author_client, "runs", page, changes)
    assert response.json()["code"] == code
    assert save(author_client, page, changes=changes).json()["code"] == code


def test_addresses_that_no_database_takes_are_not_found(author_client, page, action):
    assert author_client.get(f"{API}/models?config=%00").json() == []
    path = where(page)["editor"]
    query = urlencode({"editor": path, "address": "a\x00", "form_token": "\x00"})
    assert author_client.get(f"{API}/runs?{query}").json()["runs"] == []
