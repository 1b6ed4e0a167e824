"""
Work that a worker of the project's task backend does: an id comes in, the engine is called.

With Django's default backend the work is done at once, in the request that asks for it.
"""

from uuid import UUID

from django.db import transaction
from django_tasks import task

from wagtail_llm_actions import engine
from wagtail_llm_actions.models import LLMActionHistory


def submit(run: LLMActionHistory) -> None:
    """Leave a prepared run to a worker."""
    engine.leave_to_worker(run)
    key = str(run.pk)
    transaction.on_commit(lambda: execute_run.enqueue(key))


@task()
def execute_run(run_id: str) -> None:
    """Execute a run."""
    engine.work_off(UUID(run_id))
