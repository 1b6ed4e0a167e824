"""What the package adds to the admin when it starts, and that it can be kept out."""

import json
import os
import subprocess
import sys

import pytest
from wagtail.log_actions import registry

START = """
import sys
import django
django.setup()
from django.test import Client
from django.urls import NoReverseMatch, reverse
from wagtail import hooks
from wagtail.snippets.models import get_snippet_models
ours = sorted(m.__name__ for m in get_snippet_models() if m._meta.app_label == "wagtail_llm_actions")
names = sorted(
    name for name in hooks._hooks for fn, _ in hooks._hooks[name]
    if getattr(fn, "__module__", "").startswith("wagtail_llm_actions")
)
try:
    address = reverse("wagtail_llm_actions:run_list")
except NoReverseMatch:
    address = ""
heavy = {
    "httpx", "httpx2", "openai", "markdown_it", "xllamacpp",
    "wagtail_llm_actions.prompts.rendering",  # Jinja2 itself is imported by Django's test tools
} & set(sys.modules)
import json
print(json.dumps({"snippets": ours, "hooks": names, "address": address, "heavy": sorted(heavy)}))
"""


def start(**settings):
    """Return what a new process with these settings has wired."""
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "TEST_LLM_ACTIONS": json.dumps(settings),
    }
    done = subprocess.run(
        [sys.executable, "-c", START], env=environment, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout.splitlines()[-1])


def test_it_wires_menu_urls_permissions_and_editor():
    wired = start()
    assert wired["snippets"] == ["LLMAction", "LLMConfig", "PromptTemplate"]
    assert {"register_admin_urls", "register_permissions", "insert_editor_js"} <= set(
        wired["hooks"]
    )
    assert wired["address"] == "/admin/llm-actions/runs/"


def test_no_heavy_library_is_imported_with_it():
    assert start()["heavy"] == []


def test_switched_off_by_setting_nothing_is_there():
    wired = start(ENABLED=False)
    assert wired["snippets"] == []
    assert set(wired["hooks"]) == {"register_log_actions"}
    assert wired["address"] == ""


@pytest.mark.django_db
def test_the_icon_is_in_the_sprite(admin_client):
    response = admin_client.get("/admin/sprite/")
    assert 'id="icon-llm-actions"' in response.text


@pytest.mark.django_db
def test_its_log_entries_have_names():

    ours = {
        name for name in dict(registry.get_choices()) if name.startswith("wagtail_llm_actions.")
    }
    assert len(ours) == 8
    assert all(registry.get_action_label(name) for name in ours)
