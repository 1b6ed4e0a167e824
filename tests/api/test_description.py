"""What the OpenAPI document says is what the API does, whatever is sent to it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from wagtail.models import Site

from tests import factories
from tests.api.tokens import API, TokenClient, make_token
from tests.matrix.places import ADMIN_TWIN
from wagtail_llm_actions.api.description import IN_PATHS
from wagtail_llm_actions.api.description import operations as operations_of

PLACES = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
PROGRAM = shutil.which("schemathesis", path=PLACES)
ROOT = Path(__file__).resolve().parent.parent.parent
RUN = IN_PATHS["run_id"]["examples"][0]
SECONDS = int(os.environ.get("SCHEMATHESIS_SECONDS", "180"))


@pytest.fixture
def examples(home):
    """What the examples of the document name."""
    admin = factories.make_superuser()
    factories.make_user("editor")
    Group.objects.create(name="Press office")
    Site.objects.create(hostname="example.com", port=443, root_page=home)
    template = factories.make_template(slug="sum-up")
    config = factories.make_config(slug="fast")
    action = factories.make_action(
        "intro", slug="alt-text", prompt_template=template, llm_config=config
    )
    factories.make_limit(name="A day", measure="requests", period="day", amount=10000)
    page = factories.make_page(pk=4, intro="The tide.")
    factories.make_run(action, target=page, user=admin, pk=RUN)
    return admin


def document_of(client, api):
    """Return the document of an API, as if it stood at the root."""
    document = client.get(f"{api}/openapi.json").json()
    paths = {path.removeprefix(api): methods for path, methods in document.pop("paths").items()}
    return document | {"paths": paths}


@pytest.mark.django_db
def test_the_document_of_the_admin_is_the_same_but_for_who_asks(admin, admin_client):
    ours, admins = (
        document_of(TokenClient(admin), API),
        document_of(admin_client, f"/{ADMIN_TWIN}".rstrip("/")),
    )
    assert set(ours["components"].pop("securitySchemes")) == {"TokenAuthentication"}
    assert set(admins["components"].pop("securitySchemes")) == {"SessionAuthentication"}
    for document in (ours, admins):
        for methods in document["paths"].values():
            for operation in methods.values():
                assert len(operation.pop("security")) == 1
    assert ours == admins


@pytest.mark.django_db
def test_links_lead_to_what_there_is(admin):
    document = document_of(TokenClient(admin), API)
    operations = {one["operationId"]: one for _method, one in operations_of(document)}
    links = [
        link
        for operation in operations.values()
        for response in operation["responses"].values()
        for link in response.get("links", {}).values()
    ]
    for link in links:
        parameters = operations[link["operationId"]]["parameters"]
        assert set(link["parameters"]) <= {parameter["name"] for parameter in parameters}
    made = operations["post_actions"]["responses"]["201"]["links"]
    assert made["patch_action"]["parameters"] == {
        "slug": "$response.body#/slug",
        "If-Match": "$response.header.ETag",
    }


@pytest.mark.django_db
def test_an_operation_tells_only_of_the_problems_that_it_has(admin):
    document = document_of(TokenClient(admin), API)
    operations = {one["operationId"]: one for _method, one in operations_of(document)}
    told = {name: set(map(int, one["responses"])) for name, one in operations.items()}
    assert told["get_action"] == {200, 400, 401, 403, 404, 422}
    assert told["delete_action"] == {204, 400, 401, 403, 404, 409, 412, 422, 428}
    assert told["post_actions"] == {201, 400, 401, 403, 404, 409, 413, 422}
    assert told["post_runs"] == {200, 202, 400, 401, 403, 404, 409, 413, 422, 429, 503}


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(PROGRAM is None, reason="needs schemathesis")
def test_whatever_is_sent_is_answered_as_described(examples, live_server, tmp_path):
    command = [
        *(str(PROGRAM), "--config-file", str(Path(__file__).with_name("schemathesis.toml"))),
        *("run", f"{live_server.url}{API}/openapi.json"),
        *("-H", f"Authorization: Bearer {make_token(examples)}"),
        *("--checks", "all", "--phases", "examples,coverage,fuzzing,stateful"),
        *("--max-time", str(SECONDS), "--continue-on-failure"),
    ]
    environment = os.environ | {"HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=Path(tmp_path), env=environment
    )
    said = "\n".join(line[:300] for line in done.stdout.splitlines())
    assert done.returncode == 0, said
