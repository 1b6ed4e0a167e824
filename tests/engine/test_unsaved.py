"""Runs on create forms, and what they are for once the object is saved."""

import pytest
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse
from wagtail.log_actions import registry

from tests import factories
from tests.engine.conftest import form_data
from tests.testapp.models import Note, OtherPage, StoryPage
from wagtail_llm_actions import engine
from wagtail_llm_actions.content import find_editor
from wagtail_llm_actions.content.bound import FORM_KEY
from wagtail_llm_actions.testing import reply_with
from wagtail_llm_actions.values import Decision

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(home, editor):
    """A run on the create form that the browser calls “one”."""
    factories.make_action("search_description")
    path = reverse("wagtailadmin_pages:add", args=["testapp", "storypage", home.pk])
    return prepare(path, editor, StoryPage(title="New", slug="new"))


def prepare(path, user, page):
    bound = find_editor(path, user).bind(form_data(page, **{FORM_KEY: "one"}))
    return engine.prepare(engine.RunRequest(user=user, bound=bound, address="search_description"))


def identity(run):
    run.refresh_from_db()
    return run.object_id, run.page_id, run.object_repr


def test_a_run_gets_the_identity_of_the_page_that_its_form_was_saved_as(run, editor):
    page = factories.make_page(title="Saved")
    engine.adopt_runs(editor, "one", page)
    assert identity(run) == (str(page.pk), page.pk, "Saved")


def test_a_run_of_another_form_user_or_type_is_left_alone(run, editor, admin):
    before = identity(run)
    page = factories.make_page()
    engine.adopt_runs(editor, "two", page)
    engine.adopt_runs(editor, "", page)
    engine.adopt_runs(admin, "one", page)
    engine.adopt_runs(editor, "one", factories.make_page(OtherPage))
    assert identity(run) == before


def test_a_run_that_has_an_object_keeps_it(run, editor):
    first = factories.make_page(title="First")
    engine.adopt_runs(editor, "one", first)
    engine.adopt_runs(editor, "one", factories.make_page(title="Second"))
    assert identity(run)[1] == first.pk


def test_a_run_without_a_form_is_adopted_by_nobody(run, editor):
    type(run).objects.update(form_token="")
    engine.adopt_runs(editor, "", factories.make_page())
    assert identity(run)[:2] == ("", None)


def test_a_run_on_an_edit_form_does_not_need_its_name(page, editor):
    factories.make_action("search_description")
    run = prepare(reverse("wagtailadmin_pages:edit", args=[page.pk]), editor, page)
    assert (run.form_token, run.page_id) == ("", page.pk)


def test_what_was_accepted_before_the_first_save_is_in_the_history_after_it(run, editor):
    factories.make_page()
    with reply_with("A description."):
        list(engine.execute(run.pk))
    engine.decide(run.pk, editor, Decision.ACCEPTED)
    page = factories.make_page(title="Saved")
    engine.adopt_runs(editor, "one", page)
    entry = registry.get_logs_for_instance(page).get(action="wagtail_llm_actions.accept")
    assert (entry.user, entry.data["run"]) == (editor, str(run.pk))


@pytest.mark.parametrize("button", ["", "action-publish"])
def test_saving_a_create_form_tells_its_runs(run, admin, admin_client, home, button):
    type(run).objects.update(user=admin)
    path = reverse("wagtailadmin_pages:add", args=["testapp", "storypage", home.pk])
    post = form_data(StoryPage(title="Saved", slug="saved"), **{FORM_KEY: "one", button: "1"})
    assert admin_client.post(path, post.dict()).status_code == 302
    page = StoryPage.objects.get(slug="saved")
    assert identity(run) == (str(page.pk), page.pk, "Saved")


def test_saving_a_create_form_of_a_snippet_tells_its_runs(admin, admin_client):
    content_type = ContentType.objects.get_for_model(Note)
    run = factories.make_run(user=admin, content_type=content_type, form_token="one")
    post = {"subject": "Saved", "text": "", FORM_KEY: "one"}
    assert admin_client.post("/admin/snippets/testapp/note/add/", post).status_code == 302
    assert identity(run) == (str(Note.objects.get().pk), None, "Saved")
