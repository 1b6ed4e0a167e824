"""The rows of the views in the admin: the package's own, and what Wagtail makes of its models."""

from dataclasses import replace
from typing import Any

from django.contrib.contenttypes.models import ContentType

from tests.matrix.row import OF_SITE, ON_OBJECT, RUN, SEES, SOURCE, Row, any_right, row
from tests.matrix.worlds import World
from tests.testapp.models import StoryPage


def view_rows() -> dict[str, Row]:
    """Return the rows of the package's own views."""
    build = any_right("llmaction", "add", "change")
    history = f"{RUN}|add_llmaction|view_llmactionhistory"

    def of_type(world: World) -> dict[str, Any]:
        key = ContentType.objects.get_for_model(StoryPage).pk
        return {"destination_type": str(key), "destination_path": "intro"}

    return {
        "GET dialog/": row(),
        "GET editor-assets/": row(),
        "POST actions/<int:pk>/enable/": row(
            "change_llmaction", of="action", refused=OF_SITE, answer=302
        ),
        "POST actions/<int:pk>/disable/": row(
            "change_llmaction", of="action", refused=OF_SITE, answer=302, changes=True
        ),
        "GET builder/fields/": row(build, query=of_type),
        "GET builder/serving/": row(build, query=of_type),
        "GET runs/": row(history),
        "GET runs/results/": row(history),
        "GET runs/<uuid:pk>/": row(of="run", refused=ON_OBJECT | {SOURCE}),
        "GET switch/": row("change_llmactionsswitch"),
        "POST switch/": row(
            "change_llmactionsswitch", body=lambda _world: {"turn": "off"}, answer=302, changes=True
        ),
        **{f"{name.replace(' ', ' limits/', 1)}": one for name, one in limit_rows().items()},
    }


def limit_rows() -> dict[str, Row]:
    """Return the rows of the views of limits."""
    sees = any_right("llmlimit", *SEES)

    def form(world: World) -> dict[str, Any]:
        return world.forms["limit"] | {"name": "New", "action": "", "site": world.own_site}

    def one(*verbs, **options):
        return row(any_right("llmlimit", *verbs), of="limit", refused=OF_SITE, **options)

    return {
        "GET ": row(sees),
        "GET results/": row(sees),
        "GET new/": row("add_llmlimit"),
        "POST new/": row("add_llmlimit", body=form, answer=302, changes=True),
        "GET edit/<int:pk>/": one("change"),
        "POST edit/<int:pk>/": one("change", body=form, answer=302, changes=True),
        "GET delete/<int:pk>/": one("delete"),
        "POST delete/<int:pk>/": one("delete", answer=302, changes=True),
        "DELETE delete/<int:pk>/": one("delete", answer=302, changes=True),
        "GET history/<int:pk>/": one("add", "change", "delete"),
        "GET history-results/<int:pk>/": one("add", "change", "delete"),
        "GET usage/<int:pk>/": one("change"),
    }


def snippet_rows(model: str, of: str) -> dict[str, Row]:
    """Return the rows of Wagtail's views of a snippet."""
    sees = any_right(model, *SEES)
    refused = OF_SITE if of == "action" else set()
    compare = (
        r"(?P<pk>.+)/revisions/compare/(?P<revision_id_a>live|earliest|\d+)"
        r"\.\.\.(?P<revision_id_b>live|latest|\d+)/$"
    )
    revision = "history/<int:pk>/revisions/<int:revision_id>"

    def form(world: World) -> dict[str, Any]:
        return world.forms[of] | {"name": "New"}

    def copy(world: World) -> dict[str, Any]:
        own = {"slug": "", "destination_path": "summary", "site": world.own_site}
        return {name: value for name, value in (form(world) | own).items() if name != "is_default"}

    def one(*verbs, spare=False, **options):
        named = f"spare_{of}" if spare and of != "action" else of
        return row(any_right(model, *verbs), of=named, refused=refused, **options)

    copied = row(f"add_{model}", any_right(model, "change", "view"), of=of, refused=refused)
    return {
        "GET ": row(sees),
        "GET results/": row(sees),
        "GET add/": row(f"add_{model}"),
        "POST add/": row(f"add_{model}", body=copy, answer=302, changes=True),
        "GET edit/<int:pk>/": one("change"),
        "POST edit/<int:pk>/": one("change", body=form, answer=302, changes=True),
        "GET delete/<int:pk>/": one("delete", spare=True),
        "POST delete/<int:pk>/": one("delete", spare=True, answer=302, changes=True),
        "DELETE delete/<int:pk>/": one("delete", spare=True, answer=302, changes=True),
        "GET copy/<int:pk>/": copied,
        "POST copy/<int:pk>/": replace(copied, body=copy, answer=302, changes=True),
        "GET usage/<int:pk>/": one("change"),
        "GET inspect/<int:pk>/": one("view", "add", "change", "delete"),
        "GET history/<int:pk>/": one("add", "change", "delete"),
        "GET history-results/<int:pk>/": one("add", "change", "delete"),
        f"GET history/{compare}": one("change"),
        f"GET {revision}/revert/": one("change"),
        f"POST {revision}/revert/": one("change", body=form, answer=302, changes=True),
        f"GET {revision}/unschedule/": one("publish"),
        f"POST {revision}/unschedule/": one("publish", answer=302, changes=True),
        "GET unpublish/<int:pk>/": one("publish"),
        "POST unpublish/<int:pk>/": one("publish", answer=302, changes=True),
    }


def chooser_rows(model: str, of: str) -> dict[str, Row]:
    """Return the rows of Wagtail's chooser of a snippet, which is also for who keeps what it is in."""
    keeping = any_right("llmlimit" if of == "action" else "llmaction", "add", "change")
    right = f"{any_right(model, *SEES)}|{keeping}"
    refused = OF_SITE if of == "action" else set()
    return {
        "GET ": row(right),
        "GET results/": row(right),
        "GET chosen/<str:pk>/": row(right, of=of, refused=refused),
        "GET chosen-multiple/": row(right, query=lambda world: {"id": getattr(world, of).pk}),
    }


def bulk_rows(model: str, of: str) -> dict[str, Row]:
    """Return the rows of what is done to ticked snippets."""

    def ticked(world: World) -> dict[str, Any]:
        named = of if of == "action" else f"spare_{of}"
        return {"id": getattr(world, named).pk}

    refused = OF_SITE if of == "action" else set()
    return {
        "GET delete/": row(f"delete_{model}", query=ticked, refused=refused),
        "POST delete/": row(
            f"delete_{model}", query=ticked, refused=refused, answer=302, changes=True
        ),
    }
