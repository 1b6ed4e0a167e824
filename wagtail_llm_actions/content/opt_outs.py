"""The fields that a site keeps language models away from, by type, by name or by kind of field."""

from django.db.models import Model

from wagtail_llm_actions.conf import settings
from wagtail_llm_actions.content.naming import is_within, paths_named
from wagtail_llm_actions.exceptions import UnsupportedFieldError


def is_opted_out(model: type[Model], path: str) -> bool:
    """Return whether the site's settings keep language models from writing a field."""
    entries = settings.OPTED_OUT
    return bool(entries) and is_within(path, paths_named(model, entries))


def require_opted_in(model: type[Model], path: str) -> None:
    """
    Do nothing if the field may be written.

    :raises UnsupportedFieldError: if not.
    """
    if is_opted_out(model, path):
        raise UnsupportedFieldError(f"{path} of {model._meta.label} is in OPTED_OUT")
