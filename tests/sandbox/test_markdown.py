"""The content's Markdown becomes the blocks of a body."""

import pytest

from sandbox.blog.loading.content import Picture, read_post
from sandbox.blog.loading.markdown import to_blocks, to_rich_text


def test_paragraphs_belong_to_one_block_until_something_else_comes():
    markdown = "One.\n\nTwo *soft* and **loud**.\n\n---\n\nThree.\n\n## Head\n\n- a\n- b"
    assert list(to_blocks(markdown)) == [
        ("paragraph", "<p>One.</p><p>Two <i>soft</i> and <b>loud</b>.</p>"),
        ("paragraph", "<p>Three.</p>"),
        ("heading", "Head"),
        ("paragraph", "<ul><li>a</li><li>b</li></ul>"),
    ]


def test_a_quote_has_a_source():
    quote = {"text": "So it goes.", "source": "Somebody"}
    assert list(to_blocks("> So it goes.\n>\n> — Somebody")) == [("quote", quote)]


def test_code_stays_as_it_is():
    code = {"language": "python", "code": "if a < b:\n    pass"}
    assert list(to_blocks("```python\nif a < b:\n    pass\n```")) == [("code", code)]


def test_a_picture_by_itself_is_painted():
    picture = Picture(
        title="Hills", description="Hills", scene="hills", palette="dawn", seed=3, caption="Far."
    )
    assert list(to_blocks('![Hills](hills/dawn/3 "Far.")')) == [("figure", picture)]


def test_html_in_a_post_is_shown_and_not_used():
    assert to_rich_text("a < b & *c*") == "<p>a &lt; b &amp; <i>c</i></p>"


def test_a_post_without_front_matter_is_refused(tmp_path):
    path = tmp_path / "post.md"
    path.write_text("Hello\n+++\n+++\n")
    with pytest.raises(ValueError, match="before its front matter"):
        read_post(path)
