"""Words that several parts of the API use, and the document of a problem."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from shared.events.values import PRINTABLE, Currency, Money, Slug

MEMBER: Final = r"^m-[0-9a-f]{20}$"
HOLD: Final = r"^h-m-[0-9a-f]{20}-[0-9a-f]{20}$"
REDEMPTION: Final = r"^r-m-[0-9a-f]{20}-[0-9a-f]{20}$"
VOUCHER: Final = r"^[A-Z0-9]{1,64}$"
APPROVAL: Final = r"^a-[0-9a-f]{20}$"
LETTER: Final = r"^[\x21-\x7e]+$"
ONCE: Final = r"^[\x21-\x7e]{1,128}$"
PERSON: Final = r"^[\x21-\x7e]{1,64}$"
SPELT: Final[Mapping[str, str]] = {
    MEMBER: "a member's id, such as m-0123456789abcdef0123 (`POST /v1/members/find` tells it)",
    HOLD: "a hold's id, as it was answered: h-m-...",
    REDEMPTION: "a redemption's id, as a capture answered it: r-m-...",
    VOUCHER: "a voucher's code: capitals and digits, at most 64",
    APPROVAL: "an approval's id, as it was answered: a-...",
    LETTER: "a dead letter's id, as the list has it: without spaces",
    ONCE: "up to 128 ASCII characters without spaces",
    PERSON: "up to 64 ASCII characters without spaces",
}
"""How they are written, in words, by pattern; besides `shared.events.spelling`."""
MemberId = Annotated[str, StringConstraints(pattern=MEMBER), Field(examples=["m-0123456789abcdef0123"])]
HoldId = Annotated[str, StringConstraints(pattern=HOLD)]
RedemptionId = Annotated[str, StringConstraints(pattern=REDEMPTION)]
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


def without_null(schema: dict[str, Any]) -> None:
    """A field that is not given is left out: null says nothing, and is refused."""
    for each in schema.get("properties", {}).values():
        choices = [one for one in each.get("anyOf", ()) if one != {"type": "null"}]
        if len(choices) == 1:
            each.pop("anyOf")
            each.pop("default", None)
            each.update({**choices[0], **each})


def no_null(said: Any) -> Any:
    """Refuses null: a field that is not meant is left out."""
    if isinstance(said, dict):
        for name, value in said.items():
            if value is None:
                raise PydanticCustomError("null", "{name} is null: leave it out", {"name": str(name)[:64]})
    return said


class Sparing(Asking):
    """A body with fields that may be left out: null is refused, and the document says so."""

    model_config = ConfigDict(json_schema_extra=without_null)

    @model_validator(mode="before")
    @classmethod
    def _no_null(cls, said: Any) -> Any:
        return no_null(said)


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


__all__ = [
    "MEMBER",
    "Asking",
    "HoldId",
    "MemberId",
    "Money",
    "Points",
    "Problem",
    "Reason",
    "Said",
    "Slug",
    "Sparing",
    "Worth",
    "no_null",
    "without_null",
]
