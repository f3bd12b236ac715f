"""Settlement over HTTP: statements, the liability, packs. Points are integers, amounts decimal texts."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from services.earn.api.models.common import Money, Points, Said, Slug, Sparing, Worth
from shared.events.values import PRINTABLE, Currency

By = dict[str, dict[str, int]]
Reference = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=128, pattern=PRINTABLE)]


class StatementLine(Said):
    """A partner's points of one wallet and rule, at one price."""

    partner: Slug
    wallet: Slug
    rule: str
    kind: str = Field(description="issued, drawn, overdrawn, taken back, returned to pack, redeemed, undone")
    points: int
    price: str | None = Field(description="of one point; null: nobody has given the wallet a value")
    currency: Currency | None
    owes: str = Field(description="what the partner owes for them, exactly; negative: is owed")
    agreed: bool = Field(description="by the partner's own definition, else the programme's value of a point")


class PackBought(Said):
    """Packs that were bought in the period."""

    partner: Slug
    wallet: Slug
    points: int
    money: str
    currency: Currency


class Total(Said):
    """What a party owes in all (negative: is owed)."""

    party: str = Field(description="a partner, or `coalition`")
    currency: Currency
    owes: str
    exact: str = Field(description="before rounding")


class Statement(Said):
    """Of a period, in local days of the programme."""

    since: str = Field(alias="from")
    to: str = Field(description="exclusive")
    time_zone: str
    closed: bool = Field(description="whether it will not change any more")
    rounding: str
    lines: list[StatementLine]
    packs: list[PackBought]
    expired: By = Field(description="by wallet: each issuer's share of what expired")
    totals: list[Total]
    accounts: By = Field(description="by wallet: by how much each account changed")
    sums_to_zero: bool = Field(description="whether all accounts and all money do; else tell the operator")


class IssuerShare(Said):
    """Points outstanding that one issuer has given."""

    issuer: str
    points: int
    cost: Worth | None


class Outstanding(Said):
    """One wallet."""

    wallet: Slug
    outstanding: int = Field(description="what members may yet spend: active, pending and held")
    active: int
    pending: int
    held: int
    expired: int = Field(description="not good any more, and not yet swept up")
    owed: int = Field(description="by members, negative")
    worth: Worth | None
    expires: dict[str, int] = Field(description="by month; at no known time under `never`")
    spent: int
    breakage: int = Field(description="expired so far")
    breakage_rate: str | None
    breakage_expected: int | None
    by_issuer: list[IssuerShare]


class Liability(Said):
    """What the programme owes its members at an instant."""

    at: str
    to_come: bool = Field(
        description="the date is to come: told of what there is now, without holds that will have ended by then"
    )
    wallets: list[Outstanding]


class PackLeft(Said):
    """A partner's packs of one wallet."""

    partner: Slug
    wallet: Slug
    purchases: int = Field(description="how many packs")
    bought: int
    drawn: int
    left: int
    alerted: str | None = Field(description="since when an alert stands")


class Packs(Said):
    """All of them, by partner and wallet; a partner's key sees its own."""

    packs: list[PackLeft]


class Booking(Sparing):
    """A partner has bought points beforehand."""

    partner: Slug
    wallet: Slug
    points: Points
    money: Money = Field(description="what was paid for them")
    reference: Reference | None = Field(None, description="of the invoice")


class Booked(Said):
    """Done."""

    partner: Slug
    wallet: Slug
    points: Points
    money: Worth
    bought: int = Field(description="with all packs before it")
