"""Whether a user may send something else than what a published action says."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext

from wagtail_llm_actions.engine.changes import RunChanges
from wagtail_llm_actions.exceptions import PermissionRefusedError
from wagtail_llm_actions.models import LLMAction
from wagtail_llm_actions.permissions import barred, can_configure, can_customise, can_try
from wagtail_llm_actions.sites import may_keep
from wagtail_llm_actions.wording import listed_in_quotes


def require_leave(user: Any, changes: RunChanges, *, has_action: bool) -> None:
    """
    Do nothing if nothing is changed, or if the user may.

    :raises PermissionRefusedError: if not. To try what is no action yet is for who may add one.
    """
    if not changes.made or (can_customise(user) and (has_action or can_configure(user))):
        return
    raise PermissionRefusedError(
        f"user {user.pk} may not change what is sent",
        user_message=gettext(
            "You may run this LLM action, but not change what it sends. Nothing was sent."
        ),
    )


def group_problem(names: Iterable[str]) -> str:
    """Return why somebody may not run an action that is for the members of groups."""
    message = gettext("This LLM action is for members of %(groups)s.")
    return message % {"groups": listed_in_quotes(names)}


def require_membership(user: Any, action: LLMAction | None) -> None:
    """
    Do nothing if the user is in one of the groups that the action is for, or it is for all.

    :raises PermissionRefusedError: if not.
    """
    if action is None or action.pk is None:
        return
    if names := barred(user, [action]).get(action.pk):
        raise PermissionRefusedError(
            f"user {user.pk} is in no group of action {action.pk}",
            user_message=group_problem(names),
        )


def require_keeping(user: Any, row: Model) -> None:
    """
    Do nothing if a row that the user may change is one of their own sites'.

    :raises PermissionRefusedError: if it is for all sites, and the user keeps only some.
    """
    if not may_keep(user, row):
        raise PermissionRefusedError(
            f"user {user.pk} does not keep all sites",
            user_message=gettext("This is for every site: only who keeps all of them changes it."),
        )


def require_leave_to_try(user: Any) -> None:
    """
    Do nothing if the user may try an action as its form stands.

    :raises PermissionRefusedError: if not.
    """
    if not can_try(user):
        raise PermissionRefusedError(
            f"user {user.pk} may not try LLM actions",
            user_message=gettext(
                "You may not try LLM actions that are not saved. Nothing was sent."
            ),
        )
