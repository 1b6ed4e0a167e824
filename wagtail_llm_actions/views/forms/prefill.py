"""What the form of a new LLM action is filled with where an editor came from a field."""

from collections.abc import Mapping
from typing import Any

from django.contrib.contenttypes.models import ContentType

from wagtail_llm_actions.engine.changes import action_name
from wagtail_llm_actions.models import LLMAction
from wagtail_llm_actions.views.forms.destinations import destination_choices, fields_of


def action_for(query: Mapping[str, str]) -> LLMAction:
    """
    Return an unsaved action for the field that ``query`` names.

    :param query: ``destination_type``, the key of a content type, and ``destination_path``. What
        an action cannot be for is left out.
    """
    action = LLMAction()
    content_type = _content_type(query.get("destination_type", ""))
    if content_type is None:
        return action
    action.destination_type = content_type
    model: Any = content_type.model_class()
    labels = {known.path: known.label for known in fields_of(model)}
    path = query.get("destination_path", "")
    if model is not None and path in labels:
        action.destination_path = path
        action.name = action_name(model, labels[path])
    return action


def _content_type(key: str) -> ContentType | None:
    offered = {str(pk) for _heading, choices in destination_choices() for pk, _label in choices}
    return ContentType.objects.get(pk=key) if key in offered else None
