"""URLs of the test project."""

from django.urls import include, path
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

urlpatterns = [
    path("admin/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
    path("llm/v1/", include("wagtail_llm_actions.api.external_urls")),
    path("", include(wagtail_urls)),
]
