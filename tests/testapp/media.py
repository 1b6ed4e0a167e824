"""A custom image model, and settings of both kinds."""

from django.db import models
from wagtail.admin.panels import FieldPanel
from wagtail.contrib.settings.models import BaseGenericSetting, BaseSiteSetting, register_setting
from wagtail.images.models import AbstractImage, AbstractRendition, Image


class Picture(AbstractImage):
    """Images of a site that asks for more than Wagtail does; used where a test says so."""

    alt_text = models.CharField(max_length=125)
    credit = models.TextField(blank=True)

    admin_form_fields = (*Image.admin_form_fields, "alt_text", "credit")


class PictureRendition(AbstractRendition):
    """Resized pictures."""

    image = models.ForeignKey(Picture, on_delete=models.CASCADE, related_name="renditions")

    class Meta:
        unique_together = (("image", "filter_spec", "focal_point_key"),)


@register_setting
class Branding(BaseSiteSetting):
    """What a site says about itself."""

    tagline = models.CharField(max_length=80, blank=True)
    about = models.TextField(blank=True)

    panels = [FieldPanel("tagline"), FieldPanel("about")]


@register_setting
class Announcement(BaseGenericSetting):
    """What all sites say."""

    text = models.CharField(max_length=200, blank=True)
