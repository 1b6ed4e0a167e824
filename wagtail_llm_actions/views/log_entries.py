"""How entries in Wagtail's audit log read."""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import LogFormatter


class PublishRefusedFormatter(LogFormatter):
    """A scheduled publication that could not take place, and why."""

    label = _("Not published by schedule")

    def format_message(self, log_entry):
        reason = (log_entry.data or {}).get("reason", "")
        return gettext("Not published by schedule. %(reason)s") % {"reason": reason}


class AcceptFormatter(LogFormatter):
    """An output of a language model that a person accepted: for which field, of which action."""

    label = _("Accept LLM output")

    def format_message(self, log_entry):
        data = log_entry.data or {}
        return gettext("Accepted what “%(action)s” wrote for “%(field)s”") % {
            "action": data.get("action", ""),
            "field": data.get("field", ""),
        }
