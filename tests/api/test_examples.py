"""The examples of the documentation work as they stand there."""

import io
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from django.core.management import call_command

from tests import factories
from tests.api.tokens import make_token
from tests.testapp.models import StoryPage
from wagtail_llm_actions.models import LLMAction, LLMActionHistory, LLMLimit
from wagtail_llm_actions.testing import reply_with
from wagtail_llm_actions.values import Decision

REFERENCE = Path(__file__).resolve().parent.parent.parent / "docs/reference"
BLOCK = re.compile(r"^```(sh|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MOUNTING = "urlpatterns"

pytestmark = pytest.mark.django_db(transaction=True)


def blocks(name):
    text = (REFERENCE / f"{name}.md").read_text().replace("blog.blogpage", "testapp.storypage")
    return [block for block in BLOCK.findall(text) if MOUNTING not in block[1]]


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
def test_the_examples_of_the_api(live_server, monkeypatch):
    admin = factories.make_superuser()
    page = factories.make_page(body="<p>The tide comes and goes.</p>")
    monkeypatch.setenv("API", f"{live_server.url}/llm/v1")
    monkeypatch.setenv("TOKEN", make_token(admin))
    monkeypatch.setenv("PAGE", str(page.pk))
    said, known = [], {}
    with reply_with("The tide turns."):
        for language, text in blocks("api"):
            if language == "python":
                exec(text, known)
            else:
                done = subprocess.run(
                    ["/bin/sh", "-e", "-c", text],
                    capture_output=True,
                    text=True,
                    check=False,
                    env=dict(os.environ),
                )
                assert done.returncode == 0, done.stdout + done.stderr
                said.append(done.stdout)
    known["client"].close()
    assert LLMAction.objects.get().temperature == 0.2
    assert "event: succeeded" in said[1]
    assert said[2].count("meta-description") >= 3
    draft = StoryPage.objects.get(pk=page.pk).get_latest_revision_as_object()
    assert draft.search_description == "The tide turns."
    assert LLMActionHistory.objects.filter(decision=Decision.ACCEPTED).count() == 1
    assert LLMLimit.objects.get(measure="money").amount == 80


def test_the_examples_of_the_commands(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    factories.make_superuser()
    page = factories.make_page()
    factories.make_action("search_description", slug="meta-description")
    ((_language, text),) = blocks("commands")
    with reply_with("The tide turns."):
        for line in text.replace("$PAGE", str(page.pk)).splitlines():
            python, manage, name, *arguments = shlex.split(line)
            assert (python, manage) == ("python", "manage.py")
            call_command(name, *arguments, stdout=io.StringIO(), stderr=io.StringIO())
    draft = StoryPage.objects.get(pk=page.pk).get_latest_revision_as_object()
    assert draft.search_description == "The tide turns."
