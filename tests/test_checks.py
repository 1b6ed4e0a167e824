"""The system checks find what is wrong before first use, and say how to mend it."""

import os
import subprocess
import sys
from io import StringIO

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import make_action, make_config, make_template
from wagtail_llm_actions.checks import check_rows, check_settings

ECHO = "wagtail_llm_actions.providers.echo.EchoProvider"
OPENAI = "wagtail_llm_actions.providers.openai.OpenAIProvider"


def ids(messages):
    return {message.id.partition(".")[2] for message in messages}


class TestSettings:
    def test_the_test_project_is_in_order(self):
        assert check_settings(None) == []

    @pytest.mark.parametrize(
        ("value", "identity", "said"),
        [
            ([], "E001", "must be a dictionary"),
            ({"PROVIDRES": {}}, "E002", "WAGTAIL_LLM_ACTIONS['PROVIDRES']"),
            ({"RUN_TIMEOUT": "long"}, "E003", "WAGTAIL_LLM_ACTIONS['RUN_TIMEOUT']"),
            ({"RUN_TIMEOUT": float("inf")}, "E003", "WAGTAIL_LLM_ACTIONS['RUN_TIMEOUT']"),
            ({"RUN_TIMEOUT": 1e300}, "E003", "up to 1000000000"),
            ({"ENABLED": "false"}, "E003", "WAGTAIL_LLM_ACTIONS['ENABLED'] must be True or False"),
            ({"REPAIR_OUTPUTS": "0"}, "E003", "WAGTAIL_LLM_ACTIONS['REPAIR_OUTPUTS']"),
            ({"API_AUTHENTICATION": "tokens"}, "E003", "must be a dotted path"),
            ({"API_AUTHENTICATION": "no.such.tokens"}, "E007", "['API_AUTHENTICATION']"),
            ({"PROVIDERS": ["default"]}, "E004", "['PROVIDERS'] must be a dictionary"),
            ({"PROVIDERS": {}}, "W005", "is empty"),
            ({"PROVIDERS": {"x": {"BACKEND": "no.such.Provider"}}}, "E006", "['x']['BACKEND']"),
            ({"PROVIDERS": {"x": {"BACKEND": "json.JSONDecoder"}}}, "E006", "not a provider class"),
            ({"PROVIDERS": {"x": ECHO}}, "E006", "['x'] must be a dictionary"),
            ({"PROVIDERS": {"x": {"BACKEND": ECHO, "KEY": 1}}}, "E006", "['x']['KEY']"),
            (
                {"PROVIDERS": {"x": {"BACKEND": ECHO, "OPTIONS": {"colour": 1}}}},
                "E006",
                "['x']['OPTIONS']['colour']",
            ),
            ({"SELF_HOSTED_PRICE": {"input": 1}}, "E003", "'input' and 'output'"),
            ({"SELF_HOSTED_PRICE": {"input": -1, "output": 0}}, "E003", "['SELF_HOSTED_PRICE']"),
            ({"SELF_HOSTED_PRICE": {"input": "x", "output": 0}}, "E003", "['SELF_HOSTED_PRICE']"),
            ({"DATA_CLASSES": ["testapp.StoryPage"]}, "E003", "['DATA_CLASSES']"),
            ({"DATA_CLASSES": {"testapp.StoryPage": "secret"}}, "E003", "'personal'"),
            (
                {"PROVIDERS": {"x": {"BACKEND": ECHO, "CLEARED_FOR": "all"}}},
                "E006",
                "['x']['CLEARED_FOR'] must be one of 'public', 'internal', 'personal'",
            ),
            ({"DATA_CLASSES": {"testapp.StroyPage": "personal"}}, "W007", "'testapp.StroyPage'"),
            ({"DATA_CLASSES": {"testapp.StoryPage.itnro": "personal"}}, "W007", "itnro"),
            ({"OPTED_OUT": ["no.such.Block"]}, "W007", "['OPTED_OUT']"),
            ({"PROVIDERS": {"x": {"BACKEND": OPENAI}}}, "E104", "['api_key'] is missing"),
        ],
    )
    def test_a_mistake_is_found_with_its_path(self, settings, value, identity, said):
        settings.WAGTAIL_LLM_ACTIONS = value
        found = [m for m in check_settings(None) if m.id == f"wagtail_llm_actions.{identity}"]
        assert len(found) == 1
        assert said in found[0].msg
        assert found[0].hint

    def test_what_can_be_named_is_no_mistake(self, settings):
        names = [
            "testapp.StoryPage",
            "testapp.storypage.stream.section.heading",
            "testapp.OtherPage",
        ]
        names += ["wagtailcore.Page.title", "wagtail.blocks.RawHTMLBlock", "wagtailimages.Image"]
        classes = dict.fromkeys(names, "internal")
        providers = settings.WAGTAIL_LLM_ACTIONS["PROVIDERS"]
        settings.WAGTAIL_LLM_ACTIONS = {
            "PROVIDERS": providers,
            "OPTED_OUT": names,
            "DATA_CLASSES": classes,
        }
        assert check_settings(None) == []

    def test_what_is_switched_off_needs_no_provider(self, settings):
        settings.WAGTAIL_LLM_ACTIONS = {"ENABLED": False, "PROVIDERS": {}}
        assert check_settings(None) == []

    def test_checking_another_app_says_nothing_about_ours(self, settings):
        settings.WAGTAIL_LLM_ACTIONS = []
        assert check_settings([]) == []


