"""The forms and listings of actions, templates and configurations."""

import pytest
from bs4 import BeautifulSoup
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.models import ModelLogEntry, Page
from wagtail.test.utils.form_data import inline_formset, nested_form_data

from tests.factories import make_action, make_config, make_template, make_user
from tests.testapp.models import Note, StoryPage
from wagtail_llm_actions.content.catalogue import KnownPath
from wagtail_llm_actions.models import LLMAction, LLMConfig, PromptTemplate
from wagtail_llm_actions.values import FieldKind

pytestmark = pytest.mark.django_db


def url(model, name, *args):
    return reverse(model.snippet_viewset.get_url_name(name), args=args)


def action_data(template, *, sources=(), **values):
    rows = [
        {"id": "", "path": path, "name": name, "required": "on", "ORDER": str(order)}
        for order, (name, path) in enumerate(dict(sources).items(), start=1)
    ]
    defaults = {
        "name": "Describe",
        "slug": "",
        "destination_type": str(ContentType.objects.get_for_model(StoryPage).pk),
        "destination_path": "search_description",
        "output_mode": "replace",
        "prompt_template": str(template.pk),
        "llm_config": "",
        "site": "",
        "temperature": "",
        "max_output_tokens": "",
        "extra_parameters": "{}",
        "sources": inline_formset(rows),
    }
    return nested_form_data(defaults | values)


def publish(client, template, **values):
    data = action_data(template, **values) | {"action-publish": "Publish"}
    return client.post(url(LLMAction, "add"), data)


def errors_of(response, field):
    return " ".join(response.context["form"].errors.get(field, []))


class TestActionForm:
    def test_an_action_is_published_with_its_sources(self, admin_client):
        template = make_template("Describe {{ body }}")
        response = publish(admin_client, template, sources={"body": "body"})
        assert response.status_code == 302
        action = LLMAction.objects.get()
        assert (action.live, action.slug, action.sources.get().path) == (True, "describe", "body")

    def test_it_offers_page_types_and_snippets_with_fields(self, admin_client):
        response = admin_client.get(url(LLMAction, "add"))
        labels = [
            label
            for _group, choices in response.context["form"].fields["destination_type"].choices
            if isinstance(choices, list)
            for _value, label in choices
        ]
        assert labels[0] == "Page: every page type"
        assert {"Story page", "Person", "Note"} < set(labels)
        assert "LLM action" not in labels

    def test_an_action_may_be_for_every_page(self, admin_client):
        page_type = ContentType.objects.get_for_model(Page)
        response = publish(admin_client, make_template(), destination_type=str(page_type.pk))
        assert response.status_code == 302

    def test_an_unknown_field_is_refused_with_those_there_are(self, admin_client):
        response = publish(admin_client, make_template(), destination_path="serch_description")
        error = errors_of(response, "destination_path")
        assert "There is no field “serch_description”" in error
        assert "search_description" in error
        assert "stream.section.heading" in error

    def test_a_field_that_cannot_be_written_is_refused(self, admin_client):
        response = publish(admin_client, make_template(), destination_path="reference")
        assert "cannot write this kind of field" in errors_of(response, "destination_path")

    def test_a_variable_without_source_is_refused(self, admin_client):
        response = publish(admin_client, make_template("Describe {{ body }}"))
        assert "body" in errors_of(response, "prompt_template")

    @pytest.mark.parametrize(
        ("name", "path", "field"),
        [("body", "nobody", "path"), ("max-length", "body", "name"), ("sources", "body", "name")],
    )
    def test_a_wrong_source_is_refused_where_it_stands(self, admin_client, name, path, field):
        response = publish(admin_client, make_template(), sources={name: path})
        assert response.context["form"].formsets["sources"].forms[0].errors.keys() == {field}
        assert not LLMAction.objects.exists()

    def test_all_content_is_a_source(self, admin_client):
        response = publish(admin_client, make_template(), sources={"everything": "@content"})
        assert response.status_code == 302

    def test_a_parameter_that_the_provider_does_not_allow_is_refused(self, admin_client):
        make_config(is_default=True)
        response = publish(admin_client, make_template(), extra_parameters='{"num_gpu": 9}')
        assert "does not allow “num_gpu”" in errors_of(response, "extra_parameters")

    def test_a_draft_may_hold_all_that_is_wrong(self, admin_client):
        make_action("search_description")
        data = action_data(
            make_template("{{ nobody }}"),
            destination_path="search_description",
            extra_parameters='{"num_gpu": 9}',
            sources={"sources": "nobody"},
        )
        response = admin_client.post(url(LLMAction, "add"), data)
        assert response.status_code == 302
        assert LLMAction.objects.filter(live=False).count() == 1

    def test_two_drafts_without_name_and_slug_can_be_saved(self, admin_client):
        for _again in range(2):
            data = action_data(make_template(), name="", slug="")
            assert admin_client.post(url(LLMAction, "add"), data).status_code == 302
        assert LLMAction.objects.count() == 2

    def test_a_name_that_is_there_already_gets_a_slug_of_its_own(self, admin_client):
        make_action("intro", name="Describe", slug="describe")
        assert publish(admin_client, make_template(), slug="describe").status_code == 302
        assert LLMAction.objects.get(slug="describe-2").name == "Describe"

    def test_an_error_at_the_slug_opens_its_folded_panel(self, admin_client):
        make_action("intro", name="Describe", slug="describe")
        response = publish(admin_client, make_template(), name="Other", slug="describe")
        assert errors_of(response, "slug")
        panel = BeautifulSoup(response.content, "html.parser").select_one(
            "section.collapsed #id_slug"
        )
        # What Wagtail's script leaves a panel open for.
        assert panel.find_parent(class_="w-field--error") or panel.get("aria-invalid") == "true"

    def test_a_rival_is_an_error_at_the_field(self, admin_client):
        make_action("search_description", name="First")
        response = publish(admin_client, make_template())
        assert response.status_code == 200
        assert "“First” already fills this field" in errors_of(response, "destination_path")

    def test_a_draft_of_a_live_action_may_conflict_until_it_is_published(self, admin_client):
        make_action("search_description", name="First")
        action = make_action("intro", name="Second")
        data = action_data(action.prompt_template, name="Second", slug=action.slug)
        edit = url(LLMAction, "edit", action.pk)
        assert admin_client.post(edit, data).status_code == 302
        response = admin_client.post(edit, data | {"action-publish": "Publish"})
        assert "“First” already fills this field" in errors_of(response, "destination_path")
        action.refresh_from_db()
        assert (action.destination_path, action.live) == ("intro", True)

    def test_saving_the_form_leaves_the_action_disabled(self, admin_client, admin):
        action = make_action("intro")
        action.turn(False, admin)
        data = action_data(action.prompt_template, slug=action.slug, destination_path="intro")
        data["action-publish"] = "Publish"
        assert admin_client.post(url(LLMAction, "edit", action.pk), data).status_code == 302
        action.refresh_from_db()
        assert (action.name, action.enabled) == ("Describe", False)


