"""
The API for other programs, to be included by the project: ``include("…api.external_urls")``.

Who asks shows a token. No view opens a transaction around a provider call.
"""

from django.urls import re_path
from django.views.decorators.csrf import csrf_exempt

from wagtail_llm_actions.api.errors import nothing_here
from wagtail_llm_actions.api.external import make_external_api
from wagtail_llm_actions.api.transactions import endpoints_of

app_name = "llm_actions"
urlpatterns = [
    *endpoints_of(make_external_api()),
    re_path("", csrf_exempt(nothing_here)),
]
