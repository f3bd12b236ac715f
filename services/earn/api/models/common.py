"""Words that several parts of the API use, and the document of a problem."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from shared.events.values import PRINTABLE, Currency, Money, Slug

MEMBER: Final = r"^m-[0-9a-f]{20}$"
MemberId = Annotated[str, StringConstraints(pattern=MEMBER), Field(examples=["m-0123456789abcdef0123"])]
HoldId = Annotated[str, StringConstraints(pattern=r"^h-m-[0-9a-f]{20}-[0-9a-f]{20}$")]
RedemptionId = Annotated[str, StringConstraints(pattern=r"^r-m-[0-9a-f]{20}-[0-9a-f]{20}$")]
MOST_POINTS: Final = 1_000_000_000_000
Points = Annotated[int, Field(ge=1, le=MOST_POINTS, description="whole points of one wallet")]
Reason = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=3, max_length=500, pattern=PRINTABLE),
    Field(description="why, in your words; it is kept with the entry for ever, so name no customer"),
]


class Asking(BaseModel):
    """A request's body: strict, and without fields that nobody knows."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, strict=True)


class Said(BaseModel):
    """An answer's body. Clients ignore fields that they do not know: later releases may add some."""

    model_config = ConfigDict(frozen=True)


class Worth(Said):
    """What points are worth when they are spent."""

    amount: Annotated[str, StringConstraints(pattern=r"^-?[0-9]+(\.[0-9]+)?$"), Field(examples=["100000"])]
    currency: Currency


class Problem(Said):
    """RFC 9457. `code` is for programs, `detail` says what to do."""

    type: str = Field(examples=["urn:problem-type:doublestar:too_few_points"])
    title: str
    status: int
    detail: str
    code: str = Field(examples=["too_few_points"])
    request: str = Field(description="the request's id, also in X-Request-Id: what to tell us when you ask about it")

    model_config = ConfigDict(frozen=True, extra="allow")


__all__ = ["MEMBER", "Asking", "HoldId", "MemberId", "Money", "Points", "Problem", "Reason", "Said", "Slug", "Worth"]
