"""Limits and budgets: how much may be run, and what has been counted so far."""

from decimal import Decimal

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wagtail_llm_actions.pricing import SMALLEST
from wagtail_llm_actions.values import LimitMeasure, LimitPeriod

MOST_MONEY = 1_000_000_000
"""US dollars, which the counters can hold."""
UNITS_PER_DOLLAR = int(1 / SMALLEST)
"""Money is counted in whole billionths of a dollar, exact on every database."""


class LLMLimit(models.Model):
    """
    How much of something may be used in a period, by the runs that all its conditions are true of.

    A limit on money is a budget. It counts by the clock and the calendar of the site's time zone: a
    minute, an hour, a day, a week, a month begin for all at the same moment.
    """

    name = models.CharField(_("name"), max_length=100)
    measure = models.CharField(_("what is counted"), max_length=20, choices=LimitMeasure.choices)
    amount = models.DecimalField(
        _("amount"),
        max_digits=14,
        decimal_places=4,
        validators=[MinValueValidator(0)],
        help_text=_("Runs, tokens or US dollars. 0 allows nothing."),
    )
    period = models.CharField(
        _("in each"),
        max_length=10,
        choices=LimitPeriod.choices,
        blank=True,
        help_text=_("Blank for runs at the same time, which have no period."),
    )
    stops = models.BooleanField(
        _("refuses runs"),
        default=True,
        help_text=_("Whether runs are refused that would go beyond it. If not, it only warns."),
    )
    allows_unknown_price = models.BooleanField(
        _("allows unknown prices"),
        default=False,
        help_text=_(
            "Whether runs count as free whose price nobody knows. If not, they are refused."
        ),
    )
    per_person = models.BooleanField(
        _("for each person"),
        default=False,
        help_text=_("Whether it is counted for each person alone, not for all together."),
    )
    group = models.ForeignKey(
        "auth.Group",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("group"),
        help_text=_("Only runs of its members."),
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("user"),
        help_text=_("Only runs of this user."),
    )
    action = models.ForeignKey(
        "wagtail_llm_actions.LLMAction",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("LLM action"),
        help_text=_("Only runs of this action."),
    )
    provider = models.CharField(
        _("provider"),
        max_length=100,
        blank=True,
        help_text=_("Only runs that go to the provider of this alias."),
    )
    site = models.ForeignKey(
        "wagtailcore.Site",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("site"),
        help_text=_("Only runs on its pages and settings."),
    )
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("limit or budget")
        verbose_name_plural = _("limits and budgets")
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(measure=LimitMeasure.CONCURRENT, period="")
                | ~Q(measure=LimitMeasure.CONCURRENT) & ~Q(period=""),
                name="llm_limit_has_a_period",
                violation_error_message=_(
                    "Choose a period; only a limit on runs at the same time has none."
                ),
            ),
        ]

    def __str__(self):
        return self.name

    def clean(self):
        """
        Take only amounts that can be counted.

        :raises ValidationError: at ``amount``.
        """
        super().clean()
        if self.amount is None:
            return
        if self.measure != LimitMeasure.MONEY and self.amount != int(self.amount):
            raise ValidationError(
                {"amount": gettext("Enter a whole number: only money has cents.")}
            )
        if self.measure == LimitMeasure.MONEY and self.amount > MOST_MONEY:
            raise ValidationError({"amount": gettext("Enter a smaller amount.")})

    @property
    def ceiling(self) -> int:
        """The amount in the units that are counted: runs, tokens, billionths of a dollar."""
        return to_units(self.measure, self.amount)


class LLMLimitCounter(models.Model):
    """What one limit has counted in one period, for everybody or for one person."""

    limit = models.ForeignKey(
        LLMLimit,
        on_delete=models.CASCADE,
        related_name="counters",
        verbose_name=_("limit or budget"),
    )
    person = models.CharField(_("person"), max_length=64, blank=True)
    """The key of the user; blank for all together."""
    period_start = models.DateTimeField(_("beginning of the period"))
    used = models.BigIntegerField(_("used"), default=0)
    """In the units of :attr:`LLMLimit.ceiling`."""
    reserved = models.BigIntegerField(_("set aside"), default=0)
    """What the runs may still use that go on now, in the same units."""

    class Meta:
        verbose_name = _("counter of a limit")
        verbose_name_plural = _("counters of limits")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["limit", "person", "period_start"], name="llm_limit_counter_is_unique"
            ),
        ]

    def __str__(self):
        return f"{self.used} + {self.reserved}"


def to_units(measure: str, amount: Decimal) -> int:
    """Return an amount in the units that are counted."""
    return int(amount * UNITS_PER_DOLLAR) if measure == LimitMeasure.MONEY else int(amount)


def from_units(measure: str, units: int) -> Decimal:
    """Return what units are as an amount."""
    return Decimal(units) / UNITS_PER_DOLLAR if measure == LimitMeasure.MONEY else Decimal(units)
