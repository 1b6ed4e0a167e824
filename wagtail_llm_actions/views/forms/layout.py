"""How the three forms are laid out alike."""

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import (
    FieldPanel,
    FieldRowPanel,
    MultiFieldPanel,
    ObjectList,
    PublishingPanel,
    TitleFieldPanel,
)
from wagtail.admin.widgets import SlugInput

OPTED_OUT = {"data-llm-actions": "off"}
"""No field of these forms offers an LLM action itself."""


def layout(panels, form_class) -> ObjectList:
    """Return the edit handler of a form: its panels between name and slug, and the schedule."""
    whole = [_name_panel(), *panels, _slug_panel(), PublishingPanel()]
    return ObjectList(opted_out(whole), base_form_class=form_class)


def opted_out(panels):
    """Return the panels, in which no field offers an LLM action."""
    for panel in panels:
        panel.attrs = {**panel.attrs, **OPTED_OUT}
    return panels


def parameters_panel(heading, help_text, *more):
    """Return the folded panel with temperature, output limit, extra parameters and ``more``."""
    return MultiFieldPanel(
        [
            FieldRowPanel([FieldPanel("temperature"), FieldPanel("max_output_tokens")]),
            FieldPanel("extra_parameters", widget=forms.Textarea(attrs={"rows": 4})),
            *more,
        ],
        heading=heading,
        help_text=help_text,
        classname="collapsed",
    )


def _name_panel():
    return TitleFieldPanel("name", classname="", placeholder=False)


def _slug_panel():
    slug = FieldPanel(
        "slug",
        widget=SlugInput(attrs={"data-w-slug-allow-unicode-value": "false"}),
        help_text=_("Export, import and the API know it by this. Blank makes it from the name."),
    )
    return MultiFieldPanel([slug], heading=_("Identity"), classname="collapsed")
