"""What the programme owes its members at an instant: points that are outstanding, how they stand, when they expire,
what they are worth, and how many of them will never be spent. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from shared.ledger.due import is_idle
from shared.rules.rulebook import Ruleset
from shared.settlement.money import rounded, shares, times

NEVER: Final = "never"
STATES: Final = ("active", "pending", "held", "expired", "owed")


class Cell(NamedTuple):
    """Moves added up. state: lot, held or owed; active: whether they count by then; expires: the instant, as text."""

    wallet: str
    state: str
    active: bool
    expires: str | None
    points: int


@dataclass(frozen=True, slots=True)
class Share:
    """Points outstanding that one issuer has given, and what they cost it."""

    issuer: str
    points: int
    cost: Decimal | None
    currency: str | None


@dataclass(slots=True)
class Outstanding:
    """One wallet. `expired`: not good any more and not yet swept up; `owed`: by members, negative; months: by the month
    in which they expire, what expires at no known time under `never`."""

    wallet: str
    active: int = 0
    pending: int = 0
    held: int = 0
    expired: int = 0
    owed: int = 0
    months: dict[str, int] = field(default_factory=dict)
    worth: Decimal | None = None
    currency: str | None = None
    spent: int = 0
    breakage: int = 0
    shares: list[Share] = field(default_factory=list)

    @property
    def outstanding(self) -> int:
        """What members may yet spend: the liability."""
        return self.active + self.pending + self.held

    @property
    def balances(self) -> int:
        """The sum of all members' accounts."""
        return self.outstanding + self.expired + self.owed

    @property
    def rate(self) -> Fraction | None:
        """Of the points that ever ended, the part that expired; None while none has ended."""
        ended = self.breakage + self.expired + self.spent
        return Fraction(self.breakage + self.expired, ended) if ended > 0 else None

    @property
    def expected(self) -> int | None:
        """Breakage to come, if what is outstanding ends as what has ended; half up to whole points."""
        rate = self.rate
        return None if rate is None else int(self.outstanding * rate + Fraction(1, 2))


class Sums(NamedTuple):
    """By wallet: points spent at partners (less what was undone), and expired."""

    spent: Mapping[str, int]
    breakage: Mapping[str, int]


def outstanding(
    cells: Iterable[Cell], at: str, rules: Ruleset, ended: Sums, issued: Mapping[str, Mapping[str, int]]
) -> list[Outstanding]:
    """By wallet; without those that are `status` then, which nobody can spend: nothing is owed for them. at: the
    instant as text in UTC; rules: in force then; issued: wallet to issuer to points given."""
    status = {id_ for id_, purse in rules.programme.purses.items() if purse.kind == "status"}
    found: dict[str, Outstanding] = {}
    for each in cells:
        if each.wallet in status:
            continue
        wallet = found.setdefault(each.wallet, Outstanding(each.wallet))
        if each.state == "lot" and each.expires is not None and each.expires <= at:
            wallet.expired += each.points
            continue
        state = each.state if each.state != "lot" else "active" if each.active else "pending"
        setattr(wallet, state, getattr(wallet, state) + each.points)
        if state != "owed":
            # By inactivity they end when their member does nothing for so long: no month is theirs yet.
            ends = None if is_idle(each.expires) else each.expires
            month = NEVER if ends is None else month_of(ends, rules.zone)
            wallet.months[month] = wallet.months.get(month, 0) + each.points
    for id_ in (ended.spent.keys() | ended.breakage.keys() | found.keys()) - status:
        wallet = found.setdefault(id_, Outstanding(id_))
        wallet.spent, wallet.breakage = ended.spent.get(id_, 0), ended.breakage.get(id_, 0)
        wallet.months = {month: n for month, n in sorted(wallet.months.items()) if n}
        _value(wallet, rules, issued.get(id_, {}))
    return [found[id_] for id_ in sorted(found)]


def month_of(expires: str, zone: ZoneInfo) -> str:
    """The local month of the last day on which they are good; the instant is the next day's first."""
    last = datetime.fromisoformat(expires) - timedelta(microseconds=1)
    return last.astimezone(zone).strftime("%Y-%m")


def _value(wallet: Outstanding, rules: Ruleset, issued: Mapping[str, int]) -> None:
    purse = rules.programme.purses.get(wallet.wallet)
    value = None if purse is None else purse.value
    if value is not None:
        wallet.currency = value.currency
        wallet.worth = rounded(times(wallet.outstanding, value.value), value.currency)
    for issuer, points in sorted(shares(wallet.outstanding, dict(issued)).items()):
        partner = rules.partners.get(issuer)
        cost = (partner.cost.get(wallet.wallet) if partner is not None else None) or value
        wallet.shares.append(
            Share(issuer, points, None, None)
            if cost is None
            else Share(issuer, points, rounded(times(points, cost.value), cost.currency), cost.currency)
        )
