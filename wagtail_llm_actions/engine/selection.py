"""
Runs on a part of a rich text field: on what a person has selected there.

No action is set up for such a run. It gets one for itself, made of a prompt template, that reads
nothing but the selection.
"""

from dataclasses import replace

from django.db.models import Q
from django.utils.translation import gettext

from wagtail_llm_actions.content import BoundEditor, Editor
from wagtail_llm_actions.content.source_paths import SELECTION
from wagtail_llm_actions.exceptions import ActionNotFoundError, PromptError
from wagtail_llm_actions.models import (
    LLMAction,
    LLMActionHistory,
    LLMActionSource,
    LLMConfig,
    PromptTemplate,
)
from wagtail_llm_actions.models.texts import storable
from wagtail_llm_actions.prompts import variables_of
from wagtail_llm_actions.values import FieldSpec, OutputMode

VARIABLE = "selection"


def selection_templates() -> list[PromptTemplate]:
    """Return the live templates that read the selection; none where they have no configuration."""
    names_it = Q(prompt__contains=VARIABLE) | Q(system_prompt__contains=VARIABLE)
    templates = PromptTemplate.objects.filter(names_it, live=True)
    found = [template for template in templates if _reads_selection(template)]
    return found if found and LLMConfig.objects.default() else []


def action_on_selection(
    slug: str, editor: Editor, spec: FieldSpec, action: LLMAction | None
) -> LLMAction:
    """
    Return an action, never to be saved, that runs a template on the selection.

    What a template of the category “Write” makes is new, and comes behind the selection; all else
    takes its place.

    :param slug: of the template.
    :param action: the one in force for the field, whose configuration is used.
    :raises ActionNotFoundError: if there is no such live template that reads the selection.
    """
    template = PromptTemplate.objects.filter(slug=storable(slug), live=True).first()
    if template is None or not _reads_selection(template):
        raise ActionNotFoundError(
            f"no template {slug!r} for a selection",
            user_message=gettext(
                "This prompt template is not published any more, or is not for selected text. "
                "Nothing was sent. Reload the page."
            ),
        )
    adds = template.category == PromptTemplate.Category.WRITE
    result = LLMAction(
        name=template.name,
        destination_type=editor.content_types[0],
        destination_path=spec.path,
        prompt_template=template,
        llm_config=action.llm_config if action else None,
        output_mode=OutputMode.APPEND if adds else OutputMode.REPLACE,
    )
    result.sources.add(LLMActionSource(name=VARIABLE, path=SELECTION))
    return result


def take_selection(run: LLMActionHistory, bound: BoundEditor, spec: FieldSpec) -> FieldSpec:
    """
    Make the run one of the selection, and return what may be written in its place.

    How long it may be depends on the rest of the field: the whole form says that later.

    :raises ContentError: if nothing that can be replaced is selected.
    """
    run.of_selection = True
    run.value_before = storable(bound.select(run.destination_address))
    return replace(spec, max_length=None)


def _reads_selection(template: PromptTemplate) -> bool:
    try:
        return VARIABLE in variables_of(template.prompt) | variables_of(template.system_prompt)
    except PromptError:
        return False
