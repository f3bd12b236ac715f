"""A settlement statement: from sums of postings by account, wallet, rule and span of prices to what each party owes.
Pure.

Points: all accounts of a wallet sum to zero, the members' among them. Money: what a partner owes, the coalition is
owed; each partner's total is rounded once, and the coalition's is the sum of those, so that all sum to zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Final, Literal, NamedTuple

from shared.settlement.money import plus, rounded, shares, times
from shared.settlement.prices import Prices, Span, What

COALITION: Final = "coalition"
MEMBERS: Final = "members"
Kind = Literal["issued", "drawn", "overdrawn", "taken back", "returned to pack", "redeemed", "undone", "pack"]


class Sum(NamedTuple):
    """Postings added up. account: `members` for all of theirs; own: of the product's own (a pack, a redemption), not of
    a rule; span: of prices."""

    account: str
    wallet: str
    rule: str
    own: bool
    span: Span
    amount: int


class Pack(NamedTuple):
    """Packs that were bought in the period, and what was paid for them."""

    partner: str
    wallet: str
    points: int
    money: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Line:
    """One partner's points of one wallet and rule, at one price. points: always positive; owes: what the partner owes
    for them, exactly; negative where it is owed. Points of a pack are paid for already: they owe nothing."""

    partner: str
    wallet: str
    rule: str
    kind: Kind
    points: int
    price: Decimal | None
    currency: str | None
    agreed: bool
    owes: Decimal


@dataclass(frozen=True, slots=True)
class Net:
    """What a party owes in all (negative: is owed), in one currency, rounded; `exact`: before rounding."""

    party: str
    currency: str
    owes: Decimal
    exact: Decimal


@dataclass(slots=True)
class Statement:
    """All of a period. accounts: wallet to account to points; expired: wallet to issuer to its share of what expired;
    unpriced: lines of wallets whose points nobody has given a value."""

    begin: date
    end: date
    zone: str
    closed: bool
    since: datetime
    until: datetime
    lines: list[Line] = field(default_factory=list)
    packs: list[Pack] = field(default_factory=list)
    nets: list[Net] = field(default_factory=list)
    accounts: dict[str, dict[str, int]] = field(default_factory=dict)
    expired: dict[str, dict[str, int]] = field(default_factory=dict)

    @property
    def unpriced(self) -> int:
        """Lines without a price."""
        return sum(1 for each in self.lines if each.price is None)

    @property
    def off(self) -> list[str]:
        """What does not sum to zero; nothing, or somebody has written past the ledger."""
        points = [f"{wallet}: points sum to {n}" for wallet, by in self.accounts.items() if (n := sum(by.values()))]
        owed: dict[str, Decimal] = {}
        for each in self.nets:
            owed[each.currency] = plus(owed.get(each.currency, Decimal(0)), each.owes)
        return points + [f"{currency}: money sums to {amount:f}" for currency, amount in owed.items() if amount]


def fill(found: Statement, sums: Iterable[Sum], prices: Prices, issued: Mapping[str, Mapping[str, int]]) -> Statement:
    """The statement with its lines and totals. issued: by wallet and issuer, points ever given until its end."""
    lines: dict[tuple[object, ...], Line] = {}
    for each in sums:
        by = found.accounts.setdefault(each.wallet, {})
        by[each.account] = by.get(each.account, 0) + each.amount
        line = _line(each, prices)
        if line is not None:  # another's prices have changed meanwhile: this partner's lines need not be told apart
            key = line.partner, line.wallet, line.rule, line.kind, line.price, line.currency, line.agreed
            lines[key] = line if key not in lines else _both(lines[key], line)
    found.lines = sorted(
        lines.values(), key=lambda each: (each.partner, each.wallet, each.kind, each.rule, each.price or 0)
    )
    found.nets = _nets(found.lines)
    for wallet, by in found.accounts.items():
        expired = shares(by.get("programme:breakage", 0), dict(issued.get(wallet, {})))
        if expired:
            found.expired[wallet] = expired
    return found


def _place(each: Line) -> tuple[str, str, str, str, Decimal]:
    return each.partner, each.wallet, each.kind, each.rule, each.price or Decimal(0)


def _both(one: Line, other: Line) -> Line:
    return replace(one, points=one.points + other.points, owes=plus(one.owes, other.owes))


def _line(each: Sum, prices: Prices) -> Line | None:
    owner, _, rest = each.account.partition(":")
    partner, _, account = rest.partition(":")
    if owner != "partner" or not each.amount or (each.own and account == "prepaid"):
        return None  # packs are told with their money
    given, what = each.amount < 0, "reimbursement" if account == "redeemed" else "cost"
    kind: Kind
    if account == "redeemed":
        kind = "undone" if given else "redeemed"
    elif account == "prepaid":
        kind = "drawn" if given else "returned to pack"
    elif given:
        kind = "overdrawn" if prices.prepaid(each.span, partner, each.wallet) else "issued"
    else:
        kind = "taken back"
    price = prices.price(each.span, partner, each.wallet, _what(what))
    owes = Decimal(0) if price is None or account == "prepaid" else times(-each.amount, price.amount)
    return Line(
        partner,
        each.wallet,
        each.rule,
        kind,
        abs(each.amount),
        None if price is None else price.amount,
        None if price is None else price.currency,
        price is not None and price.agreed,
        owes,
    )


def _what(what: str) -> What:
    return "reimbursement" if what == "reimbursement" else "cost"


def _nets(lines: Iterable[Line]) -> list[Net]:
    exact: dict[tuple[str, str], Decimal] = {}
    for each in lines:
        if each.currency is not None:
            key = each.partner, each.currency
            exact[key] = plus(exact.get(key, Decimal(0)), each.owes)
    nets = [Net(partner, currency, rounded(n, currency), n) for (partner, currency), n in sorted(exact.items())]
    others: dict[str, list[Decimal]] = {}
    for each_net in nets:
        both = others.setdefault(each_net.currency, [Decimal(0), Decimal(0)])
        both[0], both[1] = plus(both[0], each_net.owes), plus(both[1], each_net.exact)
    return nets + [Net(COALITION, currency, -owes + 0, -n + 0) for currency, (owes, n) in sorted(others.items())]