class TestPrefilledActionForm:
    """An editor follows the link at a field."""

    def form(self, client, model=StoryPage, path=None):
        query = {"destination_type": ContentType.objects.get_for_model(model).pk}
        if path is not None:
            query["destination_path"] = path
        return client.get(url(LLMAction, "add"), query).context["form"]

    def filled(self, form):
        return [form[name].value() for name in ("destination_type", "destination_path", "name")]

    def test_it_is_for_the_field(self, admin_client):
        form = self.form(admin_client, path="stream.section.heading")
        story = ContentType.objects.get_for_model(StoryPage).pk
        assert self.filled(form) == [
            story,
            "stream.section.heading",
            "Story page: Stream › Section › Heading",
        ]

    def test_a_long_name_fits(self, admin_client, monkeypatch):
        label = "Very long " * 20
        monkeypatch.setattr(
            "wagtail_llm_actions.views.forms.prefill.fields_of",
            lambda model: [KnownPath("title", label, FieldKind.TEXT)],
        )
        name = self.form(admin_client, path="title")["name"].value()
        assert name.startswith("Story page: Very long")
        assert len(name) == LLMAction._meta.get_field("name").max_length

    @pytest.mark.parametrize("path", [None, "no_such_field", "reference"])
    def test_a_field_that_cannot_be_filled_is_left_out(self, admin_client, path):
        form = self.form(admin_client, path=path)
        story = ContentType.objects.get_for_model(StoryPage).pk
        assert self.filled(form) == [story, "", ""]

    @pytest.mark.parametrize("key", ["", "no number", "999999", "-1"])
    def test_a_type_that_is_not_offered_is_left_out(self, admin_client, key):
        query = {"destination_type": key, "destination_path": "title"}
        form = admin_client.get(url(LLMAction, "add"), query).context["form"]
        assert self.filled(form) == [None, "", ""]

    def test_it_is_published_as_it_was_filled(self, admin_client):
        form = self.form(admin_client, path="intro")
        filled = {name: form[name].value() for name in ("destination_path", "name")}
        publish(admin_client, make_template(), **filled)
        assert LLMAction.objects.get().name == "Story page: Intro"

    def test_who_may_not_configure_does_not_see_it(self, editor_client):
        assert (
            editor_client.get(url(LLMAction, "add"), {"destination_path": "title"}).status_code
            == 302
        )


