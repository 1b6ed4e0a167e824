"""A provider that stalls where a process is to be killed."""

import time
from collections.abc import Iterator

from wagtail_llm_actions.providers.base import BaseProvider
from wagtail_llm_actions.values import Chunk, CompletionRequest, FinishReason, Usage


class StallingProvider(BaseProvider):
    """Stalls at one point of an answer until its process is killed."""

    def __init__(self, *, at: str, **kwargs):
        """
        :param at: ``"first_token"``, ``"middle"`` or ``"end"`` (all was said, nothing recorded).
        """
        super().__init__(**kwargs)
        self.at = at

    def stream(self, request: CompletionRequest) -> Iterator[Chunk]:
        yield Chunk()
        self._stall("first_token")
        yield Chunk(text="The tide ")
        self._stall("middle")
        usage = Usage(input_tokens=3, output_tokens=4)
        yield Chunk(text="turns.", finish_reason=FinishReason.STOP, usage=usage)
        self._stall("end")

    def _stall(self, point: str) -> None:
        if self.at == point:
            time.sleep(600)
