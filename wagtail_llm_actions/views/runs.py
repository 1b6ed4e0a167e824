"""One run: all that was sent, all that came back, and what became of it."""

import json

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.formats import date_format, number_format
from django.utils.functional import cached_property
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin.admin_url_finder import AdminURLFinder
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from wagtail_llm_actions.engine import notices_of, sweep
from wagtail_llm_actions.engine.changes import LABELS
from wagtail_llm_actions.models import LLMActionHistory
from wagtail_llm_actions.permissions import can_see_costs, visible_runs
from wagtail_llm_actions.values import FinishReason
from wagtail_llm_actions.views.run_columns import cost, decision, seconds, tokens
from wagtail_llm_actions.views.run_filters import type_label
from wagtail_llm_actions.views.run_links import target_of, versions_of
from wagtail_llm_actions.views.run_timings import timings_of
from wagtail_llm_actions.wording import listed

RELATED = (
    "content_type",
    "action",
    "prompt_template",
    "llm_config",
)


class RunView(WagtailAdminTemplateMixin, TemplateView):
    """Shows one run to those who may see it; for others it does not exist."""

    template_name = "wagtail_llm_actions/run.html"
    page_title = _("Run")
    header_icon = "history"

    @cached_property
    def run(self):
        """The run of the address, ended if its process is gone."""
        sweep()
        visible = visible_runs(self.request.user, LLMActionHistory.objects.select_related(*RELATED))
        return get_object_or_404(visible, pk=self.kwargs["pk"])

    def get_page_subtitle(self):
        moment = date_format(localtime(self.run.created_at), "SHORT_DATETIME_FORMAT")
        return listed([self.run.action_name or self.run.destination_label, moment])

    def get_breadcrumbs_items(self):
        history = {"url": reverse("wagtail_llm_actions:run_list"), "label": _("Run history")}
        return [
            *self.breadcrumbs_items,
            history,
            {"url": "", "label": self.run.action_name or self.run.destination_label},
        ]

    def get_context_data(self, **kwargs):
        run, urls = self.run, AdminURLFinder(self.request.user)
        return super().get_context_data(
            run=run,
            decision=decision(run),
            object_type=type_label(run.object_type),
            object_url=_edit_url(urls, target_of(run)),
            action_url=_edit_url(urls, run.action),
            timings=timings_of(run),
            tokens=tokens(run),
            sees_costs=can_see_costs(self.request.user),
            cost=cost(run),
            source_notices=notices_of(run),
            versions=versions_of(run, urls),
            parameters=_as_json(run.parameters),
            attempts=[_with_details(attempt) for attempt in run.attempts.all()],
            changed=listed(_changed(run)),
            answered_from=self._visible(pk=run.answered_from_id).first(),
            retry_of=self._visible(pk=run.retry_of_id).first(),
            retries=self._visible(retry_of=run).order_by("created_at"),
            **kwargs,
        )

    def _visible(self, **filters):
        return visible_runs(self.request.user).filter(**filters)


def _changed(run):
    """Return what was otherwise than in the action, as the labels of the dialog."""
    return [label for name, label in LABELS.items() if name in run.changes]


def _edit_url(urls, row):
    return urls.get_edit_url(row) if row is not None else None


def _with_details(attempt):
    return {
        "attempt": attempt,
        "duration": seconds(attempt.duration),
        "tokens": tokens(attempt),
        "of_these": _special_tokens(attempt),
        "cost": cost(attempt),
        "ended_by": _ending(attempt.finish_reason),
        "parameters": _as_json(attempt.parameters),
    }


def _special_tokens(attempt):
    """Return which of the tokens were read before or are of no text, where the service tells."""
    counts = (
        (attempt.cached_input_tokens, gettext("%(count)s read before")),
        (attempt.reasoning_tokens, gettext("%(count)s for reasoning")),
    )
    return listed(text % {"count": number_format(count)} for count, text in counts if count)


def _ending(finish_reason):
    """Return why a model stopped, for people; a word of a service that is none of ours as it is."""
    known = finish_reason in FinishReason.values
    return FinishReason(finish_reason).label if known else finish_reason


def _as_json(value):
    return json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True) if value else ""
