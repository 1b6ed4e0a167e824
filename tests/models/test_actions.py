"""LLM actions: one in force for a field, enabled beside the draft, ready or not."""

import logging
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import transaction
from django.db.utils import IntegrityError
from django.utils import timezone
from wagtail.models import ModelLogEntry, Site

from tests.factories import make_action, make_config, make_site, make_template
from tests.testapp.models import OtherPage
from wagtail_llm_actions.models import LLMAction, LLMConfig

pytestmark = pytest.mark.django_db


def scheduled(row):
    """Schedule the row's latest revision for a moment that has passed since."""
    row.go_live_at = timezone.now() + timedelta(hours=1)
    revision = row.save_revision()
    revision.publish()
    revision.refresh_from_db()
    revision.approved_go_live_at = timezone.now() - timedelta(minutes=1)
    revision.content["go_live_at"] = (timezone.now() - timedelta(minutes=1)).isoformat()
    revision.save()
    return revision


class TestOnePerField:
    def test_a_second_live_action_for_a_field_is_refused(self):
        make_action("title", name="First")
        second = make_action("title", live=False)
        with pytest.raises(ValidationError, match="“First” already fills this field"):
            second.latest_revision.publish()
        second.refresh_from_db()
        assert not second.live

    def test_the_database_keeps_the_rule_too(self):
        make_action("title")
        second = make_action("title", live=False)
        with pytest.raises(IntegrityError), transaction.atomic():
            LLMAction.objects.filter(pk=second.pk).update(live=True)

    def test_so_it_does_on_one_site(self, home):
        site = Site.objects.get(is_default_site=True)
        make_action("title", site=site)
        second = make_action("title", live=False, site=site)
        with pytest.raises(IntegrityError), transaction.atomic():
            LLMAction.objects.filter(pk=second.pk).update(live=True)

    def test_a_draft_may_conflict(self):
        make_action("title")
        second = make_action("intro")
        second.destination_path = "title"
        revision = second.save_revision(clean=True)
        assert revision.as_object().destination_path == "title"

    def test_publishing_an_action_again_is_no_conflict(self):
        action = make_action("title")
        action.save_revision().publish()
        action.refresh_from_db()
        assert action.live

    def test_other_type_other_site_or_unpublished_is_no_conflict(self, home):
        first = make_action("title")
        site = Site.objects.get(is_default_site=True)
        assert make_action("title", model=OtherPage).live
        assert make_action("title", site=site).live
        first.unpublish()
        assert make_action("title").live

    def test_an_action_is_deleted_with_its_site(self, home):
        make_action("title", name="For all")
        make_action("title", name="For one", site=make_site("there.example"))
        Site.objects.get(hostname="there.example").delete()
        assert [action.name for action in LLMAction.objects.all()] == ["For all"]

    def test_two_actions_without_a_field_are_no_conflict(self):
        make_action("")
        assert make_action("").live


class TestScheduledPublishing:
    def test_a_conflict_does_not_stop_the_others(self, caplog):
        make_action("title", name="First")
        loser = make_action("title", live=False)
        winner = make_action("intro", live=False)
        revision = scheduled(loser)
        scheduled(winner)
        with caplog.at_level(logging.WARNING):
            call_command("publish_scheduled")
        loser.refresh_from_db()
        winner.refresh_from_db()
        revision.refresh_from_db()
        assert (loser.live, winner.live) == (False, True)
        assert revision.approved_go_live_at is None
        assert "Not published by schedule" in caplog.text

    def test_the_reason_is_in_the_history_of_the_action(self):
        make_action("title", name="First")
        scheduled(make_action("title", live=False))
        call_command("publish_scheduled")
        entry = ModelLogEntry.objects.get(action="wagtail_llm_actions.publish_refused")
        assert "“First” already fills this field" in entry.formatter.format_message(entry)

    def test_a_conflict_in_the_future_may_be_scheduled(self):
        make_action("title")
        second = make_action("title", live=False)
        second.go_live_at = timezone.now() + timedelta(days=1)
        second.save_revision().publish()
        second.refresh_from_db()
        assert second.approved_schedule


