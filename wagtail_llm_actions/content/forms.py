"""Binding an edit form to what the browser posts, and the fields that it shows to a user."""

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.forms import ModelMultipleChoiceField
from django.http import HttpRequest, QueryDict
from django.utils.datastructures import MultiValueDict
from draftjs_exporter.error import ExporterException
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.forms.pages import WagtailAdminPageForm
from wagtail.admin.panels import FieldPanel, InlinePanel

from wagtail_llm_actions.content.pages import OpenForm
from wagtail_llm_actions.exceptions import FormDataError

UNREADABLE = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    ExporterException,
    LookupError,
    RecursionError,
    TypeError,
    ValidationError,
    ValueError,
)
"""What forms and blocks raise where the posted data are not what they wrote into the page."""


@dataclass(frozen=True, kw_only=True)
class ShownField:
    """A field as a bound form shows it to a user."""

    address: tuple[str, ...]
    """``("title",)`` or ``("related_links", "0", "caption")``."""
    path: tuple[str, ...]
    """The address without the numbers of inline children."""
    labels: tuple[str, ...]
    """What the inline panels and the field are called, outermost first."""
    form: Any
    """A bound model form of Wagtail's."""
    name: str
    panel: FieldPanel
    bound_panel: Any
    read_only: bool = False

    @property
    def bound(self):
        """Django's bound field; not for read-only fields."""
        return self.form[self.name]

    @property
    def required(self) -> bool:
        """Whether saving for good needs a value; the form itself defers that."""
        deferred = getattr(self.form, "deferred_required_fields", ())
        return self.bound.field.required or self.name in deferred

    @property
    def value(self) -> Any:
        """The cleaned value, or what was posted where it is not valid; of a saved object its own."""
        if self.read_only:
            return getattr(self.form.instance, self.name)
        if not self.form.is_bound:
            return stored_value(self.form, self.name)
        cleaned = getattr(self.form, "cleaned_data", {})
        if self.name in cleaned:
            return cleaned[self.name]
        return self.bound.data


def bind_form(
    opened: OpenForm, user, post: QueryDict, prepare: Callable[[Any], None] | None = None
) -> Any:
    """
    Return the validated form, as Wagtail's preview binds it; it may well have errors.

    :param prepare: changes the fields of the form before it is validated; every form has its own.
    :raises FormDataError: if ``post`` is not this form's data.
    """
    options = form_options(opened, user) | {"instance": copy.copy(opened.instance)}
    try:
        form = opened.form_class(post, MultiValueDict(), **options)
        if prepare:
            prepare(form)
        if isinstance(form, WagtailAdminModelForm):
            form.defer_required_fields()
        form.is_valid()
    except UNREADABLE as error:
        raise FormDataError(f"{type(error).__name__}: {error}") from error
    return form


def stored_form(opened: OpenForm, user) -> Any:
    """Return the form that shows a saved object as it is, without anything posted."""
    return opened.form_class(**form_options(opened, user), instance=opened.instance)


def stored_value(form: Any, name: str) -> Any:
    """Return the value of a field as a saved object has it, in the type that cleaning gives."""
    field: Any = form.fields[name]
    try:
        form._meta.model._meta.get_field(name)
    except FieldDoesNotExist:
        return form.get_initial_for_field(field, name)
    value = getattr(form.instance, name)
    if not hasattr(value, "all"):
        return value
    chosen = list(value.all())
    if isinstance(field, ModelMultipleChoiceField) and field.queryset is not None:
        return field.queryset.filter(pk__in=[row.pk for row in chosen])
    return sorted(str(row) for row in chosen)


def shown_fields(opened: OpenForm, form: Any, user) -> tuple[ShownField, ...]:
    """
    Return the fields that the form shows to the user, in the order of the panels.

    :raises FormDataError: if inline children lack what the browser always posts.
    """
    try:
        return tuple(shown_in(bound_panel(opened, form, user)))
    except UNREADABLE as error:
        raise FormDataError(f"{type(error).__name__}: {error}") from error


def bound_panel(opened: OpenForm, form: Any, user) -> Any:
    """Return the panels with a form in them, as Wagtail's edit view shows them to the user."""
    request = HttpRequest()
    request.user = user
    return opened.panel.get_bound_panel(instance=form.instance, request=request, form=form)


def shown_in(panel: Any) -> Iterator[ShownField]:
    """Yield the fields that a bound panel shows."""
    return _walk(panel, (), (), ())


def form_options(opened: OpenForm, user) -> dict[str, Any]:
    """Return what the form is given besides data and instance."""
    options: dict[str, Any] = {}
    if issubclass(opened.form_class, WagtailAdminModelForm):
        options["for_user"] = user
    if issubclass(opened.form_class, WagtailAdminPageForm):
        options["parent_page"] = opened.parent
    return {**options, **opened.form_options}


def _walk(panel, address, path, labels) -> Iterator[ShownField]:
    if not panel.is_shown():
        return
    if isinstance(panel, FieldPanel.BoundPanel):
        yield _shown(panel, address, path, labels)
    elif isinstance(panel, InlinePanel.BoundPanel):
        yield from _walk_children(panel, address, path, labels)
    else:
        for child in getattr(panel, "children", ()):
            yield from _walk(child, address, path, labels)


def _walk_children(panel, address, path, labels):
    relation = panel.panel.relation_name
    for child in panel.children:
        if _is_no_child(panel.formset, child.form):
            continue
        index = child.form.prefix.rpartition("-")[2]
        yield from _walk(
            child,
            (*address, relation, index),
            (*path, relation),
            (*labels, str(panel.label)),
        )


def _is_no_child(formset, form):
    """Whether a form is for a child that goes away, or is an empty one for another child."""
    if not formset.is_bound:
        return form.empty_permitted or form not in formset.initial_forms
    return formset._should_delete_form(form)


def _shown(panel, address, path, labels):
    field = ShownField(
        address=(*address, panel.field_name),
        path=(*path, panel.field_name),
        labels=(*labels, str(panel.heading)),
        form=panel.form,
        name=panel.field_name,
        panel=panel.panel,
        bound_panel=panel,
    )
    return replace(field, read_only=True) if panel.read_only else field
