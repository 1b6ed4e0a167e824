"""The edit forms of settings, by site and generic: ``wagtail.contrib.settings``."""

from typing import Any

from django.apps import apps
from django.db.models import Model
from django.urls import ResolverMatch
from wagtail.admin.panels import Panel
from wagtail.models import Site

from wagtail_llm_actions.compat import permission_policy_for
from wagtail_llm_actions.content.pages import OpenForm, not_permitted
from wagtail_llm_actions.exceptions import EditorNotFoundError

SETTINGS_VIEW = "wagtailsettings:edit"


def setting_models() -> list[type[Model]]:
    """Return the models that are registered as settings."""
    if not apps.is_installed("wagtail.contrib.settings"):
        return []
    from wagtail.contrib.settings.registry import registry

    return list(registry)


def setting_panel(model: type[Model]) -> Panel:
    """Return the panel that a setting is edited in."""
    from wagtail.contrib.settings.views import get_setting_edit_handler

    return get_setting_edit_handler(model)


def open_setting(match: ResolverMatch, user) -> OpenForm:
    """
    Open the form of the view called ``SETTINGS_VIEW``.

    :raises EditorNotFoundError: if there is no such setting or site.
    :raises PermissionRefusedError: if the user may not change it.
    """
    from wagtail.contrib.settings.models import BaseSiteSetting

    model: Any = setting_model(match)
    site = _find_site(match) if issubclass(model, BaseSiteSetting) else None
    policy = permission_policy_for(model)
    if not policy.user_has_permission(user, "change"):
        raise not_permitted()
    if site and not policy.user_has_permission_for_instance(user, "change", site):
        raise not_permitted()
    panel = setting_panel(model)
    return OpenForm(
        instance=model.for_site(site) if site else _find_generic(model, match),
        is_new=False,
        panel=panel,
        form_class=panel.get_form_class(),
        site=site,
    )


def setting_model(match: ResolverMatch) -> type[Model]:
    """
    Return the setting that the view called ``SETTINGS_VIEW`` edits.

    :raises EditorNotFoundError: if there is no such setting.
    """
    from wagtail.contrib.settings.registry import registry

    label, name = match.kwargs["app_name"], match.kwargs["model_name"]
    model = registry.get_by_natural_key(label, name)
    if model is None or "pk" not in match.kwargs:
        raise EditorNotFoundError(f"no setting {label}.{name} is edited here")
    return model


def _find_site(match):
    """Return the site of a setting: the settings of sites are called by theirs."""
    site = Site.objects.filter(pk=match.kwargs["pk"]).first()
    if site is None:
        raise EditorNotFoundError(f"no site {match.kwargs['pk']}")
    return site


def _find_generic(model, match):
    instance = model._default_manager.filter(pk=match.kwargs["pk"]).first()
    if instance is None:
        raise EditorNotFoundError(f"no {model._meta.label} {match.kwargs['pk']}")
    return instance
