"""
Writing one field of an object without its edit form, as a draft.

The field goes through a form of its own, with the rules that it has in the edit form; nothing else
of the object is touched, and nothing is published.
"""

from collections.abc import Sequence
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model
from django.forms import ModelForm
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext
from modelcluster.fields import ParentalManyToManyField
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.models import EditingSession
from wagtail.log_actions import log
from wagtail.models import DraftStateMixin, Revision, RevisionMixin

from wagtail_llm_actions.content.addresses import Place
from wagtail_llm_actions.content.checking import problems_of_value
from wagtail_llm_actions.content.choosing import problems_of_choice
from wagtail_llm_actions.content.filling import replaced, text_behind
from wagtail_llm_actions.content.forms import UNREADABLE, form_options
from wagtail_llm_actions.content.known_links import links_at
from wagtail_llm_actions.content.losses import losses
from wagtail_llm_actions.content.native import native_value, raw_value
from wagtail_llm_actions.content.pages import refuse_alias, refuse_locked
from wagtail_llm_actions.content.placing import stand_in
from wagtail_llm_actions.content.problems import problems_of
from wagtail_llm_actions.content.rows import Rows
from wagtail_llm_actions.content.saved import SavedEditor, open_saved
from wagtail_llm_actions.content.written_links import link_notices
from wagtail_llm_actions.exceptions import (
    BeingEditedError,
    EditorNotFoundError,
    InvalidOutputError,
    NoDraftsError,
    UnsupportedFieldError,
    ValueChangedError,
)
from wagtail_llm_actions.values import PROSE_KINDS, FieldKind, OutputMode


def write_draft(
    instance: Model,
    address: str,
    value: Any,
    user: Any,
    expected: str,
    *,
    or_live: bool = False,
) -> Revision | Model:
    """
    Put a value into one field of the latest draft, and return the revision that holds it.

    Rows are added behind those that are there.

    :param value: see ``FieldSpec``; Markdown for rich text.
    :param expected: what the field held when the value was made, as ``SavedEditor.value_hash`` has it.
    :param or_live: write objects that have no drafts at once, and return them.
    :raises EditorNotFoundError: if the object is gone.
    :raises PermissionRefusedError: if the user may not edit the object, or it is an alias or locked.
    :raises UnknownFieldError: if there is no such field, or the user may not see it.
    :raises UnsupportedFieldError: if the field cannot be written.
    :raises NoDraftsError: if the object has no drafts, and ``or_live`` is false.
    :raises BeingEditedError: if somebody has the object open in an editor.
    :raises ValueChangedError: if the field does not hold any more what was expected.
    :raises InvalidOutputError: with the reasons, if the value does not pass the field's own rules.
    """
    if not or_live and not isinstance(instance, DraftStateMixin):
        raise NoDraftsError(f"{instance._meta.label} has no drafts")
    with transaction.atomic():
        saved = _open_locked(instance, user)
        spec = saved.spec(address)
        if saved.value_hash(address) != expected:
            raise ValueChangedError(f"{address} of {instance._meta.label} {instance.pk} changed")
        if problems := objections(saved, address, value):
            raise _unfit(problems)
        rows = saved.rows_of(address)
        if rows:
            form = _add_rows(saved, rows, value)
        else:
            place = saved.place_of(address)
            _require_held_by_revisions(place)
            if lost := losses(place, place.value, value):
                raise _unfit(lost)
            form = _fill(saved, place, spec.kind, value)
        return _save(saved.editor.instance, form, user)


def objections(
    saved: SavedEditor, address: str, value: Any, mode: OutputMode = OutputMode.REPLACE
) -> tuple[str, ...]:
    """
    Return what a field of a saved object has against a value, as sentences.

    :param mode: whether the value is added to what the field says, if it is prose.
    :raises UnknownFieldError: if there is no such field, or the user may not see it.
    :raises UnsupportedFieldError: if the field cannot be written.
    """
    spec, rows = saved.spec(address), saved.rows_of(address)
    known = {} if rows else _links(saved.place_of(address))
    whole = value_with(saved, address, value, mode)
    problems = problems_of_value(saved.editor.model, spec.path, whole, known, spec.options)
    filled = (rows or saved.place_of(address)).filled(value)
    return tuple(problems or problems_of_choice(filled, saved.editor.user))


