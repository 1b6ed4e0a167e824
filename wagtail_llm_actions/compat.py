"""The one place that knows which Wagtail is installed."""

import wagtail
from django.apps import apps

WAGTAIL_8 = wagtail.VERSION >= (8, 0)


_policies = {}
"""On Wagtail 7.4 those of models that are no snippets, as Wagtail 8 keeps them itself."""


def register_policy(model, policy):
    """Let Wagtail's views use a permission policy for ``model``."""
    if WAGTAIL_8:
        from wagtail.permissions import register_permission_policy

        register_permission_policy(model, policy, exact_class=True)
    _policies[model] = policy


def permission_policy_for(model):
    """
    Return the permission policy that Wagtail's views use for ``model``.

    Looked up at run time, because other apps may register theirs after us.
    """
    if WAGTAIL_8:
        from wagtail.permissions import policy_registry

        return policy_registry.get_by_type(model)
    from wagtail.permission_policies import ModelPermissionPolicy

    if model in _policies:
        return _policies[model]
    if viewset := getattr(model, "snippet_viewset", None):
        return viewset.permission_policy
    if hasattr(model, "get_permission_policy"):  # of settings
        return model.get_permission_policy()
    return _media_policy_for(model) or ModelPermissionPolicy(model)


def _media_policy_for(model):
    """Return the policy of images or documents, if ``model`` is the site's one."""
    if apps.is_installed("wagtail.images"):
        from wagtail.images import get_image_model, permissions

        if model is get_image_model():
            return permissions.permission_policy
    if apps.is_installed("wagtail.documents"):
        from wagtail.documents import get_document_model, permissions

        if model is get_document_model():
            return permissions.permission_policy
    return None


def base_page_model():
    """Return the model that all pages descend from; a site on Wagtail 8 may have its own."""
    if WAGTAIL_8:
        import swapper

        return swapper.load_model("wagtailcore", "Page")
    from wagtail.models import Page

    return Page
