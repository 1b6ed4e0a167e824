"""
What is wrong with the paths of an action.

Whatever knows Wagtail's fields needs all models loaded, so it is imported when it is asked.
"""

from django.db.models import Model


def destination_problem(model: type[Model], path: str) -> str:
    """Return why nothing can be written to ``path``, as a translated sentence; blank if it can."""
    from wagtail_llm_actions.content import broken_paths

    return broken_paths.destination_problem(model, path)


def source_problem(model: type[Model], path: str) -> str:
    """Return why nothing can be read at ``path``, as a translated sentence; blank if it can."""
    from wagtail_llm_actions.content import broken_paths

    return broken_paths.source_problem(model, path)
