"""Keys by which a repeated request is known: what it asked for is done once."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class IdempotencyKey(models.Model):
    """A request that somebody may send again, and what it was answered with."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
        verbose_name=_("user"),
    )
    key = models.CharField(_("key"), max_length=255)
    """The hash of what the request said: every database tells it from all others."""
    request_hash = models.CharField(_("hash of the request"), max_length=64)
    run = models.ForeignKey(
        "wagtail_llm_actions.LLMActionHistory",
        on_delete=models.CASCADE,
        null=True,
        related_name="+",
        verbose_name=_("run"),
    )
    """What came of it, where that is a run; it is answered with as it stands."""
    answer = models.TextField(_("answer"), blank=True)
    """The body of the first answer, where it is no run; blank until there is one."""
    created_at = models.DateTimeField(_("created at"), auto_now_add=True, db_index=True)

    objects: "models.Manager[IdempotencyKey]" = models.Manager()

    class Meta:
        verbose_name = _("idempotency key")
        verbose_name_plural = _("idempotency keys")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="llm_idempotency_key_once"),
        ]

    def __str__(self):
        return self.key

    @property
    def is_answered(self) -> bool:
        """Whether there is something to answer a repetition with."""
        return bool(self.run or self.answer)
