"""What is cut when sources are too long for a model."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wagtail_llm_actions.prompts import fitted
from wagtail_llm_actions.prompts.fitting import MIN_LENGTH, shortened
from wagtail_llm_actions.values import SourceText

SENTENCE = "The tide comes and goes twice a day. "


def source(name, text, **values):
    return SourceText(name=name, path=name, label=name, text=text, **values)


def within(limit):
    return lambda sources: sum(len(source.text) for source in sources) <= limit


def test_what_fits_stays_as_it_is():
    sources = [source("a", "One."), source("b", "Two.")]
    assert fitted(sources, within(8)) == sources


def test_the_longest_source_is_cut_first_at_the_end_of_a_sentence():
    short, long = source("a", SENTENCE * 10), source("b", SENTENCE * 100)
    result = fitted([short, long], within(2000))
    assert result[0] == short
    assert result[1].text == (SENTENCE * 44).strip()
    assert result[1].cut_words == long.words - result[1].words == 56 * 8


def test_sources_of_the_same_length_are_cut_alike():
    result = fitted([source("a", SENTENCE * 50), source("b", SENTENCE * 50)], within(1000))
    assert [each.cut_words for each in result] == [(50 - 13) * 8] * 2


def test_a_source_that_has_to_stay_whole_stays_whole():
    text = SENTENCE * 50
    result = fitted([source("a", text), source("b", text)], within(3000), whole={"a"})
    assert result[0].text == text
    assert result[1].cut_words


@pytest.mark.parametrize("whole", [set(), {"a"}])
def test_where_cutting_is_not_enough_there_is_nothing(whole):
    assert fitted([source("a", SENTENCE * 100)], within(50), whole=whole) is None


def test_a_prompt_that_is_too_long_without_sources_has_nothing_to_cut():
    assert fitted([], lambda sources: False) is None
    assert fitted([source("a", "short")], lambda sources: False) is None


@pytest.mark.parametrize(
    "text, length, expected",
    [
        ("One. Two! Three? Four", 17, "One. Two! Three?"),
        ("He said “Go.” And they went on", 20, "He said “Go.”"),
        ("潮が満ちる。潮が引く。誰も見ない", 14, "潮が満ちる。潮が引く。"),
        ("A heading\n\nmore text that follows", 16, "A heading"),
        ("no end in these words", 12, "no end in"),
        ("3.14159265358979", 8, "3.141592"),
        ("無句点無空格的文字", 4, "無句点無"),
    ],
)
def test_a_text_is_cut_where_a_reader_would(text, length, expected):
    assert shortened(text, length) == expected


def test_a_cut_without_spaces_counts_too():
    result = fitted([source("a", "潮" * 1000)], within(500))
    assert result[0].cut_words == 1
    assert len(result[0].text) == 500


@given(
    st.lists(st.text(alphabet="ab .。\n", max_size=1500), max_size=4),
    st.integers(min_value=0, max_value=4000),
)
def test_what_is_left_fits_and_is_the_beginning(texts, limit):
    sources = [source(str(number), text) for number, text in enumerate(texts)]
    result = fitted(sources, within(limit))
    if result is None:
        assert sum(min(len(text), MIN_LENGTH) for text in texts) >= limit - 4 * MIN_LENGTH
        return
    assert within(limit)(result)
    for before, after in zip(sources, result, strict=True):
        assert before.text.startswith(after.text)
        assert bool(after.cut_words) == (before.text != after.text)
