"""How tokens are read, as the settings say."""

import pytest
from django.conf import settings as project
from django.core.exceptions import ImproperlyConfigured
from django.test import RequestFactory

from tests import factories
from tests.testapp import tokens
from wagtail_llm_actions.api import authentication
from wagtail_llm_actions.api.authentication import token_authentication
from wagtail_llm_actions.conf import NAME

pytestmark = pytest.mark.django_db


class ClassOfTheSite:
    """Reads tokens as an object, and sets the user itself."""

    def __call__(self, request):
        user = tokens.read_token(request)
        if user is None:
            return None
        request.user = user
        return {"token": "known"}


@pytest.fixture
def read_by(settings):
    """Return a function that names what reads tokens."""

    def name(path):
        setattr(settings, NAME, getattr(project, NAME) | {"API_AUTHENTICATION": path})

    return name


def request_of(token, user):
    request = RequestFactory().get("/", headers={"Authorization": f"Bearer {token}"})
    request.user = user
    return request


def test_before_wagtail_8_something_has_to_be_named(read_by, monkeypatch):
    read_by(None)
    monkeypatch.setattr(authentication, "WAGTAIL_8", False)
    with pytest.raises(ImproperlyConfigured, match="API_AUTHENTICATION"):
        token_authentication()


def test_what_is_not_there_is_named(read_by):
    read_by("no.such.thing")
    with pytest.raises(ImproperlyConfigured, match="API_AUTHENTICATION"):
        token_authentication()


@pytest.mark.parametrize("path", [f"{__name__}.ClassOfTheSite", "tests.testapp.tokens.read_token"])
def test_a_class_and_a_function_read_tokens(read_by, path, home):
    read_by(path)
    admin, user = factories.make_superuser(), factories.make_user()
    request = request_of(tokens.make_token(user), admin)
    assert token_authentication()(request)
    assert request.user == user
    stranger = request_of("nothing", admin)
    assert not token_authentication()(stranger)
    assert not stranger.user.is_authenticated
