"""
What models put around an answer: thoughts, code fences, quotation marks, bold.

Every function takes a text without surrounding white space and gives it back as it was unless the
wrapping is certain: what is taken away here, nobody sees.
"""

import re
from collections.abc import Iterator

THOUGHT = re.compile(r"^[ \t]*<(think|thinking|thought)>", re.MULTILINE | re.IGNORECASE)
END_OF = {
    name: re.compile(rf"</{name}>[ \t]*\n?", re.IGNORECASE)
    for name in ("think", "thinking", "thought")
}
UNENDED_THOUGHT = re.compile(r"<(think|thinking|thought)>", re.IGNORECASE)
END_OF_THOUGHT = re.compile(r"^[ \t]*</(think|thinking|thought)>[ \t]*$", re.MULTILINE)

FENCED = re.compile(r"(?P<fence>`{3,}|~{3,})(?P<kind>[\w-]*)[ \t]*\n(?P<inside>.*)", re.DOTALL)
FENCED_CODE = re.compile(
    r"""
    asm|awk|bash|bat|c|clojure|cmake|console|cpp|cs|csharp|css|dart|diff|dockerfile|elixir|erlang
    |fish|fsharp|go|graphql|groovy|haskell|http|ini|java|javascript|jinja2?|jsx?|julia|kotlin|latex
    |less|lua|make|makefile|matlab|mermaid|nginx|nix|objc|ocaml|perl|php|powershell|proto|ps1
    |py|python|r|rb|regex|rs|ruby|rust|sass|scala|scss|sh|shell|sql|svelte|swift|tex|toml|tsx?
    |typescript|vb|vim|vue|wasm|zig|zsh
    """,
    re.IGNORECASE | re.VERBOSE,
)
"""What a fence is called that belongs to the answer: it is a program, and meant to look like one."""
FENCE_LINE = re.compile(r"^[ \t]*(?:`{3,}|~{3,})", re.MULTILINE)

QUOTES = (
    ('"', '"'),
    ("“", "”"),
    ("”", "”"),
    ("„", "“"),
    ("„", "”"),
    ("«", "»"),
    ("»", "«"),
    ("‹", "›"),
    ("「", "」"),
    ("'", "'"),
    ("‘", "’"),
    ("‚", "‘"),
    ("`", "`"),
)


def without_thoughts(text: str) -> str:
    """
    Return ``text`` without what a model thought before it answered.

    A thought that never ends is all there is; one whose beginning the service swallowed ends
    with its closing tag on a line of its own.
    """
    text = _without_ended_thoughts(text).strip()
    if UNENDED_THOUGHT.match(text):
        return ""
    end = END_OF_THOUGHT.search(text)
    if end and not UNENDED_THOUGHT.search(text):
        return text[end.end() :].strip()
    return text


def _without_ended_thoughts(text: str) -> str:
    kept, start = [], 0
    for begin, end in _ended_thoughts(text):
        kept.append(text[start:begin])
        start = end
    return "".join(kept) + text[start:]


def _ended_thoughts(text: str) -> Iterator[tuple[int, int]]:
    """Yield where the thoughts are that end; an end that is not there is looked for but once."""
    at = 0
    endless: set[str] = set()
    while thought := UNENDED_THOUGHT.match(text, at) or THOUGHT.search(text, at):
        name = thought[1].lower()
        end = None if name in endless else END_OF[name].search(text, thought.end())
        at = end.end() if end else thought.end()
        if end:
            yield thought.start(), at
        else:
            endless.add(name)


def without_fence(text: str) -> str:
    """Return what stands in the one code fence that is around all of ``text``."""
    match = FENCED.fullmatch(text)
    if not match or FENCED_CODE.fullmatch(match["kind"]):
        return text
    inside, _, last = match["inside"].rpartition("\n")
    if last.strip() != match["fence"]:
        return text
    fences_inside = len(FENCE_LINE.findall(inside))
    balanced = fences_inside % 2 == 0 if match["kind"] else fences_inside == 0
    return inside.strip() if balanced else text


def without_quotes(text: str) -> str:
    """Return what stands between the one pair of quotation marks that is around all of ``text``."""
    for opening, closing in QUOTES:
        if len(text) > 1 and text[0] == opening and text[-1] == closing:
            inside = text[1:-1]
            if opening not in inside and closing not in inside:
                return inside.strip()
    return text


def without_bold(text: str) -> str:
    """Return the line that is bold as a whole, in plain."""
    inside = text[2:-2]
    wrapped = len(text) > 4 and text.startswith("**") and text.endswith("**")
    if not wrapped or "**" in inside or "\n" in inside or inside[0] in "* " or inside[-1] in "* ":
        return text
    return inside
