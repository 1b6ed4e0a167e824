"""A sandbox that was started once, in processes of its own, for all tests."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
SECONDS = 400
# Warnings of Wagtail 8 about itself are none of the sandbox's.
WARNINGS = ["-W", "error::DeprecationWarning:sandbox", "-W", "error::RuntimeWarning"]


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory) -> dict:
    """What a start from nothing said, and what a crawl of the result found."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    result = shared / "sandbox.json"
    if _is_first(shared / "sandbox.lock"):
        found = _start_and_crawl(shared / "sandbox")
        unfinished = result.with_suffix(".part")
        unfinished.write_text(json.dumps(found))
        unfinished.replace(result)
    return _wait_for(result)


def _is_first(lock: Path) -> bool:
    """Whether no other worker has begun already."""
    try:
        lock.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def _start_and_crawl(var_dir: Path) -> dict:
    environment = os.environ | {
        "SANDBOX_VAR": str(var_dir),
        "DJANGO_SETTINGS_MODULE": "sandbox.settings",
        "PYTHONPATH": str(ROOT),
    }
    ready = var_dir.with_suffix(".ready")
    start = ["-m", "sandbox", "--once", "--no-model", "--port", "8700", "--ready-file", str(ready)]
    said = _python(start, environment)
    crawled = json.loads(_python(["-m", "tests.sandbox.crawl"], environment))
    more = {"ready": json.loads(ready.read_text()), "var_dir": str(var_dir)}
    return {"said": said, **more, **crawled}


def _python(arguments: list[str], environment: dict[str, str]) -> str:
    process = subprocess.run(
        [sys.executable, *WARNINGS, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert process.returncode == 0, process.stdout + process.stderr
    return process.stdout


def _wait_for(result: Path) -> dict:
    """Wait for the process of another worker."""
    deadline = time.monotonic() + 2 * SECONDS
    while not result.exists():
        if time.monotonic() > deadline:
            pytest.fail("the other worker did not start the sandbox")
        time.sleep(0.5)
    return json.loads(result.read_text())
