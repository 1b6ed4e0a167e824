"""The switch: turns every LLM action off, or on again, at once."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from wagtail_llm_actions.models import LLMActionHistory, LLMActionsSwitch
from wagtail_llm_actions.permissions import can_switch


class SwitchView(WagtailAdminTemplateMixin, TemplateView):
    """Shows where the switch stands and who turned it; ``POST`` turns it."""

    template_name = "wagtail_llm_actions/switch.html"
    page_title = _("LLM actions on or off")
    header_icon = "llm-actions"

    def dispatch(self, request, *args, **kwargs):
        if not can_switch(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_breadcrumbs_items(self):
        return [*self.breadcrumbs_items, {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            switch=LLMActionsSwitch.current(),
            running=LLMActionHistory.objects.active().count(),
            **kwargs,
        )

    def post(self, request):
        turn_on = request.POST.get("turn") == "on"
        LLMActionsSwitch.turn(turn_on, request.user)
        if turn_on:
            messages.success(request, gettext("LLM actions are on."))
        else:
            messages.warning(request, gettext("LLM actions are off. Nobody can run one."))
        return redirect(reverse("wagtail_llm_actions:switch"))
