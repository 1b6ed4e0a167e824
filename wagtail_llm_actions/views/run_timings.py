"""How long a run took, from the request to the last token."""

from django.utils.translation import gettext

from wagtail_llm_actions.views.run_columns import seconds


def timings_of(run) -> list[tuple[str, str]]:
    """Return each known span of a run with its name, for people."""
    spans = [
        (gettext("Waited to start"), _between(run.created_at, run.started_at)),
        (gettext("Until the first token"), _between(run.started_at, run.first_token_at)),
        (gettext("In all"), run.duration),
    ]
    return [(name, seconds(span)) for name, span in spans if span is not None]


def _between(start, end):
    if start is None or end is None:
        return None
    return max((end - start).total_seconds(), 0)
