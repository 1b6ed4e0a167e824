"""Every class of form field, widget and block is of a kind, or is left alone for a reason."""

import datetime

import pytest
from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.forms.models import InlineForeignKeyField
from taggit.forms import TagField
from wagtail import blocks
from wagtail.admin.forms.tags import TagField as WagtailTagField
from wagtail.admin.rich_text import DraftailRichTextArea
from wagtail.admin.widgets import AdminDateInput, AdminTagWidget, SlugInput
from wagtail.admin.widgets.switch import SwitchInput
from wagtail.images.blocks import ImageBlock

from tests.testapp.blocks import COLOURS, ChapterBlock, EverythingBlock
from tests.testapp.models import EverythingPage, StoryPage, Topic
from tests.testapp.widgets import PairInput
from wagtail_llm_actions.content import resolve_path
from wagtail_llm_actions.content.kinds import NOT_WRITABLE, is_producible, kind_of, kind_of_block
from wagtail_llm_actions.content.specs import spec_of
from wagtail_llm_actions.content.states import method_of
from wagtail_llm_actions.values import ApplyMethod, FieldKind

K = FieldKind


class HTMLBlock(blocks.FieldBlock):
    """A block of a third party: nobody knows what its text is."""

    field = forms.CharField(widget=forms.Textarea)


class OtherEditor(forms.Textarea):
    """Another rich text editor."""

    accepts_features = True


class ColourInput(forms.TextInput):
    """A widget of a third party that is still one input."""

    input_type = "color"


@pytest.mark.parametrize(
    ("field", "kind"),
    [
        (forms.CharField(), K.TEXT),
        (forms.CharField(widget=DraftailRichTextArea()), K.RICH_TEXT),
        (forms.CharField(widget=SlugInput()), K.SLUG),
        (forms.CharField(widget=PairInput()), K.TEXT),
        (forms.RegexField("x"), K.TEXT),
        (forms.ComboField(fields=[forms.CharField()]), K.TEXT),
        (forms.DurationField(), K.TEXT),
        (forms.IntegerField(), K.INTEGER),
        (forms.FloatField(), K.NUMBER),
        (forms.DecimalField(), K.NUMBER),
        (forms.BooleanField(), K.BOOLEAN),
        (forms.NullBooleanField(), K.BOOLEAN),
        (forms.DateField(), K.DATE),
        (forms.TimeField(), K.TIME),
        (forms.DateTimeField(), K.DATETIME),
        (forms.SplitDateTimeField(), K.DATETIME),
        (forms.ChoiceField(), K.CHOICE),
        (forms.TypedChoiceField(), K.CHOICE),
        (forms.MultipleChoiceField(), K.CHOICES),
        (forms.TypedMultipleChoiceField(), K.CHOICES),
        (forms.ModelChoiceField(StoryPage.objects.none()), K.OBJECT),
        (forms.ModelMultipleChoiceField(StoryPage.objects.none()), K.OBJECTS),
        (forms.URLField(assume_scheme="https"), K.URL),
        (forms.EmailField(), K.EMAIL),
        (forms.SlugField(), K.SLUG),
        (TagField(), K.TAGS),
        (WagtailTagField(), K.TAGS),
        (forms.FileField(), None),
        (forms.ImageField(), None),
        (forms.FilePathField("/usr"), None),
        (forms.GenericIPAddressField(), None),
        (forms.JSONField(), None),
        (forms.UUIDField(), None),
        (InlineForeignKeyField(Topic()), None),
        (forms.MultiValueField(fields=[forms.CharField()], widget=forms.MultiWidget([])), None),
        (forms.Field(), None),
        (forms.CharField(disabled=True), None),
        (forms.CharField(widget=forms.PasswordInput()), None),
        (forms.CharField(widget=forms.HiddenInput()), None),
        (forms.CharField(widget=forms.Select()), None),
        (forms.CharField(widget=OtherEditor()), None),
    ],
)
def test_a_form_field_is_of_a_kind(field, kind):
    assert kind_of(field) == kind


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("char", K.TEXT),
        ("text", K.TEXT),
        ("email", K.EMAIL),
        ("integer", K.INTEGER),
        ("decimal", K.NUMBER),
        ("float", K.NUMBER),
        ("regex", K.TEXT),
        ("url", K.URL),
        ("boolean", K.BOOLEAN),
        ("date", K.DATE),
        ("time", K.TIME),
        ("datetime", K.DATETIME),
        ("rich_text", K.RICH_TEXT),
        ("raw_html", None),
        ("block_quote", K.TEXT),
        ("choice", K.CHOICE),
        ("multiple_choice", K.CHOICES),
        ("page", K.OBJECT),
        ("document", K.OBJECT),
        ("image_chooser", K.OBJECT),
        ("image", K.STRUCT),
        ("person", K.OBJECT),
        ("embed", None),
        ("static", None),
        ("chapter", K.STRUCT),
        ("dates", K.LIST),
        ("stream", K.STREAM),
        ("table", None),
        ("typed_table", None),
    ],
)
def test_a_block_is_of_a_kind(name, kind):
    assert kind_of_block(EverythingBlock().child_blocks[name]) == kind


