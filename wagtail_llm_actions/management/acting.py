"""Commands that act for a user, with that user's rights and no others."""

from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser

from wagtail_llm_actions.exceptions import LLMActionsError


class ActingCommand(BaseCommand):
    """A command with the option ``--user``."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--user", required=True, help="The user name of who acts.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Find the user, act, and say in a sentence what is refused."""
        manager: Any = get_user_model()._default_manager
        try:
            user = manager.get_by_natural_key(options["user"])
        except get_user_model().DoesNotExist as error:
            raise CommandError(f"There is no user {options['user']!r}.") from error
        try:
            self.act(user, options)
        except LLMActionsError as error:
            raise CommandError(f"{error.user_message} ({error.code})") from error

    def act(self, user: Any, options: dict[str, Any]) -> None:
        """Do what the command is for."""
        raise NotImplementedError  # a command has to do something
