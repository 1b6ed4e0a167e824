"""The contract between this package and a service that answers prompts."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, ClassVar

from django.core.checks import CheckMessage

from wagtail_llm_actions.values import Chunk, CompletionRequest, ModelInfo

WAITING_INTERVAL = 0.25
"""How often a waiting provider gives its reader the chance to go away, in seconds."""

NO_PARAMETERS: Mapping[str, Any] = MappingProxyType({})


class BaseProvider:
    """
    A service that answers prompts. A subclass needs one method: :meth:`stream`.

    ``OPTIONS`` of the setting are the keyword arguments of the constructor; an option that no
    constructor takes is refused with its full path.
    """

    display_name: ClassVar[str] = ""
    """The service's name, for people."""
    supports: ClassVar[frozenset[str]] = frozenset()
    """What the service can do, as :class:`~wagtail_llm_actions.values.ModelAbility` values."""
    allowed_parameters: ClassVar[frozenset[str]] = frozenset()
    """The extra parameters that a configuration, an action or a run may set."""

    is_in_process: ClassVar[bool] = False
    """Whether nothing is sent anywhere: it answers in this process."""

    def __init__(self, *, alias: str):
        """
        :param alias: the provider's key in ``PROVIDERS``.
        """
        self.alias = alias

    @property
    def host(self) -> str:
        """Where prompts are sent, as ``host:port``; blank where a subclass does not tell."""
        return ""

    @property
    def price_list_url(self) -> str:
        """The address by which price lists know the service; blank where they do not."""
        return ""

    def is_self_hosted(self, model_name: str) -> bool:
        """Return whether a model runs on the site's own machines, so that nobody charges for tokens."""
        return False

    def stream(self, request: CompletionRequest) -> Iterator[Chunk]:
        """
        Yield the service's answer to ``request`` as it arrives.

        The last chunk has the finish reason and, where the service tells, the usage. While it
        waits, a provider yields an empty chunk about four times a second; closing the iterator
        ends the request at the service. A failure is always one of our errors: the foreign one is
        its cause.

        :raises ProviderError: if no answer, or not the whole of it, can be had.
        """
        raise NotImplementedError  # a provider has to say how it answers

    def context_length(
        self, model_name: str, extra_parameters: Mapping[str, Any] = NO_PARAMETERS
    ) -> int | None:
        """
        Return how many tokens prompt and answer may have together; ``None`` where nobody knows.

        It is asked before runs with long prompts, so a provider remembers what its service said,
        and gives ``None`` instead of an error.
        """
        return None

    def count_tokens(self, model_name: str, text: str) -> int | None:
        """Return how many tokens the model makes of ``text``; ``None`` where only it knows."""
        return None

    def list_models(self) -> list[ModelInfo]:
        """
        Return the models that the service offers, or nothing where it cannot tell.

        :raises ProviderError: if the service does not answer.
        """
        return []

    def check(self) -> list[CheckMessage]:
        """Return what is wrong with the provider's settings, without asking the service."""
        return []

    def close(self) -> None:
        """Close pooled connections. The provider is not used after this."""
