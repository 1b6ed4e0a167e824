"""The model that ``manage.py llm_serve`` runs on this machine."""

import asyncio
import os
from functools import partial
from typing import Any, ClassVar
from urllib.parse import urljoin

from django.core import checks
from django.utils.translation import gettext_lazy as _

from wagtail_llm_actions.exceptions import ProviderUnavailableError
from wagtail_llm_actions.providers.llama_state import ServerState, read_state
from wagtail_llm_actions.providers.openai import OpenAIProvider, check_extra
from wagtail_llm_actions.providers.options import text
from wagtail_llm_actions.values import ModelAbility

LOOPBACK_URL = "http://127.0.0.1/v1"
"""Stands for the address until the state file has told it."""


class EmbeddedProvider(OpenAIProvider):
    """A llama.cpp server that this site runs itself, as a child process."""

    display_name = "Embedded model"
    supports: ClassVar[frozenset[str]] = frozenset({ModelAbility.JSON_SCHEMA, ModelAbility.SEED})
    allowed_parameters: ClassVar[frozenset[str]] = frozenset(
        {"frequency_penalty", "min_p", "presence_penalty", "repeat_penalty", "seed", "stop"}
        | {"top_k", "top_p"}
    )

    def __init__(
        self,
        *,
        alias: str,
        state_file: str | os.PathLike[str],
        connect_timeout: float = 5.0,
        first_token_timeout: float = 120.0,
        total_timeout: float = 300.0,
    ):
        """
        :param state_file: what ``manage.py llm_serve --state-file`` writes: address and key.
        """
        super().__init__(
            alias=alias,
            base_url=LOOPBACK_URL,
            connect_timeout=connect_timeout,
            first_token_timeout=first_token_timeout,
            total_timeout=total_timeout,
        )
        if not state_file:
            raise ValueError("state_file must be the path that llm_serve writes")
        self.state_file = text("state_file", os.fspath(state_file))
        self._state: ServerState | None = None

    def check(self) -> list[checks.CheckMessage]:
        return check_extra(self.alias, "embedded")

    def secrets(self) -> tuple[str, ...]:
        return (self._state.api_key,) if self._state else ()

    def client(self) -> Any:
        """Return a client of the server that runs now: it may have been started again."""
        state = self._read_state()
        if state != self._state:
            self._state = state
            self._windows.clear()
            if outdated := self._clients.pop(os.getpid(), None):
                asyncio.get_running_loop().create_task(self.close_client(outdated))
        return super().client()

    def make_client(self) -> Any:
        state = self._state or self._read_state()
        return self.connect(state.base_url, state.api_key)

    async def ask_context_length(self, model_name: str) -> int | None:
        answer = await self._ask("get", "/props")
        settings = answer.get("default_generation_settings")
        length = settings.get("n_ctx") if isinstance(settings, dict) else None
        return length if isinstance(length, int) else None

    def count_tokens(self, model_name: str, text: str) -> int | None:
        return self._told(partial(self._count_tokens, text))

    async def _count_tokens(self, content: str) -> int | None:
        counted = (await self._ask("post", "/tokenize", body={"content": content})).get("tokens")
        return len(counted) if isinstance(counted, list) else None

    async def _ask(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        """Return what the server answers outside the part of its API that is like OpenAI's."""
        with self._translated() as progress:
            client = self.client()
            url = urljoin(str(client.base_url), path)
            answer = await getattr(client, method)(url, cast_to=object, **options)
            progress.answering = True
        return answer if isinstance(answer, dict) else {}

    def _read_state(self) -> ServerState:
        try:
            return read_state(self.state_file)
        except (OSError, ValueError) as error:
            raise ProviderUnavailableError(
                f"no server's state in {self.state_file!r}: is manage.py llm_serve running?",
                provider=self.alias,
                user_message=_(
                    "The embedded language model is not running. Nothing was changed. "
                    "Ask an administrator to start it."
                ),
            ) from error
