"""Wagtail's report of what was done on the site, where sites are kept apart."""

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q
from wagtail.models import ModelLogEntry
from wagtail.models.audit_log import ModelLogEntryManager

from wagtail_llm_actions.sites import SEPARATED, own_sites, seen_by


class _SeenLogEntries(ModelLogEntryManager):
    """The log of models, without what is of other sites, or gone: nobody knows whose that was."""

    def viewable_by_user(self, user):
        entries = super().viewable_by_user(user)
        if own_sites(user) is None:
            return entries
        for model in SEPARATED:
            kind = ContentType.objects.get_for_model(model)
            seen = seen_by(user, model.objects.all()).values_list("pk", flat=True)
            entries = entries.exclude(Q(content_type=kind) & ~Q(object_id__in=map(str, seen)))
        return entries


class SeenLog:
    """Stands in the report for the log of models; all else reads that log itself."""

    objects = _SeenLogEntries()
    objects.model = ModelLogEntry


def separate_site_history(actions):
    """Let the report read what one may see."""
    if ModelLogEntry in actions.log_entry_models:
        actions.log_entry_models.remove(ModelLogEntry)
        actions.log_entry_models.add(SeenLog)