class TestEnabled:
    def test_disabling_works_at_once_and_is_logged(self, admin):
        action = make_action()
        action.turn(False, admin)
        assert not LLMAction.objects.get(pk=action.pk).enabled
        assert ModelLogEntry.objects.get(action="wagtail_llm_actions.disable").user == admin

    def test_publishing_an_older_revision_does_not_enable(self, admin):
        action = make_action()
        old = action.latest_revision
        action.turn(False, admin)
        old.publish()
        assert not LLMAction.objects.get(pk=action.pk).enabled

    def test_saving_a_copy_that_was_loaded_before_does_not_enable(self, admin):
        action = make_action(sources={"intro": "intro"})
        stale = LLMAction.objects.get(pk=action.pk)
        action.turn(False, admin)
        stale.name = "Renamed"
        stale.sources = []
        stale.save()
        stored = LLMAction.objects.get(pk=action.pk)
        assert (stored.enabled, stored.name, stored.sources.count()) == (False, "Renamed", 0)


class TestProblem:
    def test_an_action_with_all_it_needs_has_none(self):
        assert make_action().problem(None) == ""

    def test_an_action_without_configuration_uses_the_default(self):
        action = make_action(llm_config=None)
        assert "there is no default one" in action.problem(None)
        assert action.problem(make_config(is_default=True)) == ""

    @pytest.mark.parametrize(
        ("values", "sentence"),
        [
            ({"live": False}, "is not published"),
            ({"enabled": False}, "is switched off"),
        ],
    )
    def test_its_own_state_is_said(self, values, sentence):
        assert sentence in make_action(**values).problem(None)

    def test_a_template_or_configuration_that_is_not_live_is_named(self):
        template = make_template(name="Draft text", live=False)
        config = make_config(name="Draft model", live=False)
        assert "“Draft text” is not published" in make_action(prompt_template=template).problem(
            None
        )
        action = make_action("intro", llm_config=config)
        assert "“Draft model” is not published" in action.problem(None)
        assert "“Draft model” is not published" in make_action("summary", llm_config=None).problem(
            config
        )


class TestSlugs:
    def test_a_new_slug_that_says_no_more_than_the_name_is_made_unique(self):
        make_template(name="Tides", slug="tides")
        new = type(make_template())(name="Tides", slug="tides")
        new.clean()
        assert new.slug == "tides-2"

    def test_a_slug_that_somebody_chose_is_left_as_it_is(self):
        stored = make_template(name="Tides", slug="tides")
        chosen = type(stored)(name="Ebb", slug="tides")
        chosen.clean()
        stored.name = "Tides"
        stored.clean()
        assert (chosen.slug, stored.slug) == ("tides", "tides")

    def test_a_blank_slug_is_made_from_the_name(self):
        make_template(name="Search description", slug="search-description")
        template = make_template(live=False)
        template.name, template.slug = "Search description", ""
        template.full_clean()
        assert template.slug == "search-description-2"


class TestDefaultConfiguration:
    def test_a_new_default_takes_the_place_of_the_former(self, admin):
        former = make_config(is_default=True)
        new = make_config(is_default=True)
        former.refresh_from_db()
        assert not former.is_default
        assert LLMConfig.objects.default() == new
        assert ModelLogEntry.objects.filter(action="wagtail_llm_actions.lose_default").count() == 1

    def test_a_draft_leaves_the_default_where_it_is(self):
        former = make_config(is_default=True)
        make_config(is_default=True, live=False)
        former.refresh_from_db()
        assert former.is_default
        assert LLMConfig.objects.default() == former

    def test_the_database_knows_one(self):
        make_config(is_default=True)
        with pytest.raises(IntegrityError), transaction.atomic():
            LLMConfig.objects.filter(pk=make_config().pk).update(is_default=True)

    def test_a_live_configuration_can_become_the_default(self):
        make_config(is_default=True)
        other = make_config()
        other.is_default = True
        other.save_revision(clean=True).publish()
        assert LLMConfig.objects.default() == other
