"""The header ``Idempotency-Key``: a request that is sent again is answered as it was at first."""

import hashlib
from collections.abc import Callable
from contextlib import suppress

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext

from wagtail_llm_actions import engine
from wagtail_llm_actions.exceptions import FormDataError
from wagtail_llm_actions.models import IdempotencyKey

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
LONGEST = 255


class Claim:
    """The key of a request, or none, and what came of the request."""

    def __init__(self, key: IdempotencyKey | None = None):
        self.key = key

    def remember(self, answer: str) -> None:
        """Keep the body that a repetition is answered with; a run keeps itself in its key."""
        if self.key is not None:
            engine.remember_answer(self.key, answer=answer)

    def give_back(self) -> None:
        """Let the key be used anew, if nothing came of the request."""
        if self.key is not None:
            engine.give_back_key(self.key)


def once(
    request: HttpRequest,
    work: Callable[[Claim], HttpResponseBase],
    again: Callable[[IdempotencyKey], HttpResponseBase],
) -> HttpResponseBase:
    """
    Do what a request asks for, or answer as it was answered before.

    :param work: does it, and keeps the result in the claim, in the commit that it comes of.
    :param again: answers from what was kept.
    :raises FormDataError: if the key is blank or too long.
    :raises RequestRepeatedError: if the key is in use, or was for another request.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return work(Claim())
    if not key.strip() or len(key) > LONGEST:
        message = gettext("An idempotency key has 1 to %(limit)d characters.") % {"limit": LONGEST}
        raise FormDataError(f"a key of {len(key)} characters", user_message=message)
    row, is_new = engine.claim_key(request.user, key, _hash(request))
    if not is_new:
        response = again(row)
        response[REPLAYED] = "true"
        return response
    claim = Claim(row)
    try:
        return work(claim)
    except BaseException:
        with suppress(Exception):
            claim.give_back()
        raise


def _hash(request: HttpRequest) -> str:
    parts = (request.method or "", request.get_full_path(), request.body)
    digest = hashlib.sha256()
    for part in parts:
        data = part if isinstance(part, bytes) else part.encode()
        digest.update(hashlib.sha256(data).digest())
    return digest.hexdigest()