def value_with(saved: SavedEditor, address: str, value: Any, mode: OutputMode) -> Any:
    """Return the value that a field has then: prose that is added stands behind what is there."""
    is_added = mode == OutputMode.APPEND and saved.spec(address).kind in PROSE_KINDS
    return text_behind(saved.place_of(address), saved.text(address), value) if is_added else value


def lost_by(
    saved: SavedEditor, address: str, value: Any, mode: OutputMode = OutputMode.REPLACE
) -> tuple[str, ...]:
    """Return what a field of a saved object and a value would lose by each other, as sentences."""
    spec = saved.spec(address)
    if saved.rows_of(address):
        return link_notices(spec, value)
    place = saved.place_of(address)
    lost = () if mode == OutputMode.APPEND else losses(place, place.value, value)
    return (*lost, *link_notices(spec, value, _links(place)))


def _open_locked(instance, user) -> SavedEditor:
    """Return the latest draft, which nobody else can replace until the transaction ends."""
    row = type(instance)._base_manager.select_for_update().filter(pk=instance.pk).first()
    if row is None:
        raise EditorNotFoundError(f"{instance._meta.label} {instance.pk} is gone")
    saved = open_saved(row, user)
    draft = saved.editor.instance
    refuse_alias(draft)
    refuse_locked(draft, user)
    if _is_being_edited(draft):
        raise BeingEditedError(f"{draft._meta.label} {draft.pk} is open in an editor")
    return saved


def _require_held_by_revisions(place):
    """
    Do nothing if a draft of the object can hold the field; of plain relations it cannot.

    :raises UnsupportedFieldError: if it cannot.
    """
    model = type(place.root.form.instance)
    relations = {field.name: field for field in model._meta.many_to_many}
    relation = relations.get(place.root.name)
    is_held = isinstance(relation, ParentalManyToManyField) or getattr(
        relation, "_need_commit_after_assignment", False
    )
    if relation and issubclass(model, DraftStateMixin) and not is_held:
        raise UnsupportedFieldError(f"drafts do not hold {place.root.name}")


def _is_being_edited(draft):
    models = [type(draft), *draft._meta.get_parent_list()]
    types = ContentType.objects.get_for_models(*models, for_concrete_models=False)
    sessions = EditingSession.objects.available()
    return sessions.filter(content_type__in=types.values(), object_id=str(draft.pk)).exists()


def _fill(saved: SavedEditor, place: Place, kind: FieldKind, value: Any) -> ModelForm:
    """
    Put the value into the unsaved object, and return the form that it went through.

    :raises InvalidOutputError: with the reasons, if the value does not fit.
    """
    root = place.root
    form = _narrow_form(saved, type(root.form), [root.name], root.form.instance)
    try:
        native = _native(place, kind, value)
        stand_in(form.fields[place.root.name], _in_root(place, native))
        problems = [problem.message for problem in problems_of(form)]
    except ValidationError as error:
        problems = error.messages
    except UNREADABLE as error:
        # The object's own ``clean`` speaks of fields that this form does not have.
        raise InvalidOutputError(f"{type(error).__name__}: {error}") from error
    if problems:
        raise _unfit(problems)
    form.save(commit=False)
    _hold_children(saved.form, place.root.address)
    return form


def _unfit(problems: Sequence[str]) -> InvalidOutputError:
    text = " ".join(problems)
    message = gettext("The value does not fit this field. %(reasons)s Nothing was changed.")
    return InvalidOutputError(text, reasons=problems, user_message=message % {"reasons": text})