class TestTemplateForm:
    def data(self, **values):
        defaults = {
            "name": "Describe",
            "slug": "",
            "category": "other",
            "description": "",
            "system_prompt": "",
            "prompt": "Describe it.",
        }
        return defaults | values

    @pytest.mark.parametrize("field", ["prompt", "system_prompt"])
    def test_a_syntax_error_is_refused_when_published(self, admin_client, field):
        data = self.data(**{field: "{{ broken"})
        response = admin_client.post(
            url(PromptTemplate, "add"), data | {"action-publish": "Publish"}
        )
        assert "error in line 1" in errors_of(response, field)
        assert admin_client.post(url(PromptTemplate, "add"), data).status_code == 302

    def test_a_live_action_must_have_the_variables(self, admin_client):
        template = make_template()
        make_action(prompt_template=template, name="Titles", sources={"body": "body"})
        edit = url(PromptTemplate, "edit", template.pk)
        data = self.data(slug=template.slug, prompt="{{ body }} {{ intro }}")
        response = admin_client.post(edit, data | {"action-publish": "Publish"})
        assert "“Titles” uses this template and has no source called “intro”" in errors_of(
            response, "prompt"
        )
        data["prompt"] = "{{ body }} {{ page_title }}"
        assert admin_client.post(edit, data | {"action-publish": "Publish"}).status_code == 302

    def test_the_form_lists_the_variables(self, admin_client):
        assert "{{ max_length }}" in admin_client.get(url(PromptTemplate, "add")).text


class TestConfigForm:
    def data(self, **values):
        defaults = {
            "name": "Small",
            "slug": "small",
            "provider": "default",
            "model_name": "tiny",
            "temperature": "",
            "max_output_tokens": "",
            "extra_parameters": "{}",
            "action-publish": "Publish",
        }
        return defaults | values

    def test_it_offers_the_aliases_of_the_settings(self, admin_client):
        field = admin_client.get(url(LLMConfig, "add")).context["form"].fields["provider"]
        assert list(field.widget.choices) == [("default", "default (Echo)")]

    def test_an_alias_that_is_gone_is_shown_and_refused(self, admin_client):
        config = make_config(provider="gone")
        edit = url(LLMConfig, "edit", config.pk)
        assert "gone (not in the settings)" in admin_client.get(edit).text
        response = admin_client.post(edit, self.data(provider="gone", slug=config.slug))
        assert "no provider “gone”" in errors_of(response, "provider")

    def test_parameters_are_checked(self, admin_client):
        data = self.data(extra_parameters='{"seed": 1, "num_gpu": 9}')
        response = admin_client.post(url(LLMConfig, "add"), data)
        assert "does not allow “num_gpu”" in errors_of(response, "extra_parameters")
        data = self.data(extra_parameters='{"seed": 1}')
        assert admin_client.post(url(LLMConfig, "add"), data).status_code == 302

    def test_a_new_default_takes_the_place_of_the_former(self, admin_client):
        former = make_config(is_default=True)
        data = self.data(is_default="on")
        assert admin_client.post(url(LLMConfig, "add"), data).status_code == 302
        former.refresh_from_db()
        assert not former.is_default
        assert LLMConfig.objects.default().name == "Small"

    def test_a_live_configuration_becomes_the_default(self, admin_client):
        make_config(is_default=True)
        config = make_config()
        data = self.data(is_default="on", slug=config.slug)
        edit = url(LLMConfig, "edit", config.pk)
        assert admin_client.post(edit, data).status_code == 302
        assert LLMConfig.objects.default() == config


