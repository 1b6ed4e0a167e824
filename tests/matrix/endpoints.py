"""The rows of the APIs: that for other programs, and what the page editor and the action's form ask."""

from dataclasses import replace
from typing import Any

from tests.matrix.places import APP
from tests.matrix.row import (
    ANY_VERSION,
    EDIT,
    FOREIGN,
    LOCK,
    OF_SITE,
    ON_OBJECT,
    RUN,
    SEES,
    SITE,
    SOURCE,
    Body,
    Row,
    any_right,
    row,
)
from tests.matrix.worlds import World


def api_rows() -> dict[str, Row]:
    """Return the rows of the API for other programs, which is mounted twice."""
    rows = {
        **_api_rows_of("actions", "llmaction", "action", _new_action),
        **_api_rows_of("templates", "prompttemplate", "template", _new_template),
        **_api_rows_of("configs", "llmconfig", "config", _new_config),
        **_api_limits(),
        **_api_runs(),
        "GET ": row(answer=404),
        "GET openapi.json": row(),
        "GET providers": row(any_right("llmconfig", "add", "change")),
        "GET providers/<str:alias>/models": row(any_right("llmconfig", "add", "change")),
    }
    for verb in ("enable", "disable"):
        rows[f"POST actions/<slug:slug>/{verb}"] = row(
            "change_llmaction", of="action", refused=OF_SITE, changes=verb == "disable"
        )
    return {name: replace(one, is_json=True) for name, one in rows.items()}


def _api_rows_of(name: str, model: str, of: str, creation: Body) -> dict[str, Row]:
    one = f"{name}/<slug:slug>"
    refused = OF_SITE if of == "action" else set()

    def on_one(*verbs, **options):
        return row(any_right(model, *verbs), of=of, refused=refused, **options)

    return {
        f"GET {name}": row(any_right(model, *SEES)),
        f"POST {name}": row(f"add_{model}", body=creation, answer=201, changes=True),
        f"GET {one}": on_one(*SEES),
        f"PATCH {one}": on_one(
            "change", body=lambda _world: {"name": "New"}, headers=ANY_VERSION, changes=True
        ),
        f"DELETE {one}": replace(
            on_one("delete", headers=ANY_VERSION, answer=204, changes=True),
            of=of if of == "action" else f"spare_{of}",
        ),
        f"POST {one}/publish": on_one("publish", changes=True),
        f"POST {one}/unpublish": on_one("publish", changes=True),
        f"GET {one}/revisions": on_one(*SEES),
        f"GET {one}/revisions/<int:revision_id>": on_one(*SEES),
    }


def _new_action(world: World) -> dict[str, Any]:
    return {
        "name": "New",
        "object_type": "testapp.storypage",
        "path": "summary",
        "prompt_template": world.template.slug,
    }


def _new_template(world: World) -> dict[str, Any]:
    return {"name": "New", "prompt": "Say something."}


def _new_config(world: World) -> dict[str, Any]:
    return {"name": "New", "model_name": "echo"}


def _api_limits() -> dict[str, Row]:
    one = "limits/<int:limit_id>"
    sees = any_right("llmlimit", *SEES)
    of_one = {"of": "limit", "refused": OF_SITE}
    new = {"name": "New", "measure": "requests", "amount": 1, "period": "day"}
    return {
        "GET limits": row(sees),
        "POST limits": row("add_llmlimit", body=lambda _world: new, answer=201, changes=True),
        f"GET {one}": row(sees, **of_one),
        f"PATCH {one}": row(
            "change_llmlimit",
            body=lambda _world: {"name": "New"},
            headers=ANY_VERSION,
            changes=True,
            **of_one,
        ),
        f"DELETE {one}": row(
            "delete_llmlimit", headers=ANY_VERSION, answer=204, changes=True, **of_one
        ),
    }


