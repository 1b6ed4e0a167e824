"""The groups that a site can have at once."""

import io

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import CommandError, call_command
from django.urls import reverse

from tests import factories
from wagtail_llm_actions.engine import ROLES

pytestmark = pytest.mark.django_db

NAMES = ["LLM editors", "LLM authors", "LLM managers", "LLM administrators", "LLM auditors"]


def run(*arguments, **options):
    out = io.StringIO()
    call_command("llm_groups", *arguments, stdout=out, **options)
    return out.getvalue()


def permissions_of(name):
    found = Group.objects.get(name=name).permissions.values_list(
        "content_type__app_label", "codename"
    )
    return {".".join(one) for one in found}


def ours():
    return Group.objects.filter(name__startswith="LLM")


def test_each_role_gets_a_group_with_its_permissions():
    said = run()
    assert [line for line in said.splitlines() if line[0] == "+"] == [f"+ {name}" for name in NAMES]
    for role in ROLES:
        assert permissions_of(str(role.name)) == set(role.permissions)
    assert permissions_of("LLM editors") == {"wagtail_llm_actions.run_llmaction"}


def test_a_second_run_changes_nothing():
    run()
    before = {name: permissions_of(name) for name in NAMES}
    assert run() == "".join(f"= {name}\n" for name in NAMES)
    assert {name: permissions_of(name) for name in NAMES} == before
    assert ours().count() == len(NAMES)


def test_a_dry_run_shows_what_would_change_and_changes_nothing():
    said = run("--dry-run", "--only", "editors")
    assert said == "+ LLM editors\n    + wagtail_llm_actions.run_llmaction\nNothing was saved.\n"
    assert not ours().exists()
    run()
    authors = Group.objects.get(name="LLM authors")
    authors.permissions.remove(factories.permission("wagtail_llm_actions.customise_llmaction"))
    said = run("--dry-run", "--only", "authors")
    assert said.startswith("~ LLM authors\n    + wagtail_llm_actions.customise_llmaction\n")
    assert authors.permissions.count() == 1


def test_what_an_administrator_gave_stays():
    group = Group.objects.create(name="LLM editors")
    group.permissions.add(factories.permission("wagtail_llm_actions.view_llmcost"))
    user = factories.make_user()
    user.groups.add(group)
    said = run("--only", "editors")
    assert "    = wagtail_llm_actions.view_llmcost (not of the role, stays)\n" in said
    assert permissions_of("LLM editors") == {
        "wagtail_llm_actions.run_llmaction",
        "wagtail_llm_actions.view_llmcost",
    }
    assert list(user.groups.all()) == [group]


def test_only_some_roles_are_made():
    run("--only", "authors", "auditors")
    assert set(ours().values_list("name", flat=True)) == {"LLM authors", "LLM auditors"}
    with pytest.raises(CommandError, match="kings"):
        run("--only", "kings")


def test_names_are_of_a_language_and_found_again_in_another(settings):
    settings.LANGUAGES = [("en-gb", "English"), ("de", "Deutsch")]
    run("--only", "editors", "--language", "de")
    group = Group.objects.exclude(name__startswith="LLM editors").get(
        permissions__codename="run_llmaction"
    )
    assert group.name == "LLM-Redaktion"
    assert run("--only", "editors") == "= LLM-Redaktion\n"


def test_a_permission_that_is_not_there_is_named_and_nothing_is_made():
    Permission.objects.filter(codename="change_llmactionsswitch").delete()
    with pytest.raises(CommandError, match=r"change_llmactionsswitch.*migrations"):
        run()
    assert not ours().exists()


@pytest.fixture
def client_as(home, client_of):
    """Return a function that gives the client of somebody in the group of one role alone."""

    def make(name):
        run()
        user = factories.make_user()
        user.user_permissions.clear()
        user.groups.add(Group.objects.get(name=name))
        return client_of(user)

    return make


ADD_ACTION = "wagtailsnippets_wagtail_llm_actions_llmaction:add"
ADD_CONFIG = "wagtailsnippets_wagtail_llm_actions_llmconfig:add"
LIST_ACTIONS = "wagtailsnippets_wagtail_llm_actions_llmaction:list"
LIMITS = "wagtail_llm_actions_limits:index"
RUNS = "wagtail_llm_actions:run_list"
SWITCH = "wagtail_llm_actions:switch"


@pytest.mark.parametrize(
    ("name", "open_to_it"),
    [
        ("LLM managers", {ADD_ACTION, LIST_ACTIONS, RUNS}),
        ("LLM administrators", {ADD_CONFIG, LIST_ACTIONS, LIMITS, RUNS, SWITCH}),
        ("LLM auditors", {LIST_ACTIONS, LIMITS, RUNS}),
    ],
)
def test_a_role_opens_what_it_is_for_and_nothing_else(client_as, name, open_to_it):
    client = client_as(name)
    pages = [ADD_ACTION, ADD_CONFIG, LIST_ACTIONS, LIMITS, RUNS, SWITCH]
    assert {page for page in pages if client.get(reverse(page)).status_code == 200} == open_to_it