class TestTurning:
    def test_an_action_is_disabled_and_enabled_at_once(self, admin_client):
        action = make_action()
        for verb, enabled in (("disable", False), ("enable", True)):
            admin_client.post(reverse(f"wagtail_llm_actions:action_{verb}", args=[action.pk]))
            action.refresh_from_db()
            assert action.enabled is enabled

    def test_an_action_that_is_enabled_is_not_enabled_again(self, admin_client, admin):
        action = make_action()
        admin_client.post(reverse("wagtail_llm_actions:action_enable", args=[action.pk]))
        assert not ModelLogEntry.objects.filter(action="wagtail_llm_actions.enable").exists()
        stale = LLMAction.objects.get(pk=action.pk)
        action.turn(False, admin)
        stale.turn(True, admin)
        action.refresh_from_db()
        assert action.enabled

    def test_who_may_not_change_actions_may_not_turn_them(self, editor_client):
        action = make_action()
        response = editor_client.post(
            reverse("wagtail_llm_actions:action_disable", args=[action.pk])
        )
        action.refresh_from_db()
        assert (response.status_code, action.enabled) == (302, True)

    def test_a_get_request_changes_nothing(self, admin_client):
        action = make_action()
        address = reverse("wagtail_llm_actions:action_disable", args=[action.pk])
        assert admin_client.get(address).status_code == 405

    @pytest.mark.parametrize("view", ["list", "edit", "inspect"])
    def test_the_button_is_there(self, admin_client, view):
        action = make_action()
        address = url(LLMAction, view, *([] if view == "list" else [action.pk]))
        text = admin_client.get(address).text
        assert f"/admin/llm-actions/actions/{action.pk}/disable/" in text
        action.turn(False, None)
        assert f"/admin/llm-actions/actions/{action.pk}/enable/" in admin_client.get(address).text

    def test_it_goes_back_to_where_the_button_was(self, admin_client):
        address = reverse("wagtail_llm_actions:action_disable", args=[make_action().pk])
        assert admin_client.post(f"{address}?next=/admin/").url == "/admin/"
        assert admin_client.post(f"{address}?next=https://evil.example/").url.startswith("/admin/")


class TestListings:
    def test_an_action_shows_what_keeps_it_from_running(self, admin_client):
        template = make_template(name="Half done", live=False)
        make_action("text", prompt_template=template, model=Note)
        text = admin_client.get(url(LLMAction, "list")).text
        assert "Its prompt template “Half done” is not published." in text
        assert "Note › text" in text

    @pytest.mark.parametrize("model", [LLMAction, PromptTemplate, LLMConfig])
    def test_every_view_opens(self, admin_client, model):
        make_action()
        row = model.objects.get()
        assert row.name in admin_client.get(url(model, "list")).text
        for name in ("edit", "copy", "inspect", "history", "usage", "delete"):
            response = admin_client.get(url(model, name, row.pk))
            assert response.status_code == 200, name

    @pytest.mark.parametrize("model", [LLMAction, PromptTemplate, LLMConfig])
    @pytest.mark.parametrize("word", ["tide", "tid"])
    def test_rows_are_found_by_their_names(self, admin_client, model, word):
        make_action(
            name="A tide",
            prompt_template=make_template(name="A tide"),
            llm_config=make_config(name="A tide"),
        )
        address = url(model, "list")
        assert len(admin_client.get(address, {"q": word}).context["object_list"]) == 1
        assert len(admin_client.get(address, {"q": "ebb"}).context["object_list"]) == 0

    @pytest.mark.parametrize("model", [LLMAction, PromptTemplate, LLMConfig])
    @pytest.mark.parametrize("name", ["list", "add", "edit", "inspect", "delete"])
    def test_who_may_not_configure_sees_none(self, editor_client, model, name):
        make_action()
        args = [] if name in ("list", "add") else [model.objects.get().pk]
        assert editor_client.get(url(model, name, *args)).status_code == 302

    @pytest.mark.parametrize("model", [LLMAction, PromptTemplate, LLMConfig])
    def test_the_number_of_queries_does_not_grow_with_the_rows(self, admin_client, model):
        def rows(paths):
            for path in paths:
                make_action(path, llm_config=make_config())

        def count():
            with CaptureQueriesContext(
                connection,
            ) as queries:
                admin_client.get(url(model, "list"))
            return len(queries)

        rows(["title"])
        count()
        few = count()
        rows(["intro", "summary", "body", "slug"])
        assert count() == few

    def test_one_who_may_configure_finds_the_menu(self, client_of):
        client = client_of(make_user(None, "change_llmaction", "add_prompttemplate"))
        text = client.get("/admin/").text
        assert url(LLMAction, "list") in text
        assert url(PromptTemplate, "list") in text
        assert url(LLMConfig, "list") not in text

    def test_inspecting_says_what_blank_means(self, admin_client):
        action = make_action(model=Page, llm_config=None)
        text = admin_client.get(url(LLMAction, "inspect", action.pk)).text
        for sentence in ("Page: every page type", "Every site", "The default configuration"):
            assert sentence in text


