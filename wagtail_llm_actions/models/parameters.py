"""The model parameters that a configuration sets and an action may set again."""

import json

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


def validate_parameters(value):
    """
    Require a JSON object.

    :raises ValidationError: if ``value`` is anything else.
    """
    if not isinstance(value, dict) or not _is_json(value):
        raise ValidationError(
            gettext('Enter a JSON object, such as {"top_p": 0.9}.'), code="invalid"
        )


def _is_json(value) -> bool:
    """Return whether a value is JSON as databases take it, which has no ``NaN``."""
    try:
        json.dumps(value, allow_nan=False)
    except (ValueError, RecursionError):
        return False
    return True


class ModelParameters(models.Model):
    """What is asked of the model besides the prompt."""

    temperature = models.FloatField(
        _("temperature"),
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(2)],
        help_text=_("0 is the most predictable, 2 the most surprising. Blank leaves it open."),
    )
    max_output_tokens = models.PositiveIntegerField(
        _("maximum output tokens"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("An answer that is longer fails. A token is about four letters."),
    )
    extra_parameters = models.JSONField(
        _("extra parameters"),
        default=dict,
        blank=True,
        validators=[validate_parameters],
        help_text=_('Parameters by the provider’s own names, as JSON: {"top_p": 0.9}.'),
    )

    class Meta:
        abstract = True

    def clean(self):
        super().clean()
        if self.extra_parameters is None:
            self.extra_parameters = {}
