"""The paths of an action: checked when it goes live, and said when they mean nothing any more."""

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.urls import reverse

from tests.factories import make_action, make_page, make_template
from tests.models.test_actions import scheduled
from wagtail_llm_actions.models import LLMAction, LLMConfig

pytestmark = pytest.mark.django_db


def problem(action):
    return action.problem(LLMConfig.objects.default())


class TestPublishing:
    @pytest.mark.parametrize(
        ("values", "message"),
        [
            ({"path": "introo"}, "Is it called “intro” now"),
            ({"path": "reference"}, "cannot write"),
            ({"sources": {"body": "bodyy"}}, "Is it called “body” now"),
            ({"sources": {"above": "@parent.nothing_like_it"}}, "does not exist"),
            ({"prompt": "{{ body }}"}, "unknown variable"),
        ],
    )
    def test_what_does_not_resolve_stays_a_draft(self, values, message):
        action = make_action(live=False, **values)
        with pytest.raises(ValidationError, match=message):
            action.latest_revision.publish()
        action.refresh_from_db()
        assert not action.live

    def test_special_sources_and_variables_are_checked_together(self):
        action = make_action(
            prompt="{{ all }}{{ chosen }}{{ above }}{{ title }}",
            sources={
                "all": "@content",
                "chosen": "@selection",
                "above": "@parent.title",
                "title": "title",
            },
        )
        assert action.live
        assert problem(action) == ""

    def test_one_that_does_not_resolve_is_taken_off_the_schedule(self):
        action = make_action("introo", live=False)
        revision = scheduled(action)
        revision.publish()
        action.refresh_from_db()
        revision.refresh_from_db()
        assert (action.live, revision.approved_go_live_at) == (False, None)


class TestProblem:
    def test_every_path_that_means_nothing_is_named(self):
        action = make_action("introo", sources={"a": "bodyy", "b": "title"}, broken=True)
        assert problem(action) == (
            "It fills “introo”, which does not exist. Is it called “intro” now? "
            "It reads “bodyy”, which does not exist. Is it called “body” now?"
        )

    def test_a_template_that_is_not_live_is_said_first(self):
        action = make_action("introo", prompt_template=make_template(live=False), broken=True)
        assert "not published" in problem(action)
        assert "introo" in action.path_problem()

    def test_a_type_that_is_gone_is_said(self):
        gone = ContentType.objects.create(app_label="old", model="page")
        assert "does not exist any more" in problem(make_action(destination_type=gone, broken=True))


class TestAdmin:
    @pytest.fixture
    def action(self):
        return make_action("introo", broken=True)

    @pytest.mark.parametrize("view", ["list", "edit", "inspect"])
    def test_a_broken_action_is_shown_as_broken(self, admin_client, action, view):
        args = [] if view == "list" else [action.pk]
        name = LLMAction.snippet_viewset.get_url_name(view)
        text = admin_client.get(reverse(name, args=args)).text
        assert "It fills “introo”, which does not exist. Is it called “intro” now?" in text

    def test_the_form_of_one_that_is_right_says_nothing(self, admin_client):
        name = LLMAction.snippet_viewset.get_url_name("edit")
        text = admin_client.get(reverse(name, args=[make_action().pk])).text
        assert "does not run" not in text

    def test_the_field_in_the_editor_says_why_it_does_not_run(self, editor_client):
        make_action("title", sources={"text": "bodyy"}, broken=True)
        page = make_page()
        response = editor_client.post(
            "/admin/llm-actions/api/fields",
            {
                "editor": reverse("wagtailadmin_pages:edit", args=[page.pk]),
                "fields": [{"address": "title", "path": "title"}],
            },
            content_type="application/json",
        )
        state = response.json()["fields"]["title"]
        assert not state["ready"]
        assert "Is it called “body” now?" in state["problem"]
