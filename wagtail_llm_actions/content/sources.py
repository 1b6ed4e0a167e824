"""Reading the fields that feed a prompt out of a form, as the user sees them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model
from django.utils.translation import gettext
from wagtail.blocks import Block, ListBlock, StreamBlock, StreamValue, StructBlock
from wagtail.blocks.base import BlockField
from wagtail.models import AbstractPage, UploadedFile

from wagtail_llm_actions.compat import base_page_model
from wagtail_llm_actions.content.addresses import Place
from wagtail_llm_actions.content.catalogue import definition_at
from wagtail_llm_actions.content.forms import ShownField, shown_fields
from wagtail_llm_actions.content.guards import hidden_paths, hidden_source, is_hidden
from wagtail_llm_actions.content.kinds import ITEM, kind_of
from wagtail_llm_actions.content.pages import OpenForm
from wagtail_llm_actions.content.pictures import is_image
from wagtail_llm_actions.content.plain_text import (
    Sees,
    child_value,
    labelled,
    text_of_block,
    text_of_form_value,
    text_of_model_value,
)
from wagtail_llm_actions.content.source_paths import image_label
from wagtail_llm_actions.content.visibility import may_see
from wagtail_llm_actions.exceptions import PermissionRefusedError, UnknownFieldError
from wagtail_llm_actions.values import PROSE_KINDS

IMAGE_TEXTS = frozenset({"title", "description"})
"""The fields that say what is on an image, where it is not looked at."""


@dataclass(frozen=True, slots=True)
class SourceValue:
    """What a source says."""

    label: str
    text: str
    images: tuple[Any, ...] = ()
    """Images among the values, which a model that sees may look at."""


@dataclass(frozen=True, kw_only=True)
class Material:
    """What sources are read from: the fields of a form as a user sees them."""

    opened: OpenForm
    fields: tuple[ShownField, ...]
    hidden: frozenset[str]
    """The paths of the fields that need a permission which the user does not have."""
    sees: Sees
    """Whether an object that was chosen may be named to the user."""


def material_of(opened: OpenForm, form: Any, user: Any) -> Material:
    """Return what the user can read in a form of :func:`bind_form` or :func:`stored_form`."""
    return Material(
        opened=opened,
        fields=shown_fields(opened, form, user),
        hidden=frozenset(hidden_paths(type(opened.instance), user)),
        sees=partial(may_see, user),
    )


def read_content(material: Material) -> SourceValue:
    """Return everything that the object says."""
    return SourceValue(gettext("Content"), _content(material))


def read_image(material: Material) -> SourceValue:
    """
    Return the image that is edited, with what its form says of it.

    :raises UnknownFieldError: if no image is edited.
    """
    opened = material.opened
    label = image_label(type(opened.instance))
    texts = [
        labelled(field.labels[-1], text)
        for field in material.fields
        if field.name in IMAGE_TEXTS and (text := text_of(field, material.sees))
    ]
    image = opened.instance
    if opened.upload_id is not None:
        image = UploadedFile.objects.get(pk=opened.upload_id)
    return SourceValue(label, "\n".join(texts), (image,))


def read_field(material: Material, path: str, near: Place | None = None) -> SourceValue:
    """
    Return what the fields at ``path`` say.

    :param near: the field that is to be filled. A source in the same inline child or block is
        read from that child or block alone.
    :raises UnknownFieldError: if there is no such field, or the form does not show it.
    :raises PermissionRefusedError: if the user may not see the field, or what was chosen there.
    """
    opened, fields = material.opened, material.fields
    definition = definition_at(opened.panel, path, opened.form_class)
    if is_hidden(path, material.hidden):
        message = hidden_source(definition.label)
        raise PermissionRefusedError(f"{path} is hidden", user_message=message)
    shown = [field for field in fields if _overlaps(field.path, definition.path)]
    if not shown and len(definition.path) == 1 and definition.field:
        raise UnknownFieldError(
            f"{path} is not shown",
            user_message=gettext(
                "This LLM action reads “%(field)s”, which this form does not show. "
                "Nothing was sent."
            )
            % {"field": definition.label},
        )
    shown = [field for field in shown if near is None or _is_beside(field, near)]
    if len(definition.path) < max((len(field.path) for field in shown), default=0):
        lines = _lines_of_children(shown, material.sees)
        return SourceValue(definition.label, lines, _images_in_fields(shown, material.sees))
    values = [found for field in shown for found in _values(field, definition.path, near)]
    texts = [_text_of_source(block, value, material.sees) for block, value in values]
    images = tuple(
        image for owner, value in values for image in _images(owner, value, material.sees)
    )
    return SourceValue(definition.label, "\n".join(text for text in texts if text), images)


def text_of(shown: ShownField, sees: Sees) -> str:
    """Return what a field says."""
    if shown.read_only:
        return text_of_model_value(shown.panel.db_field, shown.value, sees)
    return text_of_form_value(shown.bound.field, shown.value, sees)


def _text_of_source(owner, value, sees):
    if isinstance(value, Model) and not sees(value):
        raise PermissionRefusedError(
            f"may not see {value._meta.label} {value.pk}",
            user_message=gettext(
                "This LLM action reads what you may not see: the object that is chosen in "
                "“%(field)s”. Nothing was sent."
            )
            % {"field": owner.label if isinstance(owner, Block) else owner.labels[-1]},
        )
    if isinstance(owner, Block):
        return text_of_block(owner, value, sees)
    return text_of(owner, sees)


def _images_in_fields(fields, sees):
    values = ((field, field.value) for field in fields)
    return tuple(image for owner, value in values for image in _images(owner, value, sees))


def _images(owner: Any, value: Any, sees: Sees) -> Iterator[Any]:
    """Yield the images in the value of a field or block that the user may see."""
    if is_image(value):
        if sees(value):
            yield value
    elif isinstance(value, StreamValue):
        for child in value:
            yield from _images(child.block, child.value, sees)
    elif isinstance(owner, ListBlock):
        for item in value or ():
            yield from _images(owner.child_block, item, sees)
    elif isinstance(owner, StructBlock) and isinstance(value, Mapping):
        for name, child in owner.child_blocks.items():
            yield from _images(child, value.get(name), sees)


def _overlaps(one, other):
    shorter = min(len(one), len(other))
    return one[:shorter] == other[:shorter]


def _is_beside(field, near):
    """Whether a field is in all inline children that ``near`` is in, where both could be."""
    depth = 0
    for own, other in zip(field.path[:-1], near.path[:-1], strict=False):
        if own != other:
            break
        depth += 1
    own = tuple(int(part) if part.isdigit() else part for part in field.address)
    return own[: 2 * depth] == near.location[: 2 * depth]


def _values(field, path, near):
    """Return what stands at a path in a field, each with the block or field that it is of."""
    steps = path[len(field.path) :]
    if not steps:
        return [(field, field.value)]
    is_same_field = near is not None and near.path[: len(field.path)] == field.path
    trail = near.location[len(field.address) :] if is_same_field else ()
    return _values_in(field.bound.field.block, field.value, steps, trail)


def _values_in(block: Block, value, steps, trail):
    if not steps or value is None:
        return [(block, value)]
    if isinstance(block, StreamBlock):
        return _values_in_stream(value, steps, trail)
    if isinstance(block, ListBlock):
        items = [value[trail[0]]] if trail else list(value)
        steps = steps[1:] if steps[0] == ITEM else steps
        return [
            found
            for item in items
            for found in _values_in(block.child_block, item, steps, trail[1:])
        ]
    name, *rest = steps
    trail = trail[1:] if trail and trail[0] == name else ()
    return _values_in(block.child_blocks[name], child_value(value, name), rest, trail)


def _values_in_stream(value, steps, trail):
    kind, *rest = steps
    children = [child for child in value if child.block_type == kind]
    if trail and value[trail[0]].block_type == kind:
        children, trail = [value[trail[0]]], trail[1:]
    else:
        trail = ()
    return [
        found for child in children for found in _values_in(child.block, child.value, rest, trail)
    ]


def _lines_of_children(fields, sees):
    lines = []
    for _, siblings in groupby(fields, key=lambda field: field.address[:-1]):
        texts = (" ".join(_labelled_text(field, sees).split()) for field in siblings)
        lines.append("; ".join(text for text in texts if text))
    return "\n".join(f"- {line}" for line in lines if line)


def _labelled_text(field, sees):
    text = text_of(field, sees)
    return text if not text or _is_written(field) else labelled(field.labels[-1], text)


def _content(material):
    opened, sees, texts = material.opened, material.sees, []
    for is_child, group in groupby(material.fields, key=lambda field: len(field.path) > 1):
        prose = [field for field in group if _is_prose(opened, field)]
        if is_child:
            texts.append(_lines_of_children(prose, sees))
        else:
            texts.extend(_titled(opened, field, sees) for field in prose)
    return "\n\n".join(text for text in texts if text)


def _titled(opened, field, sees):
    text = text_of(field, sees)
    is_title = field.name == "title" and isinstance(opened.instance, AbstractPage)
    return f"# {text}" if is_title and text else text


def _is_prose(opened, field):
    if field.read_only or (_is_of_every_page(opened, field) and field.name != "title"):
        return False
    return _is_written(field)


def _is_written(field):
    """Whether a field holds text that somebody wrote, as prose or in blocks."""
    form_field = None if field.read_only else field.bound.field
    return isinstance(form_field, BlockField) or (
        form_field is not None and kind_of(form_field) in PROSE_KINDS
    )


def _is_of_every_page(opened, field):
    if len(field.path) > 1 or not isinstance(opened.instance, AbstractPage):
        return False
    try:
        base_page_model()._meta.get_field(field.name)
    except FieldDoesNotExist:
        return False
    return True
