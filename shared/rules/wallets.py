"""Wallets: the kinds of points that a programme has, when they count, when they expire, and what they buy."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Discriminator, Field, StringConstraints, Tag, model_validator
from pydantic_core import PydanticCustomError

from shared.events.values import Money, Name, Slug
from shared.rules.part import Count, Part
from shared.rules.spans import Span, parts


def _in_a_leap_year(text: str) -> str:
    try:
        date.fromisoformat(f"2024-{text}")
    except ValueError:
        raise ValueError("no such day; write month-day, such as 12-31") from None
    return text


DayOfYear = Annotated[str, StringConstraints(pattern=r"^[0-9]{2}-[0-9]{2}$"), AfterValidator(_in_a_leap_year)]


def _whole_days(span: str) -> str:
    if parts(span)[1] in ("minute", "hour"):
        raise ValueError("points expire at the end of a day: write days, weeks, months or years")
    return span


DaySpan = Annotated[Span, AfterValidator(_whole_days)]


class Activation(Part):
    """When pending points become active: after a span, or when the partner says that something happened."""

    after: Span | None = Field(None, description="so long after they were earned")
    on: Slug | None = Field(
        None, description="a milestone that the partner reports of the purchase", examples=["delivered"]
    )

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.after is None) == (self.on is None):
            raise ValueError("write either `after` (a span) or `on` (a milestone)")
        return self


class Expiry(Part):
    """When points expire: a span after they were earned, on fixed days, or when the member was inactive so long.

    They are good until the end of the local day, which is said exclusively: the next day's first instant.
    """

    after: DaySpan | None = Field(None, description="rolling, from the day they were earned")
    on: list[DayOfYear] | None = Field(None, min_length=1, max_length=12, description="fixed days of each year")
    at_least: DaySpan | None = Field(None, description="with `on`: days sooner than this after earning are passed over")
    inactive: DaySpan | None = Field(None, description="all points, so long after the last earning or redemption")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(each is not None for each in (self.after, self.on, self.inactive)) != 1:
            raise ValueError("write one of `after`, `on` and `inactive`")
        if self.at_least is not None and self.on is None:
            raise PydanticCustomError("terms", "{said}", {"said": "`at_least` belongs to `on`", "steps": ("at_least",)})
        return self


class Redemption(Part):
    """How points of a wallet are spent at a till."""

    at_least: Count = Field(1, ge=1, description="fewest points of one redemption, captured or held")
    step: Count = Field(1, ge=1, description="points are spent in multiples of this")
    at_most_percent: Count = Field(
        100, ge=1, le=100, description="of the bill that points may pay; below 100 the till must say the bill"
    )
    too_much: Literal["refuse", "clamp"] = Field("refuse", description="when more is asked than there is or may be")
    earn_on: Literal["money", "bill"] = Field(
        "money", description="what a purchase earns on when points paid part of it: the money part, or the whole bill"
    )
    hold: Span = Field("15 minutes", description="how long a hold lasts that is neither captured nor released")


class Wallet(Part):
    """One kind of points."""

    id: Slug
    title: Name | None = Field(None, description="what people call it")
    kind: Literal["currency", "status"] = Field(
        "currency", description="currency can be spent and is a liability; status only counts"
    )
    value: Money | None = Field(None, description="of one point when it is spent")
    activates: Activation | None = Field(None, description="when points count; at once where nothing is said")
    expires: Expiry | None = Field(None, description="when points end; never where nothing is said")
    warn: list[DaySpan] = Field(default_factory=list, max_length=5, description="so long before points expire")
    on_return: Literal["pending", "zero", "deficit"] = Field(
        "deficit",
        description="what a purchase's lot still has goes back with its goods, pending or active; of what is spent "
        "already: nothing (`pending`), as many other points as there are (`zero`), or all, on credit (`deficit`)",
    )
    redemption: Redemption | None = Field(None, description="how points are spent; not at all where nothing is said")
    pooled: Literal["household"] | None = Field(
        None, description="at a till members of a household spend each other's points, too"
    )

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if self.kind == "status" and self.redemption is not None:
            raise _wrong("redemption", "status points cannot be spent; leave `redemption` out, or make it a currency")
        if self.redemption is not None and self.value is None:
            said = (
                'a till cannot tell what a point is worth; write its `value`, such as {amount: "10.00", currency: VND}'
            )
            raise _wrong("redemption", said)
        if self.pooled is not None and self.redemption is None:
            raise _wrong("pooled", "these points cannot be spent; write how they are (`redemption`), or leave it out")
        if self.warn and self.expires is None:
            raise _wrong("warn", "there is nothing to warn of; write when points expire (`expires`), or leave it out")
        return self


def _wrong(field: str, said: str) -> PydanticCustomError:
    """A fault of a wallet, with the field that it is shown at."""
    return PydanticCustomError("terms", "{said}", {"said": said, "steps": (field,)})


def _which(value: Any) -> str:
    return "id" if isinstance(value, str) else "terms"


Declared = Annotated[Annotated[Slug, Tag("id")] | Annotated[Wallet, Tag("terms")], Discriminator(_which)]
