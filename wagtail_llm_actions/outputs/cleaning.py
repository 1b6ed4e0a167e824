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


WRAPPINGS = (without_thoughts, without_fence, without_preamble, without_bold, without_quotes)


def clean(raw: str, *, like: str = "") -> str:
    """
    Return the text of a completion, without what models put before and around it.

    Thoughts, a code fence, quotation marks, bold and a preamble go where they concern the whole
    answer; control characters and invisible ones go everywhere; line breaks become ``\\n``. The
    result may be empty. Cleaning a clean text changes nothing.

    :param like: the text that was to be rewritten; what is around all of it belongs to the answer.
    """
    own = like.strip()
    wrappings = [without for without in WRAPPINGS if without(own) == own]
    text = readable(raw).strip()
    for _ in range(MAX_LAYERS):
        unwrapped = text
        for without in wrappings:
            unwrapped = without(unwrapped)
        if unwrapped.strip() == text:
            return text
        text = unwrapped.strip()
    return text
