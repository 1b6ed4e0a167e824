"""What the three forms ask only of what goes live."""

from django import forms
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext
from wagtail.admin.forms import WagtailAdminModelForm

from wagtail_llm_actions.providers import providers
from wagtail_llm_actions.wording import listed, listed_in_quotes


class PublishedForm(WagtailAdminModelForm):
    """A form that asks more of what is published than of a draft."""

    def clean(self):
        cleaned = super().clean()
        if not self.is_deferred_validation:
            self.clean_for_publication()
        return cleaned

    def clean_for_publication(self):
        """Add the errors that only count when the row goes live."""

    def _post_clean(self):
        super()._post_clean()
        if not self.is_deferred_validation and not self.errors and self.instance.goes_live_now:
            try:
                self.instance.validate_publication()
            except forms.ValidationError as error:
                self.add_error(None, error)

    def check_parameters(self, alias):
        """
        Add an error for each extra parameter that the provider does not allow.

        :param alias: of the provider; an unknown one is no matter of these parameters.
        """
        parameters = self.cleaned_data.get("extra_parameters")
        if not parameters or alias not in providers:
            return
        try:
            allowed = providers[alias].allowed_parameters
        except ImproperlyConfigured as error:
            self.add_error("extra_parameters", str(error))
            return
        if refused := sorted(set(parameters) - allowed):
            self.add_error("extra_parameters", _refusal(refused, alias, allowed))


def _refusal(refused, alias, allowed):
    return gettext(
        "The provider “%(alias)s” does not allow %(refused)s. It allows: %(allowed)s."
    ) % {
        "alias": alias,
        "refused": listed_in_quotes(refused),
        "allowed": listed(sorted(allowed)) or gettext("none"),
    }
