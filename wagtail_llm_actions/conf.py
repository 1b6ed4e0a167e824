"""
The settings of this package, read when they are used.

Only this module touches ``django.conf.settings``. Everything stands in one dictionary,
``WAGTAIL_LLM_ACTIONS``; a key that is not known is an error that names its full path.
"""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.conf import settings as django_settings
from django.core.exceptions import ImproperlyConfigured

from wagtail_llm_actions.values import DataClass

NAME = "WAGTAIL_LLM_ACTIONS"
LARGEST = 10**9
"""As seconds some thirty years, which dates and timers still know."""

DEFAULTS: dict[str, Any] = {
    "ENABLED": True,
    "PROVIDERS": {
        "default": {
            "BACKEND": "wagtail_llm_actions.providers.ollama.OllamaProvider",
            "OPTIONS": {"base_url": "http://localhost:11434"},
        }
    },
    "MAX_ATTEMPTS": 2,
    "RETRY_DELAY": 1.0,
    "MAX_RETRY_DELAY": 10.0,
    "REPAIR_OUTPUTS": True,
    "RUN_TIMEOUT": 300.0,
    "QUEUE_TIMEOUT": 60.0,
    "MAX_CONCURRENT_STREAMS": 32,
    "MAX_OUTPUT_CHARACTERS": 200_000,
    "SELF_HOSTED_PRICE": {"input": 0, "output": 0},
    "BUDGETED_OUTPUT_TOKENS": 4000,
    "ALLOWED_LINK_HOSTS": (),
    "OPTED_OUT": (),
    "DATA_CLASSES": {},
    "SEPARATE_SITES": False,
    "API_AUTHENTICATION": None,
    "BACKGROUND_QUEUE_TIMEOUT": 3600.0,
}


