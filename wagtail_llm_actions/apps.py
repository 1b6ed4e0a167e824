"""Wiring of the app."""

from django.apps import AppConfig
from django.core import checks
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _


class WagtailLLMActionsConfig(AppConfig):
    """Registers the system checks; everything else is found by name."""

    name = "wagtail_llm_actions"
    verbose_name = _("LLM actions")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        checks.register(_imported_when_run("check_settings"))
        checks.register(_imported_when_run("check_rows"), checks.Tags.database)


def _imported_when_run(name: str):
    """Return a check that costs the start of a process nothing: it is imported when it is run."""

    def check(app_configs, **kwargs):
        return import_string(f"wagtail_llm_actions.checks.{name}")(app_configs, **kwargs)

    return check
