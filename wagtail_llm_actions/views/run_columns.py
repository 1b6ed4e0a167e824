"""The columns of the run history."""

from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column

from wagtail_llm_actions.engine import money
from wagtail_llm_actions.values import Decision


class WhenColumn(Column):
    """When a run was asked for; leads to its page."""

    cell_template_name = "wagtail_llm_actions/runs/when_cell.html"

    def get_cell_context_data(self, instance, parent_context):
        context = super().get_cell_context_data(instance, parent_context)
        return context | {"url": run_url(instance)}


class TargetColumn(Column):
    """The object and its field that a run was for."""

    cell_template_name = "wagtail_llm_actions/runs/target_cell.html"


class RunStatusColumn(Column):
    """How a run ended, said and shown."""

    cell_template_name = "wagtail_llm_actions/runs/status_cell.html"


def run_url(run) -> str:
    """Return the address of one run's page."""
    return reverse("wagtail_llm_actions:run", args=[run.pk])


def seconds(value: float | None) -> str:
    """Return a duration for people; nothing where it is not known."""
    if value is None:
        return ""
    # Translators: A duration in seconds: “1.5 s”.
    return gettext("%(seconds)s s") % {"seconds": number_format(value, 1)}


def tokens(run) -> str:
    """Return the tokens that went in and came out; nothing where the provider is silent."""
    if run.input_tokens is None and run.output_tokens is None:
        return ""
    mark = "≈ " if run.usage_estimated else ""
    counts = (run.input_tokens, run.output_tokens)
    return mark + " / ".join("–" if count is None else number_format(count) for count in counts)


def cost(run) -> str:
    """Return what a run or an attempt cost; it says so where nobody knows."""
    if run.cost is None:
        return gettext("Not known") if run.finished_at else ""
    return ("≈ " if run.usage_estimated else "") + money(run.cost)


def decision(run) -> str:
    """Return what became of the output; nothing where there is none. A test has only been looked at."""
    if run.is_test:
        return gettext("Test")
    return "" if run.decision == Decision.NONE else run.get_decision_display()


RUN_COLUMNS = [
    WhenColumn("created_at", label=_("When"), sort_key="created_at"),
    Column("action_name", label=_("LLM action"), sort_key="action_name"),
    TargetColumn("object_repr", label=_("Object and field")),
    Column("username", label=_("User"), sort_key="username"),
    Column("model_name", label=_("Model"), sort_key="model_name"),
    RunStatusColumn("status", label=_("Status"), sort_key="status"),
    Column("decision", label=_("Decision"), accessor=decision),
    Column("duration", label=_("Duration"), accessor=lambda run: seconds(run.duration)),
    Column("tokens", label=_("Tokens in / out"), accessor=tokens),
]
COST_COLUMN = Column("cost", label=_("Cost"), accessor=cost, sort_key="cost")
"""For who may see money."""
