"""The edit and create forms of snippets, and of other models that have panels in a viewset."""

from typing import Any

from django.contrib.admin.utils import unquote
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db.models import Model
from django.http import HttpRequest
from django.urls import ResolverMatch
from wagtail.admin.views.generic import CreateView, EditView
from wagtail.models import DraftStateMixin, Locale, TranslatableMixin, WorkflowMixin

from wagtail_llm_actions.compat import permission_policy_for
from wagtail_llm_actions.content.pages import (
    OpenForm,
    find_locale,
    not_permitted,
    refuse_locked,
)
from wagtail_llm_actions.exceptions import EditorNotFoundError


def is_snippet_view(match: ResolverMatch) -> bool:
    """
    Return whether the view is an add or edit view of a viewset that has panels.

    Users, images and the like have forms without panels, and stay out.
    """
    view_class = getattr(match.func, "view_class", None)
    if view_class is None or not _panel(match):
        return False
    if issubclass(view_class, EditView):
        return set(match.kwargs) == {view_class.pk_url_kwarg}
    return issubclass(view_class, CreateView) and not match.kwargs


def open_snippet(match: ResolverMatch, user, locale: str) -> OpenForm:
    """
    Open the form of a view for which :func:`is_snippet_view` holds.

    :param locale: the language code asked for; counts only for new objects that are translatable.
    :raises EditorNotFoundError: if the object or locale does not exist.
    :raises PermissionRefusedError: if the user may not add or change it now.
    """
    view = _prepared_view(match, user)
    is_new = isinstance(view, CreateView)
    instance = _new(view, user, locale) if is_new else _existing(view, match, user)
    panel = _panel(match)
    form_class = view.form_class or panel.get_form_class()
    return OpenForm(instance=instance, is_new=is_new, panel=panel, form_class=form_class)


def snippet_object(match: ResolverMatch) -> tuple[type[Model], str]:
    """Return the type and key of what such a view edits; no key for a new object."""
    view: Any = match.func
    view_class, options = view.view_class, view.view_initkwargs
    key = unquote(str(match.kwargs.get(getattr(view_class, "pk_url_kwarg", ""), "")))
    return options.get("model", view_class.model), key


def _panel(match):
    return getattr(match.func, "view_initkwargs", {}).get("panel")


def _prepared_view(match, user):
    # Not set up: Wagtail's setup() looks the object up before any permission is checked.
    view = match.func.view_class(**match.func.view_initkwargs)
    view.request = HttpRequest()
    view.request.method = "GET"
    view.request.user = user
    view.args, view.kwargs = (), dict(match.kwargs)
    return view


def _new(view, user, locale):
    if not _policy(view).user_has_permission(user, "add"):
        raise not_permitted()
    instance = view.model()
    if issubclass(view.model, TranslatableMixin):
        instance.locale = find_locale(locale) if locale else Locale.get_default()
    return instance


def _existing(view, match, user):
    key = unquote(str(match.kwargs[view.pk_url_kwarg]))
    try:
        instance = view.get_queryset().get(pk=key)
    except (ObjectDoesNotExist, ValueError, ValidationError) as error:
        raise EditorNotFoundError(f"no {view.model._meta.label} {key!r}") from error
    if isinstance(instance, DraftStateMixin):
        instance = instance.get_latest_revision_as_object()
    if not may_change(_policy(view), user, instance):
        raise not_permitted()
    refuse_locked(instance, user)
    return instance


def _policy(view):
    return view.permission_policy or permission_policy_for(view.model)


def may_change(policy, user, instance) -> bool:
    """Return whether the user may change the object, by permission or by their task in a workflow."""
    if policy.user_has_permission(user, "change") and policy.user_has_permission_for_instance(
        user, "change", instance
    ):
        return True
    # As in Wagtail's own view: whoever has the task in a workflow may edit.
    task = instance.current_workflow_task if isinstance(instance, WorkflowMixin) else None
    return bool(task and user.is_active and task.user_can_access_editor(instance, user))
