"""A page and a snippet with every kind of field, panel and block."""

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from modelcluster.contrib.taggit import ClusterTaggableManager
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from modelcluster.models import ClusterableModel
from taggit.models import TaggedItemBase
from wagtail.admin.forms import WagtailAdminModelForm, WagtailAdminPageForm
from wagtail.admin.panels import (
    FieldPanel,
    FieldRowPanel,
    InlinePanel,
    MultiFieldPanel,
    MultipleChooserPanel,
    PageChooserPanel,
)
from wagtail.admin.widgets.switch import SwitchInput
from wagtail.fields import RichTextField, StreamField
from wagtail.models import DraftStateMixin, Orderable, Page, RevisionMixin
from wagtail.snippets.models import register_snippet

from tests.testapp.blocks import COLOURS, EverythingBlock
from tests.testapp.widgets import PairInput

SIZES = [(1, "Small"), (2, "Middle"), (3, "Large")]
MOODS = [("Bright", [("glad", "Glad"), ("calm", "Calm")]), ("Dark", [("sad", "Sad")])]


class Topic(models.Model):
    """What plain selects choose among; no snippet, and in no chooser."""

    name = models.CharField(max_length=100)

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.name


class EverythingFields(models.Model):
    """Columns of every kind."""

    char = models.CharField(max_length=60, blank=True)
    text = models.TextField(blank=True, max_length=300)
    rich = RichTextField(blank=True)
    rich_few = RichTextField(blank=True, features=["bold", "link"], max_length=200)
    rich_lists = RichTextField(blank=True, features=["h2", "h3", "ol", "ul", "hr", "italic"])
    integer = models.IntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(500)]
    )
    decimal = models.DecimalField(max_digits=7, decimal_places=2, null=True, blank=True)
    float = models.FloatField(null=True, blank=True)
    boolean = models.BooleanField(default=False)
    switch = models.BooleanField(default=False)
    null_boolean = models.BooleanField(null=True, blank=True)
    date = models.DateField(null=True, blank=True)
    time = models.TimeField(null=True, blank=True)
    datetime = models.DateTimeField(null=True, blank=True)
    choice = models.CharField(max_length=10, choices=COLOURS, blank=True)
    radio = models.CharField(max_length=10, choices=COLOURS, blank=True)
    mood = models.CharField(max_length=10, choices=MOODS, blank=True)
    size = models.IntegerField(choices=SIZES, null=True, blank=True)
    colours = models.JSONField(default=list, blank=True)
    sizes = models.JSONField(default=list, blank=True)
    url = models.URLField(blank=True)
    email = models.EmailField(blank=True)
    own_slug = models.SlugField(blank=True)
    page_link = models.ForeignKey(
        "wagtailcore.Page", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    story = models.ForeignKey(
        "testapp.StoryPage", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    image = models.ForeignKey(
        "wagtailimages.Image", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    document = models.ForeignKey(
        "wagtaildocs.Document", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    person = models.ForeignKey(
        "testapp.Person", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    topic = models.ForeignKey(
        Topic, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    topics = ParentalManyToManyField(Topic, blank=True, related_name="+")
    boxes = ParentalManyToManyField(Topic, blank=True, related_name="+")
    json = models.JSONField(null=True, blank=True)
    duration = models.DurationField(null=True, blank=True)
    uuid = models.UUIDField(null=True, blank=True)
    ip = models.GenericIPAddressField(null=True, blank=True)
    pair = models.CharField(max_length=30, blank=True)
    """``"from–to"``, by the widget of a third party."""
    stream = StreamField(EverythingBlock(required=False), blank=True)

    class Meta:
        abstract = True

    everything_panels = [
        MultiFieldPanel([FieldPanel("char"), FieldPanel("text")], heading="Text"),
        FieldPanel("rich"),
        FieldPanel("rich_few"),
        FieldPanel("rich_lists"),
        FieldRowPanel([FieldPanel("integer"), FieldPanel("decimal"), FieldPanel("float")]),
        FieldPanel("boolean"),
        FieldPanel("switch", widget=SwitchInput),
        FieldPanel("null_boolean"),
        FieldPanel("date"),
        FieldPanel("time"),
        FieldPanel("datetime"),
        FieldPanel("choice"),
        FieldPanel("radio", widget=forms.RadioSelect),
        FieldPanel("mood"),
        FieldPanel("size"),
        FieldPanel("colours"),
        FieldPanel("sizes"),
        FieldPanel("url"),
        FieldPanel("email"),
        FieldPanel("own_slug"),
        PageChooserPanel("page_link"),
        FieldPanel("story"),
        FieldPanel("image"),
        FieldPanel("document"),
        FieldPanel("person"),
        FieldPanel("topic"),
        FieldPanel("topics"),
        FieldPanel("boxes", widget=forms.CheckboxSelectMultiple),
        FieldPanel("json"),
        FieldPanel("duration"),
        FieldPanel("uuid"),
        FieldPanel("ip"),
        FieldPanel("pair", widget=PairInput),
        FieldPanel("stream"),
    ]


class EverythingPageForm(WagtailAdminPageForm):
    """The page's form, with the form fields that no model field brings."""

    colours = forms.MultipleChoiceField(
        choices=COLOURS, required=False, widget=forms.CheckboxSelectMultiple
    )
    sizes = forms.TypedMultipleChoiceField(choices=SIZES, required=False, coerce=int)


class EverythingForm(WagtailAdminModelForm):
    """The snippet's form, with the form fields that no model field brings."""

    colours = forms.MultipleChoiceField(
        choices=COLOURS, required=False, widget=forms.CheckboxSelectMultiple
    )
    sizes = forms.TypedMultipleChoiceField(choices=SIZES, required=False, coerce=int)


class EverythingTag(TaggedItemBase):
    """A tag of an everything page."""

    content_object = ParentalKey(
        "testapp.EverythingPage", on_delete=models.CASCADE, related_name="tagged_items"
    )


class EverythingPage(EverythingFields, Page):
    """A page with every kind of field, panel and block."""

    base_form_class = EverythingPageForm

    tags = ClusterTaggableManager(through=EverythingTag, blank=True)

    content_panels = [
        *Page.content_panels,
        *EverythingFields.everything_panels,
        FieldPanel("tags"),
        InlinePanel("items", label="Item", heading="Items", max_num=6),
        MultipleChooserPanel("gallery", label="Picture", chooser_field_name="image"),
    ]


class EverythingItem(Orderable):
    """An inline child with fields of several kinds."""

    page = ParentalKey(EverythingPage, on_delete=models.CASCADE, related_name="items")
    caption = models.CharField(max_length=60)
    note = RichTextField(blank=True, features=["bold", "link"])
    colour = models.CharField(max_length=10, choices=COLOURS, blank=True)
    image = models.ForeignKey(
        "wagtailimages.Image", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    panels = [
        FieldPanel("caption"),
        FieldPanel("note"),
        FieldPanel("colour"),
        FieldPanel("image"),
    ]


class EverythingPicture(Orderable):
    """An inline child that is chosen first and filled in then."""

    page = ParentalKey(EverythingPage, on_delete=models.CASCADE, related_name="gallery")
    image = models.ForeignKey("wagtailimages.Image", on_delete=models.CASCADE, related_name="+")
    caption = models.CharField(max_length=60, blank=True)

    panels = [FieldPanel("image"), FieldPanel("caption")]


@register_snippet
class Everything(DraftStateMixin, RevisionMixin, EverythingFields, ClusterableModel):
    """A snippet with every kind of field and block."""

    base_form_class = EverythingForm

    panels = EverythingFields.everything_panels

    class Meta:
        verbose_name_plural = "everything"

    def __str__(self):
        return self.char
