"""What an LLM action may fill: the types of objects that are edited, and their fields."""

from collections.abc import Iterable
from functools import lru_cache

from django.contrib.contenttypes.models import ContentType
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext
from wagtail.models import get_page_models
from wagtail.snippets.models import get_snippet_models

from wagtail_llm_actions.compat import base_page_model
from wagtail_llm_actions.content import paths_of
from wagtail_llm_actions.content.media import media_models
from wagtail_llm_actions.content.opt_outs import is_opted_out
from wagtail_llm_actions.content.site_settings import setting_models

APP = "wagtail_llm_actions"


def destination_choices() -> list[tuple[str, list[tuple[int, str]]]]:
    """Return the content types that an action may be for, grouped, as choices."""
    groups = [
        (heading, [(_type_of(model).pk, type_label(model)) for model in models if fields_of(model)])
        for heading, models in _models()
    ]
    return [(heading, choices) for heading, choices in groups if choices]


def type_label(model) -> str:
    """Return a type's name for people; the base of all pages says that it is."""
    name = capfirst(model._meta.verbose_name)
    if model == base_page_model():
        return gettext("%(type)s: every page type") % {"type": name}
    return name


def fields_of(model) -> tuple:
    """Return the fields of a type that an action may fill, with path and label."""
    return _fields_of(model, get_language())


def all_paths() -> dict[str, str]:
    """Return the paths of all types with a label each, for a list of suggestions."""
    models = [model for _heading, group in reversed(_models()) for model in reversed(group)]
    return {known.path: known.label for model in models for known in fields_of(model)}


def _models() -> list[tuple[str, list]]:
    """Return the types of objects, grouped; the most common first."""
    pages = [base_page_model(), *_sorted(m for m in get_page_models() if m != base_page_model())]
    snippets = _sorted(m for m in get_snippet_models() if m._meta.app_label != APP)
    return [
        (gettext("Pages"), pages),
        (gettext("Snippets"), snippets),
        (gettext("Images and documents"), list(media_models().values())),
        (gettext("Settings"), _sorted(setting_models())),
    ]


@lru_cache(maxsize=1000)
def _fields_of(model, language):
    return tuple(known for known in paths_of(model) if not is_opted_out(model, known.path))


def _type_of(model):
    return ContentType.objects.get_for_model(model, for_concrete_model=False)


def _sorted(models: Iterable):
    return sorted(set(models), key=lambda model: str(model._meta.verbose_name).casefold())
