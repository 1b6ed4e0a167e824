"""Fixtures of the API for other programs."""

import pytest

from tests import factories
from tests.api.tokens import TokenClient


@pytest.fixture
def boss(admin):
    """The client of a user who may do everything, with a token."""
    return TokenClient(admin)


@pytest.fixture
def keeper(home):
    """Return a function that gives the client of a user with some rights, with a token."""

    def make(*permissions, **values):
        return TokenClient(factories.make_user(None, *permissions, **values))

    return make
