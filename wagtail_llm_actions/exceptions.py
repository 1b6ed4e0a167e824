"""
Everything that can go wrong, as one tree.

::

    LLMActionsError
    ├── ProviderError
    │   ├── ProviderUnavailableError      refused, unreachable, still starting
    │   ├── ProviderTimeoutError          connect, first token or total
    │   ├── ProviderAuthenticationError   401, 403
    │   ├── ModelNotFoundError            the service does not know the model
    │   ├── ProviderRateLimitError        429
    │   ├── ProviderBusyError             503
    │   ├── ProviderServerError           500 and its kin, an error line in a stream
    │   ├── ProviderRequestError          400: the service refuses the request
    │   ├── ContextWindowError            the prompt does not fit the model
    │   ├── ProviderResponseError         an answer that cannot be read
    │   ├── IncompleteResponseError       the answer stopped before its end
    │   └── ContentFilterError            the service withheld the answer
    ├── PromptError
    │   ├── PromptSyntaxError             the template cannot be parsed, or uses what is not allowed
    │   ├── UnknownVariableError
    │   ├── EmptyVariableError            a required source has no text
    │   └── PromptLimitError              rendering took too much time or memory
    ├── OutputError
    │   ├── EmptyOutputError
    │   ├── TruncatedOutputError          the model hit its token limit
    │   └── InvalidOutputError            the output does not fit its field
    ├── ContentError
    │   ├── UnknownFieldError             no such field in this form
    │   ├── UnsupportedFieldError         a field of a kind that cannot be written
    │   ├── EditorNotFoundError           the address is no edit form, or its object is gone
    │   ├── FormDataError                 the posted form cannot be read
    │   ├── PictureError                  an image cannot be sent as a picture
    │   ├── NoDraftsError                 what is written to it would be live at once
    │   ├── BeingEditedError              somebody has it open in an editor
    │   └── ValueChangedError             the field says something else meanwhile
    ├── RunRefusedError
    │   ├── SwitchedOffError
    │   ├── PermissionRefusedError
    │   ├── ActionNotFoundError           no action in force for this field
    │   ├── ActionNotReadyError           its template or configuration is not live, or it is disabled
    │   ├── LimitReachedError             a limit or budget leaves no room for it
    │   ├── NotClearedError               its provider may not be sent what it would send
    │   └── PriceUnknownError             a budget cannot be kept, because nobody knows the price
    ├── SourcesCutError                   the sources are too long for the model: a question, not an end
    ├── RowError
    │   ├── RowNotFoundError              no such action, template or configuration
    │   ├── RowInvalidError               what its own form refuses
    │   ├── VersionRequiredError          nothing says which version is to be replaced
    │   ├── VersionConflictError          it is another version by now
    │   └── RowInUseError                 others need it
    ├── RequestRepeatedError
    │   ├── RepetitionDiffersError        the same key with another request
    │   └── RepetitionPendingError        the first request is not answered yet
    ├── RunNotFoundError
    ├── RunCancelledError
    ├── WorkerUnavailableError            the queue of the workers does not take a run
    ├── RunInterruptedError
    └── InvalidTransitionError            the row has moved on

``str(error)`` is for the log and may quote a response. ``user_message`` is a sentence for the
editor and never does. ``code`` is stored and served, so it never changes.
"""

from collections.abc import Iterator
from uuid import UUID

from django.utils.translation import gettext_lazy as _


class LLMActionsError(Exception):
    """Base of every error of this package that a caller can foresee."""

    code = "error"
    """Stored on rows and served by the API; stable."""
    retryable = False
    """Whether the same request may succeed when it is sent again."""
    user_message = _("Something went wrong. Nothing was changed.")
    run_id: UUID | None = None
    """The run that records the failure, where there is one."""

    def __init__(self, detail: str = "", *, user_message=None):
        """
        :param detail: what happened, for the log; may quote a response.
        :param user_message: a more precise translated sentence than the class has.
        """
        super().__init__(detail or self.code)
        if user_message is not None:
            self.user_message = user_message


