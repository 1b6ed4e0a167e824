"""What the browser loads with the edit page before anybody opens the dialog."""

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Figure

STATIC = Path(__file__).resolve().parent.parent / "wagtail_llm_actions" / "static"
# Whatever the HTML names is loaded, the stylesheet by the script that it stands on.
TAG = re.compile(r'="/static/([^"]+)"')
# Not import(…): what is imported at a click is not loaded before it.
IMPORT = re.compile(r"""^\s*(?:import|export)\s[^;'"(]*?from\s*['"](\.[^'"]+)['"]""", re.MULTILINE)
BARE_IMPORT = re.compile(r"""^\s*import\s*['"](\.[^'"]+)['"]""", re.MULTILINE)
GOAL = 25


def figures() -> Iterator[Figure]:
    """Follow the imports from what the editor hook puts into the page."""
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.settings")
    import django

    django.setup()
    from wagtail_llm_actions.views.editor_assets import editor_js, uploads_js

    html = editor_js() + uploads_js()
    loaded = modules(STATIC / name for name in TAG.findall(html))
    inline = len(gzip.compress(html.encode())) / 1024
    files = sum(len(gzip.compress(path.read_bytes())) for path in loaded) / 1024
    yield Figure(
        name=f"static bytes, gzipped: {len(loaded)} files", unit="KiB", cost=files, goal=GOAL
    )
    yield Figure(name="HTML of the hook, gzipped", unit="KiB", cost=inline)


def modules(entries) -> set[Path]:
    """Return the files that the browser loads for ``entries``."""
    found: set[Path] = set()
    waiting = [path.resolve() for path in entries]
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found.add(path)
        if path.suffix == ".js":
            text = path.read_text()
            imports = IMPORT.findall(text) + BARE_IMPORT.findall(text)
            waiting += [(path.parent / name).resolve() for name in imports]
    return found
