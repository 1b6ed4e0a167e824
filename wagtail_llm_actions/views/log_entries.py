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


class _RunFormatter(LogFormatter):
    """What a person did with a run: for which field, of which action."""

    def format_message(self, log_entry):
        data = log_entry.data or {}
        return self.sentence % {"action": data.get("action", ""), "field": data.get("field", "")}


class AcceptFormatter(_RunFormatter):
    """An output of a language model that a person accepted."""

    label = _("Accept LLM output")
    sentence = _("Accepted what “%(action)s” wrote for “%(field)s”")


class RestoreFormatter(_RunFormatter):
    """A person put back what had stood in a field before a language model wrote for it."""

    label = _("Restore what stood before LLM output")
    sentence = _("Restored what had stood in “%(field)s” before “%(action)s” wrote for it")
