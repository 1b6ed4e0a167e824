"""The three snippets an admin keeps, and their menu group."""

from django.urls import reverse_lazy
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.snippets.views.snippets import (
    CopyView,
    CreateView,
    EditView,
    InspectView,
    SnippetViewSet,
    SnippetViewSetGroup,
)

from wagtail_llm_actions.models import LLMAction, LLMConfig, PromptTemplate
from wagtail_llm_actions.permissions import can_turn
from wagtail_llm_actions.sites import SeparatedPolicy, seen_by
from wagtail_llm_actions.views.action_filters import ActionFilterSet
from wagtail_llm_actions.views.enabling import turn_button
from wagtail_llm_actions.views.forms.actions import ACTION_PANELS
from wagtail_llm_actions.views.forms.configs import CONFIG_PANELS
from wagtail_llm_actions.views.forms.destinations import type_label
from wagtail_llm_actions.views.forms.prefill import action_for
from wagtail_llm_actions.views.forms.templates import TEMPLATE_PANELS
from wagtail_llm_actions.views.limits import LLMLimitViewSet
from wagtail_llm_actions.views.listings import (
    ACTION_LIST,
    CONFIG_LIST,
    TEMPLATE_LIST,
    DraftIndexView,
    LLMActionIndexView,
)
from wagtail_llm_actions.views.menu import RunHistoryMenuItem, SwitchMenuItem
from wagtail_llm_actions.views.separation import OwnChooserViewSet, SeparatedViewSet
from wagtail_llm_actions.wording import listed


class FreshCopyView(CopyView):
    """A copy, without what only one row may have."""

    def get_initial_form_instance(self):
        row = super().get_initial_form_instance()
        row.slug = ""
        return row


class FreshConfigCopyView(FreshCopyView):
    """A copy of a configuration, which leaves the default where it is."""

    def get_initial_form_instance(self):
        row = super().get_initial_form_instance()
        row.is_default = False
        return row


class TurnButtonMixin:
    """Puts the button that turns the action on or off into the header's menu."""

    @cached_property
    def header_more_buttons(self):
        """The menu of the header."""
        buttons = list(super().header_more_buttons)
        if can_turn(self.request.user, self.object):
            buttons.append(turn_button(self.object, self.request.path, priority=5))
        return buttons


class LLMActionCreateView(CreateView):
    """The form of a new action; the address may name the field that it is for."""

    def get_initial_form_instance(self):
        return action_for(self.request.GET)


class LLMActionEditView(TurnButtonMixin, EditView):
    """The edit form of an action."""

    def get_object(self, *args, **kwargs):
        """Return the action as its form shows it; what it misses is said."""
        action = super().get_object(*args, **kwargs)
        if self.request.method == "GET" and action.deleted_since:
            names = listed(
                action._meta.get_field(name).verbose_name for name in action.deleted_since
            )
            messages.warning(
                self.request,
                gettext("Deleted since this draft was written: %(names)s. Choose again.")
                % {"names": names},
            )
        return action


class LLMActionInspectView(TurnButtonMixin, InspectView):
    """All that an action is made of; what is blank says what that means."""

    def get_destination_type_display_value(self):
        model = self.object.destination_type.model_class()
        return type_label(model) if model else self.object.destination_type

    def get_field_label(self, field_name, field):
        own = {"ready": _("Ready"), "sources": _("Sources")}
        return own.get(field_name) or super().get_field_label(field_name, field)

    def get_ready_display_value(self):
        return self.object.problem(LLMConfig.objects.default()) or gettext("Yes")

    def get_site_display_value(self):
        return self.object.site or gettext("Every site")

    def get_groups_display_value(self):
        return listed(self.object.groups.all()) or gettext("All who may run LLM actions")

    def get_llm_config_display_value(self):
        return self.object.llm_config or gettext("The default configuration")


class LLMActionViewSet(SeparatedViewSet, SnippetViewSet):
    """LLM actions."""

    model = LLMAction
    icon = "llm-actions"
    menu_label = _("LLM actions")
    edit_handler = ACTION_PANELS
    index_view_class = LLMActionIndexView
    add_view_class = LLMActionCreateView
    copy_view_class = FreshCopyView
    edit_view_class = LLMActionEditView
    inspect_view_class = LLMActionInspectView
    chooser_viewset_class = OwnChooserViewSet
    permission_policy = SeparatedPolicy(LLMAction)
    inspect_view_enabled = True
    inspect_view_fields = [
        "name",
        "slug",
        "enabled",
        "ready",
        "destination_type",
        "destination_path",
        "site",
        "groups",
        "sources",
        "prompt_template",
        "llm_config",
        "output_mode",
        "answers_from_history",
        "temperature",
        "max_output_tokens",
        "extra_parameters",
    ]
    list_display = ACTION_LIST
    filterset_class = ActionFilterSet

    def get_queryset(self, request):
        """Select what the columns show, of what one sees."""
        return (
            seen_by(request.user, LLMAction.objects.all())
            .select_related("destination_type", "prompt_template", "llm_config")
            .prefetch_related("sources")
        )


class PromptTemplateViewSet(SnippetViewSet):
    """Prompt templates."""

    model = PromptTemplate
    icon = "openquote"
    menu_label = _("Prompt templates")
    edit_handler = TEMPLATE_PANELS
    index_view_class = DraftIndexView
    copy_view_class = FreshCopyView
    chooser_viewset_class = OwnChooserViewSet
    inspect_view_enabled = True
    inspect_view_fields = ["name", "slug", "category", "description", "system_prompt", "prompt"]
    list_display = TEMPLATE_LIST
    list_filter = ["live", "category"]


class LLMConfigViewSet(SnippetViewSet):
    """LLM configurations."""

    model = LLMConfig
    icon = "sliders"
    menu_label = _("LLM configurations")
    edit_handler = CONFIG_PANELS
    index_view_class = DraftIndexView
    copy_view_class = FreshConfigCopyView
    chooser_viewset_class = OwnChooserViewSet
    inspect_view_enabled = True
    inspect_view_fields = [
        "name",
        "slug",
        "provider",
        "model_name",
        "is_default",
        "takes_over",
        "temperature",
        "max_output_tokens",
        "extra_parameters",
        "input_price",
        "output_price",
        "cached_input_price",
    ]
    list_display = CONFIG_LIST
    list_filter = ["live", "provider", "is_default"]


class LLMActionsGroup(SnippetViewSetGroup):
    """The menu group *LLM actions*."""

    menu_label = _("LLM actions")
    menu_name = "llm-actions"
    menu_icon = "llm-actions"
    menu_order = 700
    items = (LLMActionViewSet, PromptTemplateViewSet, LLMConfigViewSet)

    def get_submenu_items(self):
        """Add what is no snippet."""
        return [
            *super().get_submenu_items(),
            LLMLimitViewSet().get_menu_item(order=80),
            RunHistoryMenuItem(
                _("Run history"),
                reverse_lazy("wagtail_llm_actions:run_list"),
                name="llm-action-run-history",
                icon_name="history",
                order=90,
            ),
            SwitchMenuItem(
                _("On or off"),
                reverse_lazy("wagtail_llm_actions:switch"),
                name="llm-actions-switch",
                icon_name="lock-open",
                order=100,
            ),
        ]
