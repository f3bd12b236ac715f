"""A till's requests and answers: quote, hold, capture, release, undo."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from services.earn.api.models.common import Asking, HoldId, MemberId, Money, Points, RedemptionId, Said, Slug, Worth
from services.earn.counter.commands import Asked

Count = Annotated[int, Field(ge=0)]


def without_null(schema: dict[str, Any]) -> None:
    """A field that is not given is left out: null says nothing, and is refused."""
    for each in schema.get("properties", {}).values():
        choices = [one for one in each.get("anyOf", ()) if one != {"type": "null"}]
        if len(choices) == 1:
            each.pop("anyOf")
            each.pop("default", None)
            each.update({**choices[0], **each})


def _one_of(schema: dict[str, Any]) -> None:
    without_null(schema)
    schema["oneOf"] = [{"required": ["points"]}, {"required": ["pay"]}]


class Spend(Asking):
    """How much is to be spent: `points`, or what they shall `pay` of the bill; one of the two."""

    model_config = ConfigDict(json_schema_extra=_one_of)

    member: MemberId
    wallet: Slug
    points: Points | None = Field(None, description="so many points")
    pay: Money | None = Field(None, description="as many points as pay this much, at most")
    bill: Money | None = Field(None, description="what there is to pay; the wallet may allow a part of it only")

    @model_validator(mode="before")
    @classmethod
    def _no_null(cls, said: Any) -> Any:
        return no_null(said)

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


class Part(Asking):
    """What of a hold is captured; the rest goes back."""

    model_config = ConfigDict(json_schema_extra=without_null)

    points: Points | None = Field(None, description="all of it where nothing is said")

    @model_validator(mode="before")
    @classmethod
    def _no_null(cls, said: Any) -> Any:
        return no_null(said)


def no_null(said: Any) -> Any:
    """Refuses null: a field that is not meant is left out."""
    if isinstance(said, dict):
        for name, value in said.items():
            if value is None:
                raise PydanticCustomError("null", "{name} is null: leave it out", {"name": str(name)[:64]})
    return said


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
