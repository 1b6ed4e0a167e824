"""What happens when a draft goes live: nobody's live row is in the way, or it stays a draft."""

import logging
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.translation import gettext
from wagtail.log_actions import log
from wagtail.models import Revision

from wagtail_llm_actions.models.conflicts import is_duplicate

logger = logging.getLogger(__name__)


def with_schedules(rows: Iterable[Any]) -> list[Any]:
    """Return rows of one type that know what of them is scheduled, which is asked for once."""
    found = list(rows)
    if not found:
        return found
    revisions = Revision.objects.filter(
        base_content_type=ContentType.objects.get_for_model(found[0]),
        object_id__in=[str(row.pk) for row in found],
        approved_go_live_at__isnull=False,
    )
    scheduled = {revision.object_id: revision for revision in revisions}
    for row in found:
        row.scheduled_revision = scheduled.get(str(row.pk))
    return found


class CheckedPublication(models.Model):
    """
    Checks a draft when it is published, by hand, by a program or by schedule.

    A draft may hold what would conflict with another live row. This stands before
    ``DraftStateMixin`` among a model's bases.
    """

    go_live_at: datetime | None
    deleted_since: frozenset[str] = frozenset()
    """Fields whose rows were deleted since the draft that this was read from was written."""

    class Meta:
        abstract = True

    @property
    def goes_live_now(self) -> bool:
        """Whether publishing makes the row live at once, not at a later time."""
        return self.go_live_at is None or self.go_live_at <= timezone.now()

    def validate_publication(self) -> None:
        """
        Check that the row can go live as it is.

        :raises ValidationError: if another row is in its way.
        """
        self.validate_unique()

    def validate_references(self) -> None:
        """
        Check that what the draft names is still there: blank may mean something else.

        :raises ValidationError: at each field whose row was deleted.
        """
        if self.deleted_since:
            message = gettext("What the draft names here has been deleted. Choose again.")
            raise ValidationError(dict.fromkeys(self.deleted_since, message))

    def validate_children(self) -> None:
        """
        Check what belongs to the row, as the draft has it; a form checks its own.

        :raises ValidationError: if something of it cannot go live.
        """

    def make_way(self, user) -> None:
        """Change the other rows that give way to this one; in the transaction that publishes it."""

    def validate_constraints(self, exclude=None):
        """Check them for new rows; others are checked when their drafts are published."""
        if self._state.adding:
            super().validate_constraints(exclude=exclude)

    def publish(self, revision, user=None, **kwargs):
        """
        Publish a revision, or schedule it.

        A revision that was scheduled and cannot go live stays a draft, with an entry in the log
        and in its history, so that it does not keep others from being published.

        :raises ValidationError: if it cannot go live.
        """
        due = revision.approved_go_live_at is not None
        try:
            return self._publish_checked(revision, user, **kwargs)
        except ValidationError as error:
            if not due:
                raise
            self._take_off_schedule(revision, error)
            return None

    def _publish_checked(self, revision, user, **kwargs):
        draft = revision.as_object()
        draft.validate_references()
        if not draft.goes_live_now:
            return super().publish(revision, user=user, **kwargs)
        try:
            with transaction.atomic():
                draft.make_way(user)
                draft.validate_publication()
                draft.validate_children()
                return super().publish(revision, user=user, **kwargs)
        except IntegrityError as error:
            if not is_duplicate(error):
                raise
            raise ValidationError(
                gettext("Something else was published at the same moment. Try again."),
                code="conflict",
            ) from error

    def _take_off_schedule(self, revision, error):
        revision.approved_go_live_at = None
        revision.save(update_fields=["approved_go_live_at"])
        logger.warning(
            "Not published by schedule model=%s pk=%s revision=%s",
            self._meta.label,
            self.pk,
            revision.pk,
        )
        log(
            instance=self,
            action="wagtail_llm_actions.publish_refused",
            revision=revision,
            data={"reason": " ".join(error.messages)},
        )
