"""
Limits and budgets as they are kept from outside the admin.

They are no snippets: there are no drafts of them, and what is changed counts from the next run on.
"""

import json
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import connections
from django.db.models import QuerySet
from django.utils.translation import gettext
from wagtail.log_actions import log

from wagtail_llm_actions.compat import permission_policy_for
from wagtail_llm_actions.engine.leave import require_keeping
from wagtail_llm_actions.engine.row_contents import READERS, site_name
from wagtail_llm_actions.engine.rows import WantedVersion, as_ours, is_wanted
from wagtail_llm_actions.exceptions import (
    PermissionRefusedError,
    RowInvalidError,
    RowNotFoundError,
    VersionConflictError,
    VersionRequiredError,
)
from wagtail_llm_actions.models import LLMAction, LLMLimit
from wagtail_llm_actions.models.texts import storable
from wagtail_llm_actions.permissions import SEEING
from wagtail_llm_actions.sites import may_keep, own_sites, seen_by

PLAIN = (
    *("name", "measure", "amount", "period", "stops", "allows_unknown_price", "per_person"),
    *("provider", "is_active"),
)
"""What is said of a limit as it is; all else names something by what is the same elsewhere."""
LARGEST_KEY = 2**63 - 1


def limits_of(user: Any) -> QuerySet:
    """
    Return the limits that ``user`` may see, by name.

    :raises PermissionRefusedError: if they may see none.
    """
    _require(user, *SEEING)
    limits = LLMLimit.objects.select_related("group", "user", "action", "site")
    return seen_by(user, limits).order_by("name", "pk")


def find_limit(user: Any, key: int) -> LLMLimit:
    """
    Return one limit.

    :raises PermissionRefusedError: if the user may see none.
    :raises RowNotFoundError: if there is none.
    """
    return _found(limits_of(user), key)


def limit_contents(limit: LLMLimit) -> dict[str, Any]:
    """Return what a limit says; ``None`` for a condition that leaves nothing out."""
    return {name: getattr(limit, name) for name in PLAIN} | {
        "group": limit.group.name if limit.group else None,
        "user": limit.user.get_username() if limit.user else None,
        "action": limit.action.slug if limit.action else None,
        "site": site_name(limit.site) if limit.site else None,
    }


def limit_version(limit: LLMLimit) -> str:
    """Return a name for what a limit says now; what it has counted is no part of it."""
    said = [f"{getattr(limit, name)}" for name in ("group_id", "user_id", "action_id", "site_id")]
    said += [
        f"{limit.amount:.4f}",
        *(f"{getattr(limit, name)}" for name in PLAIN if name != "amount"),
    ]
    return f"{limit.pk}.{sha256(json.dumps(said).encode()).hexdigest()[:16]}"


def create_limit(user: Any, contents: Mapping[str, Any]) -> LLMLimit:
    """
    Make a limit, which counts at once.

    :raises PermissionRefusedError: if the user may not.
    :raises RowInvalidError: if it is refused.
    """
    _require(user, "add")
    own, limit = own_sites(user), LLMLimit()
    if own is not None and len(own) == 1:
        [limit.site_id] = own
    with as_ours():
        return _saved(user, limit, contents, "wagtail.create")


def change_limit(
    user: Any, key: int, contents: Mapping[str, Any], *, version: WantedVersion
) -> LLMLimit:
    """
    Change some of what a limit says; what was counted stays.

    :param version: the one that the user has seen.
    :raises PermissionRefusedError: if the user may not.
    :raises RowNotFoundError: if there is no such limit.
    :raises VersionRequiredError: if no version is named.
    :raises VersionConflictError: if it is another one by now.
    :raises RowInvalidError: if it is refused.
    """
    _require(user, "change")
    with as_ours():
        limit = _held(user, key, version)
        if contents.get("measure", limit.measure) != limit.measure:
            message = gettext("What is counted cannot be changed. Make another limit.")
            raise _invalid("measure", message)
        return _saved(user, limit, contents, "wagtail.edit")


