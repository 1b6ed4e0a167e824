"""Notices that somebody asked to cancel a run."""

import time

from wagtail_llm_actions.engine.connections import release_connections
from wagtail_llm_actions.exceptions import RunCancelledError
from wagtail_llm_actions.models import LLMActionHistory

CANCEL_CHECK_INTERVAL = 0.5
"""How often a working run looks whether somebody asked to cancel it, in seconds."""


class CancelWatch:
    """Looks for the wish to cancel one run."""

    def __init__(self, run: LLMActionHistory):
        self._run = run
        self._looked_at = time.monotonic()

    def look_now_and_then(self) -> None:
        """
        Look if that was not done for a while, and hold no connection in between.

        :raises RunCancelledError: if somebody asked to cancel the run.
        """
        if time.monotonic() - self._looked_at >= CANCEL_CHECK_INTERVAL:
            try:
                self.look()
            finally:
                release_connections()

    def look(self) -> None:
        """
        Look now, before more is asked of the database.

        :raises RunCancelledError: if somebody asked to cancel the run.
        """
        self._looked_at = time.monotonic()
        if type(self._run).objects.filter(pk=self._run.pk, cancel_requested=True).exists():
            raise RunCancelledError("somebody asked to cancel")
