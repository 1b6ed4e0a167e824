"""What the rules of a field alone say to a value, without an object or a form."""

from collections.abc import Collection, Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model

from wagtail_llm_actions.content.catalogue import Definition, definition_at, panel_for
from wagtail_llm_actions.content.native import (
    native_value,
    raw_value,
    require_shape,
    unknown_name,
)
from wagtail_llm_actions.content.problems import Problem, flatten, refusals
from wagtail_llm_actions.content.written_links import link_problems
from wagtail_llm_actions.exceptions import UnsupportedFieldError
from wagtail_llm_actions.values import FieldKind, Option

CHOSEN = (FieldKind.CHOICE, FieldKind.CHOICES, FieldKind.OBJECT, FieldKind.OBJECTS)


def problems_of_value(
    model: type[Model],
    path: str,
    value: Any,
    known: Collection[str] = (),
    offered: Collection[Option] = (),
) -> tuple[str, ...]:
    """
    Return what the field at ``path`` has against a value, as sentences.

    What only the whole form can know, such as that a slug is taken, is not among them; nor what
    a user may choose, which :func:`problems_of_choice` says.

    :param value: see ``FieldSpec``; Markdown for rich text.
    :param known: addresses that the field has already, which may stay.
    :param offered: what the form gives to choose from; a form can change what its class says.
    :raises UnknownFieldError: if objects of this type have no such field.
    :raises UnsupportedFieldError: if a language model cannot write it.
    """
    definition = definition_at(panel_for(model), path)
    if definition.kind is None:
        raise UnsupportedFieldError(f"{path} of {model._meta.label}")
    if refused := link_problems(definition.spec(), value, known):
        return refused
    if _was_offered(definition, value, offered):
        return ()
    return tuple(dict.fromkeys(problem.sentence() for problem in _problems(definition, value)))


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


def _was_offered(definition, value, offered):
    if definition.kind not in CHOSEN or not value:
        return False
    known = {option.value for option in offered}
    chosen = value if isinstance(value, list) else [value]
    return all(isinstance(each, str) and each in known for each in chosen)


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
