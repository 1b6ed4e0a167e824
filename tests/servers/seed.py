"""
Fills a database of its own for a real server: ``python -m tests.servers.seed``.

Prints the id of the page, which has an action on its search description.
"""

import os
import sys

import django


def main() -> None:
    """Migrate, then make a user, a page and an action."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from tests import factories

    factories.make_superuser()
    page = factories.make_page(title="The tide", intro="The tide comes and goes.")
    factories.make_action(
        "search_description",
        prompt="Describe this page.\n{{ sources }}",
        sources={"intro": "intro"},
    )
    sys.stdout.write(str(page.pk))


if __name__ == "__main__":
    main()
