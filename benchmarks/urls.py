"""The URLs of the test project, and an admin view that does nothing."""

from django.http import HttpResponse
from django.urls import path
from wagtail.admin.auth import require_admin_access

from tests.urls import urlpatterns as project_urls


@require_admin_access
def do_nothing(request):
    """Answer an empty page, to whoever may enter the admin."""
    return HttpResponse()


urlpatterns = [path("admin/nothing/", do_nothing), *project_urls]
