"""Attempts: one row for each call to a provider."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from wagtail_llm_actions.exceptions import InvalidTransitionError
from wagtail_llm_actions.models.texts import fitted
from wagtail_llm_actions.values import AttemptKind, AttemptStatus


class LLMActionAttempt(models.Model):
    """
    One call to a provider within a run.

    The row is committed before the call, so that a call whose process died is still accounted for.
    """

    run = models.ForeignKey(
        "wagtail_llm_actions.LLMActionHistory",
        on_delete=models.CASCADE,
        related_name="attempts",
        verbose_name=_("run"),
    )
    number = models.PositiveSmallIntegerField(_("number"))
    """1 for the first attempt of a run."""
    kind = models.CharField(
        _("kind"), max_length=20, choices=AttemptKind.choices, default=AttemptKind.FIRST
    )
    status = models.CharField(
        _("status"), max_length=20, choices=AttemptStatus.choices, default=AttemptStatus.RUNNING
    )
    provider = models.CharField(_("provider"), max_length=100)
    model_name = models.CharField(_("model name"), max_length=200)
    response_model_name = models.CharField(_("model that answered"), max_length=200, blank=True)
    parameters = models.JSONField(_("parameters"), default=dict, encoder=DjangoJSONEncoder)
    repair_prompt = models.TextField(_("repair prompt"), blank=True)
    """What the model was told about its answer before, which was sent along with it."""
    finish_reason = models.CharField(_("finish reason"), max_length=50, blank=True)
    raw_text = models.TextField(_("raw text"), blank=True)
    """What the provider sent, before anything was taken off; also when the call failed midway."""
    input_tokens = models.PositiveIntegerField(_("input tokens"), null=True)
    output_tokens = models.PositiveIntegerField(_("output tokens"), null=True)
    cached_input_tokens = models.PositiveIntegerField(_("cached input tokens"), null=True)
    reasoning_tokens = models.PositiveIntegerField(_("reasoning tokens"), null=True)
    usage_estimated = models.BooleanField(_("usage is an estimate"), default=False)
    price = models.JSONField(_("price"), default=dict, encoder=DjangoJSONEncoder)
    """What tokens cost when the call was made: see :class:`~wagtail_llm_actions.pricing.Price`."""
    cost = models.DecimalField(_("cost"), max_digits=18, decimal_places=9, null=True)
    """US dollars; ``None`` where it is not known."""
    error_code = models.CharField(_("error code"), max_length=50, blank=True)
    error_detail = models.TextField(_("error detail"), blank=True)
    http_status = models.PositiveSmallIntegerField(_("HTTP status"), null=True)
    started_at = models.DateTimeField(_("started at"), default=timezone.now)
    first_token_at = models.DateTimeField(_("first token at"), null=True)
    finished_at = models.DateTimeField(_("finished at"), null=True)

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        ordering = ["run", "number"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["run", "number"], name="llm_attempt_number_is_unique"),
        ]

    def __str__(self):
        return f"{self.number}: {self.get_status_display()}"

    @property
    def duration(self) -> float | None:
        """How long the call took, in seconds; ``None`` while it runs."""
        if self.finished_at is None:
            return None
        return (self.finished_at - self.started_at).total_seconds()

    def mark_ended(self, status: AttemptStatus, **values) -> None:
        """
        Record how the call ended, once.

        :raises InvalidTransitionError: if that was recorded already.
        """
        values = fitted(type(self), values | {"status": status, "finished_at": timezone.now()})
        moved = type(self).objects.filter(pk=self.pk, status=AttemptStatus.RUNNING).update(**values)
        if not moved:
            raise InvalidTransitionError(f"attempt {self.pk} has ended already")
        for name, value in values.items():
            setattr(self, name, value)
