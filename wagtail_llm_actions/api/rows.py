"""
The endpoints of actions, prompt templates and LLM configurations, which are all made alike.

Who may do what, and what is valid, is the same as in the admin.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from types import GenericAlias
from typing import Any

from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from ninja.responses import Status

from wagtail_llm_actions import engine
from wagtail_llm_actions.api import row_schemas as schemas
from wagtail_llm_actions.api.addresses import address_of, next_address
from wagtail_llm_actions.api.errors import answers
from wagtail_llm_actions.api.idempotency import Claim, once
from wagtail_llm_actions.api.preconditions import tag, wanted_version
from wagtail_llm_actions.engine.row_contents import contents_of
from wagtail_llm_actions.models import LLMAction, LLMConfig, PromptTemplate
from wagtail_llm_actions.models.publication import with_schedules


@dataclass(frozen=True, kw_only=True)
class Resource:
    """A type of row and how it is written as JSON."""

    name: str
    """In addresses: ``"actions"``."""
    singular: str
    model: type[Model]
    creation: Any
    change: Any
    out: Any
    filters: Any

    @property
    def one(self) -> str:
        """What one of them is called in a sentence."""
        return f"{'an' if self.singular[0] in 'aeiou' else 'a'} {self.singular}"

    def represent(self, request: HttpRequest, row: Any, response: HttpResponse) -> Schema:
        """Return a row as JSON, and tag the answer with its version."""
        out = self.of(request, row)
        tag(response, out.version)
        return out

    def of(self, request: HttpRequest, row: Any, default: LLMConfig | None = None) -> Any:
        """
        Return a row as JSON.

        :param default: the default configuration, if it is known already.
        """
        return self.out(
            **contents_of(engine.draft_of(row)),
            **self._more(row, default),
            url=address_of(request, f"{self.singular}", slug=row.slug),
            version=engine.row_version(row),
            live=row.live,
            has_unpublished_changes=row.has_unpublished_changes,
            live_revision=row.live_revision_id,
            latest_revision=row.latest_revision_id,
        )

    def _more(self, row: Any, default: LLMConfig | None) -> dict[str, Any]:
        if not isinstance(row, LLMAction):
            return {}
        problem = row.problem(default or LLMConfig.objects.default())
        return {"enabled": row.enabled, "problem": problem}


RESOURCES = (
    Resource(
        name="actions",
        singular="action",
        model=LLMAction,
        creation=schemas.ActionCreation,
        change=schemas.ActionChange,
        out=schemas.ActionRowOut,
        filters=schemas.ActionFilters,
    ),
    Resource(
        name="templates",
        singular="template",
        model=PromptTemplate,
        creation=schemas.TemplateCreation,
        change=schemas.TemplateChange,
        out=schemas.TemplateRowOut,
        filters=schemas.TemplateFilters,
    ),
    Resource(
        name="configs",
        singular="config",
        model=LLMConfig,
        creation=schemas.ConfigCreation,
        change=schemas.ConfigChange,
        out=schemas.ConfigRowOut,
        filters=schemas.ConfigFilters,
    ),
)


def make_rows_router(resource: Resource) -> Router:
    """Return the endpoints of one type of row."""
    router = Router(tags=[resource.name])
    _add_list(router, resource)
    _add_reading(router, resource)
    _add_creation(router, resource)
    _add_change(router, resource)
    _add_deletion(router, resource)
    _add_publication(router, resource)
    _add_revisions(router, resource)
    if resource.model is LLMAction:
        _add_switches(router, resource)
    return router


def _endpoint(
    router: Router,
    method: str,
    path: str,
    view: Callable,
    name: str,
    answer: Any,
    summary: str,
    **annotations: Any,
) -> None:
    """Add an endpoint whose parameters depend on the type of row."""
    view.__annotations__.update(annotations)
    router.add_api_operation(
        path,
        [method],
        view,
        response=answer,
        url_name=f"{name}",
        operation_id=f"{method.lower()}_{name}",
        summary=summary,
        description=view.__doc__,
    )


def _add_list(router: Router, resource: Resource) -> None:
    query: Any = Query
    page_type = type(
        f"{resource.singular.title()}PageOut",
        (Schema,),
        {
            "__doc__": "A part of a list.",
            "__annotations__": {
                "count": int,
                "next": str | None,
                "items": GenericAlias(list, (resource.out,)),
            },
        },
    )

    def view(request, filters, page):
        """List them by slug, as their latest drafts have them; 100 at most at once."""
        found = filters.narrow(engine.rows_of(request.user, resource.model))
        count = found.count()
        rows = with_schedules(found[page.offset : page.offset + page.limit])
        default = LLMConfig.objects.default()
        return page_type(
            count=count,
            next=next_address(request, page, count),
            items=[resource.of(request, row, default) for row in rows],
        )

    _endpoint(
        *(router, "GET", "", view, resource.name, answers(ok=page_type), f"List {resource.name}"),
        request=HttpRequest,
        filters=query[resource.filters],
        page=query[schemas.PageIn],
    )


def _add_reading(router: Router, resource: Resource) -> None:
    def view(request: HttpRequest, response: HttpResponse, slug: str):
        """Show one, as its latest draft has it."""
        row = engine.find_row(request.user, resource.model, slug)
        return resource.represent(request, row, response)

    one = resource.singular
    _endpoint(router, "GET", "/{slug:slug}", view, one, answers(ok=resource.out), f"Show one {one}")


def _add_creation(router: Router, resource: Resource) -> None:
    def view(request, wish):
        """
        Make one: a draft, or with ``publish`` live at once.

        The header ``Idempotency-Key`` keeps a request that is sent again from making two.
        """

        def work(claim: Claim) -> HttpResponse:
            with engine.as_ours():  # what cannot be answered is not made
                row = engine.create_row(
                    request.user, resource.model, wish.contents(), publish=wish.publish
                )
                body = resource.of(request, row).model_dump_json()
                claim.remember(body)
            return _created(body)

        return once(request, work, lambda kept: _created(kept.answer))

    _endpoint(
        *(router, "POST", "", view, resource.name, answers(created=resource.out)),
        f"Make {resource.one}",
        request=HttpRequest,
        wish=resource.creation,
    )


def _created(body: str) -> HttpResponse:
    """Return the answer to who made a row."""
    out = json.loads(body)
    response = HttpResponse(body, status=201, content_type="application/json")
    response["Location"] = out["url"]
    tag(response, out["version"])
    return response


def _add_change(router: Router, resource: Resource) -> None:
    def view(request, response, slug, wish):
        """
        Change what is sent, as a draft, or with ``publish`` live at once.

        The version that was read is named by ``If-Match`` or by ``version``.
        """
        row = engine.change_row(
            request.user,
            resource.model,
            slug,
            wish.contents(),
            version=wanted_version(request, wish.version),
            publish=wish.publish,
        )
        return resource.represent(request, row, response)

    _endpoint(
        *(router, "PATCH", "/{slug:slug}", view, resource.singular, answers(ok=resource.out)),
        f"Change {resource.one}",
        request=HttpRequest,
        response=HttpResponse,
        slug=str,
        wish=resource.change,
    )


def _add_deletion(router: Router, resource: Resource) -> None:
    def view(request: HttpRequest, slug: str, version: str | None = None):
        """Delete one; the version that was read is named by ``If-Match`` or by ``version``."""
        wanted = wanted_version(request, version)
        engine.delete_row(request.user, resource.model, slug, version=wanted)
        return Status(204, None)

    _endpoint(
        *(router, "DELETE", "/{slug:slug}", view, resource.singular, answers(no_content=None)),
        f"Delete {resource.one}",
    )


def _add_publication(router: Router, resource: Resource) -> None:
    def publish(request: HttpRequest, response: HttpResponse, slug: str):
        """Publish the latest draft; it is checked as in the admin. ``If-Match`` is heeded."""
        version = wanted_version(request, engine.ANY_VERSION)
        row = engine.publish_row(request.user, resource.model, slug, version=version)
        return resource.represent(request, row, response)

    def unpublish(request: HttpRequest, response: HttpResponse, slug: str):
        """Take it off the site or the schedule; it stays as a draft. ``If-Match`` is heeded."""
        version = wanted_version(request, engine.ANY_VERSION)
        row = engine.unpublish_row(request.user, resource.model, slug, version=version)
        return resource.represent(request, row, response)

    _add_deeds(router, resource, publish, unpublish)


def _add_switches(router: Router, resource: Resource) -> None:
    def enable(request: HttpRequest, response: HttpResponse, slug: str):
        """Let it be run again, at once."""
        row = engine.turn_row(request.user, resource.model, slug, True)
        return resource.represent(request, row, response)

    def disable(request: HttpRequest, response: HttpResponse, slug: str):
        """Let nobody run it, at once, whether it is published or not."""
        row = engine.turn_row(request.user, resource.model, slug, False)
        return resource.represent(request, row, response)

    _add_deeds(router, resource, enable, disable)


def _add_deeds(router: Router, resource: Resource, *views: Callable) -> None:
    for view in views:
        _endpoint(
            *(router, "POST", f"/{{slug:slug}}/{view.__name__}", view),
            f"{resource.singular}_{view.__name__}",
            answers(ok=resource.out),
            f"{view.__name__.title()} {resource.one}",
        )


def _add_revisions(router: Router, resource: Resource) -> None:
    def revisions(request: HttpRequest, slug: str, part: Query[schemas.LastIn]):
        """List the last revisions, the newest first; 100 at most."""
        row = engine.find_row(request.user, resource.model, slug)
        found = engine.revisions_of(request.user, resource.model, slug)[: part.limit]
        return [schemas.RevisionOut(**_revision(row, revision)) for revision in found]

    def revision(request: HttpRequest, slug: str, revision_id: int):
        """Show one revision, with what it says."""
        row = engine.find_row(request.user, resource.model, slug)
        found = engine.revision_of(request.user, resource.model, slug, revision_id)
        contents = contents_of(found.as_object())
        return schemas.RevisionContentsOut(**_revision(row, found), contents=contents)

    one = resource.singular
    listed, shown = answers(ok=list[schemas.RevisionOut]), answers(ok=schemas.RevisionContentsOut)
    path = "/{slug:slug}/revisions"
    _endpoint(
        *(router, "GET", path, revisions, f"{one}_revisions", listed),
        f"List the revisions of {resource.one}",
    )
    _endpoint(
        *(router, "GET", f"{path}/{{int:revision_id}}", revision),
        *(f"{one}_revision", shown, f"Show a revision of {resource.one}"),
    )


def _revision(row: Any, revision: Any) -> dict[str, Any]:
    return {
        "id": revision.pk,
        "created_at": revision.created_at,
        "user": revision.user.get_username() if revision.user else "",
        "is_live": revision.pk == row.live_revision_id,
        "is_latest": revision.pk == row.latest_revision_id,
    }
