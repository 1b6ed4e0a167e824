"""
An LLM action is made of what a person has tried for one field, and is live at once.

A template that others use too is never changed here: other texts become a template of their own.
"""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import capfirst
from django.utils.translation import gettext

from wagtail_llm_actions.content import Editor, resolve_path
from wagtail_llm_actions.content.opt_outs import require_opted_in
from wagtail_llm_actions.engine.changes import RunChanges, changed_action
from wagtail_llm_actions.engine.destinations import actions_in_force
from wagtail_llm_actions.engine.switch import require_switched_on
from wagtail_llm_actions.exceptions import ActionNotReadyError, PermissionRefusedError
from wagtail_llm_actions.models import LLMAction, LLMActionSource, PromptTemplate
from wagtail_llm_actions.models.texts import storable
from wagtail_llm_actions.permissions import can_save


def save_action(
    user: Any, editor: Editor, path: str, changes: RunChanges, *, template_name: str = ""
) -> LLMAction:
    """
    Save what was changed in the action that is in force for a field, or as its first action.

    :param path: of the field.
    :param template_name: what to call the prompt template that other texts become; blank for the
        name of the action.
    :raises UnknownFieldError: if there is no such field; also the other errors of paths.
    :raises PermissionRefusedError: if the user may not publish actions, or templates.
    :raises ActionNotReadyError: if it cannot go live as it is.
    """
    require_switched_on()
    spec = resolve_path(editor.model, path)
    require_opted_in(editor.model, path)
    saved = actions_in_force(editor, [spec.path]).get(path)
    if not can_save(user, saved):
        raise _refused(f"user {user.pk} may not save actions")
    if changes.model_name:
        raise ActionNotReadyError(
            "a model name belongs to a configuration",
            user_message=gettext(
                "The model name belongs to an LLM configuration, and was for this run only. "
                "Choose a configuration with that model, then save the action."
            ),
        )
    wanted = changed_action(saved, changes, editor, spec)
    if saved and saved.has_unpublished_changes:
        raise ActionNotReadyError(
            f"action {saved.pk} has a draft",
            user_message=gettext(
                "This LLM action has changes that are not published. Nothing was saved. Publish "
                "or discard them in its own form first."
            ),
        )
    if wanted is None or (saved is None and not changes.made):
        raise ActionNotReadyError("nothing to save", user_message=gettext("Nothing was changed."))
    try:
        with transaction.atomic():
            wanted.prompt_template = _template_for(user, wanted, template_name)
            return _publish(user, saved or LLMAction(), wanted)
    except ValidationError as error:
        raise ActionNotReadyError(
            f"not saved: {error}", user_message=" ".join(error.messages)
        ) from error


def serves(target: LLMAction | Editor) -> str:
    """
    Return whom it concerns when an action is saved, as a sentence.

    :param target: the action; or the form whose type of object would get its first one.
    """
    if isinstance(target, LLMAction):
        model = target.destination_type.model_class()
        message = gettext("Saved changes count for this field of every object of type “%(type)s”.")
    else:
        model = target.model
        message = gettext("A saved action serves this field of every object of type “%(type)s”.")
    return message % {"type": capfirst(str(model._meta.verbose_name)) if model else ""}


def _publish(user: Any, action: LLMAction, wanted: LLMAction) -> LLMAction:
    for name in ("name", "destination_type", "destination_path", "prompt_template", "llm_config"):
        setattr(action, name, getattr(wanted, name))
    for name in ("temperature", "max_output_tokens", "extra_parameters", "output_mode"):
        setattr(action, name, getattr(wanted, name))
    sources = [
        LLMActionSource(path=s.path, name=s.name, required=s.required, sort_order=s.sort_order)
        for s in wanted.sources.all()
    ]
    action.sources.set(sources)
    action.full_clean()
    if action.pk is None:
        action.live = False
        action.save()
    action.save_revision(user=user).publish(user=user)
    return LLMAction.objects.get(pk=action.pk)


def _template_for(user: Any, wanted: LLMAction, name: str) -> PromptTemplate:
    """Return the template as it is saved; other texts become a new one."""
    template = wanted.prompt_template
    stored = PromptTemplate.objects.filter(pk=template.pk).first() if template.pk else None
    texts = {"system_prompt": template.system_prompt, "prompt": template.prompt}
    if stored and stored.live and all(getattr(stored, key) == text for key, text in texts.items()):
        return stored
    if not can_save(user, None, PromptTemplate):
        raise _refused(
            f"user {user.pk} may not add templates",
            gettext(
                "The prompt was changed, and you may not add prompt templates. Nothing was saved."
            ),
        )
    category = stored.category if stored else PromptTemplate.Category.OTHER
    fresh = PromptTemplate(
        name=(storable(name) or wanted.name)[: PromptTemplate._meta.get_field("name").max_length],
        category=category,
        live=False,
        **texts,
    )
    fresh.full_clean()
    fresh.save()
    fresh.save_revision(user=user).publish(user=user)
    return PromptTemplate.objects.get(pk=fresh.pk)


def _refused(detail: str, message: str = "") -> PermissionRefusedError:
    text = message or gettext("You may not save LLM actions. Nothing was saved.")
    return PermissionRefusedError(detail, user_message=text)
