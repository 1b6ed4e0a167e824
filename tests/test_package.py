import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "wagtail_llm_actions"
# Wagtail imports django.test, and that imports jinja2 where it is installed; ours is its sandbox.
LAZY = ("httpx", "httpx2", "openai", "jinja2.sandbox", "xllamacpp", "markdown_it")

SET_UP = """
import django
django.setup()
from django.urls import get_resolver
get_resolver().url_patterns
"""

OPEN_ADMIN_PAGES = """
from django.test.runner import DiscoverRunner
DiscoverRunner(verbosity=0, interactive=False).setup_databases()
from django.test import Client
from django.urls import reverse
from tests import factories
page = factories.make_page()
action = factories.make_action(sources={"intro": "intro"}, prompt="{{ intro }}", live=False)
type(action).objects.update(live=True)  # publishing parses the template
run = factories.make_run(action, target=page)
client = Client()
client.force_login(factories.make_superuser())
for url in (
    reverse("wagtailadmin_home"),
    reverse("wagtailadmin_pages:edit", args=[page.pk]),
    reverse("wagtailsnippets_wagtail_llm_actions_llmaction:list"),
    reverse("wagtailsnippets_wagtail_llm_actions_llmaction:add"),
    reverse("wagtailsnippets_wagtail_llm_actions_llmaction:edit", args=[action.pk]),
    reverse("wagtailsnippets_wagtail_llm_actions_llmaction:inspect", args=[action.pk]),
    reverse("wagtailsnippets_wagtail_llm_actions_prompttemplate:add"),
    reverse("wagtailsnippets_wagtail_llm_actions_llmconfig:add"),
    reverse("wagtail_llm_actions:dialog"),
    reverse("wagtail_llm_actions:run_list"),
    reverse("wagtail_llm_actions:run", args=[run.pk]),
):
    assert client.get(url).status_code == 200, url
fields = {
    "editor": reverse("wagtailadmin_pages:edit", args=[page.pk]),
    "fields": [{"address": "title", "path": "title"}],
}
answer = client.post("/admin/llm-actions/api/fields", fields, content_type="application/json")
assert answer.json()["fields"]["title"]["action"], answer.content
"""

REPORT = f"""
import sys
print(*[name for name in {LAZY!r} if name in sys.modules])
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    directory = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(directory)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    with zipfile.ZipFile(next(directory.glob("*.whl"))) as archive:
        return set(archive.namelist())


def files_of_the_package():
    for path in (ROOT / PACKAGE).rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path.relative_to(ROOT).as_posix()


def test_the_wheel_has_every_file_of_the_package(wheel):
    assert set(files_of_the_package()) - wheel == set()


@pytest.mark.parametrize(
    ("beginning", "ending"),
    [
        ("migrations/0", ".py"),
        ("templates/wagtail_llm_actions/", ".html"),
        ("static/wagtail_llm_actions/js/", ".js"),
        ("static/wagtail_llm_actions/css/", ".css"),
        ("data/prompt_templates/", ".toml"),
        ("locale/de/LC_MESSAGES/", ".po"),
        ("locale/de/LC_MESSAGES/", ".mo"),
        ("locale/ar/LC_MESSAGES/", ".mo"),
        ("", "py.typed"),
    ],
)
def test_the_wheel_has_files_of_each_kind(wheel, beginning, ending):
    start = f"{PACKAGE}/{beginning}"
    assert [name for name in wheel if name.startswith(start) and name.endswith(ending)]


def test_the_wheel_has_nothing_else(wheel):
    roots = {name.split("/")[0] for name in wheel}
    assert {name for name in roots if not name.endswith(".dist-info")} == {PACKAGE}


def lazy_modules_after(script):
    """Return the libraries that a fresh interpreter has imported after ``script``."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "TEST_DATABASE": ""}
    command = [sys.executable, "-c", script + REPORT]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_setting_up_django_imports_no_engine():
    assert lazy_modules_after(SET_UP) == []


def test_opening_admin_pages_imports_no_engine():
    assert lazy_modules_after(SET_UP + OPEN_ADMIN_PAGES) == []
