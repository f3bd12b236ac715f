"""Partners' events over HTTP: what became of each; and returns, as tills report them."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from services.earn.api.models.common import Asking, Said, no_null, without_null
from shared.events.envelope import EventId
from shared.events.partner import MemberRef, ReturnedLine
from shared.events.values import Amount, Currency, EventTime


class Result(Said):
    """One event of a request, in its order."""

    taken: bool = Field(description="durable in Kafka; whether it counts is told on the partner's rejections topic")
    id: str | None = Field(None, description="the event's, where it can be read")
    reason: str | None = Field(None, description="why it was not taken: as on the rejections topic")
    detail: str | None = Field(None, description="what to write instead")


class Taken(Said):
    """What became of a request's events."""

    taken: int
    refused: int
    events: list[Result]


class Refusal(Said):
    """A record of the event that had no effect."""

    reason: str = Field(description="as on the rejections topic")
    detail: str = Field(description="what was wrong")
    at: str = Field(description="when the record came, by the clock that all goes by (also a moved one)")
    replayed: bool = Field(description="the back office has published it again since")


class Outcome(Said):
    """What became of an event."""

    event: str
    state: Literal["counted", "refused", "waiting", "on its way"]
    detail: str = Field(description="what that means, and what to do")
    refused: list[Refusal] = Field(
        description="the 20 newest, newest first; of an event that counted: records that were not the same"
    )
    member: str | None = Field(None, description="of an event that counted: whose it was")
    at: str | None = Field(None, description="when it happened")
    points: dict[str, int] | None = Field(None, description="what it gave the member, or took, by wallet")


class Returning(Asking):
    """Goods of one purchase came back: `lines` of it, or an `amount`, or, where neither is said, all of it."""

    model_config = ConfigDict(json_schema_extra=without_null)

    member: MemberRef = Field(description="as the purchase named them")
    purchase: EventId = Field(description="id of the partner's own purchase event")
    time: EventTime = Field(description="when they came back, with an offset")
    lines: Annotated[list[ReturnedLine], Field(min_length=1, max_length=2_000)] | None = None
    amount: Amount | None = None
    currency: Currency | None = Field(None, description="of the amount; the purchase's where nothing is said")

    @model_validator(mode="before")
    @classmethod
    def _no_null(cls, said: Any) -> Any:
        return no_null(said)

    @model_validator(mode="after")
    def _one(self) -> Returning:
        if self.lines is not None and self.amount is not None:
            raise PydanticCustomError("one_of", "write lines, or amount, or neither")
        if self.amount is not None and not Decimal(self.amount):
            raise PydanticCustomError("no_amount", "an amount of nothing is no return: write how much came back")
        if self.currency is not None and self.amount is None:
            raise PydanticCustomError("no_amount", "currency is of an amount: write the amount too, or leave it out")
        return self


class Reported(Said):
    """A return that is on its way to the ledger."""

    event: str = Field(description="id of the loyalty.return.v1 event that was published for it")
