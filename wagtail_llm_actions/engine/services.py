"""The providers of the settings, for who keeps LLM configurations."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext

from wagtail_llm_actions.engine.preview import models_of
from wagtail_llm_actions.exceptions import PermissionRefusedError, RowNotFoundError
from wagtail_llm_actions.permissions import can_keep_configs
from wagtail_llm_actions.providers import providers


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A provider, without its address and its key."""

    alias: str
    service: str = ""
    abilities: tuple[str, ...] = ()
    allowed_parameters: tuple[str, ...] = ()
    problem: str = ""


def providers_for(user: Any) -> list[Service]:
    """
    Return the providers of the settings.

    :raises PermissionRefusedError: if the user may not keep LLM configurations.
    """
    _require(user)
    return [service_of(alias) for alias in providers]


def offered_models(user: Any, alias: str) -> list[str]:
    """
    Return the models that a provider offers now.

    :raises PermissionRefusedError: if the user may not keep LLM configurations.
    :raises RowNotFoundError: if the settings have no such provider.
    :raises ProviderError: if the service does not answer.
    """
    _require(user)
    if alias not in providers:
        raise RowNotFoundError(f"no provider {alias!r}")
    return models_of(alias)


def service_of(alias: str) -> Service:
    """Describe a provider of the settings."""
    try:
        provider = providers[alias]
    except ImproperlyConfigured:
        # The message may quote the setting.
        return Service(alias=alias, problem=gettext("The provider is not set up correctly."))
    return Service(
        alias=alias,
        service=provider.display_name,
        abilities=tuple(sorted(str(ability) for ability in provider.supports)),
        allowed_parameters=tuple(sorted(provider.allowed_parameters)),
    )


def _require(user: Any) -> None:
    if not can_keep_configs(user):
        raise PermissionRefusedError(
            f"user {user.pk} may not keep LLM configurations",
            user_message=gettext("You do not have permission to do this."),
        )
