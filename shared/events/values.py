"""The small words of every contract: amounts, currencies, names and instants, each with one spelling on the wire."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

# Money travels as text: a JSON number would pass through a float in most partners' languages and lose cents.
Amount = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9]{1,12}(\.[0-9]{1,4})?$"),
    Field(description="decimal string, not negative, at most four decimals", examples=["12.50"]),
]
Currency = Annotated[
    str, StringConstraints(pattern=r"^[A-Z]{3}$"), Field(description="ISO 4217 code", examples=["USD"])
]
# Control characters would reach e-mail headers; a blank name would make all who have one the same member.
Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=256, pattern=r"^[^\x00-\x1f\x7f]+$")
]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
Language = Annotated[
    str, StringConstraints(pattern=r"^[a-z]{2}$"), Field(description="ISO 639-1 code", examples=["vi"])
]
Whole = Annotated[int, Field(ge=-(2**53), le=2**53, description="survives a round trip through any JSON reader")]
# Sorted: the order in which a partner's serialiser writes an object's keys is no part of what it says.
Attributes = Annotated[
    dict[Name, Annotated[str, StringConstraints(max_length=1024)] | Whole | bool],
    Field(max_length=64),
    AfterValidator(lambda said: dict(sorted(said.items()))),
]


def _in_our_times(moment: datetime) -> datetime:
    if not 2000 <= moment.year < 2200:
        raise ValueError("the year must be from 2000 to 2199")
    return moment


def _in_the_calendar(text: str) -> str:
    try:
        date.fromisoformat(text)
    except ValueError:
        raise ValueError("no such day; write year-month-day") from None
    return text


Day = Annotated[
    str,
    StringConstraints(pattern=r"^(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}$"),
    AfterValidator(_in_the_calendar),
    Field(description="ISO 8601 date", examples=["1990-05-31"]),
]
# Bounded: a purchase dated 9999 would count in a year whose end no calendar can compute.
Instant = Annotated[AwareDatetime, AfterValidator(_in_our_times)]


class Contract(BaseModel):
    """What every payload is: frozen, and strict, so that neither a misspelt field nor a "3" for a 3 passes silently."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, strict=True)


class Money(Contract):
    """An exact amount of one currency."""

    amount: Amount
    currency: Currency

    @property
    def value(self) -> Decimal:
        """The amount as an exact decimal."""
        return Decimal(self.amount)
