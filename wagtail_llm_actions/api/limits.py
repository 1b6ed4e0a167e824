"""
The endpoints of limits and budgets, each with how it stands now.

Who may do what is the same as in the admin; money is told to who may see it.
"""

import json

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from ninja import Query, Router
from ninja.responses import Status

from wagtail_llm_actions import engine
from wagtail_llm_actions.api.addresses import address_of, next_address
from wagtail_llm_actions.api.errors import answers
from wagtail_llm_actions.api.idempotency import Claim, once
from wagtail_llm_actions.api.limit_schemas import (
    LimitChange,
    LimitCreation,
    LimitFilters,
    LimitOut,
    LimitPageOut,
)
from wagtail_llm_actions.api.preconditions import tag, wanted_version
from wagtail_llm_actions.api.row_schemas import PageIn
from wagtail_llm_actions.engine import Standing
from wagtail_llm_actions.models import LLMLimit
from wagtail_llm_actions.permissions import can_see_costs


def make_limits_router() -> Router:
    """Return the endpoints."""
    router = Router(tags=["limits"])
    one, tell = "/{int:limit_id}", answers(ok=LimitOut)
    for method, path, view, name, answer, summary in (
        ("GET", "", list_limits, "limits", answers(ok=LimitPageOut), "List limits"),
        ("POST", "", create_limit, "limits", answers(created=LimitOut), "Make a limit"),
        ("GET", one, show_limit, "limit", tell, "Show one limit"),
        ("PATCH", one, change_limit, "limit", tell, "Change a limit"),
        ("DELETE", one, delete_limit, "limit", answers(no_content=None), "Delete a limit"),
    ):
        router.add_api_operation(
            path,
            [method],
            view,
            response=answer,
            url_name=name,
            operation_id=f"{method.lower()}_{name}",
            summary=summary,
            description=view.__doc__,
        )
    return router


def list_limits(
    request: HttpRequest, filters: Query[LimitFilters], page: Query[PageIn]
) -> LimitPageOut:
    """List them by name, with how they stand; 100 at most at once."""
    found = filters.narrow(engine.limits_of(request.user))
    count = found.count()
    limits = list(found[page.offset : page.offset + page.limit])
    standings = engine.all_standings(limits)
    return LimitPageOut(
        count=count,
        next=next_address(request, page, count),
        items=[_described(request, standings[limit.pk]) for limit in limits],
    )


def show_limit(request: HttpRequest, response: HttpResponse, limit_id: int) -> LimitOut:
    """Show one, with how it stands."""
    return _tagged(response, _out(request, engine.find_limit(request.user, limit_id)))


def create_limit(request: HttpRequest, wish: LimitCreation) -> HttpResponseBase:
    """
    Make one, which counts from the next run on.

    The header ``Idempotency-Key`` keeps a request that is sent again from making two.
    """

    def work(claim: Claim) -> HttpResponse:
        with engine.as_ours():  # what cannot be answered is not made
            limit = engine.create_limit(request.user, wish.contents())
            body = _out(request, limit).model_dump_json()
            claim.remember(body)
        return _created(body)

    return once(request, work, lambda kept: _created(kept.answer))


def change_limit(
    request: HttpRequest, response: HttpResponse, limit_id: int, wish: LimitChange
) -> LimitOut:
    """
    Change what is sent; what was counted stays.

    The version that was read is named by ``If-Match`` or by ``version``.
    """
    version = wanted_version(request, wish.version)
    limit = engine.change_limit(request.user, limit_id, wish.contents(), version=version)
    return _tagged(response, _out(request, limit))


def delete_limit(request: HttpRequest, limit_id: int, version: str | None = None) -> Status:
    """Delete one; the version that was read is named by ``If-Match`` or by ``version``."""
    engine.delete_limit(request.user, limit_id, version=wanted_version(request, version))
    return Status(204, None)


def _out(request: HttpRequest, limit: LLMLimit) -> LimitOut:
    return _described(request, engine.all_standings([limit])[limit.pk])


def _described(request: HttpRequest, standing: Standing) -> LimitOut:
    url = address_of(request, "limit", limit_id=standing.limit.pk)
    return LimitOut.of(standing, url, sees_money=can_see_costs(request.user))


def _tagged(response: HttpResponse, out: LimitOut) -> LimitOut:
    tag(response, out.version)
    return out


def _created(body: str) -> HttpResponse:
    """Return the answer to who made a limit."""
    out = json.loads(body)
    response = HttpResponse(body, status=201, content_type="application/json")
    response["Location"] = out["url"]
    tag(response, out["version"])
    return response
