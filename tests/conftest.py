"""Fixtures that every part of the suite uses."""

import pytest
from django.test import Client

from tests import factories


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
