"""Trying an action as its form stands, and the models of a provider."""

import json
from urllib.parse import urlencode

import pytest
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse
from wagtail.models import Site

from tests import factories
from tests.engine.conftest import form_data
from tests.testapp.models import Branding, EverythingPage, Note, OtherPage, Person, RelatedLink
from tests.views.test_snippets import action_data
from wagtail_llm_actions.content import find_editor
from wagtail_llm_actions.engine import field_states
from wagtail_llm_actions.models import LLMAction, LLMActionHistory, LLMActionsSwitch
from wagtail_llm_actions.testing import reply_with
from wagtail_llm_actions.values import RunStatus

pytestmark = pytest.mark.django_db

API = "/admin/llm-actions/api/builder"
ADD = "/admin/snippets/wagtail_llm_actions/llmaction/add/"


@pytest.fixture
def page(home):
    factories.make_config(is_default=True)
    return factories.make_page(title="The tide", intro="The tide comes and goes.")


@pytest.fixture
def author(home):
    """A user who edits pages, changes what is sent and may add actions."""
    names = ["run_llmaction", "customise_llmaction", "add_llmaction"]
    return factories.make_user("author", *names, groups=["Editors"])


@pytest.fixture
def author_client(author, client_of):
    return client_of(author)


def data_of(template=None, **values):
    template = template or factories.make_template("Sum up: {{ intro }}")
    values = {"destination_path": "summary", "sources": {"intro": "intro"}} | values
    return action_data(template, **values)


def post(client, endpoint, key, data, editor=ADD):
    query = urlencode({"editor": editor, "key": key})
    return client.post(f"{API}/{endpoint}?{query}", data)


def lines(response):
    text = b"".join(response.streaming_content).decode()
    return [json.loads(line) for line in text.splitlines() if line]


def run_test(client, key, data, text="A short one."):
    with reply_with(text):
        return lines(post(client, "runs", key, data))


def field_type(model):
    return str(ContentType.objects.get_for_model(model).pk)


