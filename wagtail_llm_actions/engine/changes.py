"""
What a person wants otherwise for one run: the action as it would be with that, never saved.

It also makes an action of nothing but wishes, for a field that has none: to be tried before there
is one.
"""

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass, fields
from typing import Any

from django.db.models import Model
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wagtail_llm_actions.content import Editor
from wagtail_llm_actions.exceptions import ActionNotFoundError, ActionNotReadyError
from wagtail_llm_actions.models import LLMAction, LLMActionSource, LLMConfig, PromptTemplate
from wagtail_llm_actions.models.texts import storable
from wagtail_llm_actions.prompts import is_variable_name
from wagtail_llm_actions.values import FieldSpec, OutputMode


@dataclass(frozen=True, slots=True, kw_only=True)
class RunChanges:
    """What is otherwise than in the action; ``None`` leaves it as it is there."""

    prompt_template: str | None = None
    """The slug of a live prompt template."""
    system_prompt: str | None = None
    prompt: str | None = None
    llm_config: str | None = None
    """The slug of a live LLM configuration; blank for the default one."""
    model_name: str | None = None
    temperature: float | None = None
    max_output_tokens: int | None = None
    extra_parameters: dict[str, Any] | None = None
    output_mode: str | None = None
    sources: tuple[str, ...] | None = None
    """The paths of the sources, in order."""

    @property
    def made(self) -> dict[str, Any]:
        """What is otherwise, by name."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in values.items() if value is not None}


NO_CHANGES = RunChanges()

LABELS = {
    "prompt_template": _("Prompt template"),
    "system_prompt": _("System prompt"),
    "prompt": _("Prompt"),
    "llm_config": _("LLM configuration"),
    "model_name": _("Model name"),
    "temperature": _("Temperature"),
    "max_output_tokens": _("Maximum output tokens"),
    "extra_parameters": _("Extra parameters"),
    "output_mode": _("What an accepted output does"),
    "sources": _("Sources"),
}
"""What people call what can be changed, by name."""


def changed_action(
    action: LLMAction | None, changes: RunChanges, editor: Editor, spec: FieldSpec
) -> LLMAction | None:
    """
    Return a copy of an action with the changes, or a new action made of them.

    :param action: the one in force for the field, if any.
    :raises ActionNotFoundError: if a template or configuration that is named is not there.
    :raises ActionNotReadyError: if nothing says what the model is to do.
    """
    made = changes.made
    if not made:
        return action
    result = copied(action) if action else _new_action(editor, spec)
    if "prompt_template" in made:
        result.prompt_template = _template(storable(changes.prompt_template or ""))
    if result.prompt_template_id is None and changes.prompt is None:
        raise ActionNotReadyError(
            "neither a template nor a prompt",
            user_message=gettext("Choose a prompt template, or write a prompt."),
        )
    if {"system_prompt", "prompt"} & made.keys():
        result.prompt_template = _with_texts(result, changes)
    if "llm_config" in made:
        result.llm_config = _config(storable(changes.llm_config)) if changes.llm_config else None
    for name in ("temperature", "max_output_tokens", "extra_parameters"):
        if name in made:
            setattr(result, name, made[name])
    if changes.output_mode is not None:
        result.output_mode = OutputMode(changes.output_mode)
    if changes.sources is not None:
        known = {source.path: source for source in action.sources.all()} if action else {}
        result.sources.set(sources_at(changes.sources, known))
    return result


def sources_at(
    paths: Iterable[str], known: dict[str, LLMActionSource] | None = None
) -> list[LLMActionSource]:
    """
    Return a source for each path, each with a name of its own.

    :param known: sources whose names and rules stay, by their paths.
    """
    known, paths = known or {}, list(paths)
    taken = {known[path].name for path in paths if path in known}
    result = []
    for order, path in enumerate(paths):
        if path in known:
            name, required = known[path].name, known[path].required
        else:
            name, required = _free_name(path, taken), False
        taken.add(name)
        result.append(LLMActionSource(path=path, name=name, required=required, sort_order=order))
    return result


def changed_config(config: LLMConfig | None, changes: RunChanges) -> LLMConfig | None:
    """
    Return a copy of a configuration with the changes, never to be saved.

    Its price is that of its own model, and no other's.
    """
    name = storable(changes.model_name or "")
    if config is None or name in ("", config.model_name):
        return config
    result = copy(config)
    result.model_name = name
    result.input_price = result.output_price = result.cached_input_price = None
    return result


def copied(action: LLMAction) -> LLMAction:
    """Return a copy of an action with its key, to be changed and not to be saved."""
    values = {
        field.attname: getattr(action, field.attname) for field in action._meta.concrete_fields
    }
    result = LLMAction(**values)
    result.prompt_template, result.llm_config = action.prompt_template, action.llm_config
    known = {source.path: source for source in action.sources.all()}
    result.sources.set(sources_at(known, known))
    result.groups.set(list(action.groups.all()))
    return result


def action_name(model: type[Model], label: str) -> str:
    """Return what a new action for a field of a type of object is called."""
    name = gettext("%(type)s: %(field)s") % {
        "type": capfirst(str(model._meta.verbose_name)),
        "field": label,
    }
    return name[: LLMAction._meta.get_field("name").max_length]


def _free_name(path: str, taken: set[str]) -> str:
    """Return a variable name made of a path: ``body.section`` is ``body_section``."""
    plain = path.lstrip("@").replace(".", "_").replace("-", "_")
    name = plain if is_variable_name(plain) else f"the_{plain}"
    number, free = 2, name
    while free in taken:
        number, free = number + 1, f"{name}_{number}"
    return free


def _new_action(editor: Editor, spec: FieldSpec) -> LLMAction:
    return LLMAction(
        name=action_name(editor.model, spec.label),
        destination_type=editor.content_types[0],
        destination_path=spec.path,
        live=True,
    )


def _with_texts(action: LLMAction, changes: RunChanges) -> PromptTemplate:
    """Return a template with other texts; one that is saved keeps its key, but is no version of it."""
    template = action.prompt_template if action.prompt_template_id else None
    texts = {
        "system_prompt": _text(changes.system_prompt, template, "system_prompt"),
        "prompt": _text(changes.prompt, template, "prompt"),
    }
    if template is None:
        return PromptTemplate(name=action.name, live=True, **texts)
    is_same = all(getattr(template, name) == text for name, text in texts.items())
    revision = template.live_revision_id if is_same else None
    return PromptTemplate(
        pk=template.pk,
        name=template.name,
        slug=template.slug,
        category=template.category,
        live=template.live,
        live_revision_id=revision,
        **texts,
    )


def _text(changed: str | None, template: PromptTemplate | None, name: str) -> str:
    if changed is not None:
        return storable(changed)
    return getattr(template, name) if template else ""


def _template(slug: str) -> PromptTemplate:
    template = PromptTemplate.objects.filter(slug=slug, live=True).first()
    if template is None:
        raise ActionNotFoundError(
            f"no template {slug!r}",
            user_message=gettext("This prompt template is not published any more. Choose another."),
        )
    return template


def _config(slug: str) -> LLMConfig:
    config = LLMConfig.objects.live().filter(slug=slug).first()
    if config is None:
        raise ActionNotFoundError(
            f"no configuration {slug!r}",
            user_message=gettext(
                "This LLM configuration is not published any more. Choose another."
            ),
        )
    return config
