"""
Finds text in a source that may be meant for language models instead of readers.

It is a help for the person who decides, not a filter: what is found is pointed out, and what is
not found is delimited and untrusted all the same. A pattern that ordinary articles match has no
place here.
"""

import base64
import binascii
import re
import unicodedata
from collections.abc import Iterable, Iterator

from wagtail_llm_actions.prompts.delimiters import INVISIBLE, visible
from wagtail_llm_actions.values import Suspicion, SuspicionKind

MAX_TEXT = 200_000
"""Characters that are looked at."""
MAX_FINDINGS = 10
"""Of one text: more tell nothing new."""
MAX_EXCERPT = 120

_EARLIER = r"(?:all|any|the|your|every|these|those|previous|prior|above|earlier|preceding|other|system|original|initial|existing|current|safety|of)"
_ORDERS = r"(?:instructions?|prompts?|rules?|guidelines?|directions?|directives?|orders|constraints|programming|restrictions|messages?|context)"
_MACHINE = r"(?:ai|a\.i\.|llms?|(?:large )?language models?|(?:ai )?(?:assistants?|chatbots?)|ai (?:agents?|models?)|gpt|chatgpt|claude|gemini|copilot)"
INSTRUCTIONS = [
    re.compile(pattern, re.IGNORECASE | re.MULTILINE)
    for pattern in (
        rf"\b(?:ignore|disregard|forget|override|bypass|neglect)\s+(?:{_EARLIER}\s+){{1,5}}{_ORDERS}\b",
        r"\b(?:ignore|disregard|forget) (?:everything|anything|all)(?: that)?(?: (?:was|is|you were|you have been))?"
        r" (?:above|before|told|said|written|so far|previously)\b",
        rf"\bdo not (?:follow|obey) (?:{_EARLIER}\s+){{1,5}}{_ORDERS}\b",
        rf"\byou are (?:now|no longer) (?:an? )?(?:[\w-]+ ){{0,3}}(?:{_MACHINE}|dan|unrestricted|jailbroken|root)\b",
        r"\b(?:enter|enable|activate|switch to) (?:developer|debug|god|admin|dan|jailbreak|unrestricted) mode\b",
        r"\bfrom now on,? you (?:are|will|must|shall|only|should)\b",
        rf"\b(?:if|when|in case) you(?: are|['’]re) (?:an? |the )?{_MACHINE}\b",
        rf"\b(?:attention|dear|hey|hello|note (?:to|for)|notice (?:to|for)|instructions? (?:to|for)|messages? (?:to|for))"
        rf",?:? (?:all |any |the |every )?{_MACHINE}\b",
        rf"^[^\w\n]*{_MACHINE}\s*[:,]\s+(?:please |you must |do |don['’]t |always |never )",
        rf"\b(?:reveal|print|output|repeat|show|display|leak|send|tell|give)\b.{{0,20}}\b(?:your|the|its)"
        rf" (?:{_EARLIER} |hidden |secret |full )*(?:system prompt|system message|initial prompt|hidden prompt|instructions verbatim)",
        r"\b(?:new|updated|revised|real|actual|hidden|secret|additional|important) (?:system )?(?:instructions?|prompt|task|orders?|objective)\s*:",
        r"\b(?:respond|reply|answer|output)\s+(?:only\s+)?(?:with|using)\s+(?:only\s+)?(?:exactly\b|the (?:word|phrase|string|text|sentence)\b|[\"“'])",
        r"\bdo not (?:summari[sz]e|translate|proofread|describe)\b.{0,40}\b(?:instead|but)\b",
        r"\binstead of (?:summari[sz]ing|translating|proofreading|answering)\b",
        rf"\b(?:end|start|begin(?:ning)?) of (?:the )?(?:system |user |previous )?(?:{_ORDERS}|user (?:input|data)|source text)\b",
        r"\b(?:ignorier\w*|vergiss|vergesst|missachte\w*)\s.{0,20}\b(?:all\w*|vorherig\w*|bisherig\w*|obig\w*|deine|früher\w*)"
        r"\b.{0,30}\b(?:anweisung\w*|vorgaben|regeln|instruktion\w*|befehle\w*)",
        r"\b(?:ignore[zr]?|oublie[zr]?|néglige[zr]?)\s.{0,40}\b(?:instructions|consignes|directives)\b.{0,20}\b(?:précédent|antérieur|ci-dessus|système)",
        r"\b(?:ignora|ignore|olvida|omite)\w*\s.{0,40}\b(?:instrucciones|indicaciones|órdenes)\b",
        r"\b(?:ignora|dimentica)\w*\s.{0,40}\bistruzioni\b",
        r"\b(?:ignore|esqueça|desconsidere)\s.{0,40}\binstruções\b",
        r"\b(?:игнорируй|забудь|не обращай внимания)\w*\s.{0,40}\b(?:инструкци|указани|команд)",
        r"忽略.{0,12}(?:指令|指示|提示|说明)",
        r"(?:指示|命令|プロンプト).{0,8}(?:無視|忘れ)",
        r"(?:تجاهل|انس).{0,30}(?:التعليمات|الأوامر|تعليمات)",
    )
]
MARKS = [
    re.compile(pattern, re.IGNORECASE | re.MULTILINE)
    for pattern in (
        r"<[|\uff5c][^|<>\n\uff5c]{1,40}[|\uff5c]>",
        r"</?(?:start|end)_of_(?:turn|text)>",
        r"\[/?INST\]|<<\s*(?:/\s*)?SYS\s*>>",
        r"<\s*/\s*(?:source|sources|document|context|user_input|user|input|untrusted)(?:-\d+)?\s*>",
        r"<\s*source(?:-\d+)?\s+label\s*=",
        r"<\s*(?:/\s*)?(?:system|assistant|instructions?|system_prompt|system-prompt)\s*>",
        r"^\W{0,4}(?:system (?:prompt|message|override|note|instructions?|update)|system|assistant|human)\W{0,3}:\W{0,3}\s*(?:you|ignore|please|new|the user|sure|from now|disregard|do |always|never|answer|write)",
        r"^#{1,6}\s*(?:system|instructions?|new task|response|human|assistant)\s*:",
        r"^[^\S\n]*[-=*#~]{3,}\s*(?:end|begin|start)\b.{0,40}[-=*#~]{3,}\s*$",
        r"[\"']role[\"']\s*:\s*[\"'](?:system|assistant|developer)[\"']",
    )
]
FLAGS = re.compile("\U0001f3f4[\U000e0020-\U000e007f]{1,8}")
TAGS = re.compile("[\U000e0000-\U000e007f]+")
INVISIBLES = re.compile(
    "[\u202d\u202e]"  # overrides of the direction: nobody writes them by hand
    "|(?<=[a-zA-Z])[\u200b\u2060-\u2064\u180e]+(?=[a-zA-Z])"  # within a Latin word
    "|[\u200b-\u200d\u2060-\u2064\ufeff\u180e]{4,}"
    "|[\ufe00-\ufe0f\U000e0100-\U000e01ef]{2,}"
    "|[\u00ad]{2,}"
)
COMMENTS = (("<!--", "-->"), ("{#", "#}"), ("{% comment %}", "{%"))
"""What comments stand between; one that is never closed hides the rest of the text."""
MARKDOWN_COMMENT = re.compile(
    r"^\[(?://|comment|_)\]: ?(?:#|<>) ?[(\"']([^\n]{1,500}?)[)\"']$", re.MULTILINE
)
START_TAG = re.compile(
    r"<[a-z][\w-]{0,20}(?P<attributes>[^<>]{1,1000})>(?P<text>[^<]{1,300})", re.IGNORECASE
)
HIDING = re.compile(
    r"style\s*=.*(?:display\s*:\s*none|visibility\s*:\s*hidden"
    r"|(?:font-size|opacity|max-height|max-width)\s*:\s*0*(?:\.0*)?(?:px|pt|r?em|%)?\s*(?:[;\"']|$)"
    r"|(?<![-\w])color\s*:\s*(?:#f{3,8}\b|white\b|transparent\b|rgba?\(\s*255\s*,\s*255\s*,\s*255)"
    r"|(?:left|top|text-indent)\s*:\s*-\d{3}|clip\s*:\s*rect\(0)"
    r"|\shidden(?:[\s=/]|$)|\scolor\s*=\s*[\"']?(?:#f{3,6}|white)",
    re.IGNORECASE | re.DOTALL,
)
ENCODED = re.compile(r"(?<![\w+/=-])[A-Za-z0-9+/]{40,4000}={0,2}(?![\w+/=])")
SPELLED = re.compile(r"\b(?:\w[ .\-_*]){5,}\w\b")


