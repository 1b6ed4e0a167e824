"""
The roles that a site can have at once, each a group with the permissions that it takes.

A role only ever gives: what an administrator gave to its group besides stays.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from wagtail_llm_actions.conf import settings

APP = "wagtail_llm_actions"
ADMIN = "wagtailadmin.access_admin"
"""For roles whose people may have nothing else to do in the admin."""


def _all(model: str, *verbs: str) -> tuple[str, ...]:
    return tuple(f"{APP}.{verb}_{model}" for verb in verbs)


KEEP = ("view", "add", "change", "delete")
PUBLISH = (*KEEP, "publish")
RUN = (f"{APP}.run_llmaction",)
CUSTOMISE = (*RUN, f"{APP}.customise_llmaction")
MONEY_AND_RUNS = (f"{APP}.view_llmactionhistory", f"{APP}.view_llmcost")


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """What people of one kind do with LLM actions."""

    slug: str
    name: Promise
    """Of the group, in the language in which it is made."""
    permissions: tuple[str, ...]
    """Each ``app_label.codename``."""


ROLES = (
    Role(slug="editors", name=_("LLM editors"), permissions=RUN),
    Role(slug="authors", name=_("LLM authors"), permissions=CUSTOMISE),
    Role(
        slug="managers",
        name=_("LLM managers"),
        permissions=(
            *(ADMIN, *CUSTOMISE),
            *_all("llmaction", *PUBLISH),
            *_all("prompttemplate", *PUBLISH),
            *_all("llmconfig", "view"),
        ),
    ),
    Role(
        slug="administrators",
        name=_("LLM administrators"),
        permissions=(
            *(ADMIN, *MONEY_AND_RUNS, f"{APP}.change_llmactionsswitch"),
            *_all("llmconfig", *PUBLISH),
            *_all("llmlimit", *KEEP),
            *(*_all("llmaction", "view"), *_all("prompttemplate", "view")),
        ),
    ),
    Role(
        slug="auditors",
        name=_("LLM auditors"),
        permissions=(
            *(ADMIN, *MONEY_AND_RUNS),
            *(*_all("llmaction", "view"), *_all("prompttemplate", "view")),
            *(*_all("llmconfig", "view"), *_all("llmlimit", "view")),
        ),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleDifference:
    """What the group of a role lacks, and what it has besides."""

    role: Role
    name: str
    """Of the group as it is, or as it is to be made."""
    is_new: bool
    given: tuple[str, ...]
    """The permissions that the group has not yet."""
    kept: tuple[str, ...]
    """Those that somebody gave to it besides."""


def give_roles(roles: Iterable[Role] = ROLES, *, dry_run: bool = False) -> list[RoleDifference]:
    """
    Make the groups of roles, or give them what they lack, and return what that is.

    :param dry_run: whether nothing is saved.
    :raises LookupError: if a permission does not exist: the migrations were not run.
    """
    with transaction.atomic():
        return [_give(role, dry_run=dry_run) for role in roles]


def _give(role: Role, *, dry_run: bool) -> RoleDifference:
    group = _group_of(role)
    has = set(_named(group.permissions.all())) if group else set()
    lacking = tuple(sorted(set(role.permissions) - has))
    permissions = [_permission(name) for name in lacking]
    name = group.name if group else str(role.name)
    if not dry_run:
        (group or Group.objects.create(name=name)).permissions.add(*permissions)
    return RoleDifference(
        role=role,
        name=name,
        is_new=group is None,
        given=lacking,
        kept=tuple(sorted(has - set(role.permissions))),
    )


def _group_of(role: Role) -> Group | None:
    """Return the group of a role, in whichever of the site's languages it was made."""
    names = {str(role.name)}
    for code in settings.language_codes():
        with override(code):
            names.add(str(role.name))
    return Group.objects.filter(name__in=names).order_by("pk").first()


def _named(permissions: Any) -> list[str]:
    keys = permissions.values_list("content_type__app_label", "codename")
    return [f"{app}.{codename}" for app, codename in keys]


def _permission(name: str) -> Permission:
    app, codename = name.split(".")
    found = Permission.objects.filter(content_type__app_label=app, codename=codename).first()
    if found is None:
        raise LookupError(f"There is no permission {name!r}. Were the migrations run?")
    return found
