"""
Builds providers from the setting, lazily and once.

An adapter is imported when its alias is first used: a site that never runs an action never
imports an HTTP library.
"""

import inspect
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from django.utils.module_loading import import_string

from wagtail_llm_actions.conf import NAME, settings
from wagtail_llm_actions.providers.base import BaseProvider

KEYS = ("BACKEND", "OPTIONS", "CLEARED_FOR")
"""Of a provider's entry in the setting."""


class ProviderNotConfiguredError(ImproperlyConfigured):
    """No provider has this alias."""


class ProviderHandler:
    """Providers by alias."""

    def __init__(self) -> None:
        self._built: dict[str, BaseProvider] = {}
        self._replacement: BaseProvider | None = None
        self._lock = threading.Lock()
        setting_changed.connect(self._forget, dispatch_uid=f"{NAME}.providers.{id(self)}")

    def __getitem__(self, alias: str) -> BaseProvider:
        """
        Return the provider called ``alias``.

        :raises ImproperlyConfigured: if there is none, or its setting is wrong.
        """
        with self._lock:
            if self._replacement is not None and alias in self:
                return self._replacement
            if alias not in self._built:
                self._built[alias] = build(alias)
            return self._built[alias]

    def __iter__(self) -> Iterator[str]:
        return iter(settings.PROVIDERS)

    def __contains__(self, alias: object) -> bool:
        return alias in settings.PROVIDERS

    @contextmanager
    def replaced_by(self, provider: BaseProvider) -> Iterator[None]:
        """Hand out ``provider`` for every alias that is configured, in all threads. For tests."""
        before, self._replacement = self._replacement, provider
        try:
            yield
        finally:
            self._replacement = before

    def _forget(self, *, setting: str, **kwargs: Any) -> None:
        if setting == NAME:
            with self._lock:
                built, self._built = self._built, {}
            for provider in built.values():
                provider.close()


def build(alias: str) -> BaseProvider:
    """
    Build a provider from its setting.

    :raises ImproperlyConfigured: naming the full path of the key that is wrong.
    """
    path = f"{NAME}['PROVIDERS'][{alias!r}]"
    entry = _entry(alias, path)
    backend = _backend(entry["BACKEND"], path)
    options = entry.get("OPTIONS", {})
    if not isinstance(options, Mapping):
        raise ImproperlyConfigured(f"{path}['OPTIONS'] must be a dictionary, not {options!r}.")
    known = option_names(backend)
    if unknown := [name for name in options if name not in known]:
        raise ImproperlyConfigured(
            f"{path}['OPTIONS'][{unknown[0]!r}] is not an option of {entry['BACKEND']}. "
            f"Its options are: {', '.join(sorted(known)) or 'none'}."
        )
    try:
        return backend(alias=alias, **options)
    except (TypeError, ValueError) as error:
        raise ImproperlyConfigured(f"{path}['OPTIONS']: {error}") from error


def option_names(backend: type[BaseProvider]) -> set[str]:
    """Return the options that a provider class takes: its constructors' keyword arguments."""
    names: set[str] = set()
    for cls in backend.__mro__:
        if init := cls.__dict__.get("__init__"):
            parameters = inspect.signature(init).parameters.values()
            names.update(p.name for p in parameters if p.kind is p.KEYWORD_ONLY)
            if not any(p.kind is p.VAR_KEYWORD for p in parameters):
                break
    return names - {"alias"}


def _entry(alias: str, path: str) -> Mapping[str, Any]:
    configured = settings.PROVIDERS
    if not isinstance(configured, Mapping):
        raise ImproperlyConfigured(f"{NAME}['PROVIDERS'] must be a dictionary.")
    if alias not in configured:
        raise ProviderNotConfiguredError(
            f"{path} does not exist. The aliases are: {', '.join(map(repr, configured)) or 'none'}."
        )
    entry = configured[alias]
    if not isinstance(entry, Mapping) or not isinstance(entry.get("BACKEND"), str):
        raise ImproperlyConfigured(f"{path} must be a dictionary with a 'BACKEND'.")
    if unknown := [key for key in entry if key not in KEYS]:
        raise ImproperlyConfigured(f"{path}[{unknown[0]!r}] is not known: use {', '.join(KEYS)}.")
    settings.cleared_for(alias)
    return entry


def _backend(dotted: str, path: str) -> type[BaseProvider]:
    try:
        backend = import_string(dotted)
    except ImportError as error:
        raise ImproperlyConfigured(f"{path}['BACKEND'] cannot be imported: {error}") from error
    if not (isinstance(backend, type) and issubclass(backend, BaseProvider)):
        raise ImproperlyConfigured(f"{path}['BACKEND'] is not a provider class: {dotted!r}.")
    return backend
