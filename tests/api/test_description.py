"""What the OpenAPI document says is what the API does, whatever is sent to it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import factories
from tests.api.tokens import API, make_token

PLACES = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
PROGRAM = shutil.which("schemathesis", path=PLACES)
NOT_MEANT = "positive_data_acceptance"
"""What is well formed may still be refused: for its version, its key, or by the form of the admin."""
SECONDS = 60


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(PROGRAM is None, reason="needs schemathesis")
def test_whatever_is_sent_is_answered_as_described(live_server, tmp_path):
    admin = factories.make_superuser()
    action = factories.make_action("intro", slug="the-action")
    factories.make_run(action, target=factories.make_page(intro="The tide."), user=admin)
    command = [
        *(str(PROGRAM), "run", f"{live_server.url}{API}/openapi.json"),
        *("-H", f"Authorization: Bearer {make_token(admin)}"),
        *("--max-time", str(SECONDS), "--exclude-checks", NOT_MEANT, "--continue-on-failure"),
        *("--phases", "examples,coverage,fuzzing"),
    ]
    environment = os.environ | {"HOME": str(tmp_path)}
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=Path(tmp_path), env=environment
    )
    said = "\n".join(line[:300] for line in done.stdout.splitlines())
    assert done.returncode == 0, said
