"""
What an LLM action serves, and which others are for the same field.

Says of an action that is not published yet what :mod:`.destinations` will do with it: the most
specific type wins, then the object's own site over all sites. One that is disabled stands before
the others all the same.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db.models import Count, Model, Q
from django.utils.text import capfirst
from django.utils.translation import gettext
from wagtail.models import AbstractPage, Site

from wagtail_llm_actions.content import kinds_of
from wagtail_llm_actions.content.opt_outs import is_opted_out
from wagtail_llm_actions.content.site_settings import setting_models
from wagtail_llm_actions.models import LLMAction
from wagtail_llm_actions.models.texts import storable
from wagtail_llm_actions.sites import seen_by


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The field of a type of object, on one site or all, that an action is for."""

    model: type[Model]
    path: str
    site: Site | None = None
    user: Any = None
    """Who asks; of other sites they are told nothing. ``None`` for who is told of all."""
    action_id: int | None = None
    """Of the action itself, where it was saved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedType:
    """How many objects of one type an action serves."""

    label: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Another live action for the same field, and which of the two serves what."""

    action: LLMAction
    sentence: str
    blocks: bool = False
    """Whether the action cannot be published beside it."""


def served_by(wanted: Wanted) -> list[ServedType]:
    """Return how many objects are served, by type, the most common first."""
    if not issubclass(wanted.model, AbstractPage):
        return _served_objects(wanted)
    pages: Any = wanted.model._default_manager.filter(depth__gt=1, alias_of=None)
    if wanted.site:
        pages = pages.descendant_of(wanted.site.root_page, inclusive=True)
    counted = pages.order_by().values_list("content_type").annotate(Count("pk"))
    types = ContentType.objects.get_for_id
    models = [(types(pk).model_class(), count) for pk, count in counted]
    served = [
        ServedType(label=_label(model), count=n)
        for model, n in models
        if model and _has(model, wanted)
    ]
    return sorted(served, key=lambda one: -one.count)


def conflicts_of(wanted: Wanted) -> list[Conflict]:
    """Return the other live actions that are for some of the same objects, and what becomes of them."""
    below = _specific(wanted.model)
    models = [wanted.model, *_bases(wanted.model), *below]
    types = ContentType.objects.get_for_models(*models, for_concrete_models=False)
    others = (
        LLMAction.objects.live()
        .filter(destination_type__in=types.values(), destination_path=storable(wanted.path))
        .exclude(pk=wanted.action_id)
        .select_related("site", "destination_type")
    )
    if wanted.user:
        others = seen_by(wanted.user, others)
    if wanted.site:
        others = others.filter(Q(site=None) | Q(site=wanted.site))
    found = [_conflict(wanted, other, below) for other in others]
    return sorted(found, key=lambda one: (not one.blocks, one.action.name))


def _served_objects(wanted: Wanted) -> list[ServedType]:
    """An action for one site serves of all else than pages only what is set up for that site."""
    rows = wanted.model._default_manager.all()
    if wanted.site:
        is_of_sites = wanted.model in setting_models() and _is_of_site(wanted.model)
        rows = rows.filter(site=wanted.site) if is_of_sites else rows.none()
    return [ServedType(label=_label(wanted.model), count=rows.count())]


def _is_of_site(model: type[Model]) -> bool:
    return any(field.name == "site" for field in model._meta.concrete_fields)


def _has(model: type[Model], wanted: Wanted) -> bool:
    """Return whether the form of a type has the field: a type may leave out those of its base."""
    return wanted.path in kinds_of(model) and not is_opted_out(model, wanted.path)


def _conflict(wanted: Wanted, other: LLMAction, below: Iterable[type[Model]]) -> Conflict:
    model = other.destination_type.model_class()
    if model is wanted.model and other.site_id == (wanted.site.pk if wanted.site else None):
        message = gettext(
            "It fills this field already. Unpublish it first, or choose another field or site."
        )
        return Conflict(action=other, sentence=_with_state(other, message), blocks=True)
    return Conflict(action=other, sentence=_with_state(other, _precedence(wanted, other, below)))


def _precedence(wanted: Wanted, other: LLMAction, below: Iterable[type[Model]]) -> str:
    """Say which of two actions stands before the other, and where."""
    model: Any = other.destination_type.model_class()
    names = {
        "type": _label(model),
        "own": _label(wanted.model),
        "site": other.site or wanted.site,
    }
    if model in below:
        return (
            gettext("For “%(type)s” on %(site)s it stands before this one.") % names
            if other.site and not wanted.site
            else gettext("For “%(type)s” it stands before this one.") % names
        )
    if model is not wanted.model:
        return (
            gettext("For “%(own)s” on %(site)s this one stands before it.") % names
            if wanted.site and not other.site
            else gettext("For “%(own)s” this one stands before it.") % names
        )
    if other.site:
        return gettext("On %(site)s it stands before this one.") % names
    return gettext("On %(site)s this one stands before it.") % names


def _with_state(other: LLMAction, sentence: str) -> str:
    if other.enabled:
        return sentence
    return gettext("%(sentence)s It is switched off, and still counts.") % {"sentence": sentence}


def _bases(model: type[Model]) -> list[type[Model]]:
    """Return the types whose actions also serve objects of this one."""
    return [known for known in apps.get_models() if known is not model and issubclass(model, known)]


def _specific(model: type[Model]) -> list[type[Model]]:
    """Return the types of object that an action for this one serves too."""
    return [known for known in apps.get_models() if known is not model and issubclass(known, model)]


def _label(model: type[Model]) -> str:
    return capfirst(str(model._meta.verbose_name))
