"""
The objects that a user may choose in a field: what a language model is offered to choose from.

What fits the text of the form comes first, then the latest. One query for each field, two for
fields of pages.
"""

import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import EmptyResultSet, FieldDoesNotExist
from django.db.models import Model, QuerySet
from taggit.forms import TagField
from wagtail.admin.widgets import AdminPageChooser, BaseChooser
from wagtail.models import AbstractPage, CollectionMember
from wagtail.permissions import page_permission_policy

from wagtail_llm_actions.compat import permission_policy_for
from wagtail_llm_actions.values import Option

MAX_CANDIDATES = 100
"""How many objects are offered at most."""
MAX_CONSIDERED = 1000
"""How many of the latest objects are searched for words of the text."""
MAX_TEXT = 200_000
"""How many characters of the text are searched for words."""
WORD = re.compile(r"\w{4,}")
"""A word that says something; shorter ones are in every title."""


class Candidates:
    """Finds the objects that one user may choose, for the fields of one form."""

    def __init__(self, user: Any, text: str = ""):
        """
        :param text: what the form says.
        """
        self._user = user
        self._words = _words(text[:MAX_TEXT])
        self._known: dict[Any, tuple[Option, ...]] = {}

    def __call__(self, field: forms.Field) -> tuple[Option, ...]:
        """Return what can be chosen in a field; nothing where nobody chooses, or all is free."""
        if self._user is None or not is_chooser(field):
            return ()
        key = key_of(field)
        if key not in self._known:
            self._known[key] = self._find(field)
        return self._known[key]

    def _find(self, field):
        rows = _rows(field, choosable(field, self._user))
        rows.sort(key=lambda row: -len(self._words & _words(row[1])))
        return tuple(Option(value=str(pk), label=label) for pk, label in rows[:MAX_CANDIDATES])


def is_chooser(field: forms.Field) -> bool:
    """Return whether a field takes nothing but objects that there are."""
    if isinstance(field, TagField):
        return not getattr(field, "free_tagging", True)
    return isinstance(field, forms.ModelChoiceField)


def key_name(field: Any) -> str:
    """Return which of their fields the objects are chosen by."""
    if isinstance(field, TagField):
        return "name"
    return field.to_field_name or "pk"


def choosable(field: Any, user: Any) -> QuerySet:
    """Return the objects that the user may choose in a field."""
    if isinstance(field, TagField):
        return field.tag_model.objects.all()
    allowed: Any = field.queryset
    if isinstance(field.widget, AdminPageChooser):
        return _pages(field.widget, user, allowed)
    if isinstance(field.widget, BaseChooser) and issubclass(allowed.model, CollectionMember):
        policy = permission_policy_for(allowed.model)
        seen = policy.instances_user_has_any_permission_for(user, ["choose"])
        return allowed.filter(pk__in=seen.order_by().values("pk"))
    # Wagtail's choosers of snippets, and selects, list them all.
    return allowed


def _pages(widget, user, allowed):
    seen = page_permission_policy.explorable_instances(user)
    if not widget.can_choose_root:
        seen = seen.exclude(depth=1)
    if not any(issubclass(allowed.model, model) for model in widget.target_models):
        seen = seen.type(*widget.target_models)
    return allowed.filter(pk__in=seen.order_by().values("pk"))


def _rows(field, queryset) -> list[tuple[Any, str]]:
    latest = latest_first(queryset)
    key = key_name(field)
    if isinstance(field, TagField):
        return list(latest.values_list(key, key)[:MAX_CONSIDERED])
    if _is_called_by_title(queryset.model):
        return list(latest.values_list(key, "title")[:MAX_CONSIDERED])
    return [
        (getattr(item, key), field.label_from_instance(item)) for item in latest[:MAX_CANDIDATES]
    ]


def _is_called_by_title(model: type[Model]) -> bool:
    return issubclass(model, (AbstractPage, CollectionMember)) and _has_field(model, "title")


def latest_first(queryset: QuerySet) -> QuerySet:
    """Return the objects, those first that were worked on last, as far as they tell."""
    if issubclass(queryset.model, AbstractPage):
        return queryset.order_by("-latest_revision_created_at", "-pk")
    if _has_field(queryset.model, "created_at"):
        return queryset.order_by("-created_at", "-pk")
    return queryset if queryset.ordered else queryset.order_by("-pk")


def _has_field(model, name):
    try:
        model._meta.get_field(name)
    except FieldDoesNotExist:
        return False
    return True


def key_of(field: Any) -> Any:
    """Return what is the same for fields in which the same objects can be chosen."""
    if isinstance(field, TagField):
        return TagField, field.tag_model
    targets: Iterable = getattr(field.widget, "target_models", ())
    allowed = field.queryset
    names = allowed.model, field.to_field_name, _sql_of(allowed)
    return type(field.widget), tuple(targets), *names


def _sql_of(queryset: QuerySet) -> str:
    try:
        return str(queryset.query)
    except EmptyResultSet:
        return ""


def _words(text: str) -> set[str]:
    return set(WORD.findall(text.lower()))
