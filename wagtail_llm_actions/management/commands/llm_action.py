"""Lists, runs, exports and imports LLM actions."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from wagtail_llm_actions import engine
from wagtail_llm_actions.engine import Difference, SavedTarget, Wishes
from wagtail_llm_actions.management.acting import ActingCommand
from wagtail_llm_actions.models import LLMAction
from wagtail_llm_actions.values import RunStatus

SIGNS = {"add": "+", "change": "~", "same": "="}


class Command(ActingCommand):
    """``llm_action list | run | export | import``."""

    help = "List, run, export and import LLM actions, as a user with their rights."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        deeds = parser.add_subparsers(dest="deed", required=True)
        deeds.add_parser("list", help="List the actions.")
        run = deeds.add_parser(
            "run", help="Run an action on a saved object; the output is printed."
        )
        run.add_argument("action", help="The slug of the action.")
        run.add_argument("object_id", help="The primary key of the object.")
        run.add_argument(
            "--type", default="", help="app_label.model, where the action is for a base."
        )
        run.add_argument("--field", default="", help="The address of the block or row to fill.")
        run.add_argument("--accept-cut", action="store_true", help="Cut sources that are too long.")
        run.add_argument("--apply", action="store_true", help="Put the output into a new draft.")
        export = deeds.add_parser(
            "export", help="Export actions, templates, configurations as JSON."
        )
        export.add_argument("actions", nargs="*", help="Slugs; nothing for everything.")
        export.add_argument("--output", help="A file; otherwise it is printed.")
        imported = deeds.add_parser("import", help="Import an export: all of it or nothing.")
        imported.add_argument("file", help="The file; - for the standard input.")
        imported.add_argument("--dry-run", action="store_true", help="Only show what would change.")

    def act(self, user: Any, options: dict[str, Any]) -> None:
        getattr(self, f"_{options['deed']}")(user, options)

    def _list(self, user: Any, options: dict[str, Any]) -> None:
        for action in engine.rows_of(user, LLMAction).select_related("destination_type"):
            state = "live" if action.live else "draft"
            state = state if action.enabled else f"{state}, off"
            kind = action.destination_type
            place = f"{kind.app_label}.{kind.model} {action.destination_path}"
            self.stdout.write(f"{action.slug}\t{place}\t{state}")

    def _run(self, user: Any, options: dict[str, Any]) -> None:
        target = SavedTarget(
            action=options["action"],
            object_id=options["object_id"],
            object_type=options["type"],
            field=options["field"],
        )
        wishes = Wishes(accept_cut=options["accept_cut"])
        run = engine.run_to_end(engine.prepare_saved(user, target, wishes))
        if run.status != RunStatus.SUCCEEDED:
            raise CommandError(f"{run.error_message} ({run.error_code}) Run {run.pk}.")
        before = f", answered from run {run.answered_from_id}" if run.is_from_history else ""
        self.stderr.write(f"Run {run.pk}{before}")
        self.stdout.write(run.output_text)
        if options["apply"]:
            engine.apply_output(run.pk, user)

    def _export(self, user: Any, options: dict[str, Any]) -> None:
        data = engine.export_rows(user, options["actions"])
        text = json.dumps(data, indent=2, ensure_ascii=False, sort_keys=True)
        if options["output"]:
            Path(options["output"]).write_text(f"{text}\n", encoding="utf-8")
        else:
            self.stdout.write(text)

    def _import(self, user: Any, options: dict[str, Any]) -> None:
        try:
            name = options["file"]
            data = json.loads(sys.stdin.read() if name == "-" else Path(name).read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise CommandError(f"The file cannot be read: {error}") from error
        differences = engine.import_rows(user, data, dry_run=options["dry_run"])
        for difference in differences:
            self._show(difference)
        if options["dry_run"]:
            self.stdout.write("Nothing was saved.")

    def _show(self, difference: Difference) -> None:
        self.stdout.write(f"{SIGNS[difference.deed]} {difference.kind} {difference.slug}")
        if difference.deed == "change":
            self._show_changes(difference.changes)
            self._show_changes(difference.overwritten, "draft: ")

    def _show_changes(self, changes: Mapping[str, tuple[Any, Any]], of: str = "") -> None:
        for name, (before, after) in sorted(changes.items()):
            self.stdout.write(f"    {of}{name}: {_short(before)} → {_short(after)}")


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 200 else f"{text[:199]}…"
