"""
How runs go on: from one status to the next, and to what people decide.

Each compares and sets in one statement, and says if it came too late.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from wagtail_llm_actions.exceptions import InvalidOutputError, InvalidTransitionError
from wagtail_llm_actions.models.texts import fitted
from wagtail_llm_actions.values import (
    ACTIVE_STATUSES,
    FINAL_STATUSES,
    Decision,
    OutputMode,
    RunStatus,
)


class LLMActionHistoryQuerySet(models.QuerySet):
    """Filters over runs."""

    def active(self):
        """Return the runs that may still change their status."""
        return self.filter(status__in=ACTIVE_STATUSES)

    def finished(self):
        """Return the runs that will not change their status any more."""
        return self.filter(status__in=FINAL_STATUSES)

    def for_object(self, content_type, object_id):
        """Return the runs whose target is one object."""
        return self.filter(content_type=content_type, object_id=str(object_id))


class RunState(models.Model):
    """Where a run stands, and what people decided on it."""

    status = models.CharField(
        _("status"), max_length=20, choices=RunStatus.choices, default=RunStatus.QUEUED
    )
    decision = models.CharField(
        _("decision"), max_length=20, choices=Decision.choices, default=Decision.NONE, blank=True
    )
    error_code = models.CharField(_("error code"), max_length=50, blank=True)
    error_message = models.TextField(_("error"), blank=True)
    """The sentence that the editor read, in the language they read it in."""
    error_detail = models.TextField(_("error detail"), blank=True)
    """For admins: may quote the service's response, never a key."""
    is_test = models.BooleanField(_("test"), default=False)
    """Whether it tried an action as its form stood, unsaved; such an output is offered to nobody."""

    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    decided_by_username = models.CharField(_("name of who decided"), max_length=255, blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True)
    restored_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("restored by"),
    )
    restored_by_username = models.CharField(_("name of who restored"), max_length=255, blank=True)
    restored_at = models.DateTimeField(_("restored at"), null=True)
    """When, last, what had stood there before came back to the field."""

    started_at = models.DateTimeField(_("started at"), null=True)
    finished_at = models.DateTimeField(_("finished at"), null=True)
    deadline_at = models.DateTimeField(_("deadline"), null=True)
    """When an active run counts as interrupted, whatever became of its process."""
    worker = models.CharField(_("process"), max_length=255, blank=True)
    """The process that executes the run, so that another can see whether it is still there."""
    cancel_requested = models.BooleanField(_("cancel requested"), default=False)

    objects = LLMActionHistoryQuerySet.as_manager()

    class Meta:
        abstract = True

    def mark_running(self, *, worker: str, deadline_at) -> None:
        """
        Claim a queued run for this process.

        :raises InvalidTransitionError: if the run is not queued any more.
        """
        self._move(
            {RunStatus.QUEUED},
            status=RunStatus.RUNNING,
            started_at=timezone.now(),
            worker=worker,
            deadline_at=deadline_at,
        )

    def hold(self) -> None:
        """
        Keep others from ending the run until the transaction is over.

        :raises InvalidTransitionError: if it is not running any more.
        """
        self._move({RunStatus.RUNNING}, status=RunStatus.RUNNING)

    def mark_succeeded(self, output: str, **usage) -> None:
        """
        Record the output and open the decision; there is nothing to decide on that of a test.

        :param usage: ``input_tokens``, ``output_tokens``, ``usage_estimated``, ``first_token_at``.
        :raises InvalidTransitionError: if the run is not running any more.
        """
        self._move(
            {RunStatus.RUNNING},
            status=RunStatus.SUCCEEDED,
            decision=Decision.NONE if self.is_test else Decision.PENDING,
            output=output,
            finished_at=timezone.now(),
            deadline_at=None,
            **usage,
        )

    def mark_ended(self, status: RunStatus, error, **usage) -> None:
        """
        End an active run without an output: failed, cancelled or interrupted.

        :param error: one of our errors.
        :raises InvalidTransitionError: if the run is not as it was read: begun or ended since.
        """
        self._move(
            ACTIVE_STATUSES & {RunStatus(self.status)},
            status=status,
            error_code=error.code,
            error_message=str(error.user_message),
            error_detail=str(error),
            finished_at=timezone.now(),
            deadline_at=None,
            **usage,
        )

    def mark_decided(
        self, decision: Decision, user, mended: str = "", mode: OutputMode | None = None
    ) -> None:
        """
        Record what a person did with the output.

        An output that was rejected may be used after all; what was used stays used.

        :param mended: what they took instead of it; an answer that did not fit its field can be
            taken in no other way.
        :param mode: how they used it, where that is otherwise than in the action.
        :raises InvalidTransitionError: if it was decided before, or there is no output.
        """
        before = [Decision.PENDING]
        if decision in {Decision.ACCEPTED, Decision.EDITED}:
            before.append(Decision.REJECTED)
        open_to_decision = Q(status=RunStatus.SUCCEEDED, decision__in=before)
        if mended and not self.is_test:
            open_to_decision |= Q(
                status=RunStatus.FAILED,
                error_code=InvalidOutputError.code,
                decision=Decision.NONE,
            )
        values = {
            "decision": decision,
            "decided_by": user,
            "decided_by_username": user.get_username(),
            "decided_at": timezone.now(),
            "mended_output": mended,
        }
        if mode is not None:
            values["output_mode"] = mode
        values = fitted(type(self), values)
        moved = type(self).objects.filter(open_to_decision, pk=self.pk).update(**values)
        if not moved:
            raise InvalidTransitionError(f"run {self.pk} is not pending")
        self.refresh_from_db(fields=list(values))

    def mark_restored(self, user) -> None:
        """Record that a person put back what had stood in the field before."""
        self.restored_by, self.restored_by_username = user, user.get_username()
        self.restored_at = timezone.now()
        names = ["restored_by", "restored_by_username", "restored_at"]
        self.save(update_fields=names)

    def request_cancel(self) -> bool:
        """Ask the process that executes the run to stop; return whether it was still active."""
        return bool(type(self).objects.active().filter(pk=self.pk).update(cancel_requested=True))

    def _move(self, allowed, **values) -> None:
        values = fitted(type(self), values)
        moved = type(self).objects.filter(pk=self.pk, status__in=allowed).update(**values)
        if not moved:
            raise InvalidTransitionError(f"run {self.pk} cannot become {values['status']}")
        for name, value in values.items():
            setattr(self, name, value)
