"""
Answers identical requests from the history, where the action allows it.

Whatever decides the answer goes into one hash. Nothing is sent for a run that is answered so, so it
is counted for no limit; its answer is read again and checked again as any other.
"""

import json
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.crypto import salted_hmac

from wagtail_llm_actions.conf import settings
from wagtail_llm_actions.engine.attempts import is_constrained, make_value, sent_parameters
from wagtail_llm_actions.engine.limits import Claim, claims_of, reserve, with_amounts
from wagtail_llm_actions.engine.standings import refusal
from wagtail_llm_actions.exceptions import LimitReachedError, OutputError
from wagtail_llm_actions.models import LLMAction, LLMActionAttempt, LLMActionHistory
from wagtail_llm_actions.outputs import json_schema
from wagtail_llm_actions.providers import providers
from wagtail_llm_actions.values import AttemptStatus, FieldSpec, RunStatus

SALT = "wagtail_llm_actions.recall"
CONVERSION = 1
"""To be raised whenever answers are asked for or read otherwise than before."""


def recall(
    run: LLMActionHistory, action: LLMAction, claims: list[Claim], *, tries_again: bool
) -> None:
    """
    Write the hash of a request into its row and, where it may be, which run answers it.

    :param tries_again: whether a new answer is what the user wants.
    """
    if run.revision_prompt:
        return
    run.request_hash = _hash(run)
    if tries_again or run.is_test or not action.answers_from_history:
        return
    if run.parameters["temperature"] != 0 or _is_forbidden(claims):
        return
    earlier = _earlier(run)
    if earlier is not None and _fits(run, _answer_of(earlier.pk)):
        run.is_from_history, run.answered_from = True, earlier


def recalled(run: LLMActionHistory) -> str:
    """Return the answer of the run that answers this one; blank if that is gone meanwhile."""
    return _answer_of(run.answered_from_id)


def leave_history(run: LLMActionHistory) -> None:
    """Write that the history does not answer a run after all."""
    run.is_from_history, run.answered_from = False, None
    run.save(update_fields=["is_from_history", "answered_from"])


def turn_to_provider(run: LLMActionHistory) -> None:
    """
    Make a run whose earlier answer cannot be used any more one that the provider answers.

    :raises LimitReachedError: if there is no room for it.
    :raises PriceUnknownError: if a budget that refuses runs cannot be kept.
    """
    leave_history(run)
    before = run.reservations
    claims = with_amounts(run, claims_of(before))
    with transaction.atomic(durable=True):
        if reserve(run, claims):
            run.save(update_fields=["reservations"])
            return
        transaction.set_rollback(True)
    run.reservations = before
    raise refusal(claims) or LimitReachedError("no room for the provider's answer")


def _is_forbidden(claims: list[Claim]) -> bool:
    """Return whether a limit allows nothing at all, not even what costs nothing."""
    return any(claim.limit.stops and not claim.limit.ceiling for claim in claims)


def _earlier(run: LLMActionHistory) -> LLMActionHistory | None:
    """Return the last run with the same hash that has its answer still."""
    same = LLMActionHistory.objects.filter(
        request_hash=run.request_hash,
        status=RunStatus.SUCCEEDED,
        is_test=False,
        is_from_history=False,
    )
    with_answer = same.filter(Exists(_answers().filter(run=OuterRef("pk"))))
    return with_answer.order_by("-created_at").first()


def _answer_of(run_id: UUID | None) -> str:
    answers = _answers().filter(run=run_id)
    return answers.values_list("raw_text", flat=True).first() or ""


def _answers() -> Any:
    """Return the calls that were answered well, the last ones first."""
    succeeded = LLMActionAttempt.objects.filter(status=AttemptStatus.SUCCEEDED)
    return succeeded.exclude(raw_text="").order_by("-number")


def _fits(run: LLMActionHistory, answer: str) -> bool:
    try:
        make_value(run, answer)
    except OutputError:
        return False
    return True


def _hash(run: LLMActionHistory) -> str:
    """
    Return the keyed hash of all that decides the answer.

    The key of the site is in it: neither a text that was erased nor a provider's key, which is
    among its options, can be guessed by comparing hashes.
    """
    said = json.dumps(_decisive(run), sort_keys=True, default=repr)
    return salted_hmac(SALT, said, algorithm="sha256").hexdigest()


def _decisive(run: LLMActionHistory) -> dict[str, Any]:
    pictures = [picture for source in run.sources for picture in source.get("pictures", ())]
    constrained = is_constrained(run)
    entry = settings.PROVIDERS[run.provider]
    return {
        "conversion": CONVERSION,
        "template": [run.prompt_template_revision_id, run.template_system_prompt],
        "template_prompt": run.template_prompt,
        "system": run.system_prompt,
        "user": run.prompt,
        "pictures": [[picture["hash"], picture["size"]] for picture in pictures],
        "schema": json_schema(FieldSpec.restore(run.field_spec)) if constrained else None,
        "spec": run.field_spec,
        "model_type": run.object_type,
        "site": run.site_id if settings.SEPARATE_SITES else None,
        "model": run.model_name,
        "parameters": sent_parameters(run),
        "provider": run.provider,
        "backend": entry["BACKEND"],
        "options": repr(entry.get("OPTIONS", {})),
        "host": providers[run.provider].host,
    }
