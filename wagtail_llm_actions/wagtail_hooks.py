"""
Wires the package into Wagtail's admin: menu, URLs, permissions, editor.

With ``ENABLED = False`` nothing is wired but the names of log entries, which outlive their cause.
"""

from django.contrib.auth.models import Permission
from django.urls import include, path, reverse_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail import hooks
from wagtail.snippets.models import register_snippet

from wagtail_llm_actions.compat import register_policy
from wagtail_llm_actions.conf import settings
from wagtail_llm_actions.views.buttons import fill_button
from wagtail_llm_actions.views.editor_assets import editor_js, uploads_js
from wagtail_llm_actions.views.limits import LLMLimitViewSet
from wagtail_llm_actions.views.log_entries import (
    AcceptFormatter,
    PublishRefusedFormatter,
    RestoreFormatter,
)
from wagtail_llm_actions.views.menu import RunHistoryMenuItem
from wagtail_llm_actions.views.new_objects import adopt_runs
from wagtail_llm_actions.views.separation import DeleteTicked
from wagtail_llm_actions.views.site_history import separate_site_history
from wagtail_llm_actions.views.snippets import LLMActionsGroup, LLMActionViewSet

APP = "wagtail_llm_actions"


def register_admin_urls():
    """Mount the package in the admin; what answers is imported with the project's URLs."""
    return [path("llm-actions/", include((f"{APP}.urls", APP), namespace=APP))]


def register_viewsets():
    """Mount the views of what is no snippet, with their permissions."""
    return [LLMLimitViewSet()]


def register_icons(icons):
    """Add the sparkle that stands for LLM actions."""
    return [*icons, "wagtail_llm_actions/icons/llm-actions.svg"]


def register_permissions():
    """Show in the group form what the snippets do not bring along: history, money and switch."""
    codenames = ["view_llmactionhistory", "view_llmcost", "change_llmactionsswitch"]
    return Permission.objects.filter(content_type__app_label=APP, codename__in=codenames)


def register_reports_menu_item():
    """List the run history among Wagtail's reports."""
    return RunHistoryMenuItem(
        _("LLM action runs"),
        reverse_lazy("wagtail_llm_actions:run_list"),
        name="llm-action-runs",
        icon_name="history",
        order=1300,
    )


@hooks.register("register_log_actions")
def register_log_actions(actions):
    """Name what the package writes into Wagtail's audit log."""
    for name, label, message in (
        ("enable", _("Enable"), pgettext_lazy("log entry", "Enabled")),
        ("disable", _("Disable"), pgettext_lazy("log entry", "Disabled")),
        ("lose_default", _("No longer the default"), _("Another configuration became the default")),
        ("switch_on", _("Turn LLM actions on"), _("Turned LLM actions on")),
        ("switch_off", _("Turn LLM actions off"), _("Turned LLM actions off")),
    ):
        actions.register_action(f"{APP}.{name}", label, message)
    actions.register_action(f"{APP}.publish_refused")(PublishRefusedFormatter)
    actions.register_action(f"{APP}.accept")(AcceptFormatter)
    actions.register_action(f"{APP}.restore")(RestoreFormatter)


# After Wagtail's own, wherever the app stands in INSTALLED_APPS.
hooks.register("register_log_actions", separate_site_history, order=1)


if settings.ENABLED:
    for viewset in (LLMActionViewSet, LLMLimitViewSet):
        register_policy(viewset.model, viewset.permission_policy)
    # After Wagtail's own, in whose place it comes, wherever the app stands in INSTALLED_APPS.
    hooks.register("register_bulk_action", DeleteTicked, order=1)
    hooks.register("register_admin_urls", register_admin_urls)
    hooks.register("register_admin_viewset", register_viewsets)
    hooks.register("register_icons", register_icons)
    hooks.register("register_permissions", register_permissions)
    hooks.register("register_reports_menu_item", register_reports_menu_item)
    hooks.register("insert_editor_js", editor_js)
    hooks.register("insert_global_admin_js", uploads_js)
    hooks.register("register_page_header_buttons", fill_button)
    hooks.register("after_create_page", adopt_runs)
    hooks.register("after_create_snippet", adopt_runs)
    register_snippet(LLMActionsGroup)