def suspicious(text: str) -> tuple[Suspicion, ...]:
    """Return the places in ``text`` that may be meant for a language model, the clearest first."""
    looked_at = text[:MAX_TEXT]
    found = dict.fromkeys(_found(looked_at))
    return tuple(found)[:MAX_FINDINGS]


def _found(text: str) -> Iterator[Suspicion]:
    plain = _as_read(text)
    for version in dict.fromkeys((plain, plain.translate(LOOKALIKES))):
        yield from _matches(SuspicionKind.INSTRUCTIONS, INSTRUCTIONS, version)
    yield from _matches(SuspicionKind.MARKS, MARKS, plain)
    for match in TAGS.finditer(FLAGS.sub("", text)):
        letters = "".join(chr(ord(letter) - 0xE0000) for letter in match[0])
        yield Suspicion(kind=SuspicionKind.TAGS, excerpt=_shortened(letters))
    for match in INVISIBLES.finditer(text):
        yield Suspicion(kind=SuspicionKind.INVISIBLE, excerpt=_around(text, match))
    for inside in _comments(text):
        if inside.strip():
            yield Suspicion(kind=SuspicionKind.COMMENT, excerpt=_shortened(inside))
    for match in START_TAG.finditer(text):
        if HIDING.search(match["attributes"]) and match["text"].strip():
            yield Suspicion(kind=SuspicionKind.HIDDEN, excerpt=_shortened(match["text"]))
    yield from _encoded(text)


