"""Enables and disables one action at once, beside its draft."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views import View
from wagtail.admin import messages
from wagtail.admin.utils import get_valid_next_url_from_request

from wagtail_llm_actions.models import LLMAction
from wagtail_llm_actions.permissions import can_turn
from wagtail_llm_actions.sites import seen_by
from wagtail_llm_actions.views.buttons import PostButton


class TurnActionView(View):
    """Turns one action on or off and goes back to where the button was."""

    http_method_names = ["post"]
    on = True

    def post(self, request, pk):
        action = get_object_or_404(seen_by(request.user, LLMAction.objects.all()), pk=pk)
        if not can_turn(request.user, action):
            raise PermissionDenied
        action.turn(self.on, request.user)
        sentence = (
            gettext("“%(name)s” is enabled.")
            if self.on
            else gettext("“%(name)s” is disabled. Nobody can run it until it is enabled again.")
        )
        messages.success(request, sentence % {"name": action.name})
        return redirect(get_valid_next_url_from_request(request) or edit_url(action))


def edit_url(action) -> str:
    """Return the address of an action's edit form."""
    return reverse(action.snippet_viewset.get_url_name("edit"), args=[action.pk])


def turn_button(action, next_url, **options) -> PostButton:
    """Return the button that disables an enabled action, or enables a disabled one."""
    verb, label, icon = (
        ("disable", _("Disable now"), "circle-xmark")
        if action.enabled
        else ("enable", _("Enable"), "circle-check")
    )
    url = reverse(f"wagtail_llm_actions:action_{verb}", args=[action.pk])
    return PostButton(label, url=f"{url}?next={next_url}", icon_name=icon, **options)