class TestPreview:
    def test_it_is_what_the_form_says_with_the_texts_of_the_page(self, author_client, page):
        answer = post(author_client, "preview", page.pk, data_of()).json()
        assert answer["user"] == [
            {"text": "Sum up: ", "source": ""},
            {"text": "The tide comes and goes.", "source": "Intro"},
        ]
        assert (answer["label"], answer["problem"]) == ("Summary", None)
        assert answer["goes_to"] == "echo of Echo"
        assert answer["tokens"] > 0
        assert not LLMAction.objects.exists()
        assert not LLMActionHistory.objects.exists()

    def test_the_latest_draft_is_read(self, author_client, page):
        page.intro = "Only drafted."
        page.save_revision()
        answer = post(author_client, "preview", page.pk, data_of()).json()
        assert answer["user"][-1]["text"] == "Only drafted."

    def test_variables_are_called_as_the_form_says(self, author_client, page):
        template = factories.make_template("{{ teaser }} of {{ head }}")
        data = data_of(template, sources={"teaser": "intro", "head": "title"})
        answer = post(author_client, "preview", page.pk, data).json()
        assert "".join(part["text"] for part in answer["user"]) == (
            "The tide comes and goes. of The tide"
        )

    def test_a_saved_action_is_tried_as_its_form_stands(self, client_of, page):
        action = factories.make_action("intro", sources={"intro": "title"})
        names = ["run_llmaction", "customise_llmaction", "change_llmaction"]
        client = client_of(factories.make_user("keeper", *names, groups=["Editors"]))
        data = data_of(slug=action.slug)
        editor = reverse("wagtailsnippets_wagtail_llm_actions_llmaction:edit", args=[action.pk])
        answer = post(client, "preview", page.pk, data, editor).json()
        assert answer["user"][-1]["text"] == "The tide comes and goes."
        action.refresh_from_db()
        assert action.destination_path == "intro"
        assert post(client, "preview", page.pk, data).status_code == 403

    @pytest.mark.parametrize(
        ("values", "said"),
        [
            ({"prompt_template": ""}, "Prompt template: This field is required."),
            ({"destination_path": ""}, "Choose a content type, a field"),
            ({"destination_path": "nobody"}, "nobody"),
            ({"destination_path": "reference"}, "reference"),
            ({"temperature": "hot"}, "Temperature: Enter a number."),
            ({"extra_parameters": "no json"}, "Extra parameters"),
        ],
    )
    def test_what_is_wrong_in_the_form_is_said(self, author_client, page, values, said):
        response = post(author_client, "preview", page.pk, data_of(**values))
        assert response.status_code == 409
        assert said in response.json()["message"]

    @pytest.mark.parametrize("path", ["no_such_field"])
    def test_a_source_that_is_none_is_the_problem(self, author_client, page, path):
        data = data_of(sources={"intro": path})
        answer = post(author_client, "preview", page.pk, data).json()
        assert path in answer["problem"]["message"]

    def test_a_template_that_is_a_draft_is_the_problem(self, author_client, page):
        data = data_of(factories.make_template("{{ intro }}", live=False, name="Draft"))
        answer = post(author_client, "preview", page.pk, data).json()
        assert "“Draft” is not published" in answer["problem"]["message"]

    def test_a_block_is_found_in_the_page(self, author_client, page):
        data = data_of(destination_path="stream.section.heading")
        answer = post(author_client, "preview", page.pk, data)
        assert answer.status_code == 404
        assert "has no “stream.section.heading” to fill" in answer.json()["message"]
        section = {"type": "section", "value": {"heading": "Old", "teaser": "", "body": ""}}
        page.stream = page.stream.stream_block.to_python(
            [{"type": "heading", "value": "x"}, section]
        )
        page.save_revision()
        answer = post(author_client, "preview", page.pk, data).json()
        assert answer["label"] == "Stream › Section › Heading"

    def test_the_items_of_a_list_and_inline_children_are_found(self, author_client, page):
        quotes = {"type": "quotes", "value": [{"type": "item", "value": "One"}]}
        page.stream = page.stream.stream_block.to_python([quotes])
        page.related_links.add(RelatedLink(caption="Here"))
        page.save_revision()
        for path, label in (
            ("stream.quotes.item", "Stream › Quotes › Item"),
            ("stream.quotes", "Stream › Quotes"),
            ("related_links.caption", "Related link › Caption"),
            ("related_links", "Related link"),
        ):
            answer = post(author_client, "preview", page.pk, data_of(destination_path=path)).json()
            assert answer["label"] == label

    def test_images_and_settings_are_tried_too(self, admin_client, page):
        setting = Branding.for_site(Site.objects.get(is_default_site=True))
        setting.tagline = "We sail."
        setting.save()
        for target, path, source, text in (
            (factories.make_image(title="Boats"), "description", "title", "Boats"),
            (setting, "about", "tagline", "We sail."),
        ):
            data = data_of(
                destination_type=field_type(type(target)),
                destination_path=path,
                sources={"intro": source},
            )
            answer = post(admin_client, "preview", target.pk, data).json()
            assert answer["user"][-1]["text"] == text

    @pytest.mark.parametrize("key", ["", "999999", "no number", "\x00"])
    def test_an_object_that_is_none_is_not_found(self, author_client, page, key):
        response = post(author_client, "preview", key, data_of())
        assert response.status_code == 404
        assert "Choose what to try it on" in response.json()["message"]

    def test_an_object_of_another_type_is_not_found(self, author_client, page):
        other = factories.make_page(OtherPage, title="Other")
        assert post(author_client, "preview", other.pk, data_of()).status_code == 404

    def test_other_forms_are_refused(self, author_client, page):
        editor = reverse("wagtailadmin_pages:edit", args=[page.pk])
        response = post(author_client, "preview", page.pk, form_data(page).dict(), editor)
        assert response.status_code == 404


@pytest.mark.parametrize("endpoint", ["preview", "runs"])
class TestPermissions:
    @pytest.mark.parametrize(
        "names",
        [
            [],
            ["run_llmaction"],
            ["run_llmaction", "customise_llmaction"],
            ["run_llmaction", "add_llmaction"],
            ["customise_llmaction", "add_llmaction"],
        ],
    )
    def test_all_of_run_change_and_keep_are_needed(self, client_of, page, endpoint, names):
        client = client_of(factories.make_user("somebody", *names, groups=["Editors"]))
        with reply_with("Never.") as echo:
            assert post(client, endpoint, page.pk, data_of()).status_code == 403
        assert echo.requests == []
        assert not LLMActionHistory.objects.exists()

    def test_the_object_must_be_theirs_to_edit(self, client_of, page, endpoint):
        names = ["run_llmaction", "customise_llmaction", "add_llmaction"]
        client = client_of(factories.make_user("outsider", *names))
        response = post(client, endpoint, page.pk, data_of())
        assert response.status_code == 403
        assert "permission to edit this" in response.json()["message"]
        note = Note.objects.create(subject="Private")
        data = data_of(destination_type=field_type(Note), destination_path="text", sources={})
        assert post(client, endpoint, note.pk, data).status_code == 403

    def test_a_source_that_they_may_not_see_is_not_read(self, author_client, page, endpoint):
        page.internal_note = "Secret"
        page.save_revision()
        data = data_of(sources={"intro": "internal_note"})
        response = post(author_client, endpoint, page.pk, data)
        text = response.content.decode()
        assert "Secret" not in text
        assert "do not have permission to see" in text

    def test_nothing_runs_while_all_is_switched_off(self, author_client, page, endpoint):
        LLMActionsSwitch.turn(False, factories.make_superuser())
        response = post(author_client, endpoint, page.pk, data_of())
        assert "switched_off" in response.content.decode()


