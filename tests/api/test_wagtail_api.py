"""Our API within Wagtail's own one, mounted as the documentation says."""

import re
import sys
from pathlib import Path
from types import ModuleType

import pytest
from django.test import Client
from django.urls import clear_url_caches

from tests import factories
from tests.api import test_matrix
from tests.api.test_matrix import ALL, GUARDED, MATRIX, allowed_user, ask, endpoints
from tests.api.tokens import TokenClient
from tests.urls import urlpatterns as project_urls
from wagtail_llm_actions.api import external_urls
from wagtail_llm_actions.compat import WAGTAIL_8
from wagtail_llm_actions.models import LLMActionHistory
from wagtail_llm_actions.testing import reply_with

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not WAGTAIL_8, reason="Wagtail has no such API before 8.0"),
]

world, refused = test_matrix.world, test_matrix.refused
GUIDE = Path(__file__).resolve().parent.parent.parent / "docs/how-to/api-tokens.md"
WAGTAILS = "/api/v3"
API = f"{WAGTAILS}/llm-actions"


@pytest.fixture(autouse=True)
def urls(settings):
    """The URLs that the documentation says, and those of the admin."""
    (snippet,) = re.findall(
        r"^```python\n(# urls\.py\n[^`]*with_llm_actions[^`]*)```", GUIDE.read_text(), re.MULTILINE
    )
    module = ModuleType("urls_of_the_guide")
    exec(snippet, module.__dict__)
    module.urlpatterns += project_urls
    sys.modules[module.__name__] = module
    settings.ROOT_URLCONF = module.__name__
    clear_url_caches()
    yield module
    del sys.modules[module.__name__]


def test_it_has_the_same_endpoints(urls):
    """Nothing of ours is left out where it stands in Wagtail's."""
    whole = urls.urlpatterns[0].url_patterns
    (ours,) = [one for one in whole if str(one.pattern) == "llm-actions/"]
    assert set(endpoints(ours.url_patterns)) == set(endpoints(external_urls.urlpatterns))


def test_the_document_is_that_of_both(admin):
    document = Client().get(f"{WAGTAILS}/openapi.json").json()
    alone = TokenClient(admin).get("/llm/v1/openapi.json").json()
    ours = {path.replace("/llm/v1", API, 1) for path in alone["paths"]}
    assert ours < set(document["paths"])
    assert f"{WAGTAILS}/pages/" in document["paths"]
    operations = [one for path in document["paths"].values() for one in path.values()]
    names = [one["operationId"] for one in operations]
    assert len(names) == len(set(names))
    linked = {
        link["operationId"]
        for one in operations
        for response in one["responses"].values()
        for link in response.get("links", {}).values()
    }
    assert linked and linked < set(names)
    referred = set(re.findall(r'"#/components/schemas/(.+?)"', str(document).replace("'", '"')))
    assert referred <= set(document["components"]["schemas"])
    assert document["paths"][f"{API}/actions"]["get"]["security"] == [{"BearerTokenAuth": []}]
    assert "TokenAuthentication" not in document["components"]["securitySchemes"]


def test_wagtails_own_endpoints_stay_as_they_are(admin):
    assert TokenClient(admin).get(f"{WAGTAILS}/whoami/").json()["user"]["username"] == "admin"
    problem = Client().get(f"{WAGTAILS}/whoami/").json()
    assert problem["status"] == 401 and "code" not in problem
    assert Client().get(f"{WAGTAILS}/docs/").status_code == 200


def test_a_run_and_where_it_is(world, admin):
    """No transaction is open around the call: every test runs with ``ATOMIC_REQUESTS``."""
    with reply_with("The tide turns."):
        response = ask(TokenClient(admin), "POST runs", world, api=API)
    assert response.json()["output"] == "The tide turns."
    run = LLMActionHistory.objects.first()
    assert response["Location"] == f"{API}/runs/{run.pk}"
    assert TokenClient(admin).get(response["Location"]).json()["id"] == str(run.pk)


def test_what_goes_wrong_is_told_as_everywhere(admin):
    client = TokenClient(admin)
    for response, code in (
        (Client().get(f"{API}/actions"), "unauthenticated"),
        (client.get(f"{API}/nothing"), "no_such_address"),
        (client.get(f"{API}/actions/nothing"), "not_found"),
        (client.get(f"{API}/actions?limit=0"), "form_data"),
        (client.post(f"{API}/runs", "{", "application/json"), "bad_request"),
    ):
        assert response["Content-Type"] == "application/problem+json"
        assert response.json()["code"] == code


def test_a_session_lets_nobody_in(world, refused, admin_client):
    for endpoint in ALL:
        refused(admin_client, endpoint, {401}, api=API)


def test_without_a_right(world, refused):
    for endpoint in GUARDED:
        row = MATRIX[endpoint]
        user = factories.make_user(None, groups=row.groups)
        statuses = {404} if row.hides and not row.groups else {403}
        refused(TokenClient(user), endpoint, statuses, api=API)


def test_without_access_to_the_admin(world, refused):
    for endpoint in ALL:
        user = allowed_user(endpoint)
        user.groups.clear()
        user.user_permissions.remove(factories.permission("wagtailadmin.access_admin"))
        refused(TokenClient(user), endpoint, {403}, api=API)
