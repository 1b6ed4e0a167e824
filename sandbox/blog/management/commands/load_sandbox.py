"""``manage.py load_sandbox``: fills an empty database."""

from django.core.management.base import BaseCommand

from sandbox.blog.loading.actions import follow_choice
from sandbox.blog.loading.site import is_loaded, load, unload


class Command(BaseCommand):
    """Load the blog once; later calls leave alone what people have edited."""

    help = "Fills an empty database with the blog, its users and its LLM actions."

    def add_arguments(self, parser):
        parser.add_argument(
            "--reset", action="store_true", help="Delete everything first, also your own edits."
        )

    def handle(self, *args, reset, verbosity, **options):
        if reset:
            unload()
        if is_loaded():
            follow_choice()
            self.stdout.write("The blog is loaded already; nothing of it was changed.")
            return
        load(self.stdout.write if verbosity > 0 else lambda message: None)
        self.stdout.write(self.style.SUCCESS("The blog is loaded."))
