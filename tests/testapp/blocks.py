"""Blocks of every class that Wagtail ships, nested three deep."""

from wagtail import blocks
from wagtail.contrib.table_block.blocks import TableBlock
from wagtail.contrib.typed_table_block.blocks import TypedTableBlock
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.embeds.blocks import EmbedBlock
from wagtail.images.blocks import ImageBlock, ImageChooserBlock
from wagtail.snippets.blocks import SnippetChooserBlock

COLOURS = [("red", "Red"), ("green", "Green"), ("blue", "Deep blue")]


class CardBlock(blocks.StructBlock):
    """The third level: a group in a list in a group in a stream in a group."""

    title = blocks.CharBlock(max_length=60)
    colour = blocks.ChoiceBlock(choices=COLOURS, required=False)
    image = ImageChooserBlock(required=False)
    points = blocks.ListBlock(blocks.CharBlock(max_length=40), max_num=5)


class ChapterSectionBlock(blocks.StructBlock):
    """The second level."""

    heading = blocks.CharBlock(max_length=80)
    body = blocks.RichTextBlock(required=False, features=["bold", "link"])
    on = blocks.DateBlock(required=False)
    cards = blocks.ListBlock(CardBlock(), min_num=0, default=[])


class ChapterContentBlock(blocks.StreamBlock):
    """Blocks within a group."""

    section = ChapterSectionBlock()
    note = blocks.TextBlock()

    class Meta:
        required = False
        max_num = 4


class ChapterBlock(blocks.StructBlock):
    """The first level."""

    heading = blocks.CharBlock()
    is_wide = blocks.BooleanBlock(required=False)
    content = ChapterContentBlock()


class EverythingBlock(blocks.StreamBlock):
    """A type of block for every class of block."""

    char = blocks.CharBlock(max_length=80)
    text = blocks.TextBlock()
    email = blocks.EmailBlock()
    integer = blocks.IntegerBlock(min_value=0, max_value=1000)
    decimal = blocks.DecimalBlock(max_digits=8, decimal_places=2)
    float = blocks.FloatBlock()
    regex = blocks.RegexBlock(
        regex=r"^[A-Z]{2}-\d+$", error_messages={"invalid": "Two capitals, a dash, a number."}
    )
    url = blocks.URLBlock()
    boolean = blocks.BooleanBlock(required=False)
    date = blocks.DateBlock()
    time = blocks.TimeBlock()
    datetime = blocks.DateTimeBlock()
    rich_text = blocks.RichTextBlock(features=["h2", "bold", "italic", "link", "ul", "ol"])
    raw_html = blocks.RawHTMLBlock()
    block_quote = blocks.BlockQuoteBlock()
    choice = blocks.ChoiceBlock(choices=COLOURS)
    multiple_choice = blocks.MultipleChoiceBlock(choices=COLOURS)
    page = blocks.PageChooserBlock()
    document = DocumentChooserBlock()
    image_chooser = ImageChooserBlock()
    image = ImageBlock()
    person = SnippetChooserBlock("testapp.Person")
    embed = EmbedBlock()
    static = blocks.StaticBlock(admin_text="Nothing to fill in.")
    chapter = ChapterBlock()
    dates = blocks.ListBlock(blocks.DateBlock())
    stream = ChapterContentBlock()
    table = TableBlock()
    typed_table = TypedTableBlock(
        [("text", blocks.CharBlock()), ("number", blocks.FloatBlock()), ("on", blocks.DateBlock())]
    )
