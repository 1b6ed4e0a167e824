"""
Every endpoint, for everybody who may not use it: refused, without a call, and nothing is told.

The rows are read from the URL configuration, so that an endpoint without a row here fails.
"""

import inspect
import json
import logging
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from tests import factories
from tests.api.tokens import API, TokenClient, revoke_tokens
from wagtail_llm_actions.api import external_urls, urls
from wagtail_llm_actions.content.saved import open_saved
from wagtail_llm_actions.models import LLMActionHistory
from wagtail_llm_actions.testing import reply_with

pytestmark = pytest.mark.django_db

SECRET = "xyzzy-of-the-tide"
"""What stands in every row and object, and is told to nobody who may not see it."""
ADMIN_API = "/admin/llm-actions/api/v1"
ANY_VERSION = {"If-Match": "*"}


@dataclass(frozen=True)
class Row:
    """How an endpoint is asked, and which rights it takes."""

    rights: tuple[str, ...]
    """Of which each alone is enough."""
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    groups: tuple[str, ...] = ()
    """Of Wagtail, for the right on the object."""
    hides: bool = False
    """Whether what one may not see does not exist, instead of being refused."""


RUN = ("run_llmaction",)
SEE = "view add change delete"


def rows_of(name: str, model: str, change: dict, creation: dict) -> dict[str, Row]:
    """Return the rows of the endpoints of actions, templates or configurations."""

    def of(*rights, **options):
        return Row(tuple(f"{right}_{model}" for right in rights), **options)

    one = f"{name}/<slug:slug>"
    return {
        f"GET {name}": of(*SEE.split()),
        f"POST {name}": of("add", body=creation),
        f"GET {one}": of(*SEE.split()),
        f"PATCH {one}": of("change", body=change, headers=ANY_VERSION),
        f"DELETE {one}": of("delete", headers=ANY_VERSION),
        f"POST {one}/publish": of("publish"),
        f"POST {one}/unpublish": of("publish"),
        f"GET {one}/revisions": of(*SEE.split()),
        f"GET {one}/revisions/<int:revision_id>": of(*SEE.split()),
    }


MATRIX: dict[str, Row] = {
    **rows_of(
        "actions",
        "llmaction",
        {"name": "New"},
        {
            "name": "New",
            "object_type": "testapp.storypage",
            "path": "title",
            "prompt_template": "the-template",
        },
    ),
    "POST actions/<slug:slug>/enable": Row(("change_llmaction",)),
    "POST actions/<slug:slug>/disable": Row(("change_llmaction",)),
    **rows_of(
        "templates", "prompttemplate", {"name": "New"}, {"name": "New", "prompt": "Say something."}
    ),
    **rows_of("configs", "llmconfig", {"name": "New"}, {"name": "New", "model_name": "echo"}),
    "GET limits": Row(tuple(f"{right}_llmlimit" for right in SEE.split())),
    "POST limits": Row(
        ("add_llmlimit",),
        {"name": "New", "measure": "requests", "amount": 1, "period": "day"},
    ),
    "GET limits/<int:limit_id>": Row(tuple(f"{right}_llmlimit" for right in SEE.split())),
    "PATCH limits/<int:limit_id>": Row(("change_llmlimit",), {"amount": 2}, ANY_VERSION),
    "DELETE limits/<int:limit_id>": Row(("delete_llmlimit",), headers=ANY_VERSION),
    "GET providers": Row(("add_llmconfig", "change_llmconfig")),
    "GET providers/<str:alias>/models": Row(("add_llmconfig", "change_llmconfig")),
    "GET runs": Row((*RUN, "add_llmaction", "view_llmactionhistory")),
    "GET runs/export": Row((*RUN, "add_llmaction", "view_llmactionhistory")),
    "POST runs": Row(RUN, {"action": "the-action", "object_id": "PAGE"}, groups=("Editors",)),
    "GET runs/<uuid:run_id>": Row(("view_llmactionhistory",), hides=True),
    "POST runs/<uuid:run_id>/retry": Row(RUN, {}, groups=("Editors",), hides=True),
    "POST runs/<uuid:run_id>/cancel": Row(RUN, groups=("Editors",), hides=True),
    "POST runs/<uuid:run_id>/decide": Row(
        RUN, {"decision": "rejected"}, groups=("Editors",), hides=True
    ),
    "POST runs/<uuid:run_id>/apply": Row(RUN, {}, groups=("Editors",), hides=True),
    "GET usage": Row((*RUN, "add_llmaction", "view_llmactionhistory")),
    "GET openapi.json": Row(()),
}
OPEN = {"GET openapi.json"}
"""For everybody who is let in; it says nothing of the site."""


