"""The form of an LLM configuration."""

from django import forms
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel

from wagtail_llm_actions.conf import settings
from wagtail_llm_actions.providers import providers
from wagtail_llm_actions.values import ModelAbility
from wagtail_llm_actions.views.forms.builder import ModelsPanel
from wagtail_llm_actions.views.forms.layout import layout, parameters_panel
from wagtail_llm_actions.views.forms.publication import PublishedForm

PRICES = ("input_price", "output_price", "cached_input_price")


class LLMConfigForm(PublishedForm):
    """Offers the providers of the settings by alias."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "provider" in self.fields:
            choices = [(alias, provider_label(alias)) for alias in providers]
            if self.instance.provider not in providers:
                missing = gettext("%(alias)s (not in the settings)")
                choices.append(
                    (self.instance.provider, missing % {"alias": self.instance.provider})
                )
            self.fields["provider"].widget = forms.Select(choices=choices)

    def clean_for_publication(self):
        alias = self.cleaned_data.get("provider")
        if alias and alias not in providers:
            self.add_error(
                "provider",
                gettext("The settings have no provider “%(alias)s”.") % {"alias": alias},
            )
        self.check_parameters(alias)
        self._check_images(alias)
        self._check_prices()

    def _check_prices(self):
        """Refuse a part of a price: what is missing would count as free."""
        prices = {name: self.cleaned_data.get(name) for name in PRICES}
        if any(price is not None for price in prices.values()):
            for name in PRICES[:2]:
                if prices[name] is None and name not in self.errors:
                    self.add_error(name, gettext("Enter both prices, of input and of output."))

    def _check_images(self, alias):
        """Refuse pictures where the provider could not send them."""
        if not self.cleaned_data.get("reads_images"):
            return
        try:
            supported = providers[alias].supports
        except ImproperlyConfigured:
            return  # the field of the provider, or a system check, says what is wrong
        if ModelAbility.IMAGES not in supported:
            self.add_error("reads_images", gettext("The provider cannot send pictures."))


def provider_label(alias) -> str:
    """Return an alias with the name of its class, without importing it."""
    backend = str(settings.PROVIDERS[alias].get("BACKEND", ""))
    return f"{alias} ({backend.rpartition('.')[2].removesuffix('Provider')})"


CONFIG_PANELS = layout(
    [
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("provider"), FieldPanel("model_name")]),
                ModelsPanel(),
                FieldPanel("reads_images"),
                FieldPanel("is_default"),
                FieldPanel("takes_over"),
            ],
            heading=_("Language model"),
        ),
        parameters_panel(_("Parameters"), _("An action may set its own instead.")),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("input_price"), FieldPanel("output_price")]),
                FieldPanel("cached_input_price"),
            ],
            heading=_("Price"),
            help_text=_(
                "Needed where the price list does not know the model, or where you have a price of "
                "your own. Models on own machines cost what the settings say."
            ),
        ),
    ],
    LLMConfigForm,
)
