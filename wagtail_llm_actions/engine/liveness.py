"""
Finds the runs whose process is gone.

A process killed in the middle cannot end its run. Any door that shows runs sweeps first: runs
of processes that no longer exist on this machine end at once, those of other machines when their
deadline has passed. Starting a run shows no other, and does not wait for a sweep.
"""

import os
import socket
from functools import cache
from pathlib import Path

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext

from wagtail_llm_actions.engine.receipts import settle_open_attempts, settle_run
from wagtail_llm_actions.exceptions import RunInterruptedError
from wagtail_llm_actions.models import LLMActionHistory
from wagtail_llm_actions.values import RunStatus

UNKNOWN = "alive"
"""Stands for the start of a process that lives, but does not tell since when."""
ENDED = {"Z", "X"}
"""The kernel's states of a process that has ended and waits to be forgotten."""


def worker_name() -> str:
    """Return a name of this process that no other process has had or will have."""
    pid = os.getpid()
    return f"{_machine()}/{pid}/{_started(pid)}"


def is_gone(worker: str) -> bool:
    """
    Return whether the process called ``worker`` is known to be gone.

    Of a process on another machine, or in another container, nothing is known.
    """
    machine, pid, started = worker.rsplit("/", 2)
    if machine != _machine():
        return False
    now = _started(int(pid))
    return not now or (now != started and UNKNOWN not in (now, started))


def sweep() -> int:
    """End the active runs whose process is gone or whose time is over; return how many."""
    local = Q(status=RunStatus.RUNNING, worker__startswith=f"{_machine()}/")
    overdue = Q(deadline_at__lt=timezone.now())
    swept = 0
    for run in LLMActionHistory.objects.active().filter(local | overdue):
        if _is_over(run):
            swept += _interrupt(run)
    return swept


def _is_over(run: LLMActionHistory) -> bool:
    if run.deadline_at is not None and run.deadline_at < timezone.now():
        return True
    return is_gone(run.worker)


def _interrupt(run: LLMActionHistory) -> bool:
    error = _interruption(run)
    settle_open_attempts(run, error)
    return settle_run(run, error)


def _interruption(run: LLMActionHistory) -> RunInterruptedError:
    if run.status == RunStatus.QUEUED:
        message = gettext("The run was not begun in time. Nothing was sent.")
        return RunInterruptedError("nobody executed it in time", user_message=message)
    return RunInterruptedError(f"process {run.worker} is gone or out of time")


@cache
def _machine() -> str:
    """Name the machine since its last start, and the container's own process numbers."""
    boot = _read("/proc/sys/kernel/random/boot_id") or socket.gethostname()
    try:
        namespace = os.readlink("/proc/self/ns/pid")
    except OSError:
        namespace = socket.gethostname()
    return f"{boot}/{namespace}"


def _started(pid: int) -> str:
    """Return when a process started, in the kernel's ticks; blank if it has ended."""
    stat = _read(f"/proc/{pid}/stat")
    if not stat:
        return _answers(pid)
    state, *fields = stat.rpartition(")")[2].split()
    return "" if state in ENDED else fields[18]


def _answers(pid: int) -> str:
    """Stand in for the start time where ``/proc`` does not tell it: ``UNKNOWN``, or blank."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return ""
    except PermissionError:
        pass  # it lives, and is another user's
    return UNKNOWN


def _read(path: str) -> str:
    try:
        return Path(path).read_text().strip()
    except OSError:
        return ""
