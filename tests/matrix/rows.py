"""How each place is asked, which rights it takes, and under which conditions it refuses."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from django.contrib.contenttypes.models import ContentType

from tests.matrix.places import ADMIN_API, ADMIN_TWIN, APP, TOKEN_API
from tests.matrix.worlds import World
from tests.testapp.models import StoryPage

Body = Callable[[World], dict[str, Any]]

EDIT, LOCK, FIELD, SITE, SOURCE = "edit", "lock", "field", "site", "source"
FOREIGN = "foreign"
"""The conditions that only some places meet: no right to edit the object, the object locked by
somebody else, a field that the person does not see, the site another one than theirs, a source that
they do not see; and that the action is for another site than the object."""
OF_SITE = {SITE, FOREIGN}
"""What may be for one site."""
ON_OBJECT = {EDIT, FIELD, SITE}
"""What is about one object, or a run on it."""


def nothing(world: World) -> dict[str, Any]:
    """Send nothing."""
    return {}


@dataclass(frozen=True)
class Row:
    """
    How a place is asked, and who is refused.

    Who has no access to the admin, no session or token, or no CSRF token is refused everywhere.
    """

    rights: tuple[str, ...] = ()
    """All that it takes of the package's permissions; with ``|`` between those of which one is enough."""
    of: str = ""
    """What of the world the address names."""
    refused: frozenset[str] = frozenset()
    """The conditions under which it is refused; under all others it answers as ever, without what
    the person may not see."""
    query: Body = nothing
    body: Body = nothing
    headers: dict[str, str] = field(default_factory=dict)
    answer: int = 200
    """The status for who may."""
    changes: bool = False
    """Whether anything is otherwise afterwards."""
    is_quiet: bool = False
    """Whether who lacks the right gets an answer, which says nothing."""
    is_json: bool = False


def row(*rights: str, refused: set[str] | frozenset[str] = frozenset(), **options: Any) -> Row:
    """Return a row that takes some rights."""
    return Row(rights, refused=frozenset(refused), **options)


ANY_VERSION = {"If-Match": "*"}
SEES = ("view", "add", "change", "delete")


def any_right(model: str, *verbs: str) -> str:
    """Return permissions on a model of which one is enough."""
    return "|".join(f"{verb}_{model}" for verb in verbs)


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


RUN = "run_llmaction"


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


def below(path: str, rows: dict[str, Row]) -> dict[str, Row]:
    """Return rows as they are called in the URL configuration."""
    return {name.replace(" ", f" {path}", 1): one for name, one in rows.items()}


MATRIX: dict[str, Row] = {
    **below(TOKEN_API, api_rows()),
    **below(ADMIN_TWIN, api_rows()),
    **below(ADMIN_API, editor_rows()),
    **below("admin/llm-actions/", view_rows()),
}
for _model, _of in (
    ("llmaction", "action"),
    ("prompttemplate", "template"),
    ("llmconfig", "config"),
):
    MATRIX |= below(f"admin/snippets/{APP}/{_model}/", snippet_rows(_model, _of))
    MATRIX |= below(f"admin/snippets/choose/{APP}/{_model}/", chooser_rows(_model, _of))
    MATRIX |= below(f"admin/bulk/{APP}/{_model}/", bulk_rows(_model, _of))
