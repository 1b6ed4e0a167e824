"""
Which LLM actions and limits a user sees and changes, where the setting ``SEPARATE_SITES`` keeps sites apart.

One's sites are those in whose page trees one has any permission on pages. Superusers are held back
from nothing, nor is who has one in the tree of every site.
"""

from collections.abc import Mapping
from typing import Any

from django.db.models import Model, Q, QuerySet
from wagtail.models import Site
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.permissions import page_permission_policy

from wagtail_llm_actions.conf import settings
from wagtail_llm_actions.models import LLMAction, LLMLimit

SEPARATED = (LLMAction, LLMLimit)
"""The rows that may be for one site."""
CACHE = "_llm_own_sites"
"""The attribute of a user that keeps the answer, as long as Wagtail keeps their permissions."""


def own_sites(user: Any) -> frozenset[int] | None:
    """Return the keys of the sites that are a user's; ``None`` for who is held back from none."""
    if not settings.SEPARATE_SITES or user.is_superuser:
        return None
    if not hasattr(user, CACHE):
        setattr(user, CACHE, _sites_of(user))
    return getattr(user, CACHE)


def sites_for(user: Any) -> QuerySet:
    """Return the sites that a user may make something for."""
    own = own_sites(user)
    return Site.objects.all() if own is None else Site.objects.filter(pk__in=own)


def seen_by(user: Any, rows: QuerySet) -> QuerySet:
    """Return those of some rows that are for all sites, or for one of the user's; all of other types."""
    own = own_sites(user)
    if own is None or rows.model not in SEPARATED:
        return rows
    condition = Q(site=None) | Q(site__in=own)
    if rows.model is LLMLimit:
        condition &= Q(action=None) | Q(action__site=None) | Q(action__site__in=own)
    return rows.filter(condition)


def may_see(user: Any, row: Model) -> bool:
    """Return whether a row is for all sites, or for one of the user's; true of other types."""
    own = own_sites(user)
    if own is None or not isinstance(row, SEPARATED):
        return True
    of_action = row.action.site_id if isinstance(row, LLMLimit) and row.action else None
    return all(key is None or key in own for key in (row.site_id, of_action))


def may_keep(user: Any, row: Model) -> bool:
    """Return whether a row is for one of the user's sites; what is for all is kept by who has all."""
    own = own_sites(user)
    if own is None or not isinstance(row, SEPARATED):
        return True
    return row.site_id in own and may_see(user, row)


class SeparatedPolicy(ModelPermissionPolicy):
    """The rights on all rows of a type, less those on what belongs to other sites."""

    def user_has_permission_for_instance(self, user, action, instance):
        """Return whether a user has a right on one row."""
        allows = may_see if action == "view" else may_keep
        return self.user_has_permission(user, action) and allows(user, instance)

    def instances_user_has_any_permission_for(self, user, actions):
        """Return the rows that a user has one of some rights on."""
        rows = seen_by(user, super().instances_user_has_any_permission_for(user, actions))
        own = own_sites(user)
        sees = "view" in actions and self.user_has_permission(user, "view")
        return rows if own is None or sees else rows.filter(site__in=own)


def _sites_of(user: Any) -> frozenset[int] | None:
    roots = dict(Site.objects.values_list("pk", "root_page__path"))
    permissions = page_permission_policy.get_cached_permissions_for_user(user)
    own = {key for permission in permissions for key in _sites_at(permission.page.path, roots)}
    return None if own == set(roots) else frozenset(own)


def _sites_at(path: str, roots: Mapping[int, str]) -> set[int]:
    """
    Return the sites that have pages below a path in the page tree, or the site that it is in.

    Of sites within each other a page belongs to the innermost.
    """
    below = {key for key, root in roots.items() if root.startswith(path)}
    around = {key: len(root) for key, root in roots.items() if path.startswith(root)}
    return below | {key for key, depth in around.items() if depth == max(around.values())}
