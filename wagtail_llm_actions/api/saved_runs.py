"""The endpoints of runs on saved objects: made, watched, decided on, and put into drafts."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from ninja import Router

from wagtail_llm_actions import engine, tasks
from wagtail_llm_actions.api.addresses import address_of
from wagtail_llm_actions.api.errors import answers
from wagtail_llm_actions.api.history_schemas import (
    ApplyIn,
    RetryIn,
    RunIn,
    SavedRunOut,
    WholeRunOut,
)
from wagtail_llm_actions.api.idempotency import Claim, once
from wagtail_llm_actions.api.run_schemas import DecisionIn
from wagtail_llm_actions.api.streaming import introduction, stream_events
from wagtail_llm_actions.models import IdempotencyKey, LLMActionHistory

JSON = "application/json"
STREAM_DESCRIPTION = {
    "responses": {
        200: {
            "content": {
                "text/event-stream": {
                    "schema": {
                        "type": "object",
                        "description": "Of each event.",
                        "properties": {
                            "event": {
                                "enum": ["started", "delta", "restarted", "succeeded", "failed"]
                            },
                            "data": {"type": "string", "contentMediaType": JSON},
                        },
                        "required": ["event", "data"],
                    }
                }
            }
        }
    }
}


def add_run_endpoints(router: Router) -> None:
    """Add what is done to runs."""
    done, made = answers(ok=SavedRunOut), answers(ok=SavedRunOut, accepted=SavedRunOut)
    router.post(
        "",
        response=made,
        url_name="runs",
        operation_id="post_runs",
        summary="Run an LLM action on a saved object",
        openapi_extra=STREAM_DESCRIPTION,
    )(start_run)
    router.get(
        "/{uuid:run_id}",
        response=answers(ok=WholeRunOut),
        url_name="run",
        operation_id="get_run",
        summary="Show a run with all that was sent",
    )(show_run)
    router.post(
        "/{uuid:run_id}/retry",
        response=made,
        url_name="run_retry",
        operation_id="post_run_retry",
        summary="Run again on the same field",
        openapi_extra=STREAM_DESCRIPTION,
    )(retry_run)
    for name, view, summary in (
        ("cancel", cancel_run, "Ask for the end of a run"),
        ("decide", decide_run, "Record what became of an output"),
        ("apply", apply_run, "Put an output into a new draft of its object"),
    ):
        router.post(
            f"/{{uuid:run_id}}/{name}",
            response=done,
            url_name=f"run_{name}",
            operation_id=f"post_run_{name}",
            summary=summary,
        )(view)


def start_run(request: HttpRequest, wanted: RunIn) -> HttpResponseBase:
    """
    Run an LLM action on a field of an object as it was last saved.

    Name the action, or the type of the object and the field. With ``"mode": "wait"`` the answer
    comes when the run has ended, however it ended; with ``"stream"`` its events come as server-sent
    events; with ``"background"`` the answer is 202 with the address of the run, to be polled. The
    header ``Idempotency-Key`` keeps a request that is sent again from running twice.
    """
    return _run(
        request,
        wanted,
        lambda wishes: engine.prepare_saved(request.user, wanted.target(), wishes),
    )


def retry_run(request: HttpRequest, run_id: UUID, wanted: RetryIn) -> HttpResponseBase:
    """Run again on the field of an earlier run, as it stands now; answers are those of a run."""
    return _run(
        request,
        wanted,
        lambda wishes: engine.prepare_retry(run_id, request.user, wishes),
    )


def show_run(request: HttpRequest, run_id: UUID) -> WholeRunOut:
    """Show one run that the user may see."""
    engine.sweep()
    run = engine.find_run(run_id, request.user)
    return WholeRunOut.of(run, _url(request, run), request.user)


def cancel_run(request: HttpRequest, run_id: UUID) -> SavedRunOut:
    """Ask for the end of a run; one that has ended stays as it is."""
    return _out(request, engine.cancel(run_id, request.user))


def decide_run(request: HttpRequest, run_id: UUID, decision: DecisionIn) -> SavedRunOut:
    """Record what a person did with an output elsewhere; nothing is written."""
    run = engine.decide(
        run_id, request.user, decision.value(), decision.mended, decision.output_mode()
    )
    return _out(request, run)


def apply_run(request: HttpRequest, run_id: UUID, wanted: ApplyIn) -> SavedRunOut:
    """
    Put the output, or what a person made of it, into a new draft of the object; publish nothing.

    Refused where somebody has the object open or locked, or where the field says something else
    than before the run.
    """
    run = engine.apply_output(run_id, request.user, wanted.mended, wanted.output_mode())
    return _out(request, run)


def _run(
    request: HttpRequest,
    wanted: RunIn | RetryIn,
    prepare: Callable[[engine.Wishes], LLMActionHistory],
) -> HttpResponseBase:
    mode = wanted.mode

    def work(claim: Claim) -> HttpResponseBase:
        run = prepare(replace(wanted.wishes(), key=claim.key))
        if mode == "stream":
            url = {"url": _url(request, run)}
            return stream_events(
                request, engine.execute(run), lambda: introduction(run) | url, as_sse=True
            )
        if mode == "background":
            tasks.submit(run)
            run.refresh_from_db()
            return _answer(request, run, 202)
        return _answer(request, engine.run_to_end(run), 200)

    def again(row: IdempotencyKey) -> HttpResponseBase:
        run: Any = row.run  # that is what was kept
        return _answer(request, run, 202 if mode == "background" else 200)

    return once(request, work, again)


def _answer(request: HttpRequest, run: LLMActionHistory, status: int) -> HttpResponse:
    out = _out(request, run)
    response = HttpResponse(out.model_dump_json(), status=status, content_type=JSON)
    response["Location"] = out.url
    return response


def _out(request: HttpRequest, run: LLMActionHistory) -> SavedRunOut:
    return SavedRunOut.of(run, _url(request, run), request.user)


def _url(request: HttpRequest, run: LLMActionHistory) -> str:
    return address_of(request, "run", run_id=run.pk)
