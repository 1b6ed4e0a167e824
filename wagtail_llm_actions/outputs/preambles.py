"""
What models say before they answer: “Sure! Here is the summary:”, “Title:”.

The beginning of a text is only taken for talk about the answer where a text of its own would
hardly begin so: it ends with a colon, and it either agrees to a request before (“Sure! Here's …:”)
or presents the very thing that was asked for (“Here is a short summary:”); or it is a line of its
own that speaks of the request (“Here is the summary you asked for.”, “Here you go:”).
"""

import re
from collections.abc import Iterable
from functools import cache

CONSENT = (
    r"(?:(?:sure(?:\ thing)?|certainly|of\ course|absolutely|okay|ok|alright|no\ problem"
    r"|bien\ sûr|natürlich|gerne|klar|claro|por\ supuesto|certo|certamente)\b[!.,…]?\s+)"
)
HERE_IS = r"(?:here(?:['’]s|\ is|\ are)\b)"
PRESENTATION = (
    rf"(?:{HERE_IS}|(?:below|this|the\ following)\ is\b"
    r"|voici\b|hier\ (?:ist|sind|is)\b|aquí\ (?:está|tienes?)\b|aqui\ está\b|ecco\b)"
)
THING = (
    r"(?:\b(?:titles?|headlines?|headings?|summary|introduction|intro|descriptions?|paragraphs?"
    r"|posts?|tags|keywords|versions?|translation|text|caption|draft|rewrite|answer|excerpt"
    r"|abstract|teaser|tagline"
    r"|titre|résumé|texte|traduction|légende"
    r"|titel|zusammenfassung|einleitung|beschreibung|übersetzung|fassung"
    r"|título|resumen|introducción|descripción|texto|traducción|versión"
    r"|resumo|titolo|riassunto|introduzione|descrizione|testo|traduzione)\b)"
)
WORDS = r"[^\n.!?:]{0,80}?"
REQUESTED = (
    r"(?:\b(?:you(?:['’]ve|\ have)?\ (?:asked\ for|requested|wanted)|as\ (?:requested|asked))"
    r"(?:\ (?:for|below))?)"
)
COLON = r"\ ?:\*{0,2}"
LABEL = re.compile(
    r"(?:\#{1,6}\ )? (?:\*\*|__)? (?P<label>[^\W\d_][^\n:*_]{0,40}?) (?:\*\*|__)? \ ?:"
    r"(?:\*\*|__)? (?:\s+|\Z)",
    re.VERBOSE,
)
QUALIFIERS = frozenset(
    ["seo", "meta", "page", "post", "new", "suggested", "proposed", "short", "revised", "improved"]
)
"""Words that models put before the name of what they write."""


@cache
def _preamble() -> re.Pattern[str]:
    """Compiled when it is first needed: that takes longer than all else in this module."""
    return re.compile(
        rf"""
        {CONSENT}+ (?:\*\*)? {PRESENTATION} {WORDS} {COLON} (?:\s+|\Z)
        | {CONSENT}+ {WORDS} {THING} {WORDS} {COLON} [ \t]* (?:\n\s*|\Z)
        | (?:\*\*)? {HERE_IS} {WORDS} {THING} {WORDS} {COLON} (?:\s+|\Z)
        | (?:\*\*)? {PRESENTATION} {WORDS} {THING} {WORDS} {COLON} [ \t]* (?:\n\s*|\Z)
        | {CONSENT}* (?:\*\*)? here\ you\ (?:go|are) [:.!] (?:\*\*)? [ \t]* (?:\n\s*|\Z)
        | {CONSENT}* {PRESENTATION} {WORDS} {THING} {WORDS} {REQUESTED} [:.!] [ \t]* (?:\n\s*|\Z)
        | (?:sure|certainly|of\ course|absolutely|okay|ok)! [ \t]* \n\s*
        """,
        re.IGNORECASE | re.VERBOSE,
    )


def without_preamble(text: str) -> str:
    """Return ``text`` without the sentence that presents it."""
    match = _preamble().match(text)
    return text[match.end() :] if match else text


def without_label(text: str, names: Iterable[str]) -> str:
    """
    Return ``text`` without the name of its field and the colon that it begins with.

    :param names: what the field is called; “Meta description:” counts for a field “Description”.
    """
    match = LABEL.match(text)
    if not match:
        return text
    words = set(match["label"].casefold().split())
    known = {word for name in names for word in name.casefold().split()}
    evident = words & known and words <= known | QUALIFIERS
    return text[match.end() :] if evident else text
