"""What ends a run or an attempt, whatever it was, as one of our errors and as a status."""

from wagtail_llm_actions.exceptions import (
    LLMActionsError,
    RunCancelledError,
    RunInterruptedError,
    RunRefusedError,
)
from wagtail_llm_actions.values import RunStatus


def ending_of(error: BaseException) -> LLMActionsError:
    """
    Return an exception as one of our errors.

    Of an unforeseen one only the class is told: it may quote a key. The log has the rest.
    """
    if isinstance(error, LLMActionsError):
        return error
    if isinstance(error, GeneratorExit):
        return RunCancelledError("the reader went away")
    if isinstance(error, (SystemExit, KeyboardInterrupt)):
        return RunInterruptedError(f"the process was stopped: {type(error).__name__}")
    return LLMActionsError(f"unforeseen: {type(error).__name__}")


def status_of(error: LLMActionsError) -> RunStatus:
    """Return the status of a run that ``error`` has ended."""
    if isinstance(error, RunCancelledError):
        return RunStatus.CANCELLED
    if isinstance(error, RunInterruptedError):
        return RunStatus.INTERRUPTED
    if isinstance(error, RunRefusedError):
        return RunStatus.REFUSED
    return RunStatus.FAILED
