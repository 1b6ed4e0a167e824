"""
Our API within Wagtail's own one, which there is from Wagtail 8.0 on; mounted by the project.

It stands beside Wagtail's routers instead of being one of them, since theirs share one handling of
errors: so ours stay problem documents with a code, and no transaction is open around a provider call.
"""

import json
from functools import partial
from typing import Any

from django.urls import include, path, re_path
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.openapi.schema import get_schema
from ninja.responses import NinjaJSONEncoder
from wagtail.api.v3.auth import BearerTokenAuth as WagtailTokens

from wagtail_llm_actions.api.authentication import TokenAuthentication
from wagtail_llm_actions.api.description import described
from wagtail_llm_actions.api.errors import nothing_here
from wagtail_llm_actions.api.external import make_external_api
from wagtail_llm_actions.api.transactions import endpoints_of

PLACE = "llm-actions/"
"""Where ours is in Wagtail's."""
NAMESPACE = "llm_actions"


class BearerTokenAuth(TokenAuthentication):
    """Wagtail's tokens, of who is let into the admin; described as Wagtail's own routers do."""


def with_llm_actions(api: NinjaAPI) -> tuple[list[Any], str, str]:
    """
    Return the URLs of Wagtail's API with ours in it, to be mounted instead of ``api.urls``.

    The OpenAPI document and the interactive documentation are those of both.
    """
    ours = make_external_api(BearerTokenAuth(WagtailTokens()), namespace=NAMESPACE)
    patterns = [*endpoints_of(ours), re_path("", csrf_exempt(nothing_here))]
    # There is no hook for what stands beside its routers.
    setattr(api, "get_openapi_schema", partial(_description_of_both, api, ours))  # noqa: B010
    whole, app_name, namespace = api.urls
    mounted = path(PLACE, include((patterns, NAMESPACE), namespace=NAMESPACE))
    return [*whole[:-1], mounted, whole[-1]], app_name, namespace


def _description_of_both(api: NinjaAPI, ours: NinjaAPI, **options: Any) -> dict[str, Any]:
    """Return the document of Wagtail's API with what ours says in it."""
    whole: dict[str, Any] = type(api).get_openapi_schema(api, **options)
    base = options.get("path_prefix") or api.get_root_path(options.get("path_params") or {})
    added = _set_apart(described(get_schema(ours, path_prefix=f"{base}{PLACE}")))
    whole["paths"] |= added["paths"]
    for name, components in added["components"].items():
        whole["components"].setdefault(name, {}).update(components)
    return whole


def _set_apart(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a document whose schemas and operations have names that no other has."""
    schemas, mark = schema["components"]["schemas"], "LLM"
    schema["components"]["schemas"] = {f"{mark}{name}": one for name, one in schemas.items()}
    written = json.dumps(schema, cls=NinjaJSONEncoder)
    written = written.replace('"#/components/schemas/', f'"#/components/schemas/{mark}')
    return json.loads(written.replace('"operationId": "', '"operationId": "llm_'))