def endpoints(patterns) -> dict[str, Any]:
    """Return what a URL configuration has, as ``METHOD pattern``."""
    found = {}
    for pattern in patterns:
        view = inspect.unwrap(pattern.callback)  # in the admin Wagtail wraps every view
        for cell in getattr(view, "__closure__", None) or ():
            for operation in getattr(cell.cell_contents, "operations", ()):
                path = str(pattern.pattern).replace("uuidstr:", "uuid:")
                found |= {f"{method} {path}": operation for method in operation.methods}
    return found


def test_every_endpoint_has_a_row():
    assert set(endpoints(external_urls.urlpatterns)) == set(MATRIX)


def test_the_admin_has_the_same_endpoints():
    assert set(endpoints(urls.external)) == set(MATRIX)


@pytest.fixture
def world(home, admin):
    """Rows that say a secret; their names by what stands for them in a pattern."""
    page = factories.make_page(title=SECRET, intro=SECRET, internal_note=SECRET)
    template = factories.make_template(SECRET, slug="the-template", name=SECRET)
    config = factories.make_config(slug="the-config", name=SECRET, is_default=True)
    action = factories.make_action(
        "intro", slug="the-action", name=SECRET, prompt_template=template, llm_config=config
    )
    run = factories.make_run(
        action,
        target=page,
        user=admin,
        output=SECRET,
        prompt=SECRET,
        object_repr=SECRET,
        value_hash=open_saved(page, admin).value_hash("intro"),
    )
    return {
        "page": page,
        "run": run,
        "rows": {
            "actions": action,
            "templates": template,
            "configs": config,
            "limits": factories.make_limit(name=SECRET),
        },
    }


def path_of(endpoint, world):
    """Return the path of an endpoint for the rows of the world."""
    path = endpoint.partition(" ")[2]
    row = world["rows"].get(path.partition("/")[0])
    if row:
        path = path.replace("<slug:slug>", getattr(row, "slug", ""))
        path = path.replace("<int:revision_id>", str(getattr(row, "latest_revision_id", "")))
        path = path.replace("<int:limit_id>", str(row.pk))
    return path.replace("<str:alias>", "default").replace("<uuid:run_id>", str(world["run"].pk))


def ask(client, endpoint, world, api=API, **headers):
    """Send the request of an endpoint's row."""
    method, row = endpoint.partition(" ")[0], MATRIX[endpoint]
    body = json.dumps(row.body if row.body is not None else {})
    body = body.replace("PAGE", str(world["page"].pk))
    data = {} if method == "GET" else {"data": body, "content_type": "application/json"}
    url = f"{api}/{path_of(endpoint, world)}"
    return getattr(client, method.lower())(url, **data, headers=row.headers | headers)


@pytest.fixture
def refused(caplog, world):
    """Return a function that asks, and makes sure that nothing was called, changed or told."""

    def check(client, endpoint, statuses, **options):
        caplog.set_level(logging.DEBUG)
        before = {name: type(row).objects.count() for name, row in world["rows"].items()}
        with reply_with("Never.") as echo:
            response = ask(client, endpoint, world, **options)
        assert response.status_code in statuses, (endpoint, response.content)
        assert echo.requests == []
        assert SECRET not in response.content.decode()
        assert SECRET not in caplog.text
        assert before == {name: type(row).objects.count() for name, row in world["rows"].items()}
        for run in LLMActionHistory.objects.exclude(pk=world["run"].pk):
            assert run.status in {"refused", "failed"}
            assert not run.attempts.exists()
        for row in (*world["rows"].values(), world["run"], world["page"]):
            fresh = type(row).objects.get(pk=row.pk)
            for name in ("live", "enabled", "latest_revision_id", "decision", "cancel_requested"):
                assert getattr(fresh, name, None) == getattr(row, name, None), name

    return check


ALL = sorted(MATRIX)
GUARDED = sorted(set(MATRIX) - OPEN)
CHANGES = sorted(one for one in MATRIX if not one.startswith("GET"))
ON_OBJECTS = sorted(one for one in MATRIX if MATRIX[one].groups)


def allowed_user(endpoint, right=None, **values):
    row = MATRIX[endpoint]
    rights = row.rights[:1] if right is None else (right,)
    return factories.make_user(None, *rights, groups=row.groups, **values)


