"""
Characters that no output holds: controls, invisible ones, lone surrogates.

Written as escapes throughout, because one cannot review what one cannot see.
"""

import re

LINE_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")

FORBIDDEN = re.compile(
    "["
    "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"  # controls but tab and line break
    "\u180e\u200b\u2060-\u2064\ufeff"  # spaces and operators of no width
    "\u202a-\u202e\u2066-\u206f"  # bidirectional embeddings, overrides and isolates
    "\ufff9-\ufffb"  # interlinear annotations
    "\ud800-\udfff"  # halves of surrogate pairs, which no database takes
    "]+"
)

STRAY_JOINERS = re.compile(
    "(?<![^\\s\x00-\u02ff])[\u200c\u200d]+|(?<![\u200c\u200d])[\u200c\u200d]++(?![^\\s\x00-\u02ff])"
)
"""
Joiners with a space, a Latin letter or nothing on one side.

Persian and Indic scripts spell with joiners, and many emoji consist of parts that one holds together.
"""

TAG_CHARACTERS = re.compile("(\U0001f3f4[\U000e0020-\U000e007f]+)|[\U000e0000-\U000e007f]+")
"""Invisible copies of ASCII: they belong in the flags of Scotland and its like, nowhere else."""


def readable(text: str) -> str:
    """Return ``text`` with ``\\n`` as its only line break and without invisible characters."""
    text = LINE_BREAKS.sub("\n", text)
    text = FORBIDDEN.sub("", text)
    text = TAG_CHARACTERS.sub(lambda match: match[1] or "", text)
    return STRAY_JOINERS.sub("", text)
