"""Relations as a whole: the rows of inline children that can be added to a form."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.forms import Field
from django.forms.formsets import (
    DELETION_FIELD_NAME,
    INITIAL_FORM_COUNT,
    ORDERING_FIELD_NAME,
    TOTAL_FORM_COUNT,
)
from django.forms.models import InlineForeignKeyField
from django.http import QueryDict
from django.utils.translation import gettext
from wagtail.admin.panels import InlinePanel

from wagtail_llm_actions.content.choosing import Filled
from wagtail_llm_actions.content.forms import ShownField, bound_panel, shown_in
from wagtail_llm_actions.content.kinds import LABEL_SEPARATOR, kind_of
from wagtail_llm_actions.content.native import raw_value, require_shape, unknown_name
from wagtail_llm_actions.content.pages import OpenForm
from wagtail_llm_actions.content.specs import Candidates, model_validators, spec_of, spec_of_rows
from wagtail_llm_actions.exceptions import UnknownFieldError, UnsupportedFieldError
from wagtail_llm_actions.values import FieldKind, FieldSpec

BY_KEY = "pk-"
"""What the step of an address begins with that calls an inline child by its key."""


@dataclass(frozen=True, kw_only=True)
class Rows:
    """A relation in a bound form."""

    address: tuple[str, ...]
    """``("related_links",)`` or ``("chapters", "0", "notes")``."""
    path: tuple[str, ...]
    labels: tuple[str, ...]
    panel: Any
    """The bound inline panel."""
    columns: tuple[ShownField, ...]
    """The fields of a row, as an empty one shows them."""

    @property
    def location(self) -> tuple[str | int, ...]:
        """Where the form's errors say it is."""
        return tuple(int(part) if part.isdigit() else part for part in self.address)

    @property
    def total(self) -> int:
        """How many rows the form has, with those that are to be deleted."""
        return self.panel.formset.total_form_count()

    @property
    def kind(self) -> FieldKind | None:
        """``ROWS`` where a language model may write any field of a row."""
        return FieldKind.ROWS if any(_kind(column) for column in self.columns) else None

    def spec(self, candidates: Candidates) -> FieldSpec:
        """
        Return what a language model may write here.

        :raises UnsupportedFieldError: if it may write nothing here.
        """
        if self.kind is None:
            raise UnsupportedFieldError(f"{'.'.join(self.path)} cannot be written")
        return spec_of_rows(
            [_spec_of(column, candidates) for column in self.columns if _kind(column)],
            path=".".join(self.path),
            label=LABEL_SEPARATOR.join(self.labels),
            min_items=self.panel.panel.min_num,
            max_items=self.panel.panel.max_num,
        )

    def filled(self, rows: Any) -> list[Filled]:
        """Return what is filled if the rows are added; what is no row is passed over."""
        known = {column.name: column for column in self.columns}
        return [
            Filled(known[name].bound.field, value, known[name].labels[-1:])
            for row in rows or ()
            if isinstance(row, dict)
            for name, value in row.items()
            if name in known
        ]

    def children(self, form: Any) -> list[Any]:
        """Return the forms of the rows in another form for the same object."""
        formset = form.formsets[self.address[0]]
        for number, relation in zip(self.address[1::2], self.address[2::2], strict=True):
            formset = formset.forms[int(number)].formsets[relation]
        return formset.forms

    def raw_row(self, value: Any) -> dict[str, Any]:
        """
        Return what the widgets of a row return for the value of one; see ``FieldSpec``.

        :raises ValidationError: if a row cannot hold such a value.
        """
        require_shape(FieldKind.STRUCT, value)
        known = {column.name: column for column in self.columns if _kind(column)}
        if unknown := next((name for name in value or {} if name not in known), None):
            raise ValidationError(unknown_name(unknown))
        return {
            name: raw_value(column.bound.field, _kind(column), value[name])
            for name, column in known.items()
            if name in (value or {})
        }

    def missing(self, raws: Iterable[dict[str, Any]]) -> tuple[str, ...]:
        """Return which fields of rows lack what they need when the object is published."""
        lacking = {
            column.labels[-1]: str(column.bound.field.error_messages["required"])
            for raw in raws
            for column in self.columns
            if column.required and raw.get(column.name) in column.bound.field.empty_values
        }
        message = gettext("%(field)s: %(message)s")
        return tuple(message % {"field": name, "message": lacking[name]} for name in lacking)

    def is_bookkeeping(self, name: str, field: Field) -> bool:
        """Return whether a field of a row is none that people fill in."""
        names = (self.panel.formset.model._meta.pk.name, ORDERING_FIELD_NAME, DELETION_FIELD_NAME)
        return name in names or isinstance(field, InlineForeignKeyField)

    def add_to(self, post: QueryDict, count: int) -> None:
        """Add so many rows to posted data; their fields are still to be filled."""
        prefix, total = self.panel.formset.prefix, self.total
        post[f"{prefix}-TOTAL_FORMS"] = str(total + count)
        for number in range(total, total + count):
            post[f"{prefix}-{number}-id"] = ""
            post[f"{prefix}-{number}-{ORDERING_FIELD_NAME}"] = str(number + 1)
            post[f"{prefix}-{number}-{DELETION_FIELD_NAME}"] = ""
            for relation in getattr(self.panel.formset.form, "formsets", {}):
                for count_of in (TOTAL_FORM_COUNT, INITIAL_FORM_COUNT):
                    post[f"{prefix}-{number}-{relation}-{count_of}"] = "0"


