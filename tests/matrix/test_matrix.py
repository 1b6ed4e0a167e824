"""
Every place, under every condition that refuses: no call, no change, and nothing is told.

The places are read from the URL configuration, so that one without a row fails. What a row does not
say is refused must answer as ever, so that no row can say too little.
"""

from collections.abc import Callable, Iterator
from itertools import product

import pytest
from django.test import Client

from tests import factories
from tests.api.tokens import TokenClient, revoke_tokens
from tests.matrix import worlds
from tests.matrix.asking import Outcome, ask
from tests.matrix.places import ADMIN_TWIN, TOKEN_API, all_places, is_read
from tests.matrix.row import EDIT, FIELD, FOREIGN, LOCK, SITE, SOURCE, Row
from tests.matrix.rows import MATRIX
from tests.matrix.worlds import (
    EVERYTHING,
    OF_ALL,
    OF_FIELD,
    OF_OBJECT,
    OF_SITE,
    make_world,
    snapshot,
)
from wagtail_llm_actions.models import LLMActionHistory

pytestmark = pytest.mark.django_db

SEES_ALL = "view_llmactionhistory"
"""Takes the place of the right to edit an object, where runs are only looked at."""
ALL_MARKS = (OF_OBJECT, OF_FIELD, OF_SITE, OF_ALL)
AMOUNTS = tuple(f(worlds.MONEY) for f in (str, "{:,}".format))

By = Callable[[Row], object]
"""Who asks, by the row."""


def test_every_place_has_a_row():
    assert all_places() == set(MATRIX)


@pytest.fixture
def world(home):
    return make_world()


@pytest.fixture
def outcomes(world, caplog):
    """Return a function that asks places, each as the user for it, and yields what came of it."""

    def ask_all(places: list[str], user_for: By, client_for=None) -> Iterator[tuple[str, Outcome]]:
        before = snapshot()
        for place in places:
            client = (client_for or client_of)(place, user_for(MATRIX[place]))
            yield place, ask(client, place, world, before, caplog)

    return ask_all


def client_of(place: str, user, **options) -> Client:
    if place.partition(" ")[2].startswith(TOKEN_API):
        return TokenClient(user)
    client = Client(**options)
    client.force_login(user)
    return client


def told(outcome: Outcome, marks=ALL_MARKS) -> list[str]:
    return [mark for mark in marks if mark in outcome.said]


def faults_of_refusals(outcomes, marks=ALL_MARKS) -> list[str]:
    """Return what is wrong with outcomes that should all be refusals."""
    faults = []
    for place, outcome in outcomes:
        if not outcome.is_refusal:
            faults.append(f"{place} answers {outcome.status} {outcome.url}")
        if outcome.called or outcome.changed:
            faults.append(f"{place} called {outcome.called}, changed {outcome.changed}")
        if found := told(outcome, marks):
            faults.append(f"{place} tells {found}")
    return faults


def faults_under(condition: str, outcomes, marks) -> list[str]:
    """Return what is wrong where some places refuse, and the others answer as ever."""
    faults = []
    for place, outcome in outcomes:
        row = MATRIX[place]
        if condition in row.refused:
            faults += faults_of_refusals([(place, outcome)], marks)
            continue
        if outcome.status != row.answer or bool(outcome.changed) != row.changes:
            faults.append(f"{place} answers {outcome.status}, changed {outcome.changed}")
        if found := told(outcome, marks):
            faults.append(f"{place} tells {found}")
    return faults


EVERYWHERE = sorted(MATRIX)
ONCE = [place for place in EVERYWHERE if ADMIN_TWIN not in place]
"""Without the second mount of the same endpoints, whose door alone is another one."""
BY_TOKEN = [place for place in EVERYWHERE if f" {TOKEN_API}" in place]
BY_SESSION = [place for place in EVERYWHERE if place not in BY_TOKEN]
GUARDED = [place for place in ONCE if MATRIX[place].rights]
KNOWS_NO_OBJECT = (
    "prompttemplate",
    "llmconfig",
    "templates/",
    "configs/",
    "limits/",
    "/llmaction/",
)
"""What shows and keeps the package's own rows, as Wagtail does with any, asks nothing of objects."""
ABOUT_OBJECTS = [place for place in ONCE if not any(name in place for name in KNOWS_NO_OBJECT)]


def test_what_is_open_to_everybody_in_the_admin_is_little():
    """It says nothing of the site."""
    closed = {place for place in ONCE if MATRIX[place].rights or MATRIX[place].refused}
    assert {place for place in ONCE if MATRIX[place].answer != 404} - closed == {
        "GET admin/llm-actions/dialog/",
        "GET admin/llm-actions/editor-assets/",
        "GET llm/v1/openapi.json",
    }


def test_without_session_and_token(outcomes):
    assert not faults_of_refusals(outcomes(EVERYWHERE, lambda row: None, lambda *_: Client()))


def test_without_access_to_the_admin(outcomes):
    user = factories.make_user(None, *EVERYTHING)
    user.user_permissions.remove(factories.permission("wagtailadmin.access_admin"))
    assert not faults_of_refusals(outcomes(EVERYWHERE, lambda row: user))


def test_with_a_token_that_was_revoked_or_never_given(outcomes):
    user = factories.make_superuser("boss")
    client = TokenClient(user)
    revoke_tokens(user)
    assert not faults_of_refusals(outcomes(BY_TOKEN, lambda row: user, lambda *_: client))
    nobody = Client(headers={"Authorization": "Bearer nobody"})
    assert not faults_of_refusals(outcomes(BY_TOKEN, lambda row: user, lambda *_: nobody))


