"""URLs of the sandbox: English at the root, every other language under its code."""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.conf.urls.static import static
from django.urls import include, path
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

from wagtail_llm_actions.compat import WAGTAIL_8

urlpatterns = [
    path("admin/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
    *([path("api/llm/", include("wagtail_llm_actions.api.external_urls"))] if WAGTAIL_8 else []),
    *static(settings.MEDIA_URL, document_root=settings.MEDIA_ROOT),
    *i18n_patterns(path("", include(wagtail_urls)), prefix_default_language=False),
]
