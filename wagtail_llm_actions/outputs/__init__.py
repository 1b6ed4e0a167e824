"""
What becomes of a completion before it is an output: cleaned, then fitted to its field.

Besides that, what a model is told about the shape of its answer, and how a value is stored and shown.
Nothing here knows Wagtail or the database; a field is a
:class:`~wagtail_llm_actions.values.FieldSpec`.
"""

from wagtail_llm_actions.outputs.asking import instructions, repair_prompt, revision_prompt
from wagtail_llm_actions.outputs.cleaning import clean
from wagtail_llm_actions.outputs.fitting import fit, fit_written
from wagtail_llm_actions.outputs.reading import readable
from wagtail_llm_actions.outputs.schema import json_schema
from wagtail_llm_actions.outputs.storing import dump, load

__all__ = [
    "clean",
    "dump",
    "fit",
    "fit_written",
    "instructions",
    "json_schema",
    "load",
    "readable",
    "repair_prompt",
    "revision_prompt",
]
