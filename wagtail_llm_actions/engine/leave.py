"""Whether a user may send something else than what a published action says."""

from typing import Any

from django.utils.translation import gettext

from wagtail_llm_actions.engine.changes import RunChanges
from wagtail_llm_actions.exceptions import PermissionRefusedError
from wagtail_llm_actions.permissions import can_configure, can_customise, can_try


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
