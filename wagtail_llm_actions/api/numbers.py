"""Numbers, read exactly as their JSON Schema says."""

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pydantic import BeforeValidator
from pydantic_core import CoreSchema, core_schema


def _whole(value: Any) -> Any:
    """Return 2.0 as 2: both are the same number in JSON."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Whole = BeforeValidator(_whole)
"""For an ``int`` that is read strictly."""


@dataclass(frozen=True, kw_only=True)
class Positive:
    """For a ``Decimal`` that is not below 0, written as a number or as a text."""

    digits: int
    """How many it may have."""
    places: int
    """How many of them after the point."""
    example: str

    def read(self, value: Any) -> Any:
        """
        Return a number without what floats add to it.

        :raises ValueError: if a text is not written as the pattern says.
        """
        if isinstance(value, str) and not re.fullmatch(self._pattern, value):
            raise ValueError(f"a number like {self.example}")
        if isinstance(value, float):
            rounded = round(value, self.places)
            return Decimal(str(rounded if math.isclose(value, rounded, rel_tol=1e-12) else value))
        return value

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> CoreSchema:
        number = core_schema.decimal_schema(
            ge=Decimal(0), max_digits=self.digits, decimal_places=self.places
        )
        return core_schema.no_info_before_validator_function(self.read, number)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: Any) -> dict[str, Any]:
        number = {
            "type": "number",
            "minimum": 0,
            "exclusiveMaximum": 10**self._before,
            "multipleOf": 10**-self.places,
        }
        text = {"type": "string", "pattern": self._pattern}
        return {"anyOf": [number, text], "examples": [self.example]}

    @property
    def _before(self) -> int:
        """How many digits it may have before the point."""
        return self.digits - self.places

    @property
    def _pattern(self) -> str:
        return rf"^[0-9]{{1,{self._before}}}(\.[0-9]{{1,{self.places}}})?$"
