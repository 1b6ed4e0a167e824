"""What the rules of a field alone say to a value, without an object or a form."""

from collections.abc import Collection, Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.translation import gettext

from wagtail_llm_actions.content.candidates import choosable
from wagtail_llm_actions.content.catalogue import Definition, definition_at, panel_for
from wagtail_llm_actions.content.forms import UNREADABLE
from wagtail_llm_actions.content.native import (
    native_value,
    raw_value,
    require_shape,
    unknown_name,
)
from wagtail_llm_actions.content.problems import Problem, flatten, refusals
from wagtail_llm_actions.content.written_links import link_problems
from wagtail_llm_actions.exceptions import UnsupportedFieldError
from wagtail_llm_actions.values import FieldKind


def problems_of_value(
    model: type[Model], path: str, value: Any, user: Any = None, known: Collection[str] = ()
) -> tuple[str, ...]:
    """
    Return what the field at ``path`` has against a value, as sentences.

    What only the whole form can know, such as that a slug is taken, is not among them.

    :param value: see ``FieldSpec``; Markdown for rich text.
    :param user: an object that this user may not choose is a problem of a field of objects.
    :param known: addresses that the field has already, which may stay.
    :raises UnknownFieldError: if objects of this type have no such field.
    :raises UnsupportedFieldError: if a language model cannot write it.
    """
    definition = definition_at(panel_for(model), path)
    if definition.kind is None:
        raise UnsupportedFieldError(f"{path} of {model._meta.label}")
    if refused := link_problems(definition.spec(), value, known):
        return refused
    problems = [*_problems(definition, value), *_problems_of_choice(definition, value, user)]
    return tuple(dict.fromkeys(problem.sentence() for problem in problems))


def _problems(definition: Definition, value: Any) -> Iterator[Problem]:
    try:
        if definition.kind == FieldKind.ROWS:
            yield from _problems_of_rows(definition, value)
        else:
            yield from _problems_of_field(definition, value)
    except ValidationError as error:
        yield from flatten(error)


def _problems_of_field(definition, value):
    block, field = definition.block, definition.field
    if block is not None:
        native = native_value(block, value)
        yield from refusals(block.clean, native, block)
        return

    def clean(raw):
        cleaned = field.clean(raw)
        for validate in definition.validators if cleaned not in field.empty_values else ():
            validate(cleaned)

    yield from refusals(clean, raw_value(field, definition.kind, value))


def _problems_of_choice(definition, value, user):
    field = definition.field
    if user is None or definition.kind not in (FieldKind.OBJECT, FieldKind.OBJECTS) or not value:
        return
    keys = value if isinstance(value, list) else [value]
    name = getattr(field, "to_field_name", None) or "pk"
    try:
        found = choosable(field, user).filter(**{f"{name}__in": keys}).count()
    except UNREADABLE:
        found = 0
    if found < len(set(keys)):
        yield Problem((), (), gettext("This cannot be chosen here."))


def _problems_of_rows(definition, rows):
    require_shape(FieldKind.ROWS, rows)
    columns = {column.path[-1]: column for column in definition.columns if column.kind}
    for row in rows or ():
        require_shape(FieldKind.STRUCT, row)
        for name, value in (row or {}).items():
            if name not in columns:
                raise ValidationError(unknown_name(name))
            for problem in _problems(columns[name], value):
                label = columns[name].labels[-1]
                yield problem._replace(labels=(label, *problem.labels))
