"""What was run on one field before, for who is at the field."""

from wagtail_llm_actions.content import Editor
from wagtail_llm_actions.engine.liveness import sweep
from wagtail_llm_actions.models import LLMActionHistory
from wagtail_llm_actions.models.texts import storable
from wagtail_llm_actions.permissions import visible_runs

MOST = 20
"""How many runs are shown at a field; the run history has all."""


def past_runs(editor: Editor, address: str, form_token: str = "") -> list[LLMActionHistory]:
    """
    Return the last runs on a field that the editor's user may see, the newest first.

    :param form_token: what the browser calls this opening of a create form; its runs are this
        user's own.
    """
    sweep()
    runs = visible_runs(editor.user).filter(
        content_type=editor.content_types[0],
        destination_address=storable(address),
        is_test=False,
    )
    if editor.object_id:
        runs = runs.filter(object_id=editor.object_id)
    elif form_token:
        runs = runs.filter(object_id="", form_token=storable(form_token), user=editor.user)
    else:
        return []
    long = ("prompt", "system_prompt", "sources", "template_prompt", "template_system_prompt")
    return list(runs.order_by("-created_at").defer(*long)[:MOST])
