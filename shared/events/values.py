"""The small words of every contract: amounts, currencies, names and instants, each with one spelling on the wire."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

# Money travels as text: a JSON number would pass through a float in most partners' languages and lose cents.
Amount = Annotated[
    str,
    StringConstraints(pattern=r"^\d{1,12}(\.\d{1,4})?$"),
    Field(description="decimal string, not negative, at most four decimals", examples=["12.50"]),
]
Currency = Annotated[
    str, StringConstraints(pattern=r"^[A-Z]{3}$"), Field(description="ISO 4217 code", examples=["USD"])
]
Name = Annotated[str, StringConstraints(min_length=1, max_length=256)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
Language = Annotated[
    str, StringConstraints(pattern=r"^[a-z]{2}$"), Field(description="ISO 639-1 code", examples=["vi"])
]
Attributes = Annotated[dict[Name, str | int | bool], Field(max_length=64)]
Instant = AwareDatetime


class Contract(BaseModel):
    """What every payload is: frozen, and refusing fields that nobody defined (a typing error must not pass silently)."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Money(Contract):
    """An exact amount of one currency."""

    amount: Amount
    currency: Currency

    @property
    def value(self) -> Decimal:
        """The amount as an exact decimal."""
        return Decimal(self.amount)


def utc_text(moment: datetime) -> str:
    """An instant as contracts spell it: ISO 8601 with its offset."""
    return moment.isoformat()
