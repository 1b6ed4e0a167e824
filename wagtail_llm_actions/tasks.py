"""
Work that a worker of the project's task backend does: an id comes in, the engine is called.

With Django's default backend the work is done at once, in the request that asks for it.
"""

import logging
from uuid import UUID

from django.db import transaction
from django_tasks import task

from wagtail_llm_actions import engine
from wagtail_llm_actions.exceptions import WorkerUnavailableError
from wagtail_llm_actions.models import LLMActionHistory

logger = logging.getLogger(__name__)


def submit(run: LLMActionHistory) -> None:
    """
    Leave a prepared run to a worker.

    :raises WorkerUnavailableError: if the queue does not take it; the run has failed then.
    """
    engine.leave_to_worker(run)
    transaction.on_commit(lambda: _enqueue(run))


def _enqueue(run: LLMActionHistory) -> None:
    try:
        execute_run.enqueue(str(run.pk))
    except Exception as error:
        logger.exception("Run not enqueued run=%s", run.pk)
        failure = WorkerUnavailableError(f"not enqueued: {type(error).__name__}")
        failure.run_id = run.pk
        engine.give_up(run, failure)
        raise failure from error


@task()
def execute_run(run_id: str) -> None:
    """Execute a run."""
    engine.work_off(UUID(run_id))
