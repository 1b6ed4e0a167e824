"""
Takes from a text what a model server reads as its own control, not as text.

Servers turn words like ``<|im_start|>`` into control tokens wherever they stand, so that a source
could end its message and begin another as the system's. A space within makes them text again.
"""

import re

CONTROL_TOKENS = re.compile(
    r"<(?=[|\uff5c][^|<>\s\uff5c]{1,40}[|\uff5c]>)"  # <|im_start|>, <|eot_id|>, <｜User｜>
    r"|<(?=/?(?:start|end)_of_(?:turn|image|audio|text)>)"
    r"|<(?=/?(?:bos|eos|pad|unk|mask)>)"
    r"|<(?=<\s*(?:/\s*)?SYS\s*>>)"
    r"|\[(?=/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS|IMG)\])",
    re.IGNORECASE,
)
FLAG_OR_TAGS = re.compile("(\U0001f3f4[\U000e0020-\U000e007f]{1,8})|[\U000e0000-\U000e007f]+")
"""Invisible copies of ASCII; in the flags of Scotland and its like they belong."""


def defused(text: str) -> str:
    """Return ``text`` without control tokens of model servers and without invisible writing."""
    visible = FLAG_OR_TAGS.sub(lambda match: match[1] or "", text)
    return CONTROL_TOKENS.sub(lambda match: match[0] + " ", visible)
