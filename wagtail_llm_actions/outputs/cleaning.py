"""Takes off a completion what is not part of the text that was asked for."""

from wagtail_llm_actions.outputs.characters import readable
from wagtail_llm_actions.outputs.preambles import without_preamble
from wagtail_llm_actions.outputs.wrapping import (
    without_bold,
    without_fence,
    without_quotes,
    without_thoughts,
)

MAX_LAYERS = 10
"""How many layers of wrapping are taken off: more is no wrapping, but somebody's game."""


def clean(raw: str) -> str:
    """
    Return the text of a completion, without what models put before and around it.

    Thoughts, a code fence, quotation marks, bold and a preamble go where they concern the whole
    answer; control characters and invisible ones go everywhere; line breaks become ``\\n``. The
    result may be empty. Cleaning a clean text changes nothing.
    """
    text = readable(raw).strip()
    for _ in range(MAX_LAYERS):
        unwrapped = _without_a_layer(text)
        if unwrapped == text:
            return text
        text = unwrapped
    return text


def _without_a_layer(text: str) -> str:
    text = without_thoughts(text)
    text = without_fence(text)
    text = without_preamble(text)
    text = without_bold(text)
    return without_quotes(text).strip()
