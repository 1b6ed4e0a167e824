"""The blocks of a post's body."""

from wagtail.blocks import CharBlock, RichTextBlock, StreamBlock, StructBlock, TextBlock
from wagtail.images.blocks import ImageChooserBlock

PARAGRAPH_FEATURES = ["bold", "italic", "link", "ol", "ul"]


class QuoteBlock(StructBlock):
    """Someone's words."""

    text = TextBlock()
    source = CharBlock(required=False, max_length=120)

    class Meta:
        icon = "openquote"
        template = "blog/blocks/quote.html"


class FigureBlock(StructBlock):
    """A picture in the text."""

    image = ImageChooserBlock()
    caption = CharBlock(required=False, max_length=200)

    class Meta:
        icon = "image"
        template = "blog/blocks/figure.html"


class CodeBlock(StructBlock):
    """Lines that are shown as they are."""

    language = CharBlock(required=False, max_length=30)
    code = TextBlock()

    class Meta:
        icon = "code"
        template = "blog/blocks/code.html"


class BodyBlock(StreamBlock):
    """What a post is made of."""

    heading = CharBlock(icon="title", max_length=120, template="blog/blocks/heading.html")
    paragraph = RichTextBlock(icon="pilcrow", features=PARAGRAPH_FEATURES)
    quote = QuoteBlock()
    figure = FigureBlock()
    code = CodeBlock()
