"""
The paths that a source may have: of the fields, and the special ones, which begin with ``@``.

``@parent.`` stands before a path of the page above.
"""

from typing import Any

from django.db.models import Model
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.models import AbstractPage

from wagtail_llm_actions.content.catalogue import definition_at, panel_for
from wagtail_llm_actions.content.kinds import LABEL_SEPARATOR
from wagtail_llm_actions.content.media import IMAGES, media_models
from wagtail_llm_actions.exceptions import UnknownFieldError

CONTENT = "@content"
SELECTION = "@selection"
PARENT = "@parent."
IMAGE = "@image"
SPECIAL_SOURCES = {CONTENT: _("Content"), SELECTION: _("Selected text")}
"""What the special sources are called that stand alone."""


def source_label(model: type[Model], path: str) -> str:
    """
    Return what the source at ``path`` is called.

    :raises UnknownFieldError: if objects of this type have no such source. A field of the page
        above is one if pages of any type that may be above have it.
    """
    if path in SPECIAL_SOURCES:
        return str(SPECIAL_SOURCES[path])
    if path == IMAGE:
        return image_label(model)
    if path.startswith(PARENT):
        return parent_label(_label_in_parents(model, path))
    return definition_at(panel_for(model), path).label


def image_label(model: type[Model]) -> str:
    """
    Return what the image that is edited is called.

    :raises UnknownFieldError: if objects of this type are no images.
    """
    if media_models().get(IMAGES) is not model:
        raise UnknownFieldError(f"{model._meta.label} is no image")
    return capfirst(str(model._meta.verbose_name))


def parent_label(label: str) -> str:
    """Return what a field of the page above is called, seen from below."""
    return LABEL_SEPARATOR.join((gettext("Parent page"), label))


def parent_types(model: Any) -> list[type[Model]]:
    """Return the types of page that may be above objects of a type; none above what is no page."""
    return model.allowed_parent_page_models() if issubclass(model, AbstractPage) else []


def _label_in_parents(model, path):
    for parent in parent_types(model):
        try:
            return definition_at(panel_for(parent), path.removeprefix(PARENT)).label
        except UnknownFieldError:
            continue
    raise UnknownFieldError(f"{path} of {model._meta.label}")
