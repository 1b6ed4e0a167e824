"""What the URL configuration has of this package, as ``METHOD path``: its own, and what Wagtail makes of it."""

import inspect
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.urls import URLPattern, URLResolver, get_resolver
from wagtail.admin.views.bulk_action.registry import bulk_action_registry

APP = "wagtail_llm_actions"
TOKEN_API = "llm/v1/"
ADMIN_API = "admin/llm-actions/api/"
ADMIN_TWIN = f"{ADMIN_API}v1/"
"""Where the API for other programs is mounted in the admin."""
ROOTS = ("admin/llm-actions/", TOKEN_API)
"""All that is below them is ours, whoever wrote the view."""


def all_places() -> set[str]:
    """Return every place; a view of Django's without a class counts as read only."""
    found = {
        f"{method} {path.replace('uuidstr:', 'uuid:')}"
        for path, pattern in _patterns(get_resolver())
        if path.startswith(ROOTS) or f"/{APP}/" in path
        for method in _methods(pattern.callback)
    }
    return found | set(_bulk_actions())


def is_read(place: str) -> bool:
    """Return whether a place is asked without changing anything."""
    return place.startswith("GET ")


def _patterns(resolver: Any, above: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in resolver.url_patterns:
        path = above + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _patterns(pattern, path)
        else:
            yield path, pattern


def _methods(view: Any) -> set[str]:
    view = inspect.unwrap(view)  # in the admin Wagtail wraps every view
    of_api = _operations(view)
    if of_api is not None:
        return of_api
    view_class = getattr(view, "view_class", None)
    if view_class is None:
        return {"GET"}
    allowed = {name for name in view_class.http_method_names if hasattr(view_class, name)}
    return {name.upper() for name in allowed - {"head", "options", "put"}}  # "put" calls "post"


def _operations(view: Any) -> set[str] | None:
    for cell in getattr(view, "__closure__", None) or ():
        operations = getattr(cell.cell_contents, "operations", None)
        if operations is not None:
            return {method for operation in operations for method in operation.methods}
    return None


def _bulk_actions() -> Iterator[str]:
    """Yield what can be done to rows that are ticked in a listing: Wagtail has one view for all."""
    for model in apps.get_app_config(APP).get_models():
        name = model._meta.model_name
        for action in bulk_action_registry.get_bulk_actions_for_model(APP, name):
            for method in ("GET", "POST"):
                yield f"{method} admin/bulk/{APP}/{name}/{action.action_type}/"
