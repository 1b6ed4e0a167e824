"""Limits and budgets, each with how it stands now."""

from typing import Any

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, ObjectList
from wagtail.admin.ui.tables import BooleanColumn, Column, TitleColumn
from wagtail.admin.views.generic import IndexView
from wagtail.admin.viewsets.model import ModelViewSet

from wagtail_llm_actions.engine import Standing, all_standings, in_words
from wagtail_llm_actions.models import LLMLimit
from wagtail_llm_actions.permissions import can_see_costs
from wagtail_llm_actions.providers import providers
from wagtail_llm_actions.sites import SeparatedPolicy, seen_by
from wagtail_llm_actions.values import LimitMeasure, LimitPeriod
from wagtail_llm_actions.views.forms.layout import opted_out
from wagtail_llm_actions.views.forms.sites import OwnSitesForm
from wagtail_llm_actions.views.listings import NAME_WIDTH
from wagtail_llm_actions.views.separation import SeparatedIndexMixin, SeparatedViewSet
from wagtail_llm_actions.wording import listed

EACH = {
    LimitPeriod.MINUTE: _("%(amount)s each minute"),
    LimitPeriod.HOUR: _("%(amount)s each hour"),
    LimitPeriod.DAY: _("%(amount)s each day"),
    LimitPeriod.WEEK: _("%(amount)s each week"),
    LimitPeriod.MONTH: _("%(amount)s each month"),
}


class LLMLimitForm(OwnSitesForm):
    """Offers the providers of the settings."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.offer_seen("action")
        aliases = {*providers, self.instance.provider} - {""}
        choices = [("", gettext("Every provider")), *((alias, alias) for alias in sorted(aliases))]
        self.fields["measure"].disabled = self.instance.pk is not None  # counters are in its units
        self.fields["provider"].widget = forms.Select(choices=choices)


def counted_for(limit: LLMLimit) -> str:
    """Return whose runs count, in words."""
    conditions: list[Any] = [
        limit.group and gettext("members of “%(name)s”") % {"name": limit.group},
        limit.user and gettext("user “%(name)s”") % {"name": limit.user},
        limit.action and gettext("LLM action “%(name)s”") % {"name": limit.action},
        limit.provider and gettext("provider “%(name)s”") % {"name": limit.provider},
        limit.site and gettext("site “%(name)s”") % {"name": limit.site},
        limit.per_person and gettext("for each person alone"),
    ]
    return listed(filter(None, conditions)) or gettext("All runs")


def allowed(limit: LLMLimit) -> str:
    """Return how much is allowed: “20 runs each day”."""
    amount = in_words(limit.measure, limit.ceiling)
    return EACH[LimitPeriod(limit.period)] % {"amount": amount} if limit.period else amount


def stand_of(standing: Standing) -> str:
    """Return how a limit stands now: “12 runs of 20 runs, 2 runs set aside”."""
    measure = standing.limit.measure
    used = standing.used
    if measure == LimitMeasure.CONCURRENT:
        used = standing.reserved
    parts = [
        gettext("%(used)s of %(amount)s")
        % {
            "used": in_words(measure, used),
            "amount": in_words(measure, standing.limit.ceiling),
        }
    ]
    if standing.reserved and measure != LimitMeasure.CONCURRENT:
        reserved = {"amount": in_words(measure, standing.reserved)}
        parts.append(gettext("%(amount)s set aside for runs that go on") % reserved)
    if standing.limit.per_person and standing.person:
        parts.append(gettext("who has used most"))
    return listed(parts)


class StandingColumn(Column):
    """How a limit stands in the period of now, said and drawn; a budget for who may see money."""

    cell_template_name = "wagtail_llm_actions/limits/standing_cell.html"

    def get_value(self, instance):
        return stand_of(instance.standing)

    def get_cell_context_data(self, instance, parent_context):
        context = super().get_cell_context_data(instance, parent_context)
        is_money = instance.measure == LimitMeasure.MONEY
        if is_money and not can_see_costs(parent_context["request"].user):
            return context | {"value": "–", "share": None}
        share = min(round(instance.standing.share * 100), 100)
        return context | {"share": share, "is_full": instance.standing.left <= 0}


class LLMLimitIndexView(SeparatedIndexMixin, IndexView):
    """The list; how the limits stand is read in one query."""

    def get_base_queryset(self):
        limits = seen_by(self.request.user, super().get_base_queryset())
        return limits.select_related("group", "user", "action", "site")

    def get_table(self, object_list):
        limits = list(object_list)
        standings = all_standings(limits)
        for limit in limits:
            limit.standing = standings[limit.pk]
        return super().get_table(limits)

    @cached_property
    def columns(self):
        """The columns of the list."""
        return [
            TitleColumn(
                "name",
                label=_("Name"),
                get_url=self.get_edit_url,
                sort_key="name",
                width=NAME_WIDTH,
            ),
            Column("amount", label=_("Allowed"), accessor=allowed),
            StandingColumn("standing", label=_("Now")),
            Column("counted_for", label=_("Counts"), accessor=counted_for),
            BooleanColumn("stops", label=_("Refuses runs")),
            BooleanColumn("is_active", label=_("Active")),
        ]


PANELS = opted_out(
    [
        FieldPanel("name"),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("amount"), FieldPanel("measure")]),
                FieldPanel("period"),
                FieldPanel("per_person"),
            ],
            heading=_("How much"),
        ),
        MultiFieldPanel(
            [FieldPanel(name) for name in ("group", "user", "action", "provider", "site")],
            heading=_("Which runs"),
            help_text=_("Runs count that all of this is true of; what is blank leaves none out."),
        ),
        MultiFieldPanel(
            [FieldPanel(name) for name in ("stops", "allows_unknown_price", "is_active")],
            heading=_("What happens"),
        ),
    ]
)


class LLMLimitViewSet(SeparatedViewSet, ModelViewSet):
    """Limits and budgets."""

    model = LLMLimit
    icon = "warning"
    menu_label = _("Limits and budgets")
    url_prefix = "llm-actions/limits"
    url_namespace = "wagtail_llm_actions_limits"
    index_view_class = LLMLimitIndexView
    list_filter = ["measure", "period", "is_active"]
    ordering = ["name", "pk"]
    copy_view_enabled = False
    permission_policy = SeparatedPolicy(LLMLimit)
    edit_handler = ObjectList(PANELS, base_form_class=LLMLimitForm)
