"""Reading the options of providers: every error names the option and never quotes a key."""

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

from django.core import checks

from wagtail_llm_actions.conf import NAME


def seconds(name: str, value: object) -> float:
    """
    Return ``value`` as a number of seconds above zero.

    :raises ValueError: naming the option.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < 1e9:
        raise ValueError(f"{name} must be a number of seconds above zero, not {value!r}")
    return float(value)


def tokens(name: str, value: object) -> int | None:
    """
    Return ``value`` as a number of tokens above zero, or ``None``.

    :raises ValueError: naming the option.
    """
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
        raise ValueError(f"{name} must be a whole number above zero, not {value!r}")
    return value


def text(name: str, value: object) -> str:
    """
    Return ``value`` if it is a text.

    :raises TypeError: naming the option.
    """
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a string, not {type(value).__name__}")
    return value


def flag(name: str, value: object) -> bool:
    """
    Return ``value`` if it is true or false.

    :raises TypeError: naming the option.
    """
    if not isinstance(value, bool):
        raise TypeError(f"{name} must be True or False, not {value!r}")
    return value


def secret(name: str, value: object) -> str:
    """
    Return ``value`` if it can stand in a header; ``""`` and ``None`` are no secret.

    :raises TypeError: naming the option.
    :raises ValueError: naming the option, not its value.
    """
    value = text(name, "" if value is None else value)
    if not re.fullmatch(r"[\x21-\x7e]*", value):
        raise ValueError(f"{name} holds a space, a line break or a character outside ASCII")
    return value


def is_loopback(url: str) -> bool:
    """Return whether ``url`` leads to this machine without leaving it."""
    try:
        host = urlsplit(url).hostname or ""
        return bool(re.search(r"(^|\.)localhost$", host)) or ip_address(host).is_loopback
    except ValueError:
        return False


def host_of(url: str) -> str:
    """Return the host of an address with its port, and without what stands before an ``@``."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2]
    except ValueError:
        return ""


def option_path(alias: str, option: str) -> str:
    """Return where an option stands in the settings."""
    return f"{NAME}['PROVIDERS'][{alias!r}]['OPTIONS'][{option!r}]"


def check_base_url(alias: str, url: str, *, has_key: bool) -> list[checks.CheckMessage]:
    """Return what is wrong with the address of a service, without asking it."""
    path = option_path(alias, "base_url")
    try:
        parts = urlsplit(url)
        wrong = parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0
    except ValueError:
        wrong, parts = True, urlsplit("")
    if wrong or re.search(r"\s", url):
        hint = "Write it like http://localhost:11434."
        return [
            checks.Error(f"{path} is not an address.", hint=hint, id="wagtail_llm_actions.E101")
        ]
    if parts.username or parts.password:
        hint = "Use the option 'api_key', which is kept out of logs."
        return [checks.Error(f"{path} holds a password.", hint=hint, id="wagtail_llm_actions.E102")]
    if has_key and parts.scheme == "http" and not is_loopback(url):
        message = f"{path} sends the API key over a connection that is not encrypted."
        return [checks.Warning(message, hint="Use https.", id="wagtail_llm_actions.W103")]
    return []