def test_with_a_session_instead_of_a_token(outcomes, admin_client):
    assert not faults_of_refusals(outcomes(BY_TOKEN, lambda row: None, lambda *_: admin_client))


def test_with_token_or_session_of_who_was_deactivated(outcomes):
    user = factories.make_superuser("boss")
    clients = {place: client_of(place, user) for place in EVERYWHERE}
    user.is_active = False
    user.save()
    assert not faults_of_refusals(
        outcomes(EVERYWHERE, lambda row: user, lambda place, _user: clients[place])
    )


def test_without_a_csrf_token(outcomes, admin):
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin)
    places = [place for place in BY_SESSION if not is_read(place)]
    assert not faults_of_refusals(outcomes(places, lambda row: admin, lambda *_: client))


@pytest.fixture
def holder():
    """Return a function that gives a user who may edit every page, with these permissions."""
    users = {}

    def make(*rights):
        if rights not in users:
            users[rights] = factories.make_user(None, *rights, groups=("Editors",))
        return users[rights]

    return make


def test_without_one_of_the_rights_that_it_takes(outcomes, holder):
    """Whoever asks has every other one."""
    faults = []
    for place in GUARDED:
        row = MATRIX[place]
        for right in row.rights:
            user = holder(*(one for one in EVERYTHING if one not in right.split("|")))
            [(_place, outcome)] = outcomes([place], lambda row, user=user: user)
            if row.is_quiet:
                faults += [f"{place} tells {told(outcome)}"] * bool(told(outcome))
            else:
                faults += faults_of_refusals([(f"{place} without {right}", outcome)])
    assert not faults, "\n".join(faults)


def alternatives(right: str, place: str) -> list[str]:
    """Return each right that is enough; for a page, whose making takes a while, the first and the last."""
    found = right.split("|")
    is_quick = place in BY_TOKEN or "/api/" in place
    return found if is_quick else sorted({found[0], found[-1]})


@pytest.mark.parametrize("half", [0, 1])
def test_with_no_other_rights_than_those(outcomes, holder, half):
    """Otherwise a row would say nothing: what always fails is always refused."""
    faults = []
    for place in ONCE[half::2]:
        row = MATRIX[place]
        for rights in product(*(alternatives(right, place) for right in row.rights)):
            user = holder(*rights)
            [(_place, outcome)] = outcomes([place], lambda row, user=user: user)
            if outcome.status != row.answer or bool(outcome.changed) != row.changes:
                said = f"{outcome.status} {outcome.url}, changed {outcome.changed}"
                faults.append(f"{place} with {rights}: {said}")
    assert not faults, "\n".join(faults)


def everything_but(*missing):
    return [right for right in EVERYTHING if right not in missing]


def test_without_the_right_to_edit_the_object(outcomes):
    user = factories.make_user(None, *everything_but(SEES_ALL))
    found = outcomes(ABOUT_OBJECTS, lambda row: user)
    assert not faults_under(EDIT, found, (OF_OBJECT, OF_FIELD))


def test_where_somebody_else_has_locked_the_object(outcomes, world, holder):
    worlds.lock(world)
    user = holder(*everything_but(SEES_ALL))
    assert not faults_under(LOCK, outcomes(ABOUT_OBJECTS, lambda row: user), (OF_FIELD,))


def test_where_the_field_is_not_shown_to_the_user(outcomes, world, holder):
    worlds.aim_at_hidden_field(world)
    user = holder(*everything_but(SEES_ALL))
    assert not faults_under(FIELD, outcomes(ABOUT_OBJECTS, lambda row: user), (OF_FIELD,))


def test_where_a_source_is_not_shown_to_the_user(outcomes, world, holder):
    worlds.read_hidden_field(world)
    user = holder(*everything_but(SEES_ALL))
    assert not faults_under(SOURCE, outcomes(ABOUT_OBJECTS, lambda row: user), (OF_FIELD,))


def test_for_the_people_of_another_site(outcomes, world, settings):
    settings.WAGTAIL_LLM_ACTIONS = settings.WAGTAIL_LLM_ACTIONS | {"SEPARATE_SITES": True}
    site = factories.make_site("there.example")
    world.own_site = str(site.pk)
    user = factories.make_site_user(site, *EVERYTHING)
    found = outcomes(ONCE, lambda row: user)
    assert not faults_under(SITE, found, (OF_OBJECT, OF_FIELD, OF_SITE))


def test_for_an_action_of_another_site(outcomes, world, settings):
    """The page is on one's own; there one may save a first action, which takes a prompt."""
    settings.WAGTAIL_LLM_ACTIONS = settings.WAGTAIL_LLM_ACTIONS | {"SEPARATE_SITES": True}
    world.action.site = factories.make_site("there.example")
    world.action.save_revision().publish()
    world.own_site = str(world.site.pk)
    user = factories.make_site_user(world.site, *EVERYTHING)
    LLMActionHistory.objects.update(action_name="")  # which runs keep, wherever the action is now
    places = [place for place in ONCE if not place.endswith("actions/save")]
    found = outcomes(places, lambda row: user)
    faults = faults_under(FOREIGN, found, (OF_SITE,))
    assert not faults, "\n".join(faults)


def test_what_runs_have_cost_is_told_to_who_may_see_money(outcomes, holder):
    places = [place for place in ABOUT_OBJECTS if is_read(place)]
    blind, seeing = holder(*everything_but("view_llmcost")), holder(*EVERYTHING)
    assert not [place for place, one in outcomes(places, lambda row: blind) if told(one, AMOUNTS)]
    assert [place for place, one in outcomes(places, lambda row: seeing) if told(one, AMOUNTS)]
