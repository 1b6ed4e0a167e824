"""A site that never runs an action never imports an HTTP library or an engine."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

# Wagtail imports django.test, which imports jinja2 where it is installed; the sandbox is our own.
HEAVY = ("httpx", "httpx2", "openai", "jinja2.sandbox", "xllamacpp", "markdown_it")
ROOT = Path(__file__).resolve().parent.parent.parent


def imported_by(program):
    program = f"""
        import sys
        import django
        from django.conf import settings
        django.setup()
        {program}
        print(*[name for name in {HEAVY!r} if name in sys.modules])
    """
    result = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return result.stdout.split()


@pytest.mark.parametrize(
    "program",
    [
        "pass",
        "import wagtail_llm_actions.providers.ollama, wagtail_llm_actions.providers.openai",
        "import wagtail_llm_actions.providers.embedded; from wagtail_llm_actions import testing",
        "from wagtail_llm_actions.providers.openai import OpenAIProvider; "
        "OpenAIProvider(alias='o', api_key='k').check()",
        "from wagtail_llm_actions.providers.ollama import OllamaProvider; "
        "OllamaProvider(alias='o').check()",
    ],
    ids=["setup", "adapters", "the embedded one", "checking openai", "checking ollama"],
)
def test_nothing_heavy_is_imported_before_the_first_call(program):
    assert imported_by(program) == []


def test_the_first_call_imports_what_it_needs():
    program = (
        "from wagtail_llm_actions.providers.ollama import OllamaProvider; "
        "OllamaProvider(alias='o').make_client()"
    )
    assert imported_by(program) == ["httpx"]
