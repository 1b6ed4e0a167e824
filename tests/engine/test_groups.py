"""An LLM action that is for the members of some groups."""

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import factories
from wagtail_llm_actions import engine
from wagtail_llm_actions.content import find_editor
from wagtail_llm_actions.exceptions import PermissionRefusedError
from wagtail_llm_actions.models import LLMAction

pytestmark = pytest.mark.django_db


@pytest.fixture
def press(db):
    return Group.objects.create(name="Press office")


@pytest.fixture
def action(home, press):
    action = factories.make_action("intro", name="Write it")
    action.groups = [press]
    action.save_revision().publish()
    return LLMAction.objects.get(pk=action.pk)


def prepare(bind, user):
    return engine.prepare(engine.RunRequest(user=user, bound=bind(user), address="intro"))


def test_others_are_refused_and_told_whose_it_is(bind, editor, action):
    with pytest.raises(PermissionRefusedError) as refused:
        prepare(bind, editor)
    assert str(refused.value.user_message) == "This LLM action is for members of “Press office”."


def test_members_may_run_it_and_superusers(bind, editor, admin, press, action):
    editor.groups.add(press)
    assert prepare(bind, editor).action == action
    assert prepare(bind, admin).action == action


def test_the_button_says_it_beforehand(editor, page, press, action):
    def problem():
        opened = find_editor(f"/admin/pages/{page.pk}/edit/", editor)
        return engine.field_states(opened, {"intro": "intro"}, {})["intro"].problem

    assert problem() == "This LLM action is for members of “Press office”."
    editor.groups.add(press)
    assert problem() == ""


def test_many_actions_take_no_more_queries(editor, page, press, action, django_assert_num_queries):
    opened = find_editor(f"/admin/pages/{page.pk}/edit/", editor)
    paths = {path: path for path in ("intro", "summary", "title", "search_description")}
    engine.field_states(opened, paths, {})
    with CaptureQueriesContext(connection) as few:
        engine.field_states(opened, paths, {})
    for path in ("summary", "title", "search_description"):
        another = factories.make_action(path)
        another.groups = [press]
        another.save_revision().publish()
    with django_assert_num_queries(len(few)):
        engine.field_states(opened, paths, {})


def test_revisions_hold_the_groups_and_enabling_keeps_them(admin, press, action):
    action.turn(False, admin)
    action.turn(True, admin)
    assert list(LLMAction.objects.get().groups.all()) == [press]
    action.groups = []
    revision = action.save_revision()
    assert list(LLMAction.objects.get().groups.all()) == [press], "a draft changes nothing"
    revision.publish()
    assert not LLMAction.objects.get().groups.exists()


def test_another_action_made_of_it_is_for_the_same_groups(admin, page, press, action):
    opened = find_editor(f"/admin/pages/{page.pk}/edit/", admin)
    other = engine.save_action(
        admin, opened, "intro", engine.RunChanges(), destination="summary", as_new=True
    )
    assert list(LLMAction.objects.get(pk=other.pk).groups.all()) == [press]


def test_what_is_changed_in_it_leaves_its_groups(admin, page, press, action):
    opened = find_editor(f"/admin/pages/{page.pk}/edit/", admin)
    engine.save_action(admin, opened, "intro", engine.RunChanges(temperature=0.1))
    assert list(LLMAction.objects.get(pk=action.pk).groups.all()) == [press]
