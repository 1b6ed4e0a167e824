"""
Requests that are sent again, because their answer was lost: what they ask for is done once.

The key is claimed by a row before anything is done, so that of two requests at the same moment one
does the work and the other is told to wait. A request that failed gives its key back.
"""

from datetime import timedelta
from hashlib import sha256
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from wagtail_llm_actions.exceptions import RepetitionDiffersError, RepetitionPendingError
from wagtail_llm_actions.models import IdempotencyKey
from wagtail_llm_actions.models.texts import storable

KEPT = timedelta(hours=24)
"""How long a key is remembered."""
ABANDONED = timedelta(seconds=60)
"""After what time a request without any result counts as lost with its process."""


def claim_key(user: Any, key: str, request_hash: str) -> tuple[IdempotencyKey, bool]:
    """
    Return the row of a key, and whether it is new: then the work is the caller's to do.

    :raises RepetitionDiffersError: if it was used for another request.
    :raises RepetitionPendingError: if the first request is not answered yet.
    """
    _forget()
    # Of keys that differ in case alone, MySQL takes one for the other.
    known: dict[str, Any] = {"user": user, "key": sha256(storable(key).encode()).hexdigest()}
    try:
        with transaction.atomic():
            return IdempotencyKey.objects.create(**known, request_hash=request_hash), True
    except IntegrityError as error:
        row = IdempotencyKey.objects.select_related("run").filter(**known).first()
        if row is None:
            raise RepetitionPendingError(f"key of user {user.pk} given back just now") from error
        if row.request_hash != request_hash:
            raise RepetitionDiffersError(f"key of user {user.pk} is for another") from error
        if not row.is_answered:
            raise RepetitionPendingError(f"key of user {user.pk} is in use") from error
        return row, False


def give_back_key(row: IdempotencyKey) -> None:
    """Let a key be used anew: nothing came of the request."""
    IdempotencyKey.objects.filter(pk=row.pk, run=None, answer="").delete()


def remember_answer(row: IdempotencyKey, **result: Any) -> None:
    """
    Keep what a repetition is answered with; in the transaction that makes it.

    :param result: ``run``, or the body as ``answer``.
    :raises RepetitionPendingError: if the request took so long that its key was given away.
    """
    if not IdempotencyKey.objects.filter(pk=row.pk).update(**result):
        raise RepetitionPendingError(f"the key of row {row.pk} was given away")


def _forget() -> None:
    now = timezone.now()
    IdempotencyKey.objects.filter(created_at__lt=now - KEPT).delete()
    lost = IdempotencyKey.objects.filter(created_at__lt=now - ABANDONED, run=None, answer="")
    lost.delete()
