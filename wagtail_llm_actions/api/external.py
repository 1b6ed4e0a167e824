"""
The API for other programs, made by a factory: mounted in the admin, and where the project likes.

Both have the same endpoints. In the admin it takes the session and the CSRF token, elsewhere tokens.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.openapi.schema import get_schema
from ninja.responses import Response

from wagtail_llm_actions import __version__
from wagtail_llm_actions.api.authentication import SessionAuthentication, token_authentication
from wagtail_llm_actions.api.description import described
from wagtail_llm_actions.api.errors import answer_errors
from wagtail_llm_actions.api.history import make_runs_router
from wagtail_llm_actions.api.limits import make_limits_router
from wagtail_llm_actions.api.providers import make_providers_router
from wagtail_llm_actions.api.rows import RESOURCES, make_rows_router
from wagtail_llm_actions.api.usage import make_usage_router

DESCRIPTION = """
LLM actions, prompt templates, LLM configurations and limits; runs of actions on saved objects; their history.

Every error is a problem document (RFC 9457) with a `code` that never changes. Lists take `limit`, 100
at most. A change names the version that was read, by `If-Match` or `version`.
"""


def make_external_api(auth: Any = None, *, namespace: str = "llm_actions") -> NinjaAPI:
    """
    Return the API for other programs.

    :param auth: as django-ninja takes it; ``None`` for tokens, as ``API_AUTHENTICATION`` says.
    :param namespace: of its URLs.
    :raises ImproperlyConfigured: if nothing says how tokens are read.
    """
    api = NinjaAPI(
        title="LLM actions",
        version=__version__,
        description=DESCRIPTION.strip(),
        urls_namespace=namespace,
        auth=auth or token_authentication(),
        docs_url=None,
        openapi_url=None,
    )
    for resource in RESOURCES:
        api.add_router(f"/{resource.name}", make_rows_router(resource))
    api.add_router("/limits", make_limits_router())
    api.add_router("/providers", make_providers_router())
    api.add_router("/runs", make_runs_router())
    api.add_router("/usage", make_usage_router())
    _add_description(api)
    answer_errors(api)
    return api


def make_session_api() -> NinjaAPI:
    """Return the API as it is mounted in Wagtail's admin: session and CSRF token."""
    return make_external_api(SessionAuthentication(), namespace="llm_actions_admin_api")


def _add_description(api: NinjaAPI) -> None:
    @api.get("/openapi.json", url_name="openapi", include_in_schema=False)
    def openapi(request: HttpRequest) -> HttpResponse:
        """Describe the API, for whoever is let in."""
        base = request.path.removesuffix("openapi.json")
        return Response(described(get_schema(api, path_prefix=base)))
