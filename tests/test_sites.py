"""Which sites are one's own, and what one sees and keeps of them where they are kept apart."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.models import GroupPagePermission, Page, Site

from tests import factories
from wagtail_llm_actions.models import LLMAction, LLMLimit
from wagtail_llm_actions.permissions import can_delete, can_save, can_turn, own_runs, visible_runs
from wagtail_llm_actions.sites import may_keep, may_see, own_sites, seen_by, sites_for

pytestmark = pytest.mark.django_db

SEE_ALL = "view_llmactionhistory"


def names(rows):
    return {str(row).rpartition(" ")[2] for row in rows}


def test_nothing_is_kept_apart_by_default(home):
    site = factories.make_site()
    person = factories.make_site_user(site, "change_llmaction", "publish_llmaction", SEE_ALL)
    action = factories.make_action(site=Site.objects.get(is_default_site=True))
    run = factories.make_run(action, site=action.site)
    assert own_sites(person) is None
    assert set(sites_for(person)) == set(Site.objects.all())
    assert list(seen_by(person, LLMAction.objects.all())) == [action]
    assert may_see(person, action) and may_keep(person, action) and can_save(person, action)
    assert list(visible_runs(person)) == [run]


@pytest.mark.parametrize("right", ["add_page", "change_page", "publish_page", "lock_page"])
def test_any_permission_on_pages_makes_a_site_ones_own(apart, right):
    assert own_sites(apart.person(right=right)) == {apart.here.pk}


def test_a_permission_on_a_part_of_the_tree_does_too(apart):
    group = factories.make_group("Authors of one page")
    GroupPagePermission.objects.create(
        group=group,
        page=apart.pages["there"],
        permission=factories.permission("wagtailcore.add_page"),
    )
    author = factories.make_user("author", groups=["Authors of one page"])
    assert own_sites(author) == {apart.there.pk}


def test_of_sites_within_each_other_a_page_is_of_the_innermost(apart):
    inner = factories.make_page(Page, parent=apart.pages["there"], title="Inner")
    site = Site.objects.create(hostname="inner.example", root_page=inner)
    assert own_sites(factories.make_site_user(site)) == {site.pk}
    assert own_sites(apart.person(site="there")) == {apart.there.pk, site.pk}


def test_who_has_every_site_is_held_back_from_nothing(apart, admin, editor):
    assert own_sites(admin) is None
    assert own_sites(editor) is None  # Wagtail's editors have the root of all pages
    person = apart.person()
    person.groups.add(*apart.person(site="there").groups.all())
    assert own_sites(person) is None
    assert may_keep(person, apart.actions["all"])


def test_who_has_no_pages_has_no_site(apart, stranger):
    assert own_sites(stranger) == frozenset()
    assert names(seen_by(stranger, LLMAction.objects.all())) == {"all"}
    assert own_sites(AnonymousUser()) == frozenset()


@pytest.mark.parametrize("model", [LLMAction, LLMLimit])
def test_one_sees_ones_own_and_what_is_for_all_and_keeps_ones_own(apart, model):
    person = apart.person()
    rows = list(model.objects.all())
    assert len(rows) == 3
    assert names(seen_by(person, model.objects.all())) == {"here", "all"}
    assert names(row for row in rows if may_see(person, row)) == {"here", "all"}
    assert names(row for row in rows if may_keep(person, row)) == {"here"}


def test_a_limit_on_an_action_of_another_site_is_of_that_site(apart):
    person = apart.person()
    limits = [
        factories.make_limit(action=apart.actions["there"]),
        factories.make_limit(action=apart.actions["there"], site=apart.here),
    ]
    for limit in limits:
        assert not may_see(person, limit) and not may_keep(person, limit)
    assert not set(limits) & set(seen_by(person, LLMLimit.objects.all()))


def test_templates_and_configurations_are_of_all_sites(apart):
    person, template = apart.person(), apart.actions["there"].prompt_template
    assert may_see(person, template) and may_keep(person, template)
    assert template in seen_by(person, type(template).objects.all())


def test_the_sites_of_a_user_are_asked_for_once(apart):
    person = apart.person()
    own_sites(person)
    with CaptureQueriesContext(connection) as queries:
        own_sites(person)
    assert len(queries) == 0


def test_actions_are_kept_by_who_keeps_their_site(apart):
    person = apart.person("change_llmaction", "publish_llmaction", "delete_llmaction")
    for ask in (can_save, can_delete, can_turn):
        told = {name: ask(person, action) for name, action in apart.actions.items()}
        assert told == {"here": True, "there": False, "all": False}, ask


def test_who_sees_every_run_sees_those_of_their_sites(apart, admin):
    person = apart.person(SEE_ALL, "view_llmcost")
    assert set(visible_runs(person)) == {apart.runs["here"]}
    own = factories.make_run(user=person, site=apart.there)
    assert set(visible_runs(person)) == {apart.runs["here"], own}
    assert visible_runs(admin).count() == 4


def test_runs_on_an_object_that_moved_stay_with_the_site_they_were_made_on(apart):
    person = apart.person()
    run = factories.make_run(target=apart.pages["here"], site=apart.there)
    assert run not in visible_runs(person) and run not in own_runs(person)
    assert apart.runs["here"] in own_runs(person)


def test_runs_on_what_is_of_no_site_are_seen_by_who_may_edit_it(apart, admin):
    shared = factories.make_run(target=apart.pages["here"], user=admin)
    assert shared in visible_runs(apart.person())
    assert shared not in visible_runs(apart.person(SEE_ALL, site="there"))


def test_the_receipt_outlives_the_site(apart):
    apart.there.delete()
    run = type(apart.runs["there"]).objects.get(pk=apart.runs["there"].pk)
    assert (run.site, run.site_name) == (None, "there.example:80")
