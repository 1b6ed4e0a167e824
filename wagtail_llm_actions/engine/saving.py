"""
An LLM action is made of what a person has tried for one field, and is live at once.

A template that others use too is never changed here: other texts become a template of their own.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext
from wagtail.log_actions import log

from wagtail_llm_actions.content import Editor, paths_of, resolve_path
from wagtail_llm_actions.content.guards import hidden_paths, is_hidden
from wagtail_llm_actions.content.opt_outs import is_opted_out, require_opted_in
from wagtail_llm_actions.engine.changes import RunChanges, action_name, changed_action, copied
from wagtail_llm_actions.engine.destinations import actions_in_force
from wagtail_llm_actions.engine.preparation import check_parameters
from wagtail_llm_actions.engine.rows import as_ours
from wagtail_llm_actions.engine.switch import require_switched_on
from wagtail_llm_actions.exceptions import (
    ActionNotFoundError,
    ActionNotReadyError,
    PermissionRefusedError,
    RowInvalidError,
    UnknownFieldError,
)
from wagtail_llm_actions.models import LLMAction, LLMActionSource, LLMConfig, PromptTemplate
from wagtail_llm_actions.models.texts import storable
from wagtail_llm_actions.permissions import can_delete, can_save
from wagtail_llm_actions.prompts import variables_of
from wagtail_llm_actions.sites import may_keep, own_sites, seen_by
from wagtail_llm_actions.values import FieldSpec


def save_action(
    user: Any,
    editor: Editor,
    path: str,
    changes: RunChanges,
    *,
    template_name: str = "",
    destination: str = "",
    as_new: bool = False,
    version: str | None = None,
) -> LLMAction:
    """
    Save what was changed in the action that is in force for a field, or as its first action.

    :param path: of the field.
    :param template_name: what to call the prompt template that other texts become; blank for the
        name of the action.
    :param destination: the path of another field that the action is for from now on.
    :param version: of the action that the user was shown, see :func:`version_of`; ``None`` if any.
    :param as_new: leave the action as it is, and save another one for this type of object alone.
    :raises UnknownFieldError: if there is no such field; also the other errors of paths.
    :raises PermissionRefusedError: if the user may not publish actions, or templates.
    :raises ActionNotReadyError: if it cannot go live as it is.
    """
    require_switched_on()
    spec = _writable(editor, path)
    target = _writable(editor, destination) if destination else spec
    in_force = actions_in_force(editor, [spec.path]).get(path)
    _require_version(in_force, version)
    saved = None if as_new else in_force
    if not can_save(user, saved):
        raise _refused(f"user {user.pk} may not save actions")
    _require_savable(changes, saved)
    wanted = changed_action(in_force, changes, editor, spec)
    if wanted is None or (wanted is saved and target == spec):
        raise ActionNotReadyError("nothing to save", user_message=gettext("Nothing was changed."))
    if target != spec or as_new:
        wanted = _for_destination(wanted, editor, spec, target, as_new=as_new)
    if saved is None:
        _place(user, editor, wanted)
    with _as_ours():
        if saved:
            _require_no_draft(_held(saved))
        wanted.prompt_template = _template_for(user, wanted, template_name)
        return _publish(user, saved or LLMAction(), wanted)


def version_of(action: LLMAction | None) -> str:
    """Return a name for an action as it is now; blank for none."""
    return f"{action.pk}.{action.live_revision_id or 0}" if action else ""


def delete_action(user: Any, editor: Editor, path: str, *, version: str | None = None) -> None:
    """
    Delete the action that is in force for a field; its runs stay in the history.

    :param version: of the action that the user was shown; ``None`` if any.
    :raises UnknownFieldError: if the form does not show the field to the user.
    :raises ActionNotReadyError: if it is another one by now.
    :raises ActionNotFoundError: if there is none.
    :raises PermissionRefusedError: if the user may not delete it.
    :raises RowInUseError: if rows of the site need it.
    """
    _require_shown(editor, path)
    action = actions_in_force(editor, [path]).get(path)
    if action is None:
        raise ActionNotFoundError(f"no action for {path!r}")
    _require_version(action, version)
    if not can_delete(user, action):
        raise _refused(
            f"user {user.pk} may not delete action {action.pk}",
            gettext("You may not delete LLM actions. Nothing was deleted."),
        )
    with _as_ours():
        _held(action)
        log(instance=action, action="wagtail.delete", user=user, deleted=True)
        action.delete()


def save_template(user: Any, name: str, system_prompt: str, prompt: str) -> PromptTemplate:
    """
    Save a prompt as a template of its own, and publish it.

    :raises PermissionRefusedError: if the user may not add and publish templates.
    :raises PromptError: if it cannot be read.
    :raises ActionNotReadyError: if it cannot go live as it is.
    """
    require_switched_on()
    with _as_ours():
        return _new_template(
            user,
            name=storable(name),
            category=PromptTemplate.Category.OTHER,
            system_prompt=storable(system_prompt),
            prompt=storable(prompt),
        )


def free_destinations(editor: Editor) -> list[tuple[str, str]]:
    """Return path and label of the fields that an action of this type of object could be for."""
    seen = seen_by(editor.user, LLMAction.objects.live())
    taken = seen.filter(destination_type=editor.content_types[0])
    paths = set(taken.values_list("destination_path", flat=True))
    hidden = hidden_paths(editor.model, editor.user)
    return [
        (known.path, known.label)
        for known in paths_of(editor.model)
        if known.path not in paths
        and not is_opted_out(editor.model, known.path)
        and not is_hidden(known.path, hidden)
    ]


def serves(target: LLMAction | Editor) -> str:
    """
    Return whom it concerns when an action is saved, as a sentence.

    :param target: the action; or the form whose type of object would get its first one.
    """
    if isinstance(target, LLMAction):
        model, site = target.destination_type.model_class(), target.site
        message = gettext("Saved changes count for this field of every object of type “%(type)s”.")
        if site:
            message = gettext(
                "Saved changes count for this field of every object of type “%(type)s” on the site "
                "“%(site)s”."
            )
    else:
        model, site = target.model, None
        message = gettext("A saved action serves this field of every object of type “%(type)s”.")
        if own_sites(target.user) is not None:  # see _place
            site = target.site
            message = gettext(
                "A saved action serves this field of every object of type “%(type)s” on the site "
                "“%(site)s”."
            )
    name = capfirst(str(model._meta.verbose_name)) if model else ""
    return message % {"type": name, "site": site}


def _writable(editor: Editor, path: str) -> FieldSpec:
    spec = resolve_path(editor.model, path)
    require_opted_in(editor.model, path)
    _require_shown(editor, path)
    return spec


def _require_shown(editor: Editor, path: str) -> None:
    if is_hidden(path, hidden_paths(editor.model, editor.user)):
        raise UnknownFieldError(f"user {editor.user.pk} does not see {path!r}")


def _require_version(action: LLMAction | None, version: str | None) -> None:
    if version is not None and version != version_of(action):
        raise _changed(action, version)


def _held(action: LLMAction) -> LLMAction:
    """
    Return an action as nobody else can change it until the transaction ends.

    :raises ActionNotReadyError: if somebody has since it was read.
    """
    held = LLMAction.objects.select_for_update().filter(pk=action.pk).first()
    if held is None or version_of(held) != version_of(action):
        raise _changed(held, version_of(action))
    return held


def _changed(action: LLMAction | None, version: str) -> ActionNotReadyError:
    return ActionNotReadyError(
        f"the action is {version_of(action)!r} by now, not {version!r}",
        user_message=gettext(
            "The LLM action of this field has been changed meanwhile. Nothing was saved. Copy "
            "what you want to keep, and open this again."
        ),
    )


def _require_savable(changes: RunChanges, saved: LLMAction | None) -> None:
    if changes.model_name:
        raise ActionNotReadyError(
            "a model name belongs to a configuration",
            user_message=gettext(
                "The model name belongs to an LLM configuration, and was for this run only. "
                "Choose a configuration with that model, then save the action."
            ),
        )
    if saved:
        _require_no_draft(saved)


def _require_no_draft(saved: LLMAction) -> None:
    if saved.has_unpublished_changes:
        raise ActionNotReadyError(
            f"action {saved.pk} has a draft",
            user_message=gettext(
                "This LLM action has changes that are not published. Nothing was saved. Publish "
                "or discard them in its own form first."
            ),
        )


def _place(user: Any, editor: Editor, wanted: LLMAction) -> None:
    """
    Make a new action one of the form's site, where its user may not keep any for all sites.

    :raises PermissionRefusedError: if the form is of none of the user's sites.
    """
    if may_keep(user, wanted):
        return
    wanted.site = editor.site
    if not may_keep(user, wanted):
        raise _refused(
            f"user {user.pk} has no site for an action",
            gettext("You may only save LLM actions for your own sites. Nothing was saved."),
        )


def _for_destination(
    wanted: LLMAction, editor: Editor, spec: FieldSpec, target: FieldSpec, *, as_new: bool
) -> LLMAction:
    """Return a copy of an action for another field, or another one for this type of object."""
    result = copied(wanted)
    result.destination_path = target.path
    if as_new:
        result.destination_type = editor.content_types[0]
    if as_new or wanted.name == action_name(editor.model, spec.label):
        result.name = action_name(editor.model, target.label)
    return result


@contextmanager
def _as_ours() -> Iterator[None]:
    """Save or delete all or nothing, and say in a sentence what cannot be."""
    try:
        with as_ours():
            yield
    except RowInvalidError as error:
        raise ActionNotReadyError(f"not saved: {error}", user_message=error.user_message) from error


def _publish(user: Any, action: LLMAction, wanted: LLMAction) -> LLMAction:
    for name in ("name", "destination_type", "destination_path", "site"):
        setattr(action, name, getattr(wanted, name))
    for name in ("prompt_template", "llm_config", "output_mode", "answers_from_history"):
        setattr(action, name, getattr(wanted, name))
    for name in ("temperature", "max_output_tokens", "extra_parameters"):
        setattr(action, name, getattr(wanted, name))
    sources = [
        LLMActionSource(path=s.path, name=s.name, required=s.required, sort_order=s.sort_order)
        for s in wanted.sources.all()
    ]
    action.sources.set(sources)
    action.groups.set(wanted.groups.all())
    config = action.llm_config or LLMConfig.objects.default()
    if config:
        check_parameters(config.provider, action.extra_parameters)
    action.full_clean(validate_constraints=False)  # publishing names the rival
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
    return _new_template(
        user,
        name=storable(name) or wanted.name,
        category=stored.category if stored else PromptTemplate.Category.OTHER,
        **texts,
    )


def _new_template(user: Any, *, name: str, **values: str) -> PromptTemplate:
    if not can_save(user, None, PromptTemplate):
        raise _refused(
            f"user {user.pk} may not add templates",
            gettext("You may not add prompt templates. Nothing was saved."),
        )
    for text in (values["system_prompt"], values["prompt"]):
        variables_of(text)
    length = PromptTemplate._meta.get_field("name").max_length
    template = PromptTemplate(name=name[:length], live=False, **values)
    template.full_clean()
    template.save()
    template.save_revision(user=user).publish(user=user)
    return PromptTemplate.objects.get(pk=template.pk)


def _refused(detail: str, message: str = "") -> PermissionRefusedError:
    text = message or gettext("You may not save LLM actions. Nothing was saved.")
    return PermissionRefusedError(detail, user_message=text)