class ProviderError(LLMActionsError):
    """No answer can be had from a provider."""

    code = "provider_error"
    user_message = _("The language model could not answer. Nothing was changed.")

    def __init__(self, detail="", *, provider="", status=None, retry_after=None, user_message=None):
        """
        :param provider: the alias of the provider.
        :param status: the HTTP status of the answer, where there was one.
        :param retry_after: how long the service asks to wait, in seconds.
        """
        super().__init__(detail, user_message=user_message)
        self.provider = provider
        self.status = status
        self.retry_after = retry_after


class ProviderUnavailableError(ProviderError):
    """The service cannot be reached, or is still starting."""

    code = "provider_unavailable"
    retryable = True
    user_message = _(
        "The language model service cannot be reached. Is it running? Nothing was changed."
    )


class ProviderTimeoutError(ProviderError):
    """The service did not answer within its timeout."""

    code = "provider_timeout"
    retryable = True
    user_message = _("The language model took too long to answer. Nothing was changed. Try again.")


class ProviderAuthenticationError(ProviderError):
    """The service refuses our key."""

    code = "provider_authentication"
    user_message = _(
        "The language model service refused this site’s key. Nothing was changed. "
        "Ask an administrator to check it."
    )


class ModelNotFoundError(ProviderError):
    """The service does not know the model."""

    code = "model_not_found"
    user_message = _(
        "The language model service does not have this model. Nothing was changed. "
        "Ask an administrator to install it or to choose another."
    )


class ProviderRateLimitError(ProviderError):
    """The service has had too many requests from us."""

    code = "provider_rate_limit"
    retryable = True
    user_message = _(
        "The language model service has had too many requests. Nothing was changed. "
        "Wait a little, then try again."
    )


class ProviderBusyError(ProviderError):
    """The service has no room for another request now."""

    code = "provider_busy"
    retryable = True
    user_message = _(
        "The language model service is busy. Nothing was changed. Wait a little, then try again."
    )


class ProviderServerError(ProviderError):
    """The service failed while it worked on the request."""

    code = "provider_server_error"
    retryable = True
    user_message = _(
        "The language model service had an error of its own. Nothing was changed. Try again."
    )


class ProviderRequestError(ProviderError):
    """The service refuses the request as it stands."""

    code = "provider_request"
    user_message = _(
        "The language model service did not accept the request. Nothing was changed. "
        "Ask an administrator to check the LLM configuration."
    )


class ContextWindowError(ProviderError):
    """The prompt is longer than the model can read."""

    code = "context_window"
    user_message = _(
        "The text is too long for this language model. Nothing was changed. "
        "Shorten the sources, or ask an administrator for a model that reads more."
    )


class ProviderResponseError(ProviderError):
    """The service answered something that cannot be read."""

    code = "provider_response"
    retryable = True
    user_message = _(
        "The language model service sent an answer that cannot be read. Nothing was changed. "
        "Try again."
    )


class IncompleteResponseError(ProviderError):
    """The answer stopped before its end."""

    code = "incomplete_response"
    retryable = True
    user_message = _(
        "The language model’s answer broke off before its end. Nothing was changed. Try again."
    )


class ContentFilterError(ProviderError):
    """The service withheld its answer."""

    code = "content_filter"
    user_message = _(
        "The language model service withheld its answer because of its content rules. "
        "Nothing was changed."
    )


class PromptError(LLMActionsError):
    """A prompt template cannot be turned into a prompt."""

    code = "prompt_error"
    user_message = _("The prompt could not be written. Nothing was sent.")


class PromptSyntaxError(PromptError):
    """A prompt template cannot be parsed, or uses what templates may not use."""

    code = "prompt_syntax"
    user_message = _("The prompt template has an error. Nothing was sent.")


class UnknownVariableError(PromptError):
    """A prompt template uses a variable that this action does not have."""

    code = "unknown_variable"
    user_message = _("The prompt template uses an unknown variable. Nothing was sent.")


class EmptyVariableError(PromptError):
    """A source that the prompt needs has no text."""

    code = "empty_variable"
    user_message = _("A field that the prompt needs is empty. Nothing was sent.")


class PromptLimitError(PromptError):
    """Rendering a prompt template would take too much time or memory."""

    code = "prompt_limit"
    user_message = _("The prompt template asks for too much work. Nothing was sent.")


