"""
Putting a value into the whole form, as it would be if the user had entered it.

Where the value goes, the widget of the form's own field is replaced by one that returns it; all
else is as posted. So every rule of the form speaks that speaks when it is saved.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from wagtail_llm_actions.content.addresses import Place
from wagtail_llm_actions.content.filling import (
    Filling,
    filled_root,
    filling_of,
    posted_value,
    state_in,
    steps_to,
)
from wagtail_llm_actions.content.forms import bind_form, shown_fields
from wagtail_llm_actions.content.native import require_shape, rich_text_state
from wagtail_llm_actions.content.pages import OpenForm
from wagtail_llm_actions.content.plain_text import text_of_form_value
from wagtail_llm_actions.content.problems import Target, new_problems, refusals
from wagtail_llm_actions.content.rows import Rows
from wagtail_llm_actions.content.states import method_of, state_of
from wagtail_llm_actions.values import PROSE_KINDS, ApplyMethod, FieldKind, OutputMode

PROSE_METHODS = {
    FieldKind.TEXT: ApplyMethod.TEXT,
    FieldKind.RICH_TEXT: ApplyMethod.RICH_TEXT,
}
"""How the browser puts prose into a block."""
EMPTY_EDITOR = "null"
"""What a rich text editor without a word posts, and would not take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """A value in its field."""

    method: str = ""
    """An :class:`ApplyMethod` value; empty where there are errors."""
    state: Any = None
    """What the browser applies by ``method``."""
    html: str = ""
    """The field rendered with the value, for the method ``"html"``."""
    text: str = ""
    """What the field says then, as far as that can be told."""
    errors: tuple[str, ...] = ()
    """What the form has against it that it had not before, as sentences."""
    notices: tuple[str, ...] = ()
    """What the value loses on its way into the field, as sentences."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostedForm:
    """A form that was bound to what the browser posted."""

    opened: OpenForm
    user: Any
    post: QueryDict
    form: Any

    def rebind(self, prepare: Callable[[Any], None], post: QueryDict) -> Any:
        """
        Return the form bound and validated anew.

        :param prepare: changes the fields of the form before it is validated.
        """
        return bind_form(self.opened, self.user, post, prepare)

    def html_of(self, form: Any, address: tuple[str, ...]) -> str:
        """Return a field of a form as Wagtail renders it."""
        shown = shown_fields(self.opened, form, self.user)
        return next(
            str(field.bound_panel.render_html({})) for field in shown if field.address == address
        )


def place_value(posted: PostedForm, place: Place, value: Any, mode: OutputMode) -> Placement:
    """Return how the browser puts a value into a field or block, and what the form says to it."""
    try:
        filling = filling_of(place, posted.post, value, mode)
    except ValidationError as error:
        return Placement(errors=tuple(error.messages))
    root, address = filled_root(place, filling), place.root.address

    def prepare(form):
        stand_in(_form_at(form, address).fields[place.root.name], root)

    form = posted.rebind(prepare, posted.post)
    errors = new_problems(posted.form, form, Target(place.location, filling.since))
    if errors := errors or _deferred_problems(place, filling, value, mode):
        return Placement(text=filling.text, errors=errors)
    return _placed(posted, place, filling, form)


def place_posted(
    posted: PostedForm, place: Place, form: Any, before: Place, text: str
) -> Placement:
    """
    Return how the browser puts back what it once posted for a field, and what the form says to it.

    Nothing is asked of it that only publishing asks: it stood there.

    :param form: bound to all that is posted now, and to that for the field.
    :param before: the field in that form.
    :param text: what it says there.
    """
    if errors := new_problems(posted.form, form, Target(place.location)):
        return Placement(text=text, errors=errors)
    filling = Filling(native=posted_value(before), text=text, state=_prose(before, form.data))
    return _placed(posted, before, filling, form)


def _prose(place: Place, post: QueryDict) -> str | None:
    """Return what was posted for prose, as its editor takes it; ``None`` for all else."""
    if place.kind not in PROSE_KINDS:
        return None
    posted = post.get(place.input_name, "")
    if place.kind == FieldKind.RICH_TEXT and posted == EMPTY_EDITOR:
        return rich_text_state(place.field.widget, "", {})
    return posted.replace("\r\n", "\n")


def _placed(posted: PostedForm, place: Place, filling: Filling, form: Any) -> Placement:
    """Return how the browser puts into a field what stands there in another form."""
    text, method = _text(place, filling, form), _method(place)
    if method == ApplyMethod.HTML:
        html = posted.html_of(form, place.root.address)
        return Placement(method=method, html=html, text=text)
    return Placement(method=method, state=state_in(place, filling), text=text)


def place_rows(posted: PostedForm, rows: Rows, values: Any) -> Placement:
    """Return how the browser adds inline children with values, and what the form says to them."""
    try:
        require_shape(FieldKind.ROWS, values)
        raws = [rows.raw_row(value) for value in values or ()]
    except ValidationError as error:
        return Placement(errors=tuple(error.messages))
    total, post = rows.total, posted.post.copy()
    rows.add_to(post, len(raws))

    def prepare(form):
        for child, raw in zip(rows.children(form)[total:], raws, strict=True):
            for name, field in child.fields.items():
                if not rows.is_bookkeeping(name, field):
                    initial = child.get_initial_for_field(field, name)
                    stand_in(field, raw.get(name, initial))

    form = posted.rebind(prepare, post)
    errors = new_problems(posted.form, form, Target(rows.location, total))
    if errors := errors or rows.missing(raws):
        return Placement(errors=errors)
    children = rows.children(form)[total:]
    states = [
        {name: _cell(posted, form, rows, child, name, raw[name]) for name in raw}
        for child, raw in zip(children, raws, strict=True)
    ]
    text = "\n".join(f"- {_line(child, raw)}" for child, raw in zip(children, raws, strict=True))
    return Placement(method=ApplyMethod.ROWS, state=states, text=text)


def _deferred_problems(place, filling, value, mode) -> tuple[str, ...]:
    """
    Return what only speaks when the object is published.

    The form is bound as for a draft, so that what else is still missing in it does not matter.
    """
    if place.block is None:
        field = place.root.bound.field
        is_missing = place.required and filling.native in field.empty_values
        return (str(field.error_messages["required"]),) if is_missing else ()
    problems = refusals(place.block.clean, filling.added, place.block)
    if mode == OutputMode.APPEND:
        # Whether there are enough of them depends on those before.
        problems = [problem for problem in problems if problem.location]
    if place.kind == FieldKind.STRUCT:
        # What is missing beside the value was missing before.
        problems = [one for one in problems if not one.location or one.location[0] in (value or {})]
    return tuple(dict.fromkeys(problem.sentence() for problem in problems))


def stand_in(field: forms.Field, raw: Any) -> None:
    """Let the widget of a form's own field return ``raw``, whatever was posted."""
    widget = copy.copy(field.widget)
    widget.value_from_datadict = lambda data, files, name: raw
    widget.value_omitted_from_data = lambda data, files, name: False
    field.widget = widget