def test_without_a_token(world, refused):
    for endpoint in ALL:
        refused(Client(), endpoint, {401})


def test_with_a_token_that_nobody_has(world, refused):
    for endpoint in ALL:
        refused(Client(headers={"Authorization": "Bearer nobody"}), endpoint, {401})


def test_with_a_revoked_token(world, refused):
    for endpoint in ALL:
        user = allowed_user(endpoint)
        client = TokenClient(user)
        revoke_tokens(user)
        refused(client, endpoint, {401})


def test_with_the_token_of_who_was_deactivated(world, refused):
    for endpoint in ALL:
        refused(TokenClient(allowed_user(endpoint, is_active=False)), endpoint, {401})


def test_with_a_session_instead_of_a_token(world, refused, admin_client):
    for endpoint in ALL:
        refused(admin_client, endpoint, {401})


def test_without_access_to_the_admin(world, refused):
    for endpoint in ALL:
        user = allowed_user(endpoint)
        user.groups.clear()
        user.user_permissions.remove(factories.permission("wagtailadmin.access_admin"))
        refused(TokenClient(user), endpoint, {403})


def test_without_a_right(world, refused):
    for endpoint in GUARDED:
        row = MATRIX[endpoint]
        user = factories.make_user(None, groups=row.groups)
        refused(TokenClient(user), endpoint, {404} if row.hides and not row.groups else {403})


def test_without_the_right_to_edit_the_object(world, refused):
    for endpoint in ON_OBJECTS:
        user = factories.make_user(None, *MATRIX[endpoint].rights)
        refused(TokenClient(user), endpoint, {404} if MATRIX[endpoint].hides else {403})


@pytest.mark.parametrize("endpoint", ["POST runs", "POST runs/<uuid:run_id>/retry"])
def test_where_somebody_else_has_locked_the_object(endpoint, world, refused, admin):
    page = world["page"]
    page.locked, page.locked_by, page.locked_at = True, admin, timezone.now()
    page.save()
    refused(TokenClient(allowed_user(endpoint)), endpoint, {403})


def test_where_the_field_is_not_shown_to_the_user(world, refused):
    action = world["rows"]["actions"]
    type(world["page"]).objects.update(title="A page", draft_title="A page")
    world["page"].refresh_from_db()
    world["page"].save_revision(clean=False)
    world["page"].refresh_from_db()
    action.destination_path = "internal_note"
    action.save_revision().publish()
    world["rows"]["actions"] = type(action).objects.get(pk=action.pk)
    refused(TokenClient(allowed_user("POST runs")), "POST runs", {404})


def test_where_a_source_is_not_shown_to_the_user(world, refused):
    action = world["rows"]["actions"]
    action.sources.create(path="internal_note", name="note")
    action.save_revision().publish()
    world["rows"]["actions"] = type(action).objects.get(pk=action.pk)
    refused(TokenClient(allowed_user("POST runs")), "POST runs", {403})


def test_in_the_admin_without_a_login(world, refused):
    for endpoint in ALL:
        refused(Client(), endpoint, {302, 401}, api=ADMIN_API)


def test_in_the_admin_without_a_csrf_token(world, refused, admin):
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin)
    for endpoint in CHANGES:
        refused(client, endpoint, {403}, api=ADMIN_API)


@pytest.mark.parametrize(
    ("endpoint", "right"),
    [(name, right) for name in sorted(MATRIX) for right in MATRIX[name].rights],
)
def test_each_of_its_rights_is_enough(endpoint, right, world):
    """Otherwise a row would say nothing: what always fails is always refused."""
    user = allowed_user(endpoint, right)
    if endpoint.startswith("DELETE") and "actions" not in endpoint:
        world["rows"]["actions"].delete()
    with reply_with("Something."):
        response = ask(TokenClient(user), endpoint, world)
    assert response.status_code < 300, response.content


def test_the_editors_own_endpoints_ask_for_session_and_csrf_token(admin):
    """What else they ask is tested beside them."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin)
    for endpoint in endpoints(urls.urlpatterns[1:]):
        method, path = endpoint.split(" ")
        url = f"/admin/llm-actions/api/{path.replace('<uuid:run_id>', str(uuid4()))}"
        assert getattr(Client(), method.lower())(url).status_code in {302, 401}, endpoint
        if method != "GET":
            assert getattr(client, method.lower())(url).status_code == 403, endpoint
