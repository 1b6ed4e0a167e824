"""The listings of the three snippets."""

from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import BooleanColumn, Column, LiveStatusTagColumn, UpdatedAtColumn
from wagtail.snippets.views.snippets import IndexView

from wagtail_llm_actions.content.kinds import LABEL_SEPARATOR
from wagtail_llm_actions.models import LLMConfig
from wagtail_llm_actions.models.publication import with_schedules
from wagtail_llm_actions.permissions import can_turn
from wagtail_llm_actions.views.enabling import turn_button
from wagtail_llm_actions.views.forms.destinations import type_label
from wagtail_llm_actions.views.separation import SeparatedIndexMixin

NAME_WIDTH = 180
"""Pixels: Wagtail lets the words of a name break, into single letters where the window is narrow."""


class DraftIndexView(IndexView):
    """A listing of drafts that asks for all schedules in one query."""

    def _get_title_column(self, field_name, *args, **kwargs):
        column = super()._get_title_column(field_name, *args, **kwargs)
        column.width = NAME_WIDTH
        return column

    def get_table(self, object_list):
        return super().get_table(with_schedules(object_list))


class LLMActionIndexView(SeparatedIndexMixin, DraftIndexView):
    """The listing of the LLM actions, with the button that turns each on or off."""

    @cached_property
    def default_config(self):
        """What an action without a configuration of its own runs with."""
        return LLMConfig.objects.default()

    @cached_property
    def columns(self):
        """Add what depends on the default configuration, which is asked for once."""
        return [
            *super().columns,
            ConfigColumn("config", self, label=_("LLM configuration")),
            ReadyColumn("ready", self, label=_("Ready")),
        ]

    def get_list_more_buttons(self, instance):
        buttons = super().get_list_more_buttons(instance)
        if can_turn(self.request.user, instance):
            buttons.append(turn_button(instance, self.index_url, priority=5))
        return buttons


class ConfigColumn(Column):
    """The configuration that an action runs with: its own, or the default."""

    def __init__(self, name, view, **kwargs):
        super().__init__(name, **kwargs)
        self.view = view

    def get_value(self, instance):
        if instance.llm_config:
            return instance.llm_config.name
        if default := self.view.default_config:
            return gettext("%(name)s (default)") % {"name": default.name}
        return ""


class ReadyColumn(ConfigColumn):
    """Whether an action can run, and if not, why."""

    cell_template_name = "wagtail_llm_actions/includes/ready_cell.html"

    def get_value(self, instance):
        return instance.problem(self.view.default_config)


def destination(action) -> str:
    """Return the type of object and the field that an action fills, for people."""
    model = action.destination_type.model_class()
    name = type_label(model) if model else str(action.destination_type)
    return LABEL_SEPARATOR.join((name, action.destination_path))


# Wagtail would translate the headings of these two at import.
STATUS = LiveStatusTagColumn(label=_("Status"))
UPDATED = UpdatedAtColumn(label=_("Updated"))

ACTION_LIST = [
    "name",
    STATUS,
    Column("destination", label=_("Fills"), accessor=destination, sort_key="destination_path"),
    Column("prompt_template", label=_("Prompt template"), sort_key="prompt_template__name"),
]
TEMPLATE_LIST = ["name", STATUS, "category", "description", UPDATED]
CONFIG_LIST = [
    "name",
    STATUS,
    "provider",
    "model_name",
    BooleanColumn("is_default", label=_("Default"), sort_key="is_default"),
    UPDATED,
]
