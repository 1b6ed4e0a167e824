"""Lists the limits and budgets, with how they stand."""

from typing import Any

from django.core.management.base import CommandParser

from wagtail_llm_actions import engine
from wagtail_llm_actions.engine import Standing
from wagtail_llm_actions.management.acting import ActingCommand
from wagtail_llm_actions.models.limits import from_units
from wagtail_llm_actions.permissions import can_see_costs
from wagtail_llm_actions.values import LimitMeasure


class Command(ActingCommand):
    """``llm_limits list``."""

    help = "List the limits and budgets, each with what is used, set aside and left of it now."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        deeds = parser.add_subparsers(dest="deed", required=True)
        deeds.add_parser("list", help="One line for each.")

    def act(self, user: Any, options: dict[str, Any]) -> None:
        limits = list(engine.limits_of(user))
        standings = engine.all_standings(limits)
        for limit in limits:
            self.stdout.write(_line(standings[limit.pk], sees_money=can_see_costs(user)))


def _line(standing: Standing, *, sees_money: bool) -> str:
    limit = standing.limit
    units = (standing.used, standing.reserved, standing.left, limit.ceiling)
    hides = limit.measure == LimitMeasure.MONEY and not sees_money
    used, reserved, left, amount = (
        "-" if hides else f"{from_units(limit.measure, number).normalize():f}" for number in units
    )
    ends = f"until {standing.ends_at:%Y-%m-%d %H:%M %Z}" if standing.ends_at else "at once"
    cells = (
        *(str(limit.pk), limit.name, f"{left} of {amount} {limit.measure} left"),
        *(f"{used} used", f"{reserved} set aside", ends, "on" if limit.is_active else "off"),
    )
    return "\t".join(cells)
