"""The paths that the reference shows mean what it says."""

from pathlib import Path

import pytest

from tests.test_docs import read, rows
from tests.testapp.models import StoryPage
from wagtail_llm_actions.content.catalogue import resolve_path
from wagtail_llm_actions.content.source_paths import IMAGE, PARENT, SPECIAL_SOURCES, source_label
from wagtail_llm_actions.exceptions import UnknownFieldError, UnsupportedFieldError

TEXT = read("paths")
FIELDS = rows(TEXT.partition("## Special")[0])
SPECIAL = [path for path, _ in rows(TEXT.partition("## Special")[2])]


def test_there_are_examples():
    assert len(FIELDS) > 8


@pytest.mark.parametrize(("path", "fill", "read"), [(row[0], row[2], row[3]) for row in FIELDS])
def test_a_path_can_be_filled_and_read_as_is_said(path, fill, read):
    assert read == "yes"
    assert source_label(StoryPage, path)
    if fill == "yes":
        assert resolve_path(StoryPage, path).path == path
    else:
        with pytest.raises(UnsupportedFieldError):
            resolve_path(StoryPage, path)


def test_every_special_source_is_described():
    alone = {path for path in SPECIAL if not path.startswith(PARENT)}
    assert alone == {*SPECIAL_SOURCES, IMAGE}
    assert any(path.startswith(PARENT) for path in SPECIAL)


@pytest.mark.parametrize("path", SPECIAL)
def test_a_special_source_is_read_only(path):
    with pytest.raises(UnknownFieldError):
        resolve_path(StoryPage, path)


def test_the_page_is_in_the_index():
    index = Path(__file__).parents[2] / "docs" / "index.md"
    assert "reference/paths" in index.read_text()
