"""Our errors as the API answers with them, and which of them is which HTTP status."""

from uuid import UUID

from ninja import Schema

from wagtail_llm_actions.exceptions import (
    ActionNotFoundError,
    ActionNotReadyError,
    EditorNotFoundError,
    FormDataError,
    InvalidTransitionError,
    LimitReachedError,
    LLMActionsError,
    NotClearedError,
    PermissionRefusedError,
    PriceUnknownError,
    ProviderRateLimitError,
    ProviderUnavailableError,
    RunNotFoundError,
    SourcesCutError,
    SwitchedOffError,
    UnknownFieldError,
)

STATUSES: tuple[tuple[type[LLMActionsError], int], ...] = (
    (PermissionRefusedError, 403),
    (SwitchedOffError, 503),
    (ActionNotFoundError, 404),
    (ActionNotReadyError, 409),
    (RunNotFoundError, 404),
    (EditorNotFoundError, 404),
    (UnknownFieldError, 404),
    (FormDataError, 400),
    (InvalidTransitionError, 409),
    (SourcesCutError, 409),
    (LimitReachedError, 429),
    (PriceUnknownError, 409),
    (NotClearedError, 409),
    (ProviderRateLimitError, 429),
    (ProviderUnavailableError, 503),
)
"""From the most to the least specific; everything else is 422."""


class ErrorOut(Schema):
    """Why a request was refused."""

    code: str
    message: str
    retryable: bool = False
    run_id: UUID | None = None
    reasons: list[str] = []
    """What exactly, as sentences, where one is not enough."""

    @classmethod
    def of(cls, error: LLMActionsError) -> "ErrorOut":
        """Describe one of our errors."""
        return cls(
            code=error.code,
            message=str(error.user_message),
            retryable=error.retryable,
            run_id=error.run_id,
            reasons=[str(reason) for reason in getattr(error, "reasons", ())],
        )


def status_of(error: LLMActionsError) -> int:
    """Return the HTTP status for one of our errors."""
    return next((status for cls, status in STATUSES if isinstance(error, cls)), 422)