class OutputError(LLMActionsError):
    """A completion that cannot become an output."""

    code = "output_error"
    retryable = True
    user_message = _("The language model’s answer cannot be used. Nothing was changed.")


class EmptyOutputError(OutputError):
    """The completion has no text, or nothing but spaces."""

    code = "empty_output"
    user_message = _("The language model answered nothing. Nothing was changed. Try again.")


class TruncatedOutputError(OutputError):
    """The model stopped because it had written as many tokens as it may."""

    code = "truncated_output"
    user_message = _(
        "The language model’s answer was cut off at its length limit. Nothing was changed. "
        "Try again, or ask an administrator to raise the limit."
    )


class InvalidOutputError(OutputError):
    """The output does not pass the validation of its field."""

    code = "invalid_output"
    user_message = _("The language model’s answer does not fit this field. Nothing was changed.")

    def __init__(self, detail="", *, reasons=(), user_message=None):
        """
        :param reasons: what is wrong with the output, as sentences for the editor and for the
            model that is to mend it; they may quote the output.
        """
        super().__init__(detail, user_message=user_message)
        self.reasons = tuple(reasons)


class ContentError(LLMActionsError):
    """Something about the page or snippet that is being edited."""

    code = "content_error"


class UnknownFieldError(ContentError):
    """The form has no such field, or not for this user."""

    code = "unknown_field"
    user_message = _("This field is not in the form any more. Reload the page and try again.")


class UnsupportedFieldError(ContentError):
    """The field is of a kind that cannot be written."""

    code = "unsupported_field"
    user_message = _("A language model cannot write this kind of field.")


class EditorNotFoundError(ContentError):
    """The address is no edit form, or its object is gone."""

    code = "editor_not_found"
    user_message = _(
        "What you are editing cannot be found. Was it deleted? Nothing was changed. "
        "Copy what you want to keep before you leave this page."
    )


class FormDataError(ContentError):
    """The posted form cannot be read."""

    code = "form_data"
    user_message = _("The form could not be read. Nothing was sent. Reload the page and try again.")


class PictureError(ContentError):
    """An image cannot be sent as a picture."""

    code = "picture"
    user_message = _(
        "The image could not be read, or has been replaced since. Nothing was sent. Try again."
    )


class NoDraftsError(ContentError):
    """The object has no drafts: what is written to it would be live at once."""

    code = "no_drafts"
    user_message = _(
        "This has no drafts, so that it would be changed at once. Nothing was changed."
    )


class BeingEditedError(ContentError):
    """Somebody has the object open in an editor, where it would be overwritten or in the way."""

    code = "being_edited"
    retryable = True
    user_message = _("Somebody is editing this now. Nothing was changed. Try again later.")


class ValueChangedError(ContentError):
    """The field does not say any more what it said when the value for it was made."""

    code = "value_changed"
    user_message = _("This field was changed meanwhile. Nothing was changed.")


class RunRefusedError(LLMActionsError):
    """A run that may not happen."""

    code = "refused"
    user_message = _("This LLM action may not be run here.")


class SwitchedOffError(RunRefusedError):
    """LLM actions are switched off, by setting or by an admin."""

    code = "switched_off"
    user_message = _("LLM actions are switched off on this site.")


class PermissionRefusedError(RunRefusedError):
    """The user may not run LLM actions, or may not edit this field or object."""

    code = "permission"
    user_message = _("You do not have permission to run LLM actions on this field.")


class ActionNotFoundError(RunRefusedError):
    """No action is in force for the field."""

    code = "action_not_found"
    user_message = _(
        "No LLM action is set up for this field. Nothing was sent. "
        "If there was one before, it was unpublished or deleted."
    )


class ActionNotReadyError(RunRefusedError):
    """The action lacks something it needs to run."""

    code = "action_not_ready"
    user_message = _("This LLM action is not ready to run.")


class LimitReachedError(RunRefusedError):
    """A limit or budget leaves no room for the run."""

    code = "limit_reached"
    retryable = True
    user_message = _("A limit is reached. Nothing was sent. Try again later.")

    def __init__(self, detail: str = "", *, retry_after: float | None = None, user_message=None):
        """
        :param retry_after: seconds until there is room again; ``None`` where nobody can say.
        """
        super().__init__(detail, user_message=user_message)
        self.retry_after = retry_after


