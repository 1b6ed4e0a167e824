"""The factories make rows that are as Wagtail would have made them."""

import pytest
from wagtail.models import Page, Site

from tests import factories
from wagtail_llm_actions.values import RunStatus

pytestmark = pytest.mark.django_db


def test_an_action_is_published_with_its_sources():
    action = factories.make_action(sources={"body": "body", "intro": "intro"})
    assert action.live
    assert action.live_revision_id == action.latest_revision_id
    assert [source.name for source in action.sources.all()] == ["body", "intro"]


def test_a_draft_is_not_live():
    config = factories.make_config(live=False)
    assert not config.live
    assert config.live_revision is None
    assert config.latest_revision is not None


def test_a_home_is_made_where_the_database_was_emptied():
    Site.objects.all().delete()
    Page.objects.all().delete()
    home = factories.make_home()
    assert factories.make_home() == home
    assert factories.make_page().get_parent().specific == home


def test_a_failed_run_has_a_failed_attempt():
    run = factories.make_run(status=RunStatus.FAILED)
    assert run.attempts.get().status == "failed"


def test_an_editor_may_edit_pages_and_run_actions(editor, home):
    assert editor.has_perm("wagtail_llm_actions.run_llmaction")
    assert not editor.has_perm("wagtail_llm_actions.change_llmaction")
    assert home.permissions_for_user(editor).can_edit()
