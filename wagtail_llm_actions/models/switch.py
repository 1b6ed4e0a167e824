"""The admin's switch that turns everything off at once."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import log

from wagtail_llm_actions.models.runs import LLMActionHistory


class LLMActionsSwitch(models.Model):
    """One row, made when the switch is first used; no row means on."""

    id = models.BigIntegerField(primary_key=True, editable=False)
    """Always 1. It does not count up by itself: MySQL checks nothing about keys that do."""
    enabled = models.BooleanField(_("enabled"), default=True)
    changed_at = models.DateTimeField(_("changed at"), auto_now=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("changed by"),
    )

    class Meta:
        verbose_name = _("LLM actions switch")
        verbose_name_plural = _("LLM actions switches")
        default_permissions = ("change",)
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="llm_switch_is_one_row"),
        ]

    def __str__(self):
        return str(_("On") if self.enabled else _("Off"))

    @classmethod
    def is_on(cls) -> bool:
        """Return whether LLM actions may be run as far as the admins' switch is concerned."""
        return not cls.objects.filter(pk=1, enabled=False).exists()

    @classmethod
    def turn(cls, on: bool, user) -> None:
        """Turn LLM actions on or off, for everybody and at once; off cancels what is under way."""
        switch, _made = cls.objects.update_or_create(
            pk=1, defaults={"enabled": on, "changed_by": user}
        )
        if not on:
            LLMActionHistory.objects.active().update(cancel_requested=True)
        verb = "switch_on" if on else "switch_off"
        log(instance=switch, action=f"wagtail_llm_actions.{verb}", user=user)

    @classmethod
    def current(cls):
        """Return the row, or an unsaved one that is on."""
        row = cls.objects.select_related("changed_by").filter(pk=1).first()
        return row or cls(pk=1, enabled=True)
