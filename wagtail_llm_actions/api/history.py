"""The endpoints of the run history: read in parts, and exported."""

import csv
import io
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from ninja import Query, Router

from wagtail_llm_actions import engine
from wagtail_llm_actions.api.addresses import address_of
from wagtail_llm_actions.api.errors import answers
from wagtail_llm_actions.api.history_schemas import (
    RunFilters,
    RunPageOut,
    RunPartIn,
    SavedRunOut,
)
from wagtail_llm_actions.api.saved_runs import add_run_endpoints
from wagtail_llm_actions.api.streaming import TextStream, stream_texts
from wagtail_llm_actions.engine import Position
from wagtail_llm_actions.exceptions import FormDataError

CSV = "text/csv; charset=utf-8"
NOT_LISTED = (
    *("error_detail", "template_system_prompt", "template_prompt", "parameters", "changes"),
    *("system_prompt", "prompt", "sources", "value_before", "posted_before", "revised_text"),
    "revision_prompt",
)
"""What a list of runs does not read."""
EXPORT_DESCRIPTION = {"responses": {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}}


def make_runs_router() -> Router:
    """Return the endpoints of runs and their history."""
    router = Router(tags=["runs"])
    router.get(
        "",
        response=answers(ok=RunPageOut),
        url_name="runs",
        operation_id="get_runs",
        summary="List runs, the newest first",
    )(list_runs)
    router.get(
        "/export",
        url_name="runs_export",
        operation_id="get_runs_export",
        summary="Export runs as CSV",
        response=answers(),
        openapi_extra=EXPORT_DESCRIPTION,
    )(export_runs)
    add_run_endpoints(router)
    return router


def list_runs(
    request: HttpRequest, filters: Query[RunFilters], part: Query[RunPartIn]
) -> RunPageOut:
    """List the runs that the user may see, the newest first; 100 at most at once."""
    after = read_cursor(part.cursor) if part.cursor else None
    found = engine.runs_for(request.user, filters.lookups()).defer(*NOT_LISTED)
    runs = engine.part_of(found, part.limit + 1, after)
    shown = runs[: part.limit]
    goes_on = len(runs) > part.limit
    return RunPageOut(
        items=[
            SavedRunOut.of(run, address_of(request, "run", run_id=run.pk), request.user)
            for run in shown
        ],
        next=_next(request, engine.position_of(shown[-1])) if goes_on else None,
    )


def export_runs(request: HttpRequest, filters: Query[RunFilters]) -> StreamingHttpResponse:
    """Export the runs that the user may see, the newest first, without what was sent."""
    runs = engine.runs_for(request.user, filters.lookups())
    response = stream_texts(request, TextStream(_csv(runs, engine.columns_for(request.user))), CSV)
    response["Content-Disposition"] = 'attachment; filename="llm-action-runs.csv"'
    return response


def cursor_of(position: Position) -> str:
    """Return a position as it stands in an address."""
    text = f"{position.created_at.isoformat()} {position.id.hex}"
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> Position:
    """
    Return the position that a cursor stands for.

    :raises FormDataError: if it is none of ours.
    """
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        moment, key = urlsafe_b64decode(padded.encode("ascii")).decode().split(" ")
        created_at = datetime.fromisoformat(moment)
        if created_at.tzinfo is None:
            raise ValueError("a moment without its zone")
        return Position(created_at.astimezone(UTC), UUID(key))
    except (ValueError, OverflowError) as error:
        raise FormDataError(f"no cursor: {cursor!r}") from error


def _next(request: HttpRequest, position: Position) -> str:
    query = request.GET.copy()
    query["cursor"] = cursor_of(position)
    return f"{request.path}?{query.urlencode()}"


def _csv(runs: QuerySet, columns: Sequence[str]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for row in engine.exported(runs, columns):
        writer.writerow(row)
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
