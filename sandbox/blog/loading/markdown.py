"""Markdown of the content files to rich text and to the blocks of a body."""

from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

from sandbox.blog.loading.content import Picture

MARKDOWN = MarkdownIt("commonmark")
BLOCK_BREAK = "hr"
"""A rule ends a paragraph block, where no other block does."""


def to_rich_text(markdown: str) -> str:
    """Return the HTML that Wagtail's rich text editor would have stored."""
    return _as_stored(MARKDOWN.render(markdown))


def to_blocks(markdown: str) -> Iterator[tuple[str, object]]:
    """Yield the type and the value of each block; a figure's value is a :class:`Picture`."""
    paragraphs: list[str] = []
    for node in SyntaxTreeNode(MARKDOWN.parse(markdown)).children:
        block = _special(node)
        if block is None and node.type != BLOCK_BREAK:
            paragraphs.append(_html(node))
            continue
        if paragraphs:
            yield "paragraph", "".join(paragraphs)
            paragraphs = []
        if block:
            yield block
    if paragraphs:
        yield "paragraph", "".join(paragraphs)


def _special(node: SyntaxTreeNode) -> tuple[str, object] | None:
    """Return the block that a node is by itself, or ``None`` if it is part of a paragraph."""
    if node.type == "heading":
        return "heading", node.children[0].content
    if node.type == "fence":
        return "code", {"language": node.info, "code": node.content.rstrip()}
    if node.type == "blockquote":
        *words, source = [child.children[0].content for child in node.children]
        return "quote", {"text": "\n".join(words), "source": source.removeprefix("— ")}
    if node.type == "paragraph" and node.children[0].children[0].type == "image":
        return "figure", _picture(node.children[0].children[0])
    return None


def _picture(node: SyntaxTreeNode) -> Picture:
    """Read ``![title](scene/palette/seed "caption")``."""
    scene, palette, seed = str(node.attrs["src"]).split("/")
    return Picture(
        title=node.content,
        description=node.content,
        caption=str(node.attrs.get("title", "")),
        scene=scene,
        palette=palette,
        seed=int(seed),
    )


def _html(node: SyntaxTreeNode) -> str:
    tokens: list[Token] = node.to_tokens()
    return _as_stored(MARKDOWN.renderer.render(tokens, MARKDOWN.options, {}))


def _as_stored(html: str) -> str:
    for written, stored in (("strong>", "b>"), ("em>", "i>"), (">\n<", "><")):
        html = html.replace(written, stored)
    return html.strip()
