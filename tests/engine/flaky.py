"""A provider that charges ten tokens for each answer, and often fails before it has one."""

import random
from collections.abc import Iterator

from wagtail_llm_actions.exceptions import ProviderServerError
from wagtail_llm_actions.providers.base import BaseProvider
from wagtail_llm_actions.values import Chunk, CompletionRequest, FinishReason, Usage


class FlakyProvider(BaseProvider):
    """Fails three times out of ten."""

    display_name = "Flaky"

    def stream(self, request: CompletionRequest) -> Iterator[Chunk]:
        if random.random() < 0.3:
            raise ProviderServerError("asked for by a test", provider=self.alias)
        yield Chunk()
        yield Chunk(text="Twenty bytes of text")
        yield Chunk(finish_reason=FinishReason.STOP, usage=Usage(input_tokens=0, output_tokens=10))
