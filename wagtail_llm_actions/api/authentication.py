"""
Who asks: a session of the admin, or a token.

Whoever asks from outside acts with all the rights of their user, and has to be let into the admin.
"""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.utils.module_loading import import_string
from django.utils.translation import gettext
from ninja.security import HttpBearer, SessionAuth

from wagtail_llm_actions.compat import WAGTAIL_8
from wagtail_llm_actions.conf import NAME, settings
from wagtail_llm_actions.exceptions import PermissionRefusedError

WAGTAIL_TOKENS = "wagtail.api.v3.auth.BearerTokenAuth"


def token_authentication() -> HttpBearer:
    """
    Return how tokens are read: as ``API_AUTHENTICATION`` says, or as Wagtail does.

    :raises ImproperlyConfigured: if nothing says how, or it cannot be imported.
    """
    path = settings.API_AUTHENTICATION or (WAGTAIL_TOKENS if WAGTAIL_8 else "")
    if not path:
        raise ImproperlyConfigured(
            f"{NAME}['API_AUTHENTICATION'] has to name what reads tokens: Wagtail has none before 8.0."
        )
    try:
        found = import_string(path)
    except ImportError as error:
        raise ImproperlyConfigured(f"{NAME}['API_AUTHENTICATION']: {error}") from error
    return TokenAuthentication(found() if isinstance(found, type) else found)


class TokenAuthentication(HttpBearer):
    """
    Lets in whom a class or function of the site knows by their token.

    That is called with the request and sets ``request.user``, or returns the user; what it returns
    is false if it does not know the token.
    """

    def __init__(self, known: Callable[[HttpRequest], Any]):
        super().__init__()
        self._known = known

    def __call__(self, request: HttpRequest) -> Any:
        request.user = AnonymousUser()  # a session lets nobody in here
        found = self._known(request)
        if not found:
            return None
        if hasattr(found, "is_authenticated"):
            request.user = found
        return found if admitted(request) else None

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        """Do nothing: the site's own class reads the header."""


class SessionAuthentication(SessionAuth):
    """Lets in who is logged in, with the CSRF token of the session where something is changed."""

    def authenticate(self, request: HttpRequest, key: str | None) -> Any:
        """Return the user, if they are let into the admin."""
        return request.user if admitted(request) else None


def admitted(request: HttpRequest) -> bool:
    """
    Return whether somebody is logged in.

    :raises PermissionRefusedError: if they are, but have nothing to do in the admin.
    """
    user: Any = request.user
    if not user.is_authenticated or not user.is_active:
        return False
    if not user.has_perm("wagtailadmin.access_admin"):
        raise PermissionRefusedError(
            f"user {user.pk} may not enter the admin",
            user_message=gettext("You do not have permission to enter the admin."),
        )
    return True
