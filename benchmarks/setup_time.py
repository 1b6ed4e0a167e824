"""What ``django.setup()`` takes longer and larger."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.site import ask_both

ROUNDS = 15
BASELINE = """\
django.setup() in a fresh process over the same without this package in INSTALLED_APPS. Times are
processor times; each figure is the least of {rounds} processes that were started in turns."""


def figures() -> Iterator[Figure]:
    """Measure a fresh process, with and without this package, in turns."""
    print(BASELINE.format(rounds=ROUNDS))
    pairs = [ask_both("benchmarks.setup_time", {}) for _ in range(ROUNDS)]
    for name, unit, goal, key in (
        ("django.setup(): time", "ms", 40, "setup_ms"),
        ("django.setup(): memory", "MiB", 4, "setup_mib"),
        ("django.setup() and the URLs: time", "ms", None, "urls_ms"),
        ("django.setup() and the URLs: memory", "MiB", None, "urls_mib"),
    ):
        without, with_us = (min(pair[side][key] for pair in pairs) for side in (0, 1))
        yield Figure(name=name, unit=unit, baseline=without, cost=with_us, goal=goal)


def measure() -> dict[str, float]:
    """
    Measure this process; times are from its start of Django, in milliseconds.

    They are processor times: imports wait for nothing, and other processes do not count.
    """
    begin = time.process_time()
    import django

    django.setup()
    setup = {"setup_ms": (time.process_time() - begin) * 1000, "setup_mib": private_mib()}
    from django.urls import get_resolver

    assert get_resolver().url_patterns
    return setup | {"urls_ms": (time.process_time() - begin) * 1000, "urls_mib": private_mib()}


def private_mib() -> float:
    """Return the memory that belongs to this process alone, in MiB."""
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / 1024


if __name__ == "__main__":
    print(json.dumps(measure()))
