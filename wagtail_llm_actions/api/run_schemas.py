"""Runs, their outputs and what becomes of them, as JSON."""

from datetime import datetime
from typing import Any, Literal
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext
from ninja import Schema
from pydantic import ConfigDict, Field

from wagtail_llm_actions.content import Editor
from wagtail_llm_actions.engine import is_restorable
from wagtail_llm_actions.engine.states import accepted_state, sentence
from wagtail_llm_actions.engine.template_versions import version_numbers
from wagtail_llm_actions.exceptions import is_retryable
from wagtail_llm_actions.models import LLMActionHistory
from wagtail_llm_actions.values import Decision, OutputMode, RunStatus

Mode = Literal["replace", "append"]


MAX_MENDED_CHARACTERS = 1_000_000
"""How long a text may be that a person made of an output."""


class RunOut(Schema):
    """A run, without what was sent."""

    id: UUID
    status: str
    decision: str
    code: str
    message: str
    retryable: bool
    output: str
    mode: str
    """``"replace"`` or ``"append"``."""
    state: str
    """What an accepted output looks like in a rich text editor, as JSON; blank for other fields."""
    action_name: str
    user: str
    created_at: datetime
    finished_at: datetime | None
    label: str
    """What the run came to, as a sentence in the user's language."""

    @classmethod
    def of(cls, run: LLMActionHistory, label: str = "") -> "RunOut":
        """
        Describe a run.

        :param label: what it came to; blank for what the run alone knows of that.
        """
        return cls(
            id=run.pk,
            status=run.status,
            decision=run.decision,
            code=run.error_code,
            message=run.error_message,
            retryable=run.status == RunStatus.INTERRUPTED or is_retryable(run.error_code),
            output=run.output_text,
            mode=run.output_mode,
            state=accepted_state(run),
            action_name=run.action_name,
            user=run.username,
            created_at=run.created_at,
            finished_at=run.finished_at,
            label=label or sentence(run),
        )


class PastRunOut(RunOut):
    """A run as the field's history lists it."""

    model: str
    template: str
    """What the prompt template was called, with the number of its version if that is known."""
    when: str
    """When it was asked for, in the user's language and time zone."""
    outcome: str
    """What became of it, as words."""
    url: str
    """Of its own page, with all that was sent and came back."""
    of_selection: bool
    """Whether it was on a selection, which is gone; such an output cannot be used again."""
    restorable: bool
    """Whether what stood in the field before can be put there again."""

    @classmethod
    def of(cls, run: LLMActionHistory, label: str = "", version: int | None = None) -> "PastRunOut":
        """
        Describe a run, as :meth:`RunOut.of` does.

        :param version: the number of the version of its prompt template.
        """
        return cls(
            **RunOut.of(run, label).dict(),
            model=run.model_name,
            template=_versioned(run.prompt_template_name, version),
            when=date_format(localtime(run.created_at), "SHORT_DATETIME_FORMAT"),
            outcome=_outcome(run),
            url=reverse("wagtail_llm_actions:run", args=[run.pk]),
            of_selection=run.of_selection,
            restorable=is_restorable(run),
        )


def _outcome(run: LLMActionHistory) -> str:
    if run.restored_at:
        return gettext("Accepted, then taken back")
    return run.get_decision_display() if run.decision else run.get_status_display()


class PastRunsOut(Schema):
    """The last runs on a field."""

    runs: list[PastRunOut]
    all_url: str
    """Where all runs on the same object are; blank where there are none here."""

    @classmethod
    def of(cls, runs: list[LLMActionHistory], editor: Editor) -> "PastRunsOut":
        """Describe the runs on a field of an edit form."""
        query = {"object_type": editor.model._meta.label_lower, "object_id": editor.object_id}
        report = reverse("wagtail_llm_actions:run_list")
        numbers = version_numbers(run.prompt_template_id for run in runs)
        return cls(
            runs=[
                PastRunOut.of(run, version=numbers.get(run.prompt_template_revision_id or 0))
                for run in runs
            ],
            all_url=f"{report}?{urlencode(query)}" if editor.object_id and runs else "",
        )


def _versioned(name: str, version: int | None) -> str:
    if not name or version is None:
        return name
    return gettext("%(name)s, version %(number)s") % {"name": name, "number": version}


class PresentationOut(Schema):
    """An output as the browser applies it, or the reasons why it may not be applied."""

    run_id: UUID
    output: str
    method: str
    state: Any
    html: str
    kind: str
    errors: list[str]
    changed_meanwhile: bool
    current: str
    notices: list[str]
    other_mode: str
    """The other mode that the output could be used in; blank where that would be the same."""


class DecisionIn(Schema):
    """What a person did with an output."""

    model_config = ConfigDict(extra="forbid")

    decision: Literal["accepted", "edited", "rejected"]
    mode: Mode | None = None
    """How it was used, where that is otherwise than in the action."""
    mended: str = Field("", max_length=MAX_MENDED_CHARACTERS)
    """With ``"edited"``: what went into the field, where the user changed the output before."""

    def value(self) -> Decision:
        """Return the decision."""
        return Decision(self.decision)

    def output_mode(self) -> OutputMode | None:
        """Return how the output was used; ``None`` for what the action says."""
        return OutputMode(self.mode) if self.mode else None