class NotClearedError(RunRefusedError):
    """The provider is not cleared for what would be sent."""

    code = "not_cleared"
    user_message = _("The provider may not be sent what this LLM action reads. Nothing was sent.")


class PriceUnknownError(RunRefusedError):
    """A budget cannot be kept, because nobody knows what the model costs."""

    code = "price_unknown"
    user_message = _("The price of the model is not known, so the budget could not be kept.")


class SourcesCutError(LLMActionsError):
    """
    The sources are longer than the model can read, and nobody has agreed to cut them.

    It is a question: the same request with the agreement goes on.
    """

    code = "sources_cut"
    user_message = _(
        "The text is too long for this language model. It can work with the beginning of it."
    )

    def __init__(self, detail="", *, reasons=()):
        """
        :param reasons: what would be left out of each source, as sentences.
        """
        super().__init__(detail)
        self.reasons = tuple(reasons)


class RowError(LLMActionsError):
    """An action, template or configuration cannot be kept as it was asked for."""

    code = "row_error"


class RowNotFoundError(RowError):
    """No such action, template or configuration, or none of its revisions."""

    code = "not_found"
    user_message = _("This cannot be found. Was it deleted?")


class RowInvalidError(RowError):
    """What the form of an action, template or configuration refuses."""

    code = "invalid"
    user_message = _("This cannot be saved as it is. Nothing was changed.")

    def __init__(self, detail="", *, reasons=(), fields=None, user_message=None):
        """
        :param reasons: what is wrong, as sentences.
        :param fields: the messages by the name of the field that they are about.
        """
        super().__init__(detail, user_message=user_message)
        self.reasons = tuple(reasons)
        self.fields = dict(fields or {})


class VersionRequiredError(RowError):
    """Nothing says which version is to be replaced or deleted."""

    code = "version_required"
    user_message = _("Say which version is meant. Nothing was changed.")


class VersionConflictError(RowError):
    """Somebody else has changed it since it was read."""

    code = "version_conflict"
    user_message = _("This has been changed meanwhile. Nothing was changed. Read it again first.")


class RowInUseError(RowError):
    """An action needs it."""

    code = "in_use"
    user_message = _("LLM actions use this. Nothing was deleted.")


class RequestRepeatedError(LLMActionsError):
    """A request was sent again with the same idempotency key."""

    code = "repeated"


class RepetitionDiffersError(RequestRepeatedError):
    """The same idempotency key came with another request."""

    code = "idempotency_mismatch"
    user_message = _("This idempotency key was used for another request. Nothing was done.")


class RepetitionPendingError(RequestRepeatedError):
    """The first request with this idempotency key is not answered yet."""

    code = "idempotency_pending"
    retryable = True
    user_message = _("The first request with this idempotency key is not answered yet. Wait.")


class RunNotFoundError(LLMActionsError):
    """No such run, or none that this user may see."""

    code = "run_not_found"
    user_message = _("This run cannot be found.")


class RunCancelledError(LLMActionsError):
    """A person cancelled the run, or went away."""

    code = "cancelled"
    user_message = _("Cancelled. Nothing was changed.")


class WorkerUnavailableError(LLMActionsError):
    """The queue of the workers does not take a run."""

    code = "worker_unavailable"
    retryable = True
    user_message = _("The run could not be left to a worker. Nothing was sent. Try again later.")


class RunInterruptedError(LLMActionsError):
    """The process that worked on the run is gone."""

    code = "interrupted"
    retryable = True
    user_message = _("The server stopped while the model was working. Nothing was changed.")


class InvalidTransitionError(LLMActionsError):
    """A row is not in the state that a transition starts from."""

    code = "invalid_transition"
    user_message = _("This was already done, perhaps in another tab. Reload the page.")


def is_retryable(code: str) -> bool:
    """Return whether what failed with ``code`` may succeed when it is sent again."""
    return any(cls.retryable for cls in _family(LLMActionsError) if cls.code == code)


def _family(cls: type[LLMActionsError]) -> Iterator[type[LLMActionsError]]:
    yield cls
    for child in cls.__subclasses__():
        yield from _family(child)
