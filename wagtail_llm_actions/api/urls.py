"""Where the APIs stand in the admin. No view of them opens a transaction around a provider call."""

from django.urls import include, path, re_path

from wagtail_llm_actions.api.errors import nothing_here
from wagtail_llm_actions.api.external import make_session_api
from wagtail_llm_actions.api.router import make_api
from wagtail_llm_actions.api.transactions import outside_transactions

external = [*outside_transactions(make_session_api().urls[0]), re_path("", nothing_here)]
urlpatterns = [
    path("v1/", include((external, "llm_actions_admin_api"), namespace="v1")),
    *outside_transactions(make_api().urls[0]),
]
