"""A seeded database for each test against a real server."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers.running import ROOT, environment


@pytest.fixture(scope="session")
def seeded(tmp_path_factory) -> tuple[Path, int]:
    """A database with a page and an action, and the page's id."""
    path = tmp_path_factory.mktemp("seed") / "seed.sqlite3"
    output = subprocess.run(
        [sys.executable, "-m", "tests.servers.seed"],
        env=environment(path, {}),
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return path, int(output)


@pytest.fixture
def database(seeded, tmp_path) -> Path:
    """A copy of the seeded database."""
    copy = tmp_path / "test.sqlite3"
    shutil.copy(seeded[0], copy)
    return copy


@pytest.fixture
def page_id(seeded) -> int:
    """The id of the page."""
    return seeded[1]


def ollama(url: str) -> dict:
    """Return the settings for a fake Ollama at ``url``."""
    return {
        "PROVIDERS": {
            "default": {
                "BACKEND": "wagtail_llm_actions.providers.ollama.OllamaProvider",
                "OPTIONS": {"base_url": url},
            }
        },
        "RETRY_DELAY": 0.1,
    }
