"""Clients that show a token: Wagtail's own on 8.0, that of the test project before."""

from django.test import Client

from tests.testapp import tokens
from wagtail_llm_actions.compat import WAGTAIL_8

API = "/llm/v1"


def make_token(user) -> str:
    """Return a new token of a user."""
    if not WAGTAIL_8:
        return tokens.make_token(user)
    from wagtail.models import APIToken

    return APIToken.create_token(user=user, name="Test")[1]


def revoke_tokens(user) -> None:
    """Let no token of a user count any more."""
    if not WAGTAIL_8:
        tokens.revoked.add(tokens.make_token(user))
        return
    for token in user.api_tokens.all():
        token.revoke()


class TokenClient(Client):
    """A client of a user that shows their token and speaks JSON."""

    def __init__(self, user):
        super().__init__(headers={"Authorization": f"Bearer {make_token(user)}"})

    def send(self, method, path, body=None, **options):
        """Send a request; ``path`` is relative to the API."""
        data = {} if body is None else {"data": body, "content_type": "application/json"}
        return getattr(self, method.lower())(f"{API}{path}", **data, **options)
