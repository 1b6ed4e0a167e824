"""Loads the predefined prompt templates, and brings those up to date that nobody changed."""

from collections import Counter

from django.core.management.base import BaseCommand, CommandError

from wagtail_llm_actions.models.shipped_templates import (
    LoadOutcome,
    ShippedTemplate,
    load_shipped_template,
    shipped_templates,
)


class Command(BaseCommand):
    """Load the predefined prompt templates; running it again changes nothing."""

    help = (
        "Load the predefined prompt templates. Those that exist are updated if their text is still "
        "the one that was loaded; whatever people changed is left alone. Deleted ones come back: "
        "name those you want with --only."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--only", nargs="+", metavar="SLUG", help="Load these templates and no others."
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="Say what would happen, and change nothing."
        )

    def handle(self, *args, only, dry_run, verbosity, **options):
        counts = Counter()
        for shipped in _chosen(only):
            outcome = load_shipped_template(shipped, dry_run=dry_run)
            counts[outcome] += 1
            if verbosity:
                self.stdout.write(f"{shipped.slug}: {outcome.value}")
        if verbosity:
            self.stdout.write(_summary(counts, dry_run))


def _chosen(only: list[str] | None) -> list[ShippedTemplate]:
    templates = {shipped.slug: shipped for shipped in shipped_templates()}
    unknown = sorted(set(only or ()) - set(templates))
    if unknown:
        raise CommandError(
            f"There is no predefined template {', '.join(unknown)}. "
            f"There are: {', '.join(templates)}."
        )
    return [shipped for slug, shipped in templates.items() if only is None or slug in only]


def _summary(counts: Counter, dry_run: bool) -> str:
    created, updated = counts[LoadOutcome.CREATED], counts[LoadOutcome.UPDATED]
    unchanged = counts[LoadOutcome.UNCHANGED]
    skipped = counts.total() - created - updated - unchanged
    summary = f"{created} created, {updated} updated, {unchanged} unchanged, {skipped} skipped."
    return f"Nothing was changed. Would be: {summary}" if dry_run else summary
