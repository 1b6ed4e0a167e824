"""Values of fields and blocks as text."""

import datetime
from decimal import Decimal

import pytest
from django import forms
from django.contrib.auth.models import Group
from wagtail import blocks
from wagtail.rich_text import RichText

from tests.testapp.models import Note
from wagtail_llm_actions.content.plain_text import (
    text_of_block,
    text_of_form_value,
    text_of_model_value,
)

CHOICES = [("a", "First"), ("More", [("b", "Second")])]


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        (forms.CharField(), " a\r\nb ", "a\nb"),
        (forms.CharField(), None, ""),
        (forms.BooleanField(), True, "Yes"),
        (forms.BooleanField(), False, "No"),
        (forms.IntegerField(), 7, "7"),
        (forms.IntegerField(), 0, "0"),
        (forms.DecimalField(), Decimal("1.5"), "1.5"),
        (forms.DateField(), datetime.date(2026, 3, 5), "5 Mar 2026"),
        (forms.DateField(), "not a date", "not a date"),
        (forms.ChoiceField(choices=CHOICES), "b", "Second"),
        (forms.ChoiceField(choices=CHOICES), "", ""),
        (forms.ChoiceField(choices=CHOICES), "gone", "gone"),
        (forms.MultipleChoiceField(choices=CHOICES), ["a", "b"], "First, Second"),
        (forms.Field(), ["one tag", "two"], "one tag, two"),
        (forms.ModelChoiceField(Note.objects.none()), Note(subject="A note"), "A note"),
        (forms.ModelChoiceField(Note.objects.none()), "12", ""),
        (forms.ModelChoiceField(Note.objects.none()), None, ""),
    ],
)
def test_a_form_value_reads_as_a_person_would_see_it(field, value, text):
    assert text_of_form_value(field, value) == text


@pytest.mark.django_db
def test_chosen_objects_are_called_by_their_names():
    groups = Group.objects.order_by("name")
    field = forms.ModelMultipleChoiceField(groups)
    assert text_of_form_value(field, groups) == "Editors, Moderators"


class Card(blocks.StructBlock):
    title = blocks.CharBlock()
    is_wide = blocks.BooleanBlock()
    colour = blocks.ChoiceBlock(choices=CHOICES)
    html = blocks.RawHTMLBlock()
    rule = blocks.StaticBlock()
    on = blocks.DateBlock()


def test_a_block_reads_as_its_texts():
    block = blocks.StreamBlock([("card", Card()), ("texts", blocks.ListBlock(blocks.TextBlock()))])
    card = {
        "title": "T",
        "is_wide": True,
        "colour": "a",
        "html": "<p>Raw <b>x</b></p><script>y</script>",
        "rule": None,
        "on": "2026-03-05",
    }
    value = block.to_python(
        [{"type": "card", "value": card}, {"type": "texts", "value": ["a", "", "b\nc"]}]
    )
    assert text_of_block(block, value) == (
        "T\n\nIs wide: Yes\n\nColour: First\n\nRaw **x**\n\nOn: 5 Mar 2026\n\na\n\nb\nc"
    )


@pytest.mark.parametrize(
    ("block", "value", "text"),
    [
        (blocks.CharBlock(), None, ""),
        (blocks.RichTextBlock(), RichText("<p>a <i>b</i></p>"), "a *b*"),
        (blocks.ListBlock(blocks.CharBlock()), ["a", "", "b"], "- a\n- b"),
        (blocks.MultipleChoiceBlock(choices=CHOICES), ["a", "b"], "First, Second"),
        (blocks.IntegerBlock(), 3, "3"),
    ],
)
def test_a_single_block_reads_as_its_text(block, value, text):
    assert text_of_block(block, value) == text


def test_a_read_only_value_reads_by_its_model_field():
    from tests.testapp.models import StoryPage

    get = StoryPage._meta.get_field
    assert text_of_model_value(get("body"), "<h2>a</h2>") == "## a"
    assert text_of_model_value(get("reviewed_on"), None) == ""
    stream = get("stream").to_python([{"type": "heading", "value": "h"}])
    assert text_of_model_value(get("stream"), stream) == "h"
