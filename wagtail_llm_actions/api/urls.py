"""Where the APIs stand in the admin. No view of them opens a transaction around a provider call."""

from django.urls import URLPattern, URLResolver, include, path, re_path

from wagtail_llm_actions.api.errors import nothing_here
from wagtail_llm_actions.api.external import make_session_api
from wagtail_llm_actions.api.router import make_api
from wagtail_llm_actions.api.transactions import endpoints_of

external = [*endpoints_of(make_session_api()), re_path("", nothing_here)]
urlpatterns: list[URLPattern | URLResolver] = [
    path("v1/", include((external, "llm_actions_admin_api"), namespace="v1")),
    *endpoints_of(make_api()),
]
