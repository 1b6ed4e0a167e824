"""Lists the run history, or exports it as CSV."""

import csv
from typing import Any

from django.core.management.base import CommandParser

from wagtail_llm_actions import engine
from wagtail_llm_actions.management.acting import ActingCommand
from wagtail_llm_actions.values import Decision, RunStatus


class Command(ActingCommand):
    """``llm_history``."""

    help = "List the runs that a user may see, the newest first."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--status", choices=RunStatus.values)
        parser.add_argument("--decision", choices=[value for value in Decision.values if value])
        parser.add_argument("--action", help="The slug of the action.")
        parser.add_argument("--object-type", help="app_label.model")
        parser.add_argument("--object-id")
        parser.add_argument("--limit", type=int, default=20)
        parser.add_argument("--csv", action="store_true", help="Export all of them as CSV.")

    def act(self, user: Any, options: dict[str, Any]) -> None:
        lookups = {
            "status": options["status"],
            "decision": options["decision"],
            "action_slug": options["action"],
            "object_type": (options["object_type"] or "").lower(),
            "object_id": options["object_id"],
        }
        runs = engine.runs_for(user, {name: value for name, value in lookups.items() if value})
        if options["csv"]:
            csv.writer(self.stdout).writerows(engine.exported(runs, engine.columns_for(user)))
            return
        for run in engine.part_of(runs, max(1, options["limit"])):
            cells = (run.pk, f"{run.created_at:%Y-%m-%d %H:%M}", run.status, run.decision or "-")
            target = f"{run.object_type} {run.object_id} {run.destination_address}"
            self.stdout.write("\t".join(map(str, (*cells, run.action_slug, target, run.username))))
