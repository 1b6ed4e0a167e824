"""Finds the action that is in force for a field of one object."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from wagtail_llm_actions.models import LLMAction, LLMConfig
from wagtail_llm_actions.sites import seen_by

if TYPE_CHECKING:
    from wagtail_llm_actions.content import Editor


def actions_in_force(editor: "Editor", paths: Iterable[str]) -> dict[str, LLMAction]:
    """
    Return the action for each of ``paths`` that has one, in one query.

    The most specific type wins, then the object's own site over all sites. Who may not see the
    actions of that site gets none of them: everybody may edit the settings of every site.
    """
    wanted = set(paths)
    ranks = {content_type.pk: rank for rank, content_type in enumerate(editor.content_types)}
    live = LLMAction.objects.for_destinations(editor.content_types, editor.site_id)
    actions = (
        seen_by(editor.user, live)
        .filter(destination_path__in=wanted)
        .select_related("prompt_template", "llm_config")
        .prefetch_related("sources")
    )
    in_force: dict[str, LLMAction] = {}
    for action in sorted(actions, key=lambda a: (ranks[a.destination_type_id], a.site_id is None)):
        in_force.setdefault(action.destination_path, action)
    return in_force


def config_of(action: LLMAction) -> LLMConfig | None:
    """Return the configuration that an action runs with: its own, or the default."""
    return action.llm_config or LLMConfig.objects.default()
