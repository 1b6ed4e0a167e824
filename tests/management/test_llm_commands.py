"""The commands that do what the API does."""

import csv
import io
import json
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.utils import timezone

from tests import factories
from tests.testapp.models import StoryPage
from wagtail_llm_actions.engine.periods import period_start
from wagtail_llm_actions.exceptions import BeingEditedError
from wagtail_llm_actions.models import LLMAction, LLMActionHistory, LLMConfig, PromptTemplate
from wagtail_llm_actions.testing import reply_with

pytestmark = pytest.mark.django_db


@pytest.fixture
def action(home):
    return factories.make_action(
        "search_description",
        slug="describe",
        prompt="Describe: {{ intro }}",
        sources={"intro": "intro"},
    )


def command(name, *arguments, user="admin"):
    out = io.StringIO()
    call_command(name, "--user", user, *arguments, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def test_actions_are_listed(admin, action):
    action.turn(False, admin)
    said = command("llm_action", "list")
    assert said == "describe\ttestapp.storypage search_description\tlive, off\n"


def test_an_action_is_run_and_its_output_becomes_a_draft(admin, action):
    page = factories.make_page(intro="The tide.")
    with reply_with("It turns."):
        assert command("llm_action", "run", "describe", str(page.pk)) == "It turns.\n"
        command("llm_action", "run", "describe", str(page.pk), "--apply")
    draft = StoryPage.objects.get(pk=page.pk).get_latest_revision_as_object()
    assert draft.search_description == "It turns."


def test_what_is_refused_is_said(admin, action, editor):
    page = factories.make_page(intro="")
    with pytest.raises(CommandError, match=r"“Intro” is empty.*\(empty_variable\)"):
        command("llm_action", "run", "describe", str(page.pk))
    with pytest.raises(CommandError, match=r"\(permission\)"):
        command("llm_action", "list", user=editor.username)
    with pytest.raises(CommandError, match="There is no user 'nobody'"):
        command("llm_action", "list", user="nobody")
    page.intro = "The tide."
    page.save_revision()
    with reply_with(""), pytest.raises(CommandError, match=r"\(empty_output\) Run "):
        command("llm_action", "run", "describe", str(page.pk))


def snapshot():
    return {
        model: list(model.objects.order_by("pk").values("slug", "live", "latest_revision"))
        for model in (LLMAction, PromptTemplate, LLMConfig)
    }


def forget():
    for model in (LLMAction, PromptTemplate, LLMConfig):
        model.objects.all().delete()


def test_what_is_exported_here_is_imported_there(admin, action, tmp_path):
    draft = factories.make_template("Draft.", slug="draft", live=False)
    factories.make_config(slug="paid", input_price="0.15", output_price="0.6", takes_over=True)
    action.groups = [Group.objects.create(name="Press office")]
    action.save_revision().publish()
    file = tmp_path / "export.json"
    command("llm_action", "export", "--output", str(file))
    exported, template = command("llm_action", "export"), action.prompt_template.slug
    forget()
    shown = command("llm_action", "import", str(file), "--dry-run")
    assert "+ actions describe\n" in shown
    assert not LLMAction.objects.exists()
    command("llm_action", "import", str(file))
    again = LLMAction.objects.get()
    assert (again.slug, again.live, again.prompt_template.slug) == ("describe", True, template)
    assert [source.path for source in again.sources.all()] == ["intro"]
    assert [group.name for group in again.groups.all()] == ["Press office"]
    assert not PromptTemplate.objects.get(slug=draft.slug).live
    paid = LLMConfig.objects.get(slug="paid")
    assert (paid.input_price, paid.takes_over) == (Decimal("0.15"), True)
    assert command("llm_action", "export") == exported


def test_an_import_of_the_same_changes_nothing(admin, action, tmp_path):
    file = tmp_path / "export.json"
    command("llm_action", "export", "--output", str(file))
    before = snapshot()
    assert "= actions describe\n" in command("llm_action", "import", str(file))
    assert snapshot() == before


def test_a_dry_run_shows_what_differs(admin, action, tmp_path):
    file = tmp_path / "export.json"
    command("llm_action", "export", "--output", str(file))
    data = json.loads(file.read_text())
    data["templates"][0]["prompt"] = "Say it: {{ intro }}"
    file.write_text(json.dumps(data))
    before = snapshot()
    shown = command("llm_action", "import", str(file), "--dry-run")
    assert '    prompt: "Describe: {{ intro }}" → "Say it: {{ intro }}"\n' in shown
    assert "draft:" not in shown
    assert shown.endswith("Nothing was saved.\n")
    assert snapshot() == before
    command("llm_action", "import", str(file))
    assert PromptTemplate.objects.get().prompt == "Say it: {{ intro }}"


def test_a_dry_run_shows_which_draft_would_be_replaced(admin, action, tmp_path):
    file = tmp_path / "export.json"
    command("llm_action", "export", "--output", str(file))
    template = action.prompt_template
    template.prompt = "Not yet."
    template.save_revision()
    shown = command("llm_action", "import", str(file), "--dry-run")
    assert "~" not in shown
    file.write_text(file.read_text().replace('"Template', '"New template'))
    shown = command("llm_action", "import", str(file), "--dry-run")
    assert '    draft: prompt: "Not yet." → "Describe: {{ intro }}"\n' in shown


def test_an_import_is_all_or_nothing(admin, action, tmp_path):
    file = tmp_path / "export.json"
    command("llm_action", "export", "--output", str(file))
    data = json.loads(file.read_text())
    data["templates"][0]["name"] = "New name"
    data["actions"][0]["path"] = "nothing"
    file.write_text(json.dumps(data))
    before = snapshot()
    with pytest.raises(CommandError, match=r"“describe”: .*There is no field “nothing”"):
        command("llm_action", "import", str(file))
    assert snapshot() == before


def test_one_action_is_exported_with_what_it_needs(admin, action):
    factories.make_template(slug="other")
    data = json.loads(command("llm_action", "export", "describe"))
    assert [one["slug"] for one in data["templates"]] == [action.prompt_template.slug]
    with pytest.raises(CommandError, match="There is no LLM action “none”"):
        command("llm_action", "export", "none")


@pytest.mark.parametrize("text", ["", "[]", '{"format": 2}', '{"format": 1, "actions": [1]}'])
def test_what_is_no_export_is_refused(admin, tmp_path, text):
    file = tmp_path / "export.json"
    file.write_text(text)
    with pytest.raises(CommandError):
        command("llm_action", "import", str(file))


def test_who_may_not_keep_actions_imports_none(admin, action, editor, tmp_path):
    file = tmp_path / "export.json"
    command("llm_action", "export", "--output", str(file))
    forget()
    with pytest.raises(CommandError, match=r"\(permission\)"):
        command("llm_action", "import", str(file), user=editor.username)
    assert not PromptTemplate.objects.exists()


def test_the_history_is_listed_and_exported(admin, action):
    run = factories.make_run(action, user=admin)
    factories.make_run(action, status="failed")
    said = command("llm_history", "--status", "succeeded")
    assert said.startswith(f"{run.pk}\t") and said.count("\n") == 1
    rows = list(csv.DictReader(io.StringIO(command("llm_history", "--csv"))))
    assert len(rows) == LLMActionHistory.objects.count() == 2


def test_providers_are_listed(admin):
    assert command("llm_providers").startswith("default\t")
    command("llm_providers", "--models", "default")
    with pytest.raises(CommandError, match=r"\(not_found\)"):
        command("llm_providers", "--models", "none")


def test_what_is_switched_off_stays_so(admin, action, tmp_path):
    action.turn(False, admin)
    file = tmp_path / "export.json"
    command("llm_action", "export", "--output", str(file))
    forget()
    command("llm_action", "import", str(file))
    assert not LLMAction.objects.get().enabled
    assert "= actions describe\n" in command("llm_action", "import", str(file))


@pytest.mark.parametrize(
    "odd",
    [{"groups": 5}, {"site": 5}, {"prompt_template": 5}, {"object_type": 5}, {"sources": [1]}],
)
def test_what_cannot_be_read_is_named(admin, action, tmp_path, odd):
    file = tmp_path / "export.json"
    command("llm_action", "export", "--output", str(file))
    data = json.loads(file.read_text())
    data["actions"][0] |= odd
    file.write_text(json.dumps(data))
    before = snapshot()
    with pytest.raises(CommandError, match="describe"):
        command("llm_action", "import", str(file))
    assert snapshot() == before


def test_an_output_that_cannot_be_applied_is_shown_all_the_same(admin, action, monkeypatch):
    def refuse(*args):
        raise BeingEditedError("open elsewhere")

    page = factories.make_page(intro="The tide.")
    monkeypatch.setattr("wagtail_llm_actions.engine.apply_output", refuse)
    out = io.StringIO()
    with reply_with("It turns."), pytest.raises(CommandError):
        call_command(
            *("llm_action", "--user", "admin", "run", "describe", str(page.pk), "--apply"),
            stdout=out,
            stderr=io.StringIO(),
        )
    assert out.getvalue() == "It turns.\n"


def test_limits_are_listed_with_how_they_stand(admin):
    limit = factories.make_limit("requests", 20, name="Runs")
    money = factories.make_limit("money", "10.50", "month", name="Money", is_active=False)
    start = period_start("day", timezone.now())
    limit.counters.create(period_start=start, used=12, reserved=2)
    first, second = command("llm_limits", "list").splitlines()
    assert first.startswith(f"{money.pk}\tMoney\t10.5 of 10.5 money left\t") and first.endswith(
        "off"
    )
    assert second.startswith(
        f"{limit.pk}\tRuns\t6 of 20 requests left\t12 used\t2 set aside\tuntil "
    )
    factories.make_user("keeper", "view_llmlimit")
    assert "- of - money left" in command("llm_limits", "list", user="keeper")
    factories.make_user("stranger")
    with pytest.raises(CommandError, match=r"\(permission\)"):
        command("llm_limits", "list", user="stranger")


def test_it_is_said_which_run_an_answer_is_from(admin, action):
    action.temperature, action.answers_from_history = 0, True
    action.save_revision().publish()
    page, said = factories.make_page(intro="The tide."), io.StringIO()
    arguments = ("llm_action", "--user", "admin", "run", "describe", str(page.pk))
    with reply_with("It turns."):
        call_command(*arguments, stdout=io.StringIO(), stderr=io.StringIO())
        first = LLMActionHistory.objects.get()
        call_command(*arguments, stdout=io.StringIO(), stderr=said)
    assert f"answered from run {first.pk}" in said.getvalue()
