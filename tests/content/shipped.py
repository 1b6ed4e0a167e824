"""
The classes of form fields, widgets, panels and blocks that Django and Wagtail bring::

    python -m tests.content.shipped

Prints them as JSON. In a process of its own, because it imports every module of Wagtail.
"""

import importlib
import json
import os
import pkgutil
import sys
import warnings
from collections.abc import Iterator

PACKAGES = ("django.", "wagtail.", "taggit.", "modelcluster.")
APART = (
    "wagtail.test.",
    "wagtail.project_template.",
    "wagtail.contrib.styleguide.",
    "django.forms.widgets.AdvertChooser",
)
"""Wagtail's own tests and demonstrations."""
NOT_IMPORTED = ("test", "tests", "migrations", "management", "project_template")


def shipped() -> dict[str, list[str]]:
    """Return the full names of the classes, by what they are."""
    import django

    django.setup()
    import wagtail
    from django import forms
    from wagtail.admin.panels import Panel
    from wagtail.blocks import Block

    for module in pkgutil.walk_packages(wagtail.__path__, "wagtail.", onerror=lambda name: None):
        if not set(NOT_IMPORTED) & set(module.name.split(".")):
            try:
                importlib.import_module(module.name)
            except Exception as error:  # an optional dependency, or an app that is not installed
                sys.stderr.write(f"{module.name}: {error}\n")
    bases = {"field": forms.Field, "widget": forms.Widget, "panel": Panel, "block": Block}
    return {kind: sorted(set(_names(base))) for kind, base in bases.items()}


def _names(base: type) -> Iterator[str]:
    for cls in base.__subclasses__():
        name = f"{cls.__module__}.{cls.__qualname__}"
        is_made = cls.__module__ == "django.forms.widgets" and cls.__name__.endswith(
            "ChooserWidget"
        )
        if name.startswith(PACKAGES) and not name.startswith(APART) and not is_made:
            yield name
        yield from _names(cls)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    warnings.simplefilter("ignore")
    json.dump(shipped(), sys.stdout)
