"""Limits and budgets, as JSON."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from django.db.models import QuerySet
from ninja import Schema
from pydantic import ConfigDict, Field, StrictBool

from wagtail_llm_actions.api.numbers import Positive
from wagtail_llm_actions.api.row_schemas import GroupName, SiteName, Slug
from wagtail_llm_actions.engine import Standing, limit_contents, limit_version
from wagtail_llm_actions.models.limits import from_units
from wagtail_llm_actions.models.texts import storable
from wagtail_llm_actions.values import LimitMeasure

LimitName = Annotated[str, Field(min_length=1, max_length=100, examples=["Money each month"])]
MeasureName = Literal["requests", "concurrent", "tokens", "money"]
PeriodName = Literal["", "minute", "hour", "day", "week", "month"]
Amount = Annotated[Decimal, Positive(digits=14, places=4, example="20")]
UserName = Annotated[str, Field(max_length=255, examples=["editor"])]
Alias = Annotated[str, Field(max_length=100, examples=["default"])]


class LimitChange(Schema):
    """What is changed in a limit; what is left out stays as it is."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"amount": "30", "version": "7.0f3a91c2d4b5e6f7"}},
    )

    name: LimitName | None = None
    measure: MeasureName | None = None
    """What is counted; of a limit that is there it cannot be changed."""
    amount: Amount | None = None
    """Runs, tokens or US dollars; 0 allows nothing."""
    period: PeriodName | None = None
    """In each of which the amount may be used; blank for runs at the same time."""
    stops: StrictBool | None = None
    """Whether runs are refused that would go beyond it. If not, it only warns."""
    allows_unknown_price: StrictBool | None = None
    """Whether runs count as free whose price nobody knows. If not, they are refused."""
    per_person: StrictBool | None = None
    """Whether it is counted for each person alone, not for all together."""
    group: GroupName | None = None
    """Only runs of its members; ``null`` leaves nobody out, as with the other conditions."""
    user: UserName | None = None
    action: Annotated[Slug, Field(examples=["alt-text"])] | None = None
    provider: Alias | None = None
    """Blank for every provider."""
    site: SiteName | None = None
    is_active: StrictBool | None = None
    version: str | None = Field(None, min_length=1, max_length=100)
    """The version that is replaced, where the header ``If-Match`` does not say it."""

    def contents(self) -> dict[str, Any]:
        """Return what is said of the limit; ``null`` means nothing but for a condition."""
        said = self.dict(exclude_unset=True, exclude={"version"})
        return {
            name: value
            for name, value in said.items()
            if value is not None or name in ("group", "user", "action", "site")
        }


class LimitCreation(LimitChange):
    """A new limit."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "name": "Money each month",
                "measure": "money",
                "amount": "50.00",
                "period": "month",
                "group": "Press office",
            }
        },
    )

    name: LimitName
    measure: MeasureName
    amount: Amount


class LimitOut(Schema):
    """A limit, with how it stands in the period of now."""

    id: int = Field(examples=[7])
    url: str
    version: str = Field(examples=["7.0f3a91c2d4b5e6f7"])
    """To be sent with what replaces or deletes it; also the ``ETag``. What was counted is no part of it."""
    name: str
    measure: str = Field(examples=["money"])
    amount: Decimal | None = Field(examples=["50"])
    """Runs, tokens or US dollars; of money ``null``, as the next three, for who may not see money."""
    period: str = Field(examples=["month"])
    stops: bool
    allows_unknown_price: bool
    per_person: bool
    group: str | None
    user: str | None
    action: str | None
    provider: str
    site: str | None
    is_active: bool
    used: Decimal | None = Field(examples=["12.5"])
    """In the period of now; of a limit for each person by who has used most."""
    reserved: Decimal | None = Field(examples=["0.25"])
    """What the runs may still use that go on; all that counts of runs at the same time."""
    left: Decimal | None = Field(examples=["37.25"])
    """Below 0 where a limit that only warns was passed."""
    resets_at: datetime | None
    """When the period ends; ``null`` for runs at the same time."""

    @classmethod
    def of(cls, standing: Standing, url: str, *, sees_money: bool) -> Self:
        """Describe a limit; ``url`` is where it is."""
        limit = standing.limit
        hides = limit.measure == LimitMeasure.MONEY and not sees_money

        def amount(value: Decimal) -> Decimal | None:
            return None if hides else Decimal(f"{value.normalize():f}")

        def units(value: int) -> Decimal | None:
            return amount(from_units(limit.measure, value))

        said = limit_contents(limit) | {
            "amount": amount(limit.amount),
            "used": units(standing.used),
            "reserved": units(standing.reserved),
            "left": units(standing.left),
        }
        return cls(
            id=limit.pk,
            url=url,
            version=limit_version(limit),
            resets_at=standing.ends_at,
            **said,
        )


class LimitPageOut(Schema):
    """A part of a list."""

    count: int
    next: str | None
    items: list[LimitOut]


class LimitFilters(Schema):
    """What the list can be narrowed down to."""

    q: str | None = Field(None, max_length=100)
    """A part of the name."""
    measure: MeasureName | None = None
    is_active: bool | None = None

    def narrow(self, limits: QuerySet) -> QuerySet:
        """Return the limits that are asked for."""
        wanted = self.dict(exclude_none=True, exclude={"q"})
        if self.q:
            wanted["name__icontains"] = storable(self.q)
        return limits.filter(**wanted)
