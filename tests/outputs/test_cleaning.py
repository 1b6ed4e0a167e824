"""What is taken off a completion, and what never is."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.processor_time import limited_time, repeated
from wagtail_llm_actions.outputs import clean

TEXT = "Swifts spend ten months in the air."


@pytest.mark.parametrize(
    "raw",
    [
        f"<think>Let me see.\n\nShort is good.</think>\n\n{TEXT}",
        f"<think>\n</think>{TEXT}",
        f"<Thinking>Hm.</Thinking>\n{TEXT}",
        f"<think>a</think>\n<think>b</think>\n{TEXT}",
        f"<thinking>a</thinking><think>b</think>{TEXT}",
        f"The service swallowed how this began.\n</think>\n\n{TEXT}",
        f"{TEXT}\n<think>Was that good?</think>",
    ],
)
def test_thoughts_are_taken_off(raw):
    assert clean(raw) == TEXT


@pytest.mark.parametrize("raw", ["<think>I will never", " \n<think>\n", "<think>a</think>"])
def test_an_answer_that_is_all_thought_is_empty(raw):
    assert clean(raw) == ""


@pytest.mark.parametrize(
    "raw",
    [
        f"```\n{TEXT}\n```",
        f"```markdown\n{TEXT}\n```",
        f"```md\n\n{TEXT}\n\n```\n",
        f"~~~text\n{TEXT}\n~~~",
        f"```html\n{TEXT}\n```",
        f"```en\n{TEXT}\n```",
        f"```json\n{TEXT}\n```",
        f"````\n{TEXT}\n````",
    ],
)
def test_a_fence_around_the_whole_is_taken_off(raw):
    assert clean(raw) == TEXT


@pytest.mark.parametrize(
    "like", ["**Old words.**", "“Old words.”", '"Old words."', "```\nold\n```", "`old`"]
)
def test_what_is_around_the_text_to_rewrite_stays(like):
    answer = like.replace("Old words.", TEXT).replace("old", TEXT)
    assert clean(answer, like=like) == answer
    assert clean(f"Here is the text:\n\n{answer}", like=like) == answer
    assert clean(answer, like="Old words.") == TEXT


def test_a_fenced_answer_keeps_the_fences_inside():
    inside = "# Install\n\n```sh\npip install x\n```\n\nDone."
    assert clean(f"```markdown\n{inside}\n```") == inside


@pytest.mark.parametrize(
    ("opening", "closing"),
    ["“”", "„“", "«»", "»«", "‘’", "‚‘", '""', "''", "``", "「」", "„”"],
)
def test_quotes_around_the_whole_are_taken_off(opening, closing):
    assert clean(f"{opening}{TEXT}{closing}") == TEXT
    assert clean(f"{opening} {TEXT} {closing}\n") == TEXT


@pytest.mark.parametrize(
    "raw",
    [
        f"Here is a summary:\n\n{TEXT}",
        f"Here's the title: {TEXT}",
        f"Here’s a short meta description for the page:\n{TEXT}",
        f"Here are three possible titles for the page:\n\n{TEXT}",
        f"Sure! Here's the summary: {TEXT}",
        f"Sure, here is what you asked for:\n{TEXT}",
        f"Certainly! Here is a concise introduction in English:\n\n{TEXT}",
        f"Certainly, the summary is as follows:\n\n{TEXT}",
        f"Of course. Below is the revised text:\n{TEXT}",
        f"Okay! Sure! Here is it: {TEXT}",
        f"Sure!\n\n{TEXT}",
        f"Here you go:\n{TEXT}",
        f"Sure, here you go!\n\n{TEXT}",
        f"Here is the summary you asked for.\n\n{TEXT}",
        f"Here is the title you requested:\n{TEXT}",
        f"Below is the text, as requested.\n{TEXT}",
        f"**Here is the summary:**\n\n{TEXT}",
        f"The following is a summary of the page:\n{TEXT}",
        f"Voici un résumé :\n\n{TEXT}",
        f"Hier ist die Zusammenfassung:\n\n{TEXT}",
        f"Aquí tienes la traducción:\n{TEXT}",
        f"HERE IS THE SUMMARY:\n{TEXT}",
    ],
)
def test_a_preamble_is_taken_off(raw):
    assert clean(raw) == TEXT


def test_layers_are_taken_off_together():
    raw = f"<think>ok</think>\n\nSure! Here is the title:\n\n```\n**“{TEXT}”**\n```\n"
    assert clean(raw) == TEXT


@pytest.mark.parametrize("raw", ["Here is the summary:", '""', "```\n```", "  \n\t"])
def test_wrapping_without_anything_in_it_is_empty(raw):
    assert clean(raw) == ""


def test_a_line_that_is_bold_as_a_whole_becomes_plain():
    assert clean(f"**{TEXT}**") == TEXT


@pytest.mark.parametrize(
    "text",
    [
        '"A" and "B"',
        "“One” is not “two”",
        "‘It’s’ is short for ‘it is’",
        "'s Avonds is het stil in 's-Hertogenbosch",
        "`make` calls `pip`",
        "«Oui», dit-elle, «non»",
        '"',
        '"Unfinished',
        '5" and 6"',
        "**Bold** first, then **bold** again",
        "**Heading**\n\nText",
        "****",
        "** a **",
        "```python\nprint(1)\n```",
        "Here you are in the middle of town.\nThe market is open.",
        "Here is the summary of the year.\nIt was warm.",
        "```\na = 1\n```\n\nand\n\n```\nb = 2\n```",
        "Text\n\n```\ncode\n```",
        "```\nnever closed",
        "Here is why: swifts cannot land.",
        "Here is what you need to know:\n\n- a\n- b",
        "Here we go: the season starts.",
        "Sure, it rains in Bergen. But when?",
        "Of course, there are exceptions:\n\n- a\n- b",
        "Certainly the best: Bergen.",
        "Here is a summary. It has two parts: one and two.",
        "Voici les trois règles :\n\n- a",
        "This is a text: a first one, on one line.",
        "Title: a history of the word",
        "Note: bring a coat",
        "The tag `<think>` opens a thought, `</think>` ends it.",
        "a < b > c",
        "# Heading\n\nText with *emphasis*, a [link](https://example.org/?a=b) and {braces}.",
        "1. one\n2. two",
        "می\u200cخواهم",
        "क\u094d\u200dष",
        "👩\u200d👩\u200d👧 and 🏳\ufe0f\u200d🌈",
        "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f is a flag",
        "שלום\u200f!",
        "soft\u00adhyphen and no\u00a0break",
        "tab\tstays",
    ],
)
def test_a_text_of_its_own_comes_back_unchanged(text):
    assert clean(text) == text


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("a\r\nb\rc\u2028d\x85e", "a\nb\nc\nd\ne"),
        ("a\x00b\x1bc\x7fd\x9be", "abcde"),
        ("a\u200bb\ufeffc\u2060d", "abcd"),
        ("\u202eevil\u202c \u2066x\u2069", "evil x"),
        ("a\u200db \u200cc\u200c", "ab c"),
        ("क\u200d\u200dx\u200d", "कx"),
        ("hi\U000e0068\U000e0069", "hi"),
        ("broken \ud83d pair", "broken  pair"),
    ],
)
def test_characters_that_nobody_sees_are_taken_out(raw, text):
    assert clean(raw) == text


WRAPPINGS = ["<think>", "</think>", "```", "```md\n", "\n", '"', "“", "”", "**", "Sure! ", "`"]
WRAPPINGS += [
    "Here is the title: ",
    "Certainly, ",
    "Title:",
    "\u200d",
    "\u200b",
    "‘",
    "’",
    " ",
    "क",
]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(WRAPPINGS) | st.text(max_size=5), max_size=12).map("".join))
def test_cleaning_twice_is_cleaning_once(raw):
    assert clean(clean(raw)) == clean(raw)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.characters(categories=["L", "Nd"]), min_size=1, max_size=20), st.data())
def test_words_are_never_eaten(word, data):
    rest = data.draw(st.text(alphabet=" abc,.;?!()-\nß語", max_size=60))
    text = f"x{word}{rest}x"
    assert clean(text) == text


@pytest.mark.parametrize(
    "raw",
    [
        repeated("<think>"),
        repeated("<think>\n"),
        repeated("</think>\n"),
        repeated("<think>\n</thinking>\n"),
        repeated("<think></think>"),
        repeated("<think>a</think>\n"),
        repeated("Sure! "),
        repeated(" ", before="Sure"),
        repeated("here is "),
        repeated('"'),
        repeated("```\n"),
        repeated("~~~a\n"),
        repeated("\u200d"),
        repeated("\u200d", before="\u0915", after="\u0937"),
        repeated("**"),
        repeated(" ", before="a", after="b"),
        repeated("\n", after="x"),
    ],
    ids=lambda raw: ascii(raw[:10]),
)
def test_cleaning_takes_no_longer_than_its_text_is_worth(raw):
    with limited_time():
        clean(raw)