def is_relation(opened: OpenForm, address: str) -> bool:
    """Return whether an address ends in a relation of the form, whoever looks at it."""
    formsets = getattr(opened.form_class, "formsets", {})
    for step in address.split("."):
        if is_child(step):
            continue
        if step not in formsets:
            return False
        formsets = getattr(formsets[step].form, "formsets", {})
    return not is_child(address.rpartition(".")[2])


def is_child(step: str) -> bool:
    """Return whether a step of an address calls an inline child, by its number or its key."""
    return step.isdigit() or step.startswith(BY_KEY)


def numbered(form: Any, address: str) -> str:
    """
    Return an address with the numbers of inline children in a form instead of their keys.

    A child that was saved is called by its key, ``related_links.pk-57.caption``, which stays when
    its siblings go; a new one by its number: ``related_links.2.caption``.

    :raises UnknownFieldError: if the form has no such child.
    """
    steps = address.split(".")
    formsets = getattr(form, "formsets", {})
    for at in range(0, len(steps) - 1, 2):
        if steps[at] not in formsets:
            break
        children = formsets[steps[at]].forms
        if steps[at + 1].startswith(BY_KEY):
            steps[at + 1] = str(_number_of(children, steps[at + 1].removeprefix(BY_KEY), address))
        if not steps[at + 1].isdigit() or int(steps[at + 1]) >= len(children):
            break
        formsets = getattr(children[int(steps[at + 1])], "formsets", {})
    return ".".join(steps)


def _number_of(children, key, address):
    for number, child in enumerate(children):
        if child.instance.pk is not None and str(child.instance.pk) == key:
            return number
    raise UnknownFieldError(f"nothing at {address}")


def is_in_other_row(address: str, other: str) -> bool:
    """Return whether two addresses are in different inline children; a new child may be any."""
    pairs = zip(address.split("."), other.split("."), strict=False)
    return any(a != b and a.startswith(BY_KEY) and b.startswith(BY_KEY) for a, b in pairs)


def find_rows(opened: OpenForm, form: Any, user: Any, address: str) -> Rows | None:
    """Return the relation that an address names in a bound form, if the form shows it."""
    tokens = tuple(address.split("."))
    panel = bound_panel(opened, form, user)
    return next((rows for rows in _walk(panel, (), (), ()) if rows.address == tokens), None)


def _walk(panel, address, path, labels) -> Iterator[Rows]:
    if not panel.is_shown():
        return
    if isinstance(panel, InlinePanel.BoundPanel):
        relation = panel.panel.relation_name
        rows = _rows(panel, (*address, relation), (*path, relation), labels)
        yield rows
        for number, child in enumerate(panel.children):
            inner = (*rows.address, str(number))
            yield from _walk(child, inner, rows.path, (*labels, str(panel.label)))
    else:
        for child in getattr(panel, "children", ()):
            yield from _walk(child, address, path, labels)


def _rows(panel, address, path, labels):
    columns = (field for field in shown_in(panel.empty_child) if len(field.address) == 1)
    return Rows(
        address=address,
        path=path,
        labels=(*labels, str(panel.heading)),
        panel=panel,
        columns=tuple(column for column in columns if not column.read_only),
    )


def _kind(column):
    return kind_of(column.bound.field)


def _spec_of(column, candidates):
    return spec_of(
        column.bound.field,
        _kind(column),
        path=column.name,
        label=column.labels[-1],
        required=column.required,
        validators=model_validators(column.panel),
        candidates=candidates,
    )