class TestRun:
    def test_it_is_run_once_recorded_as_a_test_and_changes_nothing(self, author_client, page):
        first, *_, last = run_test(author_client, page.pk, data_of(name="Sum it up"))
        assert (first["type"], first["label"]) == ("started", "Summary")
        assert (last["type"], last["text"]) == ("succeeded", "A short one.")
        run = LLMActionHistory.objects.get()
        assert (run.is_test, run.status, run.decision) == (True, RunStatus.SUCCEEDED, "")
        assert (run.action, run.action_name) == (None, "Sum it up")
        assert (run.object_id, run.destination_path) == (str(page.pk), "summary")
        assert run.prompt == "Sum up: The tide comes and goes."
        assert run.attempts.count() == 1
        revision = page.latest_revision_id
        page.refresh_from_db()
        assert (page.summary, page.latest_revision_id) == ("", revision)
        assert not LLMAction.objects.exists()

    def test_a_test_of_a_saved_action_names_no_version_of_it(self, admin_client, page):
        action = factories.make_action("intro", name="Saved")
        data = data_of(slug=action.slug, name="Changed")
        editor = reverse("wagtailsnippets_wagtail_llm_actions_llmaction:edit", args=[action.pk])
        with reply_with("Done."):
            lines(post(admin_client, "runs", page.pk, data, editor))
        run = LLMActionHistory.objects.get()
        assert (run.action, run.action_name, run.action_revision_id) == (action, "Changed", None)
        action.refresh_from_db()
        assert action.name == "Saved"

    def test_a_snippet_is_tried_too(self, admin_client, page):
        person = Person.objects.create(name="Ada", role="", biography="She counts.")
        data = data_of(
            destination_type=field_type(Person),
            destination_path="role",
            sources={"intro": "biography"},
        )
        *_, last = run_test(admin_client, person.pk, data)
        assert last["type"] == "succeeded"
        assert LLMActionHistory.objects.get().prompt == "Sum up: She counts."

    def test_the_result_comes_with_what_the_field_says(self, author_client, page):
        page.summary = "Before"
        page.save_revision()
        run_test(author_client, page.pk, data_of())
        run = LLMActionHistory.objects.get()
        assert author_client.get(f"{API}/runs/{run.pk}").json() == {
            "id": str(run.pk),
            "output": "A short one.",
            "errors": [],
            "notices": [],
            "length": 12,
            "max_length": 100,
            "current": "Before",
        }

    def test_what_the_field_would_not_take_is_said(self, author_client, page, settings):
        everything = factories.make_page(EverythingPage, title="All")
        data = data_of(
            destination_type=field_type(EverythingPage),
            destination_path="url",
            sources={"intro": "title"},
        )
        strict = settings.WAGTAIL_LLM_ACTIONS
        settings.WAGTAIL_LLM_ACTIONS = strict | {"ALLOWED_LINK_HOSTS": ["moved.example"]}
        run_test(author_client, everything.pk, data, "https://moved.example/")
        assert self.result(author_client)["errors"] == []
        settings.WAGTAIL_LLM_ACTIONS = strict
        (error,) = self.result(author_client)["errors"]
        assert "moved.example" in error

    @pytest.mark.parametrize(("mode", "is_lost"), [("replace", True), ("append", False)])
    def test_what_would_be_lost_is_said(self, author_client, page, mode, is_lost):
        page.body = '<p>Old</p><embed embedtype="image" id="1" format="left" alt="x"/>'
        page.save_revision()
        data = data_of(destination_path="body", output_mode=mode)
        run_test(author_client, page.pk, data, "New [x](https://evil.example/)")
        result = self.result(author_client)
        assert result["errors"] == []
        assert any("images" in notice for notice in result["notices"]) is is_lost
        assert "evil.example" in result["notices"][-1]

    @pytest.mark.parametrize(("mode", "length"), [("replace", 12), ("append", 103)])
    def test_what_is_added_counts_with_what_is_there(self, author_client, page, mode, length):
        page.summary = "x" * 90
        page.save_revision()
        run_test(author_client, page.pk, data_of(output_mode=mode))
        result = self.result(author_client)
        assert result["length"] == length
        assert (result["errors"] == []) is (length <= 100)

    @pytest.mark.parametrize("mode", ["replace", "append"])
    def test_a_rich_text_that_is_added_is_counted_as_a_whole(self, author_client, page, mode):
        page.body = "<p>Old</p>"
        page.save_revision()
        data = data_of(destination_path="body", output_mode=mode)
        run_test(author_client, page.pk, data, "New")
        result = self.result(author_client)
        assert result["errors"] == []
        assert result["length"] == {"replace": 3, "append": 8}[mode]

    def result(self, client):
        return client.get(f"{API}/runs/{LLMActionHistory.objects.get().pk}").json()

    def test_an_answer_that_does_not_fit_fails_and_cannot_be_mended(self, author_client, page):
        data = data_of(destination_path="reviewed_on")
        *_, last = run_test(author_client, page.pk, data, "no date at all")
        assert (last["type"], last["answer"]) == ("failed", "no date at all")
        run = LLMActionHistory.objects.get()
        assert (run.is_test, run.status, run.may_be_mended) == (True, RunStatus.FAILED, False)

    def test_a_refused_test_is_recorded_too(self, author_client, page):
        page.intro = ""
        page.save_revision()
        response = post(author_client, "runs", page.pk, data_of())
        assert response.json()["code"] == "empty_variable"
        run = LLMActionHistory.objects.get()
        assert (run.is_test, run.error_code) == (True, "empty_variable")

    def test_its_output_is_offered_to_nobody(self, author, author_client, page):
        run_test(author_client, page.pk, data_of())
        run = LLMActionHistory.objects.get()
        edit = reverse("wagtailadmin_pages:edit", args=[page.pk])
        states = field_states(find_editor(edit, author), {"summary": "summary"})
        assert states["summary"].run is None
        query = urlencode({"editor": edit, "address": "summary"})
        runs = "/admin/llm-actions/api/runs"
        assert author_client.get(f"{runs}?{query}").json()["runs"] == []
        body = form_data(page).dict()
        assert author_client.post(f"{runs}/{run.pk}/present?{query}", body).status_code == 409
        decided = author_client.post(
            f"{runs}/{run.pk}/decide", {"decision": "accepted"}, content_type="application/json"
        )
        assert decided.status_code == 409

    def test_its_page_says_that_it_was_a_test(self, author_client, page):
        run_test(author_client, page.pk, data_of())
        run = LLMActionHistory.objects.get()
        url = reverse("wagtail_llm_actions:run", args=[run.pk])
        assert "A test of an LLM action as its form stood" in author_client.get(url).text
        history = author_client.get(reverse("wagtail_llm_actions:run_list")).text
        assert "Test" in history

    def test_only_tests_are_shown_as_results(self, author_client, author, page):
        run = factories.make_run(target=page, user=author)
        assert author_client.get(f"{API}/runs/{run.pk}").status_code == 404

    def test_a_result_is_for_who_may_edit_the_object(self, author_client, client_of, page):
        run_test(author_client, page.pk, data_of())
        run = LLMActionHistory.objects.get()
        stranger = client_of(factories.make_user("curious", "run_llmaction"))
        assert stranger.get(f"{API}/runs/{run.pk}").status_code == 404


