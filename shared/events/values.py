"""The small words of every contract: amounts, currencies, names and instants, each with one spelling on the wire."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Final

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

AMOUNT: Final = r"^[0-9]{1,12}(\.[0-9]{1,4})?$"
CURRENCY: Final = r"^[A-Z]{3}$"
SLUG: Final = r"^[a-z0-9][a-z0-9-]{0,62}$"
LANGUAGE: Final = r"^[a-z]{2}$"
DAY: Final = r"^(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}$"
# Money travels as text: a JSON number would pass through a float in most partners' languages and lose cents.
Amount = Annotated[
    str,
    StringConstraints(pattern=AMOUNT),
    Field(description="decimal string, not negative, at most 12 digits and four decimals", examples=["12.50"]),
]
Currency = Annotated[str, StringConstraints(pattern=CURRENCY), Field(description="ISO 4217 code", examples=["USD"])]
# Neither control characters nor line breaks, Unicode's own included: they would reach e-mail headers and logs.
PRINTABLE: Final = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]+$"
# A blank name would make all who have one the same member.
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=256, pattern=PRINTABLE)]
Slug = Annotated[str, StringConstraints(pattern=SLUG)]
Language = Annotated[str, StringConstraints(pattern=LANGUAGE), Field(description="ISO 639-1 code", examples=["vi"])]
Whole = Annotated[int, Field(ge=-(2**53), le=2**53, description="survives a round trip through any JSON reader")]
# Sorted: the order in which a partner's serialiser writes an object's keys is no part of what it says.
Attributes = Annotated[
    dict[Name, Annotated[str, StringConstraints(max_length=1024)] | Whole | bool],
    Field(max_length=64),
    AfterValidator(lambda said: dict(sorted(said.items()))),
]


_RFC_3339: Final = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})$"
)
_WRITTEN: Final = re.compile(_RFC_3339)


def _written_out(said: object) -> object:
    """Seconds since 1970, days without a time, times without an offset: each reader would take them its own way."""
    if not isinstance(said, datetime) and not (isinstance(said, str) and _WRITTEN.fullmatch(said)):
        raise ValueError("write RFC 3339 with seconds and an offset, such as 2026-11-25T09:30:00+07:00")
    return said


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
    StringConstraints(pattern=DAY),
    AfterValidator(_in_the_calendar),
    Field(description="ISO 8601 date", examples=["1990-05-31"]),
]
# Bounded: a purchase dated 9999 would count in a year whose end no calendar can compute. What services tell each other
# is not: a tier that the last of these years brings ends after our times.
Instant = Annotated[AwareDatetime, AfterValidator(_in_our_times)]
# Of a partner's event; kept in UTC, so that two spellings of one instant say the same.
EventTime = Annotated[
    AwareDatetime,
    Field(strict=False),  # behind a validator of ours strict would refuse every text, also in JSON
    BeforeValidator(_written_out),
    AfterValidator(_in_our_times),
    AfterValidator(lambda moment: moment.astimezone(UTC)),
    Field(json_schema_extra={"pattern": _RFC_3339}),
]


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