def _api_runs() -> dict[str, Row]:
    history = f"{RUN}|add_llmaction|view_llmactionhistory"

    def on(of, *more, **options):
        return row(RUN, of=of, refused=ON_OBJECT | set(more), **options)

    one = "runs/<uuid:run_id>"
    return {
        "GET runs": row(history),
        "GET runs/export": row(history),
        "GET usage": row(history),
        "POST runs": on(
            "run",
            LOCK,
            SOURCE,
            FOREIGN,
            body=lambda world: {"action": world.action.slug, "object_id": str(world.page.pk)},
            changes=True,
        ),
        f"GET {one}": row(of="run", refused=ON_OBJECT | {SOURCE}),
        f"POST {one}/retry": on("run", LOCK, SOURCE, FOREIGN, changes=True),
        f"POST {one}/cancel": on("running", SOURCE, changes=True),
        f"POST {one}/decide": on(
            "run", SOURCE, body=lambda _world: {"decision": "rejected"}, changes=True
        ),
        f"POST {one}/apply": on("run", LOCK, SOURCE, changes=True),
    }


def editor_rows() -> dict[str, Row]:
    """Return the rows of the endpoints that the page editor and the form of an action ask."""

    def of_form(world: World) -> dict[str, Any]:
        return {"editor": world.editor, "address": world.path}

    def of_path(world: World) -> dict[str, Any]:
        return {"editor": world.editor, "path": world.path}

    def asked(world: World) -> dict[str, Any]:
        return {"editor": world.editor, "fields": [{"address": world.path, "path": world.path}]}

    def page_form(world: World) -> dict[str, Any]:
        return world.page_form()

    def on_form(*rights, **options):
        """The edit form is there for who may change the page now."""
        return row(*rights, refused=ON_OBJECT | {LOCK}, **options)

    def on_run(of, **options):
        return row(RUN, of=of, refused=ON_OBJECT | {SOURCE}, **options)

    one = "runs/<uuid:run_id>"
    return {
        "POST fields": row(
            f"{RUN}|add_llmaction",
            body=asked,
            refused={EDIT, LOCK, SITE},
            is_quiet=True,
            is_json=True,
        ),
        "POST preview": on_form(RUN, query=of_form, body=page_form),
        "GET models": row(RUN, "customise_llmaction"),
        "POST actions/save": on_form(
            "change_llmaction",
            "publish_llmaction",
            query=of_path,
            body=lambda _world: {"changes": {"temperature": 1}},
            changes=True,
            is_json=True,
        ),
        "POST actions/delete": replace(
            on_form("delete_llmaction", query=of_path, changes=True, answer=204),
            refused=ON_OBJECT | {LOCK, FOREIGN},
        ),
        "POST templates/save": row(
            "add_prompttemplate",
            "publish_prompttemplate",
            body=lambda _world: {"name": "New", "prompt": "Say something."},
            changes=True,
            is_json=True,
        ),
        "POST runs": replace(
            on_form(RUN, query=of_form, body=page_form, changes=True),
            refused=ON_OBJECT | {LOCK, SOURCE, FOREIGN},
        ),
        "GET runs": row(query=of_form, refused={EDIT, LOCK, SITE}),
        f"GET {one}": row(of="run", refused=ON_OBJECT | {SOURCE}),
        f"POST {one}/present": replace(
            on_run("run", query=of_form, body=page_form, changes=True),
            refused=ON_OBJECT | {LOCK, SOURCE},
        ),
        f"POST {one}/decide": on_run(
            "run", body=lambda _world: {"decision": "rejected"}, changes=True, is_json=True
        ),
        f"POST {one}/cancel": on_run("running", changes=True),
        f"POST {one}/restored": on_run("used", changes=True),
        **_builder_rows(),
    }


def _builder_rows() -> dict[str, Row]:
    def of_trial(world: World) -> dict[str, Any]:
        editor = f"/admin/snippets/{APP}/llmaction/edit/{world.action.pk}/"
        return {"editor": editor, "key": str(world.page.pk)}

    def action_form(world: World) -> dict[str, Any]:
        return world.forms["action"]

    trial = row(
        RUN,
        "customise_llmaction",
        "change_llmaction",
        query=of_trial,
        body=action_form,
        refused=ON_OBJECT | {FOREIGN},
    )
    return {
        "POST builder/preview": trial,
        "POST builder/runs": replace(trial, changes=True, refused=trial.refused | {SOURCE}),
        "GET builder/runs/<uuid:run_id>": row(of="trial", refused=ON_OBJECT | {SOURCE}),
        "GET builder/models": row(
            any_right("llmconfig", "add", "change"), query=lambda _world: {"provider": "default"}
        ),
    }