def delete_limit(user: Any, key: int, *, version: WantedVersion) -> None:
    """
    Delete a limit with what it has counted; errors are those of :func:`change_limit`.

    :raises RowInUseError: if rows of the site need it.
    """
    _require(user, "delete")
    with as_ours():
        limit = _held(user, key, version)
        log(instance=limit, action="wagtail.delete", user=user, deleted=True)
        limit.delete()


def _require(user: Any, *rights: str) -> None:
    policy = permission_policy_for(LLMLimit)
    if not user.is_active or not policy.user_has_any_permission(user, list(rights)):
        raise PermissionRefusedError(
            f"user {user.pk} has none of {rights} on limits",
            user_message=gettext("You do not have permission to do this."),
        )


def _found(limits: QuerySet, key: int) -> LLMLimit:
    limit = limits.filter(pk=key).first() if key <= LARGEST_KEY else None
    if limit is None:
        raise RowNotFoundError(f"no limit {key}")
    return limit


def _held(user: Any, key: int, version: WantedVersion) -> LLMLimit:
    """Return a limit that nobody else can change until the transaction ends."""
    limit = _found(seen_by(user, _locked()), key)
    require_keeping(user, limit)
    if version is None or version == "":
        raise VersionRequiredError(f"no version of limit {key} was named")
    if not is_wanted(version, limit_version(limit)):
        raise VersionConflictError(f"limit {key} is {limit_version(limit)} by now, not {version!r}")
    return limit


def _locked() -> QuerySet:
    """
    Return limits that are locked when they are read.

    Those alone: PostgreSQL does not lock what they may refer to. MariaDB locks all or nothing.
    """
    limits = LLMLimit.objects.all()
    only = connections[limits.db].features.has_select_for_update_of
    return limits.select_for_update(of=("self",) if only else ())


def _saved(user: Any, limit: LLMLimit, contents: Mapping[str, Any], action: str) -> LLMLimit:
    for name, value in contents.items():
        if name in PLAIN:
            setattr(limit, name, storable(value) if isinstance(value, str) else value)
        else:
            setattr(limit, f"{name}_id", READ[name](user, value) if value else None)
    if not may_keep(user, limit):
        raise _invalid("site", gettext("Choose one of your sites."))
    limit.full_clean()
    limit.save()
    log(instance=limit, action=action, user=user, content_changed=True)
    return LLMLimit.objects.select_related("group", "user", "action", "site").get(pk=limit.pk)


def _group(user: Any, name: str) -> Any:
    message = gettext("There is no group “%(name)s”.") % {"name": name}
    return _key(Group.objects.filter(name=storable(name)), "group", message)


def _user(user: Any, name: str) -> Any:
    model: Any = get_user_model()
    users = model._default_manager.filter(**{model.USERNAME_FIELD: storable(name)})
    return _key(users, "user", gettext("There is no user “%(name)s”.") % {"name": name})


def _action(user: Any, slug: str) -> Any:
    actions = seen_by(user, LLMAction.objects.filter(slug=storable(slug)))
    return _key(actions, "action", gettext("There is no LLM action “%(slug)s”.") % {"slug": slug})


def _site(user: Any, name: str) -> Any:
    return READERS["site"](name)


READ: dict[str, Callable[[Any, str], Any]] = {
    "group": _group,
    "user": _user,
    "action": _action,
    "site": _site,
}
"""What refers to something is read by its name."""


def _key(rows: QuerySet, field: str, message: str) -> Any:
    key = rows.values_list("pk", flat=True).first()
    if key is None:
        raise _invalid(field, message)
    return key


def _invalid(field: str, message: str) -> RowInvalidError:
    return RowInvalidError(
        message, reasons=[message], fields={field: [message]}, user_message=message
    )