class TestCopying:
    def test_a_copied_action_has_slug_and_sources_of_its_own(self, admin_client):
        action = make_action(name="Tides", slug="tides", sources={"intro": "intro", "body": "body"})
        page = admin_client.get(url(LLMAction, "copy", action.pk))
        copied = page.context["form"].instance
        assert (copied.name, copied.slug) == ("Tides", "")
        data = action_data(action.prompt_template, name="Tides", slug=copied.slug)
        rows = [
            {"id": row.pk, "path": row.path, "name": row.name, "required": "on", "ORDER": order}
            for order, row in enumerate(copied.sources.all(), start=1)
        ]
        data |= nested_form_data({"sources": inline_formset(rows, initial=len(rows))})
        assert admin_client.post(page.context["action_url"], data).status_code == 302
        copy = LLMAction.objects.exclude(pk=action.pk).get()
        assert (copy.slug, copy.live) == ("tides-2", False)
        for row in (action, copy):
            assert [source.name for source in row.sources.all()] == ["intro", "body"]

    def test_a_copied_configuration_is_not_the_default(self, admin_client):
        config = make_config(is_default=True)
        form = admin_client.get(url(LLMConfig, "copy", config.pk)).context["form"]
        assert (form["slug"].value(), form["is_default"].value()) == ("", False)


class TestPermissions:
    @pytest.mark.parametrize(
        "codename",
        [
            "run_llmaction",
            "customise_llmaction",
            "add_llmaction",
            "publish_llmaction",
            "change_prompttemplate",
            "delete_llmconfig",
            "view_llmactionhistory",
            "change_llmactionsswitch",
        ],
    )
    def test_the_group_form_has_them_separately(self, admin_client, codename):
        form = admin_client.get("/admin/groups/new/").context["form"]
        offered = form.fields["permissions"].queryset
        assert offered.filter(codename=codename).count() == 1


class TestVersions:
    def test_the_use_of_a_template_is_listed(self, admin_client):
        action = make_action(name="Titles")
        text = admin_client.get(url(PromptTemplate, "usage", action.prompt_template.pk)).text
        assert "Titles" in text

    @pytest.mark.parametrize("model", [PromptTemplate, LLMConfig])
    def test_what_an_action_uses_cannot_be_deleted(self, admin_client, model):
        make_action(name="Titles")
        row = model.objects.get()
        address = url(model, "delete", row.pk)
        assert "Titles" in admin_client.get(url(model, "usage", row.pk)).text
        response = admin_client.post(address)
        assert response.status_code in (200, 302)
        assert model.objects.filter(pk=row.pk).exists()

    def test_versions_can_be_compared(self, admin_client):
        template = make_template("Old words")
        old = template.latest_revision_id
        template.prompt = "New words"
        new = template.save_revision().pk
        text = admin_client.get(
            url(PromptTemplate, "revisions_compare", template.pk, old, new)
        ).text
        assert "Old" in text
        assert "New" in text

    def test_an_older_version_that_would_conflict_can_be_taken_as_a_draft(self, admin_client):
        action = make_action("title")
        old = action.latest_revision_id
        action.destination_path = "intro"
        action.save_revision().publish()
        make_action("title", name="First")
        address = url(LLMAction, "revisions_revert", action.pk, old)
        data = action_data(action.prompt_template, slug=action.slug, destination_path="title")
        assert admin_client.post(address, data).status_code == 302
        response = admin_client.post(address, data | {"action-publish": "Publish"})
        assert "“First” already fills this field" in errors_of(response, "destination_path")

    def test_publishing_can_be_scheduled(self, admin_client):
        data = action_data(make_template(), go_live_at="2999-01-01 10:00")
        response = admin_client.post(url(LLMAction, "add"), data | {"action-publish": "Publish"})
        assert response.status_code == 302
        action = LLMAction.objects.get()
        assert (action.live, action.approved_schedule) == (False, True)


def test_the_name_in_a_listing_has_a_width_of_its_own(admin_client):
    make_action("title")
    assert '<col width="180"' in admin_client.get(url(LLMAction, "list")).text