def test_every_block_that_is_left_alone_is_so_for_a_reason():
    for block in EverythingBlock().child_blocks.values():
        if kind_of_block(block) is None:
            assert any(isinstance(block, cls) for cls in NOT_WRITABLE)


def test_blocks_that_hold_nothing_to_write_cannot_be_written():
    raw = blocks.RawHTMLBlock()
    assert kind_of_block(blocks.ListBlock(raw)) is None
    assert kind_of_block(blocks.StructBlock([("a", raw)])) is None
    assert kind_of_block(blocks.StreamBlock([("a", raw)])) is None
    assert kind_of_block(HTMLBlock()) is None
    assert kind_of_block(blocks.Block()) is None


def test_a_new_group_must_be_valid_with_what_a_model_writes():
    char = blocks.CharBlock()
    with_raw = blocks.StructBlock([("a", char), ("b", blocks.RawHTMLBlock())])
    optional = blocks.StructBlock([("a", char), ("b", blocks.RawHTMLBlock(required=False))])
    assert not is_producible(with_raw)
    assert is_producible(optional)
    assert kind_of_block(with_raw) == K.STRUCT
    assert kind_of_block(blocks.ListBlock(with_raw)) is None
    stream = blocks.StreamBlock([("raw", with_raw), ("fine", optional)])
    spec = spec_of(None, K.STREAM, path="s", label="S", required=False, block=stream)
    assert [inner.name for inner in spec.fields] == ["fine"]


def test_a_block_in_itself_is_looked_into_so_far_and_no_further():
    class Endless(blocks.StructBlock):
        title = blocks.CharBlock()

    block = Endless()
    block.child_blocks["inner"] = block
    spec = spec_of(None, kind_of_block(block), path="e", label="E", required=False, block=block)
    depth = 0
    while len(spec.fields) > 1:
        depth, spec = depth + 1, spec.fields[1]
    assert depth == 9


def test_a_spec_holds_all_that_is_in_a_block():
    spec = resolve_path(EverythingPage, "stream.chapter")
    heading, is_wide, content = spec.fields
    assert (heading.required, is_wide.kind, is_wide.required) == (True, K.BOOLEAN, False)
    assert (content.kind, content.max_items, content.required) == (K.STREAM, 4, False)
    section = content.fields[0]
    assert [inner.path for inner in section.fields] == ["heading", "body", "on", "cards"]
    (item,) = section.fields[3].fields
    assert (item.path, item.kind) == ("item", K.STRUCT)
    colour = next(inner for inner in item.fields if inner.name == "colour")
    assert [(option.value, option.label) for option in colour.options] == COLOURS
    points = item.fields[-1]
    assert (points.max_items, points.fields[0].max_length) == (5, 40)


@pytest.mark.parametrize(
    ("path", "minimum", "maximum", "decimal_places"),
    [
        ("integer", "1", "500", None),
        ("decimal", "-99999.99", "99999.99", 2),
        ("stream.integer", "0", "1000", None),
        ("stream.decimal", "-999999.99", "999999.99", 2),
        ("float", None, None, None),
    ],
)
def test_a_spec_says_the_limits(path, minimum, maximum, decimal_places):
    spec = resolve_path(EverythingPage, path)
    assert (spec.minimum, spec.maximum, spec.decimal_places) == (minimum, maximum, decimal_places)


def test_limits_may_be_dates_and_functions():
    field = forms.DateField(
        validators=[
            MinValueValidator(datetime.date(2026, 1, 1)),
            MaxValueValidator(lambda: datetime.date(2026, 12, 31)),
        ]
    )
    spec = spec_of(field, K.DATE, path="d", label="D", required=True)
    assert (spec.minimum, spec.maximum) == ("2026-01-01", "2026-12-31")


def test_options_are_what_can_be_chosen_without_the_blank_one():
    assert [option.value for option in resolve_path(EverythingPage, "mood").options] == [
        "glad",
        "calm",
        "sad",
    ]
    assert [option.value for option in resolve_path(EverythingPage, "size").options] == [
        "1",
        "2",
        "3",
    ]


@pytest.mark.parametrize(
    ("widget", "method"),
    [
        (forms.TextInput(), ApplyMethod.TEXT),
        (AdminDateInput(), ApplyMethod.TEXT),
        (ColourInput(), ApplyMethod.TEXT),
        (DraftailRichTextArea(), ApplyMethod.RICH_TEXT),
        (SwitchInput(), ApplyMethod.STATE),
        (forms.SelectMultiple(), ApplyMethod.STATE),
        (AdminTagWidget(), ApplyMethod.HTML),
        (PairInput(), ApplyMethod.HTML),
        (forms.SelectDateWidget(), ApplyMethod.HTML),
        (forms.SplitDateTimeWidget(), ApplyMethod.HTML),
    ],
)
def test_a_widget_is_filled_in_its_way(widget, method):
    assert method_of(widget) == method


def test_image_and_chapter_blocks_can_be_made():
    assert is_producible(ImageBlock())
    assert is_producible(ChapterBlock())
