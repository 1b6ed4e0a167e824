"""Rows of runs that were refused before their form could be opened or read."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from wagtail.models import AbstractPage, Site

from wagtail_llm_actions.content import name_object
from wagtail_llm_actions.engine.preparation import placed
from wagtail_llm_actions.engine.receipts import record_refusal
from wagtail_llm_actions.exceptions import EditorNotFoundError, LLMActionsError
from wagtail_llm_actions.models import LLMActionHistory

LONGEST_NUMBER = 19
"""Digits of the largest number that a column takes."""


@contextmanager
def refusals_recorded(user: Any, url_path: str, address: str) -> Iterator[None]:
    """
    Record the error that ends the block as a run of ``user``, where the object can be named.

    :param url_path: the address of the form that the run was asked for.
    :param address: the field in it.
    """
    try:
        yield
    except LLMActionsError as error:
        with suppress(EditorNotFoundError):
            model, key = name_object(url_path)
            record_refusal(_row(user, model, key, address), error)
        raise


@contextmanager
def saved_refusals_recorded(
    user: Any, model: type[Model], key: str, address: str
) -> Iterator[None]:
    """
    Record the error that ends the block as a run of ``user`` on a saved object.

    :param key: the primary key of the object, as text.
    :param address: the field in it.
    """
    try:
        yield
    except LLMActionsError as error:
        record_refusal(_row(user, model, key, address), error)
        raise


def _row(user: Any, model: type[Model], key: str, address: str) -> LLMActionHistory:
    return LLMActionHistory(
        user=user,
        username=user.get_username(),
        content_type=ContentType.objects.get_for_model(model, for_concrete_model=False),
        object_type=model._meta.label_lower,
        object_id=key,
        # Not its title: the user may have no right to know it.
        object_repr=f"{model._meta.verbose_name} {key}".strip(),
        page_id=int(key) if issubclass(model, AbstractPage) and _is_number(key) else None,
        destination_address=address,
        **placed(_site_of(model, key)),
    )


def _site_of(model: type[Model], key: str) -> Site | None:
    """Return the site of a page, whoever asks."""
    if not issubclass(model, AbstractPage) or not _is_number(key):
        return None
    page: Any = model._default_manager.filter(pk=key).first()
    return page.get_site() if page else None


def _is_number(key: str) -> bool:
    """Return whether a key that somebody named can be one of a page."""
    return key.isascii() and key.isdecimal() and len(key) < LONGEST_NUMBER
