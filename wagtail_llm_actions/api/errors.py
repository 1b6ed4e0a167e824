"""
Our errors as the API answers with them, and which of them is which HTTP status.

Every error is one problem document, as RFC 9457 has it, for the page editor and for others.
"""

from collections.abc import Sequence
from http import HTTPStatus
from math import ceil
from typing import Any
from uuid import UUID

from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI, Schema
from ninja.errors import HttpError, ValidationError
from pydantic import Field

from wagtail_llm_actions.api.preconditions import conflict_in_words
from wagtail_llm_actions.api.refusals import sentence_of
from wagtail_llm_actions.exceptions import (
    ActionNotFoundError,
    ActionNotReadyError,
    BeingEditedError,
    EditorNotFoundError,
    FormDataError,
    InvalidTransitionError,
    LimitReachedError,
    LLMActionsError,
    NoDraftsError,
    NotClearedError,
    PermissionRefusedError,
    PriceUnknownError,
    ProviderRateLimitError,
    ProviderUnavailableError,
    RepetitionPendingError,
    RowInUseError,
    RowNotFoundError,
    RunNotFoundError,
    SourcesCutError,
    SwitchedOffError,
    UnknownFieldError,
    ValueChangedError,
    VersionConflictError,
    VersionRequiredError,
    WorkerUnavailableError,
)

STATUSES: tuple[tuple[type[LLMActionsError], int], ...] = (
    (PermissionRefusedError, 403),
    (SwitchedOffError, 503),
    (ActionNotFoundError, 404),
    (ActionNotReadyError, 409),
    (RunNotFoundError, 404),
    (RowNotFoundError, 404),
    (VersionRequiredError, 428),
    (VersionConflictError, 409),
    (RowInUseError, 409),
    (RepetitionPendingError, 409),
    (EditorNotFoundError, 404),
    (UnknownFieldError, 404),
    (BeingEditedError, 409),
    (ValueChangedError, 409),
    (NoDraftsError, 409),
    (FormDataError, 400),
    (InvalidTransitionError, 409),
    (SourcesCutError, 409),
    (LimitReachedError, 429),
    (PriceUnknownError, 409),
    (NotClearedError, 409),
    (ProviderRateLimitError, 429),
    (ProviderUnavailableError, 503),
    (WorkerUnavailableError, 503),
)
"""From the most to the least specific; everything else is 422."""

PROBLEMS = (400, 401, 403, 404, 409, 412, 413, 422, 428, 429, 503)
"""The statuses that any endpoint may answer with a problem document."""
MEDIA_TYPE = "application/problem+json"
REQUEST_CODES = {
    401: "unauthenticated",
    403: "forbidden",
    404: "no_such_address",
    413: "too_large",
}
"""The codes of what is wrong with a request whatever it is about; others are ``bad_request``."""


class ErrorOut(Schema):
    """Why a request was refused: a problem document, with members of our own."""

    type: str = Field("about:blank", examples=["about:blank"])
    title: str = Field("", examples=["Conflict"])
    """What the status means, in English."""
    status: int = Field(422, examples=[409])
    detail: str = Field("", examples=["This LLM action is not ready to run."])
    """What happened, as a sentence in the user's language."""
    code: str = Field(examples=["action_not_ready"])
    """Never changes, see the reference of errors."""
    message: str = Field(examples=["This LLM action is not ready to run."])
    """The same as ``detail``."""
    retryable: bool = False
    run_id: UUID | None = None
    reasons: list[str] = []
    """What exactly, as sentences, where one is not enough."""
    fields: dict[str, list[str]] = {}
    """What is wrong with which field of what was sent."""

    @classmethod
    def of(cls, error: LLMActionsError, status: int | None = None) -> "ErrorOut":
        """
        Describe one of our errors.

        :param status: of the answer, where it is not the one that the error has.
        """
        return cls.told(
            status or status_of(error),
            error.code,
            str(error.user_message),
            retryable=error.retryable,
            run_id=error.run_id,
            reasons=[str(reason) for reason in getattr(error, "reasons", ())],
            fields=getattr(error, "fields", {}),
        )

    @classmethod
    def told(cls, status: int, code: str, sentence: str, **more) -> "ErrorOut":
        """Return the problem document of a code and a sentence."""
        return cls(
            title=HTTPStatus(status).phrase,
            status=status,
            detail=sentence,
            code=code,
            message=sentence,
            **more,
        )


def answers(**by_status: Any) -> dict[int, Any]:
    """
    Return what an endpoint answers: what is given, or a problem document.

    :param by_status: ``ok``, ``created``, ``accepted`` or ``no_content``.
    """
    given = {HTTPStatus[name.upper()].value: schema for name, schema in by_status.items()}
    return given | dict.fromkeys(PROBLEMS, ErrorOut)


def status_of(error: LLMActionsError) -> int:
    """Return the HTTP status for one of our errors."""
    return next((status for cls, status in STATUSES if isinstance(error, cls)), 422)


def answer_errors(api: NinjaAPI) -> None:
    """Let an API answer every error that can be foreseen with a problem document."""
    api.exception_handler(LLMActionsError)(_answer_ours)
    api.exception_handler(ValidationError)(_answer_invalid)
    api.exception_handler(HttpError)(_answer_http)
    api.exception_handler(Http404)(_answer_missing)
    api.exception_handler(RequestDataTooBig)(_answer_too_large)


def problem_response(problem: ErrorOut) -> HttpResponse:
    """Return the answer that holds a problem document."""
    body = problem.model_dump_json()
    response = HttpResponse(body, status=problem.status, content_type=MEDIA_TYPE)
    if problem.status == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = "Bearer"
    return response


def _answer_ours(request: HttpRequest, error: LLMActionsError) -> HttpResponse:
    status = None
    if isinstance(error, VersionConflictError) and "If-Match" in request.headers:
        error, status = conflict_in_words(request, error), 412
    response = problem_response(ErrorOut.of(error, status))
    wait = getattr(error, "retry_after", None)
    if wait is not None:
        response["Retry-After"] = str(ceil(wait))
    return response


def _answer_invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Say in a sentence what the schemas refuse, and where."""
    refusal = FormDataError(str(error.errors), user_message=sentence_of(error.errors) or None)
    problem = ErrorOut.of(refusal, 422)
    for one in error.errors:
        problem.fields.setdefault(_place(one["loc"]), []).append(one["msg"])
    return problem_response(problem)


def _place(location: Sequence[str | int]) -> str:
    """Return where in what was sent a value stands, without what only our code calls so."""
    ours = 2 if location[0] == "body" else 1
    return ".".join(str(step) for step in location[ours:])


def _answer_http(request: HttpRequest, error: HttpError) -> HttpResponse:
    code = REQUEST_CODES.get(error.status_code, "bad_request")
    return problem_response(ErrorOut.told(error.status_code, code, error.message))


def _answer_missing(request: HttpRequest, error: Http404) -> HttpResponse:
    return nothing_here(request)


def _answer_too_large(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
    return problem_response(ErrorOut.told(413, REQUEST_CODES[413], "The request is too large."))


def nothing_here(request: HttpRequest) -> HttpResponse:
    """Answer at an address that is none of the API's."""
    return problem_response(ErrorOut.told(404, REQUEST_CODES[404], "Nothing is here."))
