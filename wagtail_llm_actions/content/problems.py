"""What is wrong with a bound form, as a flat list that can be compared with another's."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.forms import BaseForm
from django.utils.translation import gettext
from wagtail.blocks import Block, ListBlock, StreamBlock, StructBlock
from wagtail.blocks.base import BlockField

from wagtail_llm_actions.content.kinds import LABEL_SEPARATOR

Location = tuple[str | int, ...]


class Problem(NamedTuple):
    """One error message of a form."""

    location: Location
    """Where: ``("title",)``, ``("stream", 2, "heading")``, ``("related_links", 0, "caption")``."""
    labels: tuple[str, ...]
    """What each step of the location is called; empty where it has no name."""
    message: str

    def sentence(self, depth: int = 0) -> str:
        """
        Return the message with the field that it is about.

        :param depth: how many steps of the location the reader knows already.
        """
        label = LABEL_SEPARATOR.join(filter(None, self.labels[depth:]))
        if not label:
            return self.message
        return gettext("%(field)s: %(message)s") % {"field": label, "message": self.message}


class Target(NamedTuple):
    """What is filled in a form."""

    location: Location
    since: int = 0
    """From which position on the children at ``location`` are new, where only some are."""

    def holds(self, location: Location) -> bool:
        """Return whether what stands at ``location`` is new."""
        depth = len(self.location)
        if location[:depth] != self.location:
            return False
        step = location[depth] if len(location) > depth else None
        return not (isinstance(step, int) and step < self.since)


def problems_of(form: BaseForm, location: Location = (), labels=()) -> Iterator[Problem]:
    """Yield all errors of a validated form and its inline children."""
    for name, errors in form.errors.as_data().items():
        is_field = name != NON_FIELD_ERRORS
        at, called = (*location, name), (*labels, str(form[name].label) if is_field else "")
        block, value = _block_at(form, name) if is_field else (None, None)
        for error in errors:
            yield from flatten(error, at, called, block, value)
    for name, formset in getattr(form, "formsets", {}).items():
        for message in formset.non_form_errors():
            yield Problem((*location, name), (*labels, ""), str(message))
        for number, child in enumerate(formset.forms):
            if not formset._should_delete_form(child):
                yield from problems_of(child, (*location, name, number), (*labels, "", ""))


def new_problems(before: BaseForm, after: BaseForm, target: Target) -> tuple[str, ...]:
    """
    Return the errors that a form has got since, as sentences.

    An error in ``target`` counts even if it was there before: what is put there has to be right.
    """
    known = Counter(problem for problem in problems_of(before) if not target.holds(problem[0]))
    sentences = []
    for problem in problems_of(after):
        if known[problem] > 0:
            known[problem] -= 1
        else:
            is_own = target.holds(problem.location)
            sentences.append(problem.sentence(len(target.location) if is_own else 0))
    return tuple(dict.fromkeys(sentences))


def flatten(
    error: ValidationError,
    location: Location = (),
    labels: tuple[str, ...] = (),
    block: Block | None = None,
    value: Any = None,
) -> Iterator[Problem]:
    """
    Yield the errors of blocks, which are trees: ``block_errors`` by position or name.

    :param block: the block that the error is about, if any.
    :param value: the block's value, to tell what is called how.
    """
    inner = getattr(error, "block_errors", None)
    cells = getattr(error, "cell_errors", None)
    others = getattr(error, "non_block_errors", None)
    if inner is None and cells is None and others is None:
        for message in error.messages:
            yield Problem(location, labels, str(message))
        return
    for step, child_error in (inner or {}).items():
        child, child_value, label = _child(block, value, step)
        yield from flatten(child_error, (*location, step), (*labels, label), child, child_value)
    for row, columns in (cells or {}).items():
        for column, cell_error in columns.items():
            label = gettext("row %(row)d, column %(column)d") % {
                "row": row + 1,
                "column": column + 1,
            }
            yield from flatten(cell_error, (*location, row, column), (*labels, label, ""))
    for other in others.as_data() if others else ():
        yield from flatten(other, location, labels)


def refusals(clean: Callable[[Any], Any], value: Any, block: Block | None = None) -> list[Problem]:
    """
    Return what a rule has against a value.

    :param clean: raises ``ValidationError``.
    :param block: the block that the value is for, if any.
    """
    try:
        clean(value)
    except ValidationError as error:
        return list(flatten(error, block=block, value=value))
    return []


def _block_at(form, name):
    field = form.fields[name]
    return (field.block, form[name].data) if isinstance(field, BlockField) else (None, None)


def _child(block, value, step):
    """Return a child of a block with its value and what it is called."""
    if isinstance(block, StructBlock) and step in block.child_blocks:
        child = block.child_blocks[step]
        inner = value.get(step) if hasattr(value, "get") else None
        return child, inner, str(child.label)
    if isinstance(block, StreamBlock) and value and isinstance(step, int):
        child = value[step]
        return child.block, child.value, _numbered(str(child.block.label), step)
    if isinstance(block, ListBlock) and value and isinstance(step, int):
        label = str(block.child_block.label) or gettext("Item")
        return block.child_block, value[step], _numbered(label, step)
    return None, None, ""


def _numbered(label, position):
    # Translators: One of several blocks or rows: “Paragraph 2”.
    return gettext("%(label)s %(number)d") % {"label": label, "number": position + 1}
