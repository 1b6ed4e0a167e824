"""LLM configurations: named choices of provider, model and parameters."""

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import log
from wagtail.models import DraftStateMixin, RevisionMixin
from wagtail.search import index

from wagtail_llm_actions.models.parameters import ModelParameters
from wagtail_llm_actions.models.publication import CheckedPublication
from wagtail_llm_actions.models.slugs import Slugged


def _price(name) -> models.DecimalField:
    return models.DecimalField(
        name,
        max_digits=12,
        decimal_places=6,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text=_("US dollars per million tokens. Blank for what the price list says."),
    )


class LLMConfigQuerySet(models.QuerySet):
    """Filters over LLM configurations."""

    def live(self):
        """Return the configurations that runs may use."""
        return self.filter(live=True)

    def default(self):
        """Return the live default configuration, or ``None``."""
        return self.live().filter(is_default=True).first()


class LLMConfig(
    CheckedPublication, DraftStateMixin, RevisionMixin, index.Indexed, Slugged, ModelParameters
):
    """A provider, a model of it and its parameters, shared by actions."""

    provider = models.CharField(
        _("provider"),
        max_length=100,
        default="default",
        help_text=_("The provider’s alias in the site’s settings."),
    )
    model_name = models.CharField(
        _("model name"),
        max_length=200,
        help_text=_("As the provider calls it, for example “llama3.2:3b”."),
    )
    reads_images = models.BooleanField(
        _("looks at pictures"),
        default=False,
        help_text=_(
            "Whether the model takes pictures besides text. If not, it is told the title and "
            "description of an image."
        ),
    )
    is_default = models.BooleanField(
        _("default"),
        default=False,
        help_text=_(
            "Used by every action that names no configuration. Publishing a new default takes the "
            "place of the former one."
        ),
    )

    takes_over = models.BooleanField(
        _("takes over"),
        default=False,
        help_text=_(
            "Used instead of a configuration whose provider is not cleared for what an action "
            "sends, such as personal data. The run says so."
        ),
    )
    input_price = _price(_("price of input"))
    output_price = _price(_("price of output"))
    cached_input_price = _price(_("price of cached input"))

    objects = LLMConfigQuerySet.as_manager()

    search_fields = [
        index.SearchField("name"),
        index.SearchField("model_name"),
        index.AutocompleteField("name"),
    ]

    class Meta:
        verbose_name = _("LLM configuration")
        verbose_name_plural = _("LLM configurations")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"],
                condition=Q(is_default=True, live=True),
                name="llm_config_one_live_default",
            ),
        ]

    def make_way(self, user) -> None:
        """Take the flag from the former default, if this one is to be the default."""
        if not self.is_default:
            return
        former = type(self).objects.live().filter(is_default=True).exclude(pk=self.pk)
        for config in former:
            log(instance=config, action="wagtail_llm_actions.lose_default", user=user)
        former.update(is_default=False)