def _form_at(form: Any, address: tuple[str, ...]) -> Any:
    """Return the form of the field at an address: the form itself, or that of an inline child."""
    for relation, number in zip(address[:-1:2], address[1:-1:2], strict=True):
        form = form.formsets[relation].forms[int(number)]
    return form


def _method(place):
    if place.kind in PROSE_METHODS and steps_to(place):
        return PROSE_METHODS[place.kind]
    if steps_to(place):
        return ApplyMethod.STATE
    return method_of(place.field.widget, in_child=len(place.root.address) > 1)


def _text(place, filling, form):
    if filling.text or place.block is not None:
        return filling.text
    cleaned = _form_at(form, place.root.address).cleaned_data.get(place.root.name)
    return text_of_form_value(place.field, cleaned)


def _cell(posted, form, rows, child, name, raw):
    field = child.fields[name]
    method = method_of(field.widget, in_child=True)
    if method == ApplyMethod.HTML:
        number = child.prefix.rpartition("-")[2]
        html = posted.html_of(form, (*rows.address, number, name))
        return {"method": method.value, "state": None, "html": html}
    return {"method": method.value, "state": state_of(field, raw), "html": ""}


def _line(child, raw):
    texts = (text_of_form_value(child.fields[name], child.cleaned_data.get(name)) for name in raw)
    return "; ".join(" ".join(text.split()) for text in texts if text)
