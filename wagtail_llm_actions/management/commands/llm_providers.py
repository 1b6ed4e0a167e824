"""Lists the providers of the settings and the models that they offer."""

from typing import Any

from django.core.management.base import CommandParser

from wagtail_llm_actions import engine
from wagtail_llm_actions.management.acting import ActingCommand


class Command(ActingCommand):
    """``llm_providers``."""

    help = "List the providers of the settings, without their addresses and keys."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--models", metavar="ALIAS", help="List the models of this one now.")

    def act(self, user: Any, options: dict[str, Any]) -> None:
        if options["models"]:
            for name in engine.offered_models(user, options["models"]):
                self.stdout.write(name)
            return
        for one in engine.providers_for(user):
            state = one.problem or ", ".join(one.abilities) or "-"
            self.stdout.write(f"{one.alias}\t{one.service}\t{state}")
