"""
The test project as a site would run it: safe commits, an admin view that does nothing.

``BENCH_WITHOUT`` in the environment takes this package out, for the baseline.
"""

import os

from tests.settings import *  # noqa: F403
from tests.settings import DATABASES, INSTALLED_APPS

if os.environ.get("BENCH_WITHOUT"):
    INSTALLED_APPS.remove("wagtail_llm_actions")
if "OPTIONS" in DATABASES["default"]:
    DATABASES["default"]["OPTIONS"]["init_command"] = (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
    )
ROOT_URLCONF = "benchmarks.urls"