class TestModels:
    def models(self, client, provider="default"):
        return client.get(f"{API}/models?{urlencode({'provider': provider})}")

    def test_they_are_those_that_the_provider_has_now(self, client_of, home):
        for name in ("add_llmconfig", "change_llmconfig"):
            client = client_of(factories.make_user(name, name))
            assert self.models(client).json() == ["echo"]

    def test_a_provider_that_is_not_there_has_none(self, admin_client):
        assert self.models(admin_client, "no\x00body").json() == []

    def test_a_provider_that_cannot_be_reached_is_an_error(self, admin_client, settings):
        settings.WAGTAIL_LLM_ACTIONS = settings.WAGTAIL_LLM_ACTIONS | {
            "PROVIDERS": {
                "gone": {
                    "BACKEND": "wagtail_llm_actions.providers.ollama.OllamaProvider",
                    "OPTIONS": {"base_url": "http://127.0.0.1:9"},
                },
                "wrong": {"BACKEND": "no.such.Provider"},
            }
        }
        response = self.models(admin_client, "gone")
        assert response.status_code == 503
        assert response.json()["code"] == "provider_unavailable"
        response = self.models(admin_client, "wrong")
        assert response.status_code == 409
        assert "“wrong” is not set up correctly" in response.json()["message"]

    def test_who_keeps_no_configurations_is_refused(self, author_client, client, home):
        assert self.models(author_client).status_code == 403
        assert self.models(client).status_code in (302, 401)
