"""Extra parameters of models, as JSON that every database takes."""

import math
from typing import Annotated, Any

from pydantic import AfterValidator, Field

MOST_NESTED = 20
"""How deep lists and objects may be nested in each other."""


def _checked(value: Any, depth: int = 0) -> Any:
    """
    Return a value that can be kept as it is.

    :raises ValueError: if it is nested too deeply, or holds a number that JSON does not have.
    """
    if depth > MOST_NESTED:
        raise ValueError(f"nested deeper than {MOST_NESTED} levels")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("only finite numbers")
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for part in parts:
        _checked(part, depth + 1)
    return value


Parameters = Annotated[dict[str, Any], AfterValidator(_checked), Field(examples=[{"top_p": 0.9}])]
