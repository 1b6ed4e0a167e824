"""Fixtures that every part of the suite uses."""

from dataclasses import dataclass

import pytest
from django.test import Client
from wagtail.models import Page, Site

from tests import factories
from wagtail_llm_actions.models import LLMAction, LLMActionHistory, LLMLimit


@pytest.fixture
def home(db):
    """The root page of the default site."""
    return factories.make_home()


@pytest.fixture
def admin(home):
    """A user who may do everything."""
    return factories.make_superuser()


@pytest.fixture
def moderator(home):
    """A user who may publish every page and run LLM actions."""
    return factories.make_user("moderator", "run_llmaction", groups=["Moderators"])


@pytest.fixture
def editor(home):
    """A user who may edit every page and run LLM actions."""
    return factories.make_user("editor", "run_llmaction", groups=["Editors"])


@pytest.fixture
def stranger(home):
    """A user who may enter the admin, and nothing else."""
    return factories.make_user("stranger")


@pytest.fixture
def client_of():
    """Return a function that gives a user's logged-in client."""

    def make(user) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return make


@pytest.fixture
def admin_client(admin, client_of):
    """The client of a user who may do everything."""
    return client_of(admin)


@pytest.fixture
def editor_client(editor, client_of):
    """The client of a user who may edit every page and run LLM actions."""
    return client_of(editor)


@dataclass
class Apart:
    """Two sites that are kept apart, each with a page, an action, a limit and a run of somebody."""

    here: Site
    there: Site
    pages: dict[str, Page]
    actions: dict[str, LLMAction]
    """By the site that they are for: ``"here"``, ``"there"``, ``"all"``; so are the others."""
    limits: dict[str, LLMLimit]
    runs: dict[str, LLMActionHistory]

    def person(self, *permissions, site="here", **values):
        """Return somebody of one site."""
        return factories.make_site_user(getattr(self, site), *permissions, **values)


@pytest.fixture
def apart(home, settings):
    """Two sites that are kept apart."""
    settings.WAGTAIL_LLM_ACTIONS = settings.WAGTAIL_LLM_ACTIONS | {"SEPARATE_SITES": True}
    here, there = Site.objects.get(), factories.make_site("there.example")
    sites = {"here": here, "there": there, "all": None}
    pages = {
        name: factories.make_page(parent=site.root_page, title=f"Page {name}", intro="The tide.")
        for name, site in sites.items()
        if site
    }
    config = factories.make_config(is_default=True)
    actions = {
        name: factories.make_action(
            "summary", slug=f"of-{name}", name=f"Action {name}", site=site, llm_config=config
        )
        for name, site in sites.items()
    }
    return Apart(
        here=here,
        there=there,
        pages=pages,
        actions=actions,
        limits={
            name: factories.make_limit(name=f"Limit {name}", site=site)
            for name, site in sites.items()
        },
        runs={
            name: factories.make_run(
                actions[name],
                target=pages.get(name),
                site=site,
                site_name=f"{site.hostname}:{site.port}" if site else "",
                cost=1,
                username="somebody",
            )
            for name, site in sites.items()
        },
    )
