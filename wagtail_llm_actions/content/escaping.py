"""
Text in Markdown: what only looks like a mark is kept from being one, and nothing else is touched.

A model reads and mostly echoes such text, so there are no more backslashes than needed.
"""

import re

INLINE = re.compile(
    r"""
    \\(?=[!-/:-@\[-`{-~\n]|$)          # that would take the next mark's meaning away
    | `
    | (?<![ ])\*|\*(?![ ])              # not between spaces
    | (?<![^\W_])_|_(?![^\W_])          # not within a word
    | ~(?=~)|(?<=~)~
    | \[(?=[^\[\]]*\][(:\[])           # a link, or the definition of one
    | \](?=[(:\[])
    | <(?=[A-Za-z/!?])
    | &(?=\#?\w+;)
    """,
    re.VERBOSE,
)
"""What means something wherever it stands."""
LINE_START = re.compile(
    r"""
    [ ]*
    (?:
        \d{1,9}(?P<number>[.)])(?=\s|$)      # an item of a numbered list
        | (?P<mark>
            [-+*](?=\s|$)                    # of another list
            | \#{1,6}(?=\s|$)                # a heading
            | >                              # a quotation
            | (?P<rule>[-=_*])(?:[ \t]*(?P=rule))*[ \t]*$  # a rule, or the line under a heading
        )
    )
    """,
    re.VERBOSE,
)
"""What means something at the beginning of a line."""


def escape_inline(text: str) -> str:
    """Return text for within a paragraph."""
    return INLINE.sub(r"\\\g<0>", text)


def escape_lines(markdown: str) -> str:
    """Return a paragraph of Markdown whose lines begin no list, heading, quotation or rule."""
    return "\n".join(map(_escape_line, markdown.split("\n")))


def code(text: str) -> str:
    """Return text as code, in as many marks as it needs."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    space = " " if longest else ""
    return f"{fence}{space}{text}{space}{fence}"


def _escape_line(line):
    match = LINE_START.match(line)
    if not match:
        return line
    at = match.start("number" if match["number"] else "mark")
    return f"{line[:at]}\\{line[at:]}"