@pytest.mark.django_db
class TestRows:
    def check(self):
        return check_rows(None, databases=["default"])

    def test_rows_in_order_say_nothing(self):
        make_action(prompt="{{ body }}", sources={"body": "body", "all": "@content"})
        assert self.check() == []

    def test_rows_are_not_read_without_the_tag(self, django_assert_num_queries):
        make_config(provider="gone")
        with django_assert_num_queries(0):
            assert check_rows(None) == []

    def test_a_database_that_does_not_know_the_time_zone(self, settings, monkeypatch):
        monkeypatch.setattr(connection.features, "has_zoneinfo_database", False)
        assert self.check() == []
        settings.TIME_ZONE = "Europe/Berlin"
        assert ids(self.check()) == {"W019"}

    def test_an_unknown_provider(self):
        make_config(provider="gone")
        assert ids(self.check()) == {"W010"}

    def test_parameters_that_are_not_allowed(self):
        config = make_config(extra_parameters={"num_gpu": 9})
        make_action(llm_config=config, extra_parameters={"num_gpu": 9})
        assert [m.id[-4:] for m in self.check()] == ["W011", "W011"]

    def test_a_template_with_a_syntax_error(self):
        make_template("{{ broken")
        assert ids(self.check()) == {"W012"}

    def test_no_default_configuration(self):
        make_action(llm_config=None)
        assert ids(self.check()) == {"W013"}
        make_config(is_default=True)
        assert self.check() == []

    def test_a_template_that_is_not_live(self):
        make_action(prompt_template=make_template(live=False))
        assert ids(self.check()) == {"W014"}

    def test_a_type_that_does_not_exist_any_more(self):
        gone = ContentType.objects.create(app_label="old", model="page")
        make_action(destination_type=gone, broken=True)
        (message,) = self.check()
        assert message.id == "wagtail_llm_actions.W015"
        assert "old.page" in message.msg

    @pytest.mark.parametrize("path", ["nobody", "reference", "stream.nobody"])
    def test_a_field_that_does_not_exist_or_takes_no_text(self, path):
        make_action(path, broken=True)
        assert ids(self.check()) == {"W016"}

    def test_what_a_field_that_is_gone_probably_became(self):
        make_action("introo", sources={"body": "boddy"}, broken=True)
        hints = [message.hint for message in self.check()]
        assert hints[0].startswith("Is it called 'intro' now?")
        assert hints[1].startswith("Is it called 'body' now?")

    def test_a_source_that_does_not_exist(self):
        make_action(sources={"body": "boddy"}, broken=True)
        assert ids(self.check()) == {"W017"}

    def test_a_variable_that_the_action_does_not_have(self):
        make_action(prompt="{{ body }}", broken=True)
        assert ids(self.check()) == {"W018"}

    def test_every_message_is_a_warning_with_a_hint(self):
        make_config(provider="gone", extra_parameters={"num_gpu": 9})
        make_template("{{ broken")
        make_action("nobody", prompt="{{ body }}", sources={"x": "y"}, llm_config=None, broken=True)
        found = self.check()
        assert len(found) >= 5
        assert all(message.hint and not message.is_serious() for message in found)

    def test_drafts_and_disabled_actions_may_be_wrong(self):
        make_config(provider="gone", live=False)
        make_template("{{ broken", live=False)
        make_action("nobody", live=False)
        make_action("nobody", enabled=False, broken=True)
        assert self.check() == []

    def test_the_command_prints_them(self):
        make_config(slug="large", provider="gone")
        stderr = StringIO()
        call_command("check", databases=["default"], stderr=stderr)
        assert "'large' uses the provider 'gone'" in stderr.getvalue()

    def test_the_number_of_queries_does_not_grow_with_the_rows(self, django_assert_num_queries):
        make_action("title", sources={"body": "body"})
        self.check()
        with CaptureQueriesContext(connection) as few:
            self.check()
        make_action("intro", sources={"body": "body"})
        make_action("summary", sources={"body": "body"})
        with django_assert_num_queries(len(few)):
            self.check()


@pytest.fixture
def manage(tmp_path):
    """Return a function that runs a management command on an empty database of its own."""

    def run(*args, **environment):
        command = [sys.executable, "-m", "django", *args]
        variables = os.environ | {
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "TEST_SQLITE": str(tmp_path / "db.sqlite3"),
            "TEST_DATABASE": "",
        }
        return subprocess.run(
            command, env=variables | environment, capture_output=True, text=True, check=False
        )

    return run


class TestEmptyDatabase:
    def test_neither_check_nor_migrate_breaks(self, manage):
        checked = manage("check", "--database", "default")
        assert checked.returncode == 0, checked.stderr
        migrated = manage("migrate", "wagtail_llm_actions", "--verbosity", "0")
        assert migrated.returncode == 0, migrated.stderr
