"""Which chosen objects a user may see; what others are called is not read to them."""

from typing import Any

from django.db.models import Model
from wagtail.models import AbstractPage, CollectionMember
from wagtail.permission_policies.pages import PagePermissionPolicy

from wagtail_llm_actions.compat import base_page_model, permission_policy_for

PAGE_ACTIONS = ("add", "change", "publish", "bulk_delete", "lock", "unlock")
MEDIA_ACTIONS = ("choose", "add", "change", "delete")


def may_see(user: Any, chosen: Model) -> bool:
    """
    Return whether the user could have found the object in Wagtail's explorer or choosers.

    A page that everybody can visit is seen by everybody. Snippets and the like are: Wagtail's
    choosers and selects list all of them.
    """
    if isinstance(chosen, AbstractPage):
        return _may_explore(user, chosen) or _is_public(chosen)
    if isinstance(chosen, CollectionMember):
        policy = permission_policy_for(type(chosen))
        return policy.user_has_any_permission_for_instance(user, MEDIA_ACTIONS, chosen)
    return True


def _may_explore(user, page):
    policy = PagePermissionPolicy(base_page_model())
    return policy.user_has_any_permission_for_instance(user, PAGE_ACTIONS, page)


def _is_public(page):
    return page.live and not page.get_view_restrictions().exists()
