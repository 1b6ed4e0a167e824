"""The reference says what the code says: nothing missing, nothing more."""

import ast
import inspect
import re
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission
from django.dispatch import Signal
from django.utils import translation
from django.utils.module_loading import import_string

from wagtail_llm_actions import exceptions, signals
from wagtail_llm_actions.conf import DEFAULTS
from wagtail_llm_actions.content.kinds import KINDS, NOT_WRITABLE
from wagtail_llm_actions.engine import ROLES
from wagtail_llm_actions.prompts import BUILTIN_VARIABLES
from wagtail_llm_actions.providers.base import BaseProvider
from wagtail_llm_actions.providers.handler import option_names

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PACKAGE = ROOT / "wagtail_llm_actions"
PROVIDERS = {
    "wagtail_llm_actions.providers.ollama.OllamaProvider",
    "wagtail_llm_actions.providers.openai.OpenAIProvider",
    "wagtail_llm_actions.providers.embedded.EmbeddedProvider",
    "wagtail_llm_actions.providers.echo.EchoProvider",
}
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def read(name):
    return (DOCS / "reference" / f"{name}.md").read_text()


def sections(text):
    """Return the text under each third-level heading that is code."""
    parts = re.split(r"^### `([^`]+)`$", text, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def rows(text):
    """Return the cells of the table rows whose first cell is code."""
    lines = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("| `")]
    return [[cell.strip().strip("`") for cell in line] for line in lines]


def errors():
    return [
        cls
        for _name, cls in inspect.getmembers(exceptions, inspect.isclass)
        if issubclass(cls, exceptions.LLMActionsError)
    ]


def test_every_setting_is_described():
    described = {name for name in sections(read("settings")) if "." not in name}
    assert described == set(DEFAULTS)


@pytest.mark.parametrize("name", sorted(set(DEFAULTS) - {"PROVIDERS"}))
def test_the_default_of_a_setting_is_told(name):
    told = re.search(r"^Default: `(.+)`$", sections(read("settings"))[name], re.MULTILINE)
    assert ast.literal_eval(told[1]) == DEFAULTS[name]


def test_every_provider_is_described():
    described = {name for name in sections(read("settings")) if "." in name}
    assert described == PROVIDERS
    for module in (PACKAGE / "providers").glob("*.py"):
        import_string(f"wagtail_llm_actions.providers.{module.stem}.__name__")
    assert {f"{c.__module__}.{c.__name__}" for c in concrete(BaseProvider)} == PROVIDERS


def concrete(cls):
    """Return the providers of this package that a site can name."""
    for subclass in cls.__subclasses__():
        if subclass.__module__.startswith("wagtail_llm_actions.") and subclass.display_name:
            yield subclass
        yield from concrete(subclass)


@pytest.mark.parametrize("provider", sorted(PROVIDERS))
def test_every_option_of_a_provider_is_described(provider):
    described = [row[0] for row in rows(sections(read("settings"))[provider])]
    assert sorted(described) == sorted(option_names(import_string(provider)))


def test_every_error_is_described():
    with translation.override("en"):
        expected = {
            (cls.code, cls.__name__, str(cls.user_message), "yes" if cls.retryable else "no")
            for cls in errors()
        }
    assert {tuple(row) for row in rows(read("errors"))} == expected


def test_no_two_errors_share_a_code():
    codes = [cls.code for cls in errors() if "code" in vars(cls)]
    assert len(codes) == len(set(codes))


def test_every_built_in_variable_is_described():
    builtin = read("variables").partition("## Sources")[0]
    assert {row[0] for row in rows(builtin)} == set(BUILTIN_VARIABLES)


def test_every_signal_is_described():
    names = {name for name, value in vars(signals).items() if isinstance(value, Signal)}
    assert set(re.findall(r"^## `(\w+)`$", read("signals"), re.MULTILINE)) == names


def test_every_check_is_described():
    source = "\n".join(path.read_text() for path in PACKAGE.rglob("*.py"))
    numbers = set(re.findall(r"\b[EWI]\d{3}\b", source))
    assert {row[0] for row in rows(read("checks"))} == {
        f"wagtail_llm_actions.{number}" for number in numbers
    }


def test_every_class_of_field_is_described():
    written, _, left_alone = read("kinds").partition("## What is left alone")
    assert [row[0] for row in rows(written)] == [cls.__name__ for cls in KINDS]
    assert [row[:2] for row in rows(left_alone)] == [
        [cls.__name__, reason] for cls, reason in NOT_WRITABLE.items()
    ]


@pytest.mark.django_db
def test_every_permission_is_described():
    ours = Permission.objects.filter(content_type__app_label="wagtail_llm_actions")
    # A source is edited with its action; nobody asks for its own permissions.
    asked = ours.exclude(content_type__model="llmactionsource")
    existing = set(asked.values_list("codename", flat=True))
    described = {
        name
        for line in read("permissions").splitlines()
        if line.startswith("| `")
        for name in re.findall(r"`(\w+)`", line.split("|")[1])
    }
    assert described == existing


def test_every_role_is_described_with_its_permissions():
    table = read("permissions").partition("## Roles")[2].partition("\n## ")[0]
    lines = [line.split("|") for line in table.splitlines() if line.startswith("| *")]
    described = {line[1].strip(" *"): set(re.findall(r"`([^`]+)`", line[3])) for line in lines}
    with translation.override("en"):
        expected = {
            str(role.name): {name.removeprefix("wagtail_llm_actions.") for name in role.permissions}
            for role in ROLES
        }
    assert described == expected


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_link_leads_somewhere(page):
    targets = [link for link in LINK.findall(page.read_text()) if "://" not in link]
    assert [link for link in targets if not (page.parent / link).exists()] == []
