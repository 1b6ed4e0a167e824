"""
Wagtail's content: the forms that people edit it in, its fields, rich text and blocks.

Knows nothing of this package's models.
"""

from wagtail_llm_actions.content.bound import BoundEditor, Placement
from wagtail_llm_actions.content.catalogue import kinds_of, paths_of, resolve_path
from wagtail_llm_actions.content.checking import problems_of_value
from wagtail_llm_actions.content.editors import Editor, find_editor, name_object
from wagtail_llm_actions.content.sources import SourceValue

__all__ = [
    "BoundEditor",
    "Editor",
    "Placement",
    "SourceValue",
    "find_editor",
    "kinds_of",
    "name_object",
    "paths_of",
    "problems_of_value",
    "resolve_path",
]
