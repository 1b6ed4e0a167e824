"""Our API within Wagtail's own one, mounted as the documentation says."""

import re
import sys
from pathlib import Path
from types import ModuleType
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import clear_url_caches

from tests import factories
from tests.api.tokens import TokenClient
from tests.matrix.asking import path_of, undone
from tests.matrix.places import TOKEN_API
from tests.matrix.rows import MATRIX
from tests.matrix.worlds import EVERYTHING, OF_ALL, OF_OBJECT, OF_SITE, make_world
from tests.urls import urlpatterns as project_urls
from wagtail_llm_actions.api import external_urls
from wagtail_llm_actions.compat import WAGTAIL_8
from wagtail_llm_actions.models import LLMActionHistory
from wagtail_llm_actions.testing import reply_with

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not WAGTAIL_8, reason="Wagtail has no such API before 8.0"),
]

GUIDE = Path(__file__).resolve().parent.parent.parent / "docs/how-to/api-tokens.md"
WAGTAILS = "/api/v3"
API = f"{WAGTAILS}/llm-actions"
PLACES = [place for place in sorted(MATRIX) if f" {TOKEN_API}" in place and MATRIX[place].rights]


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


@pytest.fixture
def world(home):
    return make_world()


def ask(client, place, world):
    """Send the request of a place where it is in Wagtail's API, and undo what it did."""
    method, row = place.partition(" ")[0].lower(), MATRIX[place]
    url = f"{API}/{path_of(place, world).removeprefix(TOKEN_API)}?{urlencode(row.query(world))}"
    data = {"data": row.body(world), "content_type": "application/json"}
    with undone(), reply_with("Never.") as echo:
        response = getattr(client, method)(
            url, **({} if method == "get" else data), headers=row.headers
        )
    return response, echo.requests


def refused(client, place, world, statuses):
    """Make sure that a request is refused, without a call and without telling anything."""
    response, calls = ask(client, place, world)
    assert response.status_code in statuses, place
    assert response["Content-Type"] == "application/problem+json"
    assert calls == []
    for secret in (OF_ALL, OF_OBJECT, OF_SITE):
        assert secret not in response.content.decode()


def test_it_has_the_same_endpoints(urls):
    """Nothing of ours is left out where it stands in Wagtail's."""
    whole = urls.urlpatterns[0].url_patterns
    (ours,) = [one for one in whole if str(one.pattern) == "llm-actions/"]
    alone = {str(one.pattern) for one in external_urls.urlpatterns}
    assert {str(one.pattern) for one in ours.url_patterns} == alone


def test_the_document_is_for_everybody_unless_the_site_has_none(settings):
    assert f"{API}/actions" in Client().get(f"{WAGTAILS}/openapi.json").json()["paths"]
    settings.WAGTAILAPI_DOCS_ENABLED = False
    assert Client().get(f"{WAGTAILS}/openapi.json").status_code == 404


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


@pytest.mark.django_db(transaction=True)
def test_a_run_and_where_it_is(admin):
    """No transaction is open around the call: every test runs with ``ATOMIC_REQUESTS``."""
    page, client = factories.make_page(intro="The tide."), TokenClient(admin)
    factories.make_action("intro", slug="the-action")
    wanted = {"action": "the-action", "object_id": str(page.pk)}
    with reply_with("The tide turns."):
        response = client.post(f"{API}/runs", wanted, "application/json")
    assert response.json()["output"] == "The tide turns."
    run = LLMActionHistory.objects.get()
    assert response["Location"] == f"{API}/runs/{run.pk}"
    assert client.get(response["Location"]).json()["id"] == str(run.pk)


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


def test_a_session_lets_nobody_in(world, admin_client):
    for place in PLACES:
        refused(admin_client, place, world, {401})


def test_without_a_right(world):
    client = TokenClient(factories.make_user(None))
    for place in PLACES:
        refused(client, place, world, {403, 404})


def test_without_access_to_the_admin(world):
    user = factories.make_user(None, *EVERYTHING)
    user.user_permissions.remove(factories.permission("wagtailadmin.access_admin"))
    client = TokenClient(user)
    for place in PLACES:
        refused(client, place, world, {403})
