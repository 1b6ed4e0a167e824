"""Menu entries that only show to those who may open them."""

from wagtail.admin.menu import MenuItem

from wagtail_llm_actions.permissions import can_open_history, can_switch


class RunHistoryMenuItem(MenuItem):
    """Leads to the run history."""

    def is_shown(self, request):
        return can_open_history(request.user)


class SwitchMenuItem(MenuItem):
    """Leads to the switch."""

    def is_shown(self, request):
        return can_switch(request.user)