class Settings:
    """The values of ``WAGTAIL_LLM_ACTIONS``, one property each."""

    def _all(self) -> Mapping[str, Any]:
        value = getattr(django_settings, NAME, {})
        if not isinstance(value, Mapping):
            raise ImproperlyConfigured(f"{NAME} must be a dictionary, not {value!r}.")
        return value

    def _get(self, key: str) -> Any:
        return self._all().get(key, DEFAULTS[key])

    def _positive(self, key: str, kind: type) -> Any:
        value = self._get(key)
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not is_number or not 0 < value <= LARGEST:
            raise ImproperlyConfigured(
                f"{NAME}[{key!r}] must be a positive number up to {LARGEST}, not {value!r}."
            )
        return kind(value)

    def flag(self, key: str) -> bool:
        """
        Return a setting that is true or false.

        :raises ImproperlyConfigured: if it is something else, as the text that an environment
            variable holds: ``"false"`` would count as true.
        """
        value = self._get(key)
        if not isinstance(value, bool):
            raise ImproperlyConfigured(f"{NAME}[{key!r}] must be True or False, not {value!r}.")
        return value

    def unknown_keys(self) -> list[str]:
        """Return the full paths of the keys that mean nothing."""
        return [f"{NAME}[{key!r}]" for key in self._all() if key not in DEFAULTS]

    @property
    def ENABLED(self) -> bool:
        """Whether anything of this package shows or runs; off where it is neither true nor false."""
        return self._get("ENABLED") is True

    @property
    def PROVIDERS(self) -> Mapping[str, Any]:
        """Providers by alias, each ``{"BACKEND": dotted path, "OPTIONS": {…}}``."""
        return self._get("PROVIDERS")

    @property
    def MAX_ATTEMPTS(self) -> int:
        """
        How often a provider is called for one run at most, the first call included.

        The one call to repair an output that does not fit comes on top.
        """
        return self._positive("MAX_ATTEMPTS", int)

    @property
    def RETRY_DELAY(self) -> float:
        """How long to wait before a second attempt where the service names no time, in seconds."""
        return self._positive("RETRY_DELAY", float)

    @property
    def MAX_RETRY_DELAY(self) -> float:
        """The longest wait before another attempt, in seconds; a service that asks for more fails the run."""
        return self._positive("MAX_RETRY_DELAY", float)

    @property
    def REPAIR_OUTPUTS(self) -> bool:
        """Whether a model is told once what is wrong with an output that does not fit its field."""
        return self.flag("REPAIR_OUTPUTS")

    @property
    def RUN_TIMEOUT(self) -> float:
        """How long a run may take with all its attempts, in seconds."""
        return self._positive("RUN_TIMEOUT", float)

    @property
    def QUEUE_TIMEOUT(self) -> float:
        """How long a prepared run waits to be executed before it counts as interrupted, in seconds."""
        return self._positive("QUEUE_TIMEOUT", float)

    @property
    def MAX_CONCURRENT_STREAMS(self) -> int:
        """How many threads a process keeps for streaming runs under ASGI."""
        return self._positive("MAX_CONCURRENT_STREAMS", int)

    @property
    def MAX_OUTPUT_CHARACTERS(self) -> int:
        """How long a completion may grow, in characters, before the run is stopped."""
        return self._positive("MAX_OUTPUT_CHARACTERS", int)

    @property
    def SELF_HOSTED_PRICE(self) -> dict[str, Decimal]:
        """
        What tokens of models on own machines cost, in US dollars per million.

        ``{"input": 0, "output": 0}``; as numbers, or as texts where they must be exact.
        """
        value = self._get("SELF_HOSTED_PRICE")
        wrong = ImproperlyConfigured(
            f"{NAME}['SELF_HOSTED_PRICE'] must be a dictionary of 'input' and 'output' with US "
            f"dollars per million tokens, not {value!r}."
        )
        if not isinstance(value, Mapping) or set(value) != {"input", "output"}:
            raise wrong
        try:
            prices = {name: Decimal(str(price)) for name, price in value.items()}
        except InvalidOperation:
            raise wrong from None
        if not all(price.is_finite() and 0 <= price <= LARGEST for price in prices.values()):
            raise wrong
        return prices

    @property
    def BUDGETED_OUTPUT_TOKENS(self) -> int:
        """
        How long an answer may be that nobody else limits, in tokens, where tokens or money are limited.

        Without an end to it, no budget could be kept.
        """
        return self._positive("BUDGETED_OUTPUT_TOKENS", int)

    @property
    def ALLOWED_LINK_HOSTS(self) -> list[str]:
        """
        The hosts that a language model may link to, besides this site's own.

        As in Django's ``ALLOWED_HOSTS``: ``".example.com"`` with its subdomains, ``"*"`` for all.
        """
        value = self._get("ALLOWED_LINK_HOSTS")
        if not isinstance(value, (list, tuple)) or not all(isinstance(x, str) for x in value):
            raise ImproperlyConfigured(
                f"{NAME}['ALLOWED_LINK_HOSTS'] must be a list of hosts, not {value!r}."
            )
        return [host.lower() for host in value]

    @property
    def OPTED_OUT(self) -> tuple[str, ...]:
        """
        What language models never write: types, fields and kinds of field.

        ``"blog.LegalPage"``, ``"blog.BlogPage.legal_notice"``, ``"wagtail.blocks.RawHTMLBlock"``.
        """
        value = self._get("OPTED_OUT")
        if not isinstance(value, (list, tuple)) or not all(
            isinstance(entry, str) and "." in entry for entry in value
        ):
            raise ImproperlyConfigured(
                f"{NAME}['OPTED_OUT'] must be a list of dotted names, not {value!r}."
            )
        return tuple(value)

    @property
    def DATA_CLASSES(self) -> dict[str, DataClass]:
        """
        What types, fields and kinds of field hold, named as in ``OPTED_OUT``; all else is public.

        ``{"hr.PersonPage": "internal", "hr.PersonPage.phone": "personal"}``.
        """
        value = self._get("DATA_CLASSES")
        known = ", ".join(map(repr, DataClass.values))
        if not isinstance(value, Mapping) or not all(
            isinstance(name, str) and "." in name and held in DataClass.values
            for name, held in value.items()
        ):
            raise ImproperlyConfigured(
                f"{NAME}['DATA_CLASSES'] must be a dictionary of dotted names, each with one of "
                f"{known}, not {value!r}."
            )
        return {name: DataClass(held) for name, held in value.items()}

    @property
    def SEPARATE_SITES(self) -> bool:
        """Whether people see the LLM actions, limits and runs of their own sites only."""
        return self.flag("SEPARATE_SITES")

    def cleared_for(self, alias: str) -> DataClass | None:
        """
        Return what a provider may be sent at most, if its setting says so.

        :raises ImproperlyConfigured: if it says something else.
        """
        value = self.PROVIDERS[alias].get("CLEARED_FOR")
        if value is not None and value not in DataClass.values:
            raise ImproperlyConfigured(
                f"{NAME}['PROVIDERS'][{alias!r}]['CLEARED_FOR'] must be one of "
                f"{', '.join(map(repr, DataClass.values))}, not {value!r}."
            )
        return None if value is None else DataClass(value)

    def language_codes(self) -> list[str]:
        """Return the languages that the site is shown in."""
        return [code for code, _name in django_settings.LANGUAGES]

    @property
    def API_AUTHENTICATION(self) -> str | None:
        """The dotted path of what reads the tokens of the API; ``None`` for Wagtail's own on 8.0."""
        value = self._get("API_AUTHENTICATION")
        if value is not None and not (isinstance(value, str) and "." in value):
            raise ImproperlyConfigured(
                f"{NAME}['API_AUTHENTICATION'] must be a dotted path, not {value!r}."
            )
        return value

    @property
    def BACKGROUND_QUEUE_TIMEOUT(self) -> float:
        """How long a run waits for a worker before it counts as interrupted, in seconds."""
        return self._positive("BACKGROUND_QUEUE_TIMEOUT", float)


settings = Settings()