def _matches(
    kind: SuspicionKind, patterns: Iterable[re.Pattern[str]], text: str
) -> Iterator[Suspicion]:
    for pattern in patterns:
        if match := pattern.search(text):
            yield Suspicion(kind=kind, excerpt=_around(text, match))


def _comments(text: str) -> Iterator[str]:
    for start, end in COMMENTS:
        for part in text.split(start)[1:]:
            inside, closed, _ = part.partition(end)
            if closed or start == "<!--":
                yield inside
    yield from MARKDOWN_COMMENT.findall(text)


def _encoded(text: str) -> Iterator[Suspicion]:
    for match in ENCODED.finditer(text):
        try:
            decoded = base64.b64decode(match[0] + "=" * (-len(match[0]) % 4)).decode()
        except (binascii.Error, UnicodeDecodeError):
            continue
        if decoded.isprintable() and " " in decoded:
            yield Suspicion(kind=SuspicionKind.ENCODED, excerpt=_shortened(decoded))


def _as_read(text: str) -> str:
    """Return what a model makes of the text: other forms of letters, gaps and accents away."""
    plain = visible(text)
    if any(unicodedata.combining(letter) for letter in plain):
        plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return SPELLED.sub(lambda match: re.sub(r"[ .\-_*]", "", match[0]), plain)


LOOKALIKES = str.maketrans("АВЕКМНОРСТХаеорсухіѕјԁԛ", "ABEKMHOPCTXaeopcyxisjdq")
"""Cyrillic letters that look like Latin ones."""


def _around(text: str, match: re.Match) -> str:
    """Return what was found with the words around it, on one line."""
    start = max(0, match.start() - 20)
    start = text.find(" ", start, match.start()) + 1 or start
    return _shortened(text[start : match.end() + 60])


def _shortened(text: str) -> str:
    visible = " ".join(INVISIBLE.sub("", text).split())
    readable = "".join(letter for letter in visible if letter.isprintable())
    return readable if len(readable) <= MAX_EXCERPT else readable[: MAX_EXCERPT - 1].rstrip() + "…"
