"""The run history: a report over the runs that the user may see."""

from django.core.exceptions import PermissionDenied
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.views.reports import ReportView

from wagtail_llm_actions.engine import sweep
from wagtail_llm_actions.engine.history import LONG_TEXTS, columns_for, safe_cell
from wagtail_llm_actions.models import LLMActionHistory
from wagtail_llm_actions.permissions import can_open_history, can_see_costs, visible_runs
from wagtail_llm_actions.views.run_columns import COST_COLUMN, RUN_COLUMNS
from wagtail_llm_actions.views.run_filters import RunFilterSet


class RunReportView(ReportView):
    """Lists and exports runs, newest first."""

    model = LLMActionHistory
    page_title = _("Run history")
    header_icon = "history"
    verbose_name_plural = LLMActionHistory._meta.verbose_name_plural
    default_ordering = "-created_at"
    filterset_class = RunFilterSet
    index_url_name = "wagtail_llm_actions:run_list"
    index_results_url_name = "wagtail_llm_actions:run_list_results"
    export_filename = "llm-action-runs"
    export_headings = {
        "id": _("Run"),
        "created_at": _("When"),
        "site_name": _("Site"),
        "action_name": _("LLM action"),
        "object_type": _("Object type"),
        "object_repr": _("Object"),
        "destination_label": _("Field"),
        "username": _("User"),
        "model_name": _("Model"),
        "duration": _("Duration in seconds"),
        "cost": _("Cost in US dollars"),
    }

    def dispatch(self, request, *args, **kwargs):
        if not can_open_history(request.user):
            raise PermissionDenied
        sweep()
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def columns(self):
        """The columns of the list."""
        return [*RUN_COLUMNS, COST_COLUMN] if can_see_costs(self.request.user) else RUN_COLUMNS

    @property
    def list_export(self):
        """The columns of the export."""
        return list(columns_for(self.request.user))

    def get_base_queryset(self):
        runs = visible_runs(self.request.user, super().get_base_queryset())
        return runs.defer(*LONG_TEXTS)

    def preprocess_field_value(self, field, value, export_format):
        """Let no spreadsheet take a text that people or models wrote for a formula."""
        cell = super().preprocess_field_value(field, value, export_format)
        return safe_cell(cell)

    def get_filtered_queryset(self):
        return self.get_queryset()
