"""A till's requests and answers: quote, hold, capture, release, undo."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from services.earn.api.models.common import (
    HoldId,
    MemberId,
    Money,
    Points,
    RedemptionId,
    Said,
    Slug,
    Sparing,
    Worth,
    without_null,
)
from services.earn.counter.commands import Asked

Count = Annotated[int, Field(ge=0)]


def _one_of(schema: dict[str, Any]) -> None:
    without_null(schema)
    schema["oneOf"] = [{"required": ["points"]}, {"required": ["pay"]}]


class Spend(Sparing):
    """How much is to be spent: `points`, or what they shall `pay` of the bill; one of the two."""

    model_config = ConfigDict(json_schema_extra=_one_of)

    member: MemberId
    wallet: Slug
    points: Points | None = Field(None, description="so many points")
    pay: Money | None = Field(None, description="as many points as pay this much, at most")
    bill: Money | None = Field(
        None, description="what there is to pay; needed where the wallet's points may pay a part of it only"
    )

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.points is None) == (self.pay is None):
            raise PydanticCustomError("one_of", "write one of points and pay")
        if self.pay is not None and self.bill is not None and self.pay.currency != self.bill.currency:
            raise PydanticCustomError("currency", "pay and bill are in one currency")
        return self

    def asked(self) -> Asked:
        """As the counter takes it."""
        money = self.pay or self.bill
        return Asked(
            wallet=self.wallet,
            points=self.points,
            amount=None if self.pay is None else self.pay.value,
            bill=None if self.bill is None else self.bill.value,
            currency=None if money is None else money.currency,
        )


class Part(Sparing):
    """What of a hold is captured; the rest goes back."""

    points: Points | None = Field(
        None,
        description="all of it where nothing is said; a part keeps to the wallet's `step`, and to its `at_least`",
    )


class Quoted(Said):
    """What could be spent now."""

    wallet: Slug
    points: Points
    worth: Worth
    clamped: bool = Field(description="less than was asked for")
    spendable: Count = Field(description="points that the member can spend now")


class Held(Quoted):
    """Points that are set aside, until they are captured or released, or until the hold ends."""

    hold: HoldId
    member: MemberId
    until: str = Field(description="RFC 3339; then the points go back by themselves")


class Captured(Said):
    """Points that are spent."""

    redemption: RedemptionId
    member: MemberId
    wallet: Slug
    points: Points
    worth: Worth
    released: Count = Field(description="points of the hold that went back")
    spendable: Count


class Released(Said):
    """Points that went back."""

    hold: HoldId
    released: Points
    spendable: Count


class Undone(Said):
    """A capture that was taken back."""

    redemption: RedemptionId
    member: MemberId
    wallet: Slug
    points: Points
    spendable: Count
