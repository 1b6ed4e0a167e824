"""Which of our errors is which HTTP status."""

from wagtail_llm_actions.exceptions import (
    ActionNotFoundError,
    ActionNotReadyError,
    EditorNotFoundError,
    FormDataError,
    InvalidTransitionError,
    LLMActionsError,
    PermissionRefusedError,
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
    (ProviderRateLimitError, 429),
    (ProviderUnavailableError, 503),
)
"""From the most to the least specific; everything else is 422."""


def status_of(error: LLMActionsError) -> int:
    """Return the HTTP status for one of our errors."""
    return next((status for cls, status in STATUSES if isinstance(error, cls)), 422)
