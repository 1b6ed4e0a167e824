"""Wiring of the app."""

from django.apps import AppConfig
from django.core import checks
from django.db.models.signals import post_save, pre_delete
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _
from wagtail.signals import page_published, published


class WagtailLLMActionsConfig(AppConfig):
    """Registers the system checks and listens to Wagtail; everything else is found by name."""

    name = "wagtail_llm_actions"
    verbose_name = _("LLM actions")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        post_save.connect(_revision_saved, sender="wagtailcore.Revision")
        for signal in (published, page_published):
            signal.connect(_published)
        pre_delete.connect(_site_deleted, sender="wagtailcore.Site")
        checks.register(_imported_when_run("check_settings"))
        checks.register(_imported_when_run("check_rows"), checks.Tags.database)


def _revision_saved(sender, instance, raw=False, **kwargs):
    """Fixtures bring revisions whose objects may not be there yet."""
    if not raw:
        from wagtail_llm_actions import engine  # not with every start of Django

        engine.follow_revision(instance)


def _published(sender, instance, revision=None, **kwargs):
    from wagtail_llm_actions import engine  # not with every start of Django

    engine.follow_publication(instance, revision)


def _site_deleted(sender, instance, using, **kwargs):
    from wagtail_llm_actions.models import LLMAction  # which are loaded after this module

    LLMAction.objects.using(using).make_way_for_deletion(instance)


def _imported_when_run(name: str):
    """Return a check that costs the start of a process nothing: it is imported when it is run."""

    def check(app_configs, **kwargs):
        return import_string(f"wagtail_llm_actions.checks.{name}")(app_configs, **kwargs)

    return check
