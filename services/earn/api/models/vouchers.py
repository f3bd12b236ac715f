"""Vouchers over HTTP: as members and tills see them, redeemed on a bill, undone."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from services.earn.api.models.common import VOUCHER, Asking, MemberId, Said, Slug, Sparing, Worth
from services.earn.vouchers import State
from shared.events.values import PRINTABLE, Amount, Currency, Name

VoucherCode = Annotated[str, StringConstraints(pattern=VOUCHER), Field(examples=["MZXW6YTBOI4DKMRU"])]
BillId = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=PRINTABLE)]


class Use(Said):
    """What became of it at a till. Another partner's key is told when, not where."""

    at: str
    partner: Slug | None
    bill: str | None
    worth: str | None = Field(description="what it took off, in the bill's currency; null of one that is for a thing")


class Voucher(Said):
    """One voucher. What counts are the fields; `terms` says the same to people."""

    voucher: str = Field(description="its code")
    title: str
    state: State = Field(description="closed: it would be valid, but the member's account is closed")
    given: str = Field(description="RFC 3339")
    until: str | None = Field(description="RFC 3339, exclusive; null: for ever")
    value: Worth | None = Field(description="it takes this off")
    percent_off: str | None = Field(description="it takes this part off")
    minimum: Worth | None = Field(description="so much must at least be spent on what it is for")
    categories: list[str] | None = Field(description="it is for lines of these; null: for all")
    alone: bool = Field(description="not used with another voucher on one bill")
    terms: list[str] = Field(description="the same as sentences, in the language that was asked for")
    used: Use | None


class Vouchers(Said):
    """A page, newest first."""

    member: MemberId
    vouchers: list[Voucher]
    next: str | None = Field(description="cursor of the next page; null on the last one")


class Line(Sparing):
    """A line of the bill, as far as vouchers ask."""

    amount: Amount = Field(description="what is to pay for it")
    category: Name | None = Field(None, description="as purchases have it")


class Redeeming(Asking):
    """The bill on which it is used."""

    member: MemberId
    bill: BillId = Field(
        description="the till's own id of the bill, which no other of the partner has within 18 hours: vouchers "
        "that exclude each other are told by it"
    )
    currency: Currency
    lines: Annotated[list[Line], Field(min_length=1, max_length=2_000)]


class Redeemed(Said):
    """It is used: take `worth` off the bill."""

    voucher: str
    member: MemberId
    title: str
    bill: str
    counted: str = Field(description="what the lines that it is for come to")
    worth: Worth | None = Field(description="what it takes off; null of one that is for a thing")


class OfMember(Asking):
    """Whose voucher it is."""

    member: MemberId


class Usable(Said):
    """It can be used again, until it expires."""

    voucher: str
    member: MemberId
    bill: str = Field(description="on which it had been used")
