"""Makes the groups of the roles that this package knows, or gives them what they lack."""

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import get_language, override

from wagtail_llm_actions import engine
from wagtail_llm_actions.engine import ROLES, RoleDifference


class Command(BaseCommand):
    """``llm_groups``; running it again changes nothing."""

    help = (
        "Make groups for editors, authors, managers, administrators and auditors of LLM actions. "
        "Groups that exist are given what they lack; nothing is ever taken from them."
    )

    def add_arguments(self, parser):
        slugs = [role.slug for role in ROLES]
        parser.add_argument(
            "--only", nargs="+", metavar="ROLE", choices=slugs, help=f"Some of: {', '.join(slugs)}."
        )
        parser.add_argument("--language", help="Of the names; otherwise that of the site.")
        parser.add_argument(
            "--dry-run", action="store_true", help="Say what would happen, and change nothing."
        )

    def handle(self, *args, only, language, dry_run, verbosity, **options):
        roles = [role for role in ROLES if only is None or role.slug in only]
        with override(language or get_language()):
            try:
                differences = engine.give_roles(roles, dry_run=dry_run)
            except LookupError as error:
                raise CommandError(str(error)) from error
        if verbosity:
            for difference in differences:
                self._show(difference)
            if dry_run:
                self.stdout.write("Nothing was saved.")

    def _show(self, difference: RoleDifference) -> None:
        sign = "+" if difference.is_new else "~" if difference.given else "="
        self.stdout.write(f"{sign} {difference.name}")
        for name in difference.given:
            self.stdout.write(f"    + {name}")
        for name in difference.kept:
            self.stdout.write(f"    = {name} (not of the role, stays)")