def _native(place: Place, kind: FieldKind, value: Any) -> Any:
    """
    Return what the widget or block returns, checked in full: forms for drafts let much pass.

    :raises ValidationError: if it cannot stand there.
    """
    links = _links(place)
    if place.block is None:
        raw = raw_value(place.field, kind, value, links)
        place.field.clean(raw)
        return raw
    if kind == FieldKind.RICH_TEXT:
        html = raw_value(place.field, kind, value, links)
        native = place.block.value_from_form(html)
    else:
        native = native_value(place.block, value, place.value, links)
    place.block.clean(native)
    return native


def _links(place):
    """Return the links that the field has now."""
    return links_at(place, place.value)


def _in_root(place: Place, native: Any) -> Any:
    """Return the value of the form's own field, with another value at one place in it."""
    steps = place.location[len(place.root.address) :]
    if not steps:
        return native
    return replaced(place.root.bound.field.block, place.root.value, steps, native)


def _add_rows(saved: SavedEditor, rows: Rows, values: Any) -> Any:
    """
    Add inline children to the unsaved object, and return its form.

    :raises InvalidOutputError: with the reasons, if a row does not fit.
    """
    formset = rows.panel.formset
    children = [child.instance for child in formset.initial_forms]
    limit = rows.panel.panel.max_num
    try:
        for raw in map(rows.raw_row, values or ()):
            children.append(_new_child(saved, rows, raw, len(children)))
    except ValidationError as error:
        raise _unfit(error.messages) from error
    if limit is not None and len(children) > limit:
        raise _unfit([gettext("There may be %(limit)s rows at most.") % {"limit": limit}])
    _hold_children(saved.form, rows.address)
    setattr(formset.instance, rows.address[-1], children)
    return saved.form


def _new_child(saved, rows, raw, position):
    model = rows.panel.formset.model
    names = [column.name for column in rows.columns]
    form = _narrow_form(saved, rows.panel.formset.form, names, model())
    for name, field in form.fields.items():
        stand_in(field, raw.get(name, form.get_initial_for_field(field, name)))
    if problems := [problem.sentence() for problem in problems_of(form)]:
        raise _unfit(problems)
    form.save(commit=False)
    if order := getattr(model, "sort_order_field", None):
        setattr(form.instance, order, position)
    return form.instance


def _narrow_form(saved: SavedEditor, wide: Any, names: Sequence[str], instance: Model) -> Any:
    """Return the form of some fields of the object, or of an inline child, without values."""
    options = {"fields": [*names], "formsets": {}, "field_permissions": {}}
    meta = type("Meta", (wide.Meta,), options)
    form_class = type(wide)(f"Narrow{wide.__name__}", (wide,), {"Meta": meta})
    given = form_options(saved.editor.opened, saved.editor.user)
    is_child = instance is not saved.editor.instance
    if is_child:
        given = {key: given[key] for key in given if key == "for_user"}
    form = form_class(QueryDict(), MultiValueDict(), instance=instance, **given)
    form.fields = {name: form.fields[name] for name in names}
    if isinstance(form, WagtailAdminModelForm):
        form.defer_required_fields()
    return form


def _hold_children(form: Any, address: Sequence[str]) -> None:
    """Let the object of a form hold the inline children that the form read, with their changes."""
    if len(address) < 2:
        return
    formset = form.formsets[address[0]]
    _hold_children(formset.forms[int(address[1])], address[2:])
    children = [child.instance for child in formset.initial_forms]
    setattr(form.instance, address[0], children)


def _save(draft: Model, form: Any, user: Any) -> Revision | Model:
    if isinstance(draft, DraftStateMixin):
        return draft.save_revision(user=user, clean=False, log_action=True)
    try:
        draft.validate_unique()
        draft.validate_constraints()
    except ValidationError as error:
        raise _unfit(error.messages) from error
    draft.save()
    form.save_m2m()
    if isinstance(draft, RevisionMixin):
        draft.save_revision(user=user, clean=False)
    log(instance=draft, action="wagtail.edit", user=user, content_changed=True)
    return draft
