"""How the browser puts a value into a widget, and what it puts there."""

from typing import Any

from django import forms
from django.forms.widgets import ChoiceWidget
from taggit.forms import TagWidget
from wagtail.admin.rich_text import DraftailRichTextArea
from wagtail.admin.widgets import (
    AdminAutoHeightTextInput,
    AdminDateInput,
    AdminDateTimeInput,
    AdminTimeInput,
    BaseChooser,
    FilteredSelect,
    SlugInput,
)
from wagtail.admin.widgets.boolean_radio_select import BooleanRadioSelect
from wagtail.admin.widgets.switch import SwitchInput
from wagtail.blocks import Block
from wagtail.blocks.base import BlockWidget

from wagtail_llm_actions.values import ApplyMethod

METHODS: dict[type[forms.Widget], ApplyMethod] = {
    forms.TextInput: ApplyMethod.TEXT,
    forms.NumberInput: ApplyMethod.TEXT,
    forms.EmailInput: ApplyMethod.TEXT,
    forms.URLInput: ApplyMethod.TEXT,
    forms.Textarea: ApplyMethod.TEXT,
    forms.DateInput: ApplyMethod.TEXT,
    forms.DateTimeInput: ApplyMethod.TEXT,
    forms.TimeInput: ApplyMethod.TEXT,
    AdminAutoHeightTextInput: ApplyMethod.TEXT,
    AdminDateInput: ApplyMethod.TEXT,
    AdminDateTimeInput: ApplyMethod.TEXT,
    AdminTimeInput: ApplyMethod.TEXT,
    SlugInput: ApplyMethod.TEXT,
    DraftailRichTextArea: ApplyMethod.RICH_TEXT,
    forms.CheckboxInput: ApplyMethod.STATE,
    forms.Select: ApplyMethod.STATE,
    forms.NullBooleanSelect: ApplyMethod.STATE,
    forms.SelectMultiple: ApplyMethod.STATE,
    forms.RadioSelect: ApplyMethod.STATE,
    forms.CheckboxSelectMultiple: ApplyMethod.STATE,
    FilteredSelect: ApplyMethod.STATE,
    BooleanRadioSelect: ApplyMethod.STATE,
    SwitchInput: ApplyMethod.STATE,
    BaseChooser: ApplyMethod.STATE,
    BlockWidget: ApplyMethod.STATE,
    TagWidget: ApplyMethod.HTML,
    forms.Widget: ApplyMethod.HTML,
}
"""How a value gets into a widget, by class."""

OWN_WAYS = frozenset({"template_name", "render", "get_context", "value_from_datadict"})
"""A widget that does these in its own way may have other inputs than the one it is made from."""


def method_of(widget: forms.Widget, *, in_child: bool = False) -> ApplyMethod:
    """
    Return how the browser puts a value into a widget.

    :param in_child: whether it is in an inline child, whose widgets Wagtail's client does not keep.
    """
    method = _method_of(widget)
    return ApplyMethod.HTML if in_child and method == ApplyMethod.STATE else method


def state_of(field: forms.Field, raw: Any) -> Any:
    """
    Return what the browser puts into a field that is written as text or by its ``setState``.

    :param raw: what the field's widget returns for the value.
    """
    widget = field.widget
    if isinstance(widget, BlockWidget):
        return state_of_block(widget.block_def, raw)
    if isinstance(widget, BaseChooser):
        return widget.get_value_data(raw)
    if isinstance(widget, forms.CheckboxInput):
        return bool(raw)
    shown = widget.format_value(field.prepare_value(raw))
    if isinstance(widget, ChoiceWidget):
        return [str(value) for value in shown] if isinstance(shown, list) else [str(shown)]
    return "" if shown is None else str(shown)


def state_of_block(block: Block, value: Any) -> Any:
    """Return what a block's ``setState`` takes; blocks in it get the identities they lack."""
    block.get_prep_value(value)  # gives them
    return block.get_form_state(value)


def _method_of(widget):
    for cls in type(widget).__mro__:
        if cls in METHODS:
            return METHODS[cls]
        if OWN_WAYS & vars(cls).keys() and not issubclass(cls, BaseChooser):
            break
    return ApplyMethod.HTML
