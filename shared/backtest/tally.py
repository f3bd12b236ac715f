"""What one side of a comparison came to: sums by rule, member, local day and segment, and what was held back. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Final, NamedTuple

from shared.backtest.costs import Costs
from shared.backtest.withheld import Held
from shared.rules.effects import Award

NOTHING: Final = Decimal(0)


class Key(NamedTuple):
    """What points are counted by: a rule, and the wallet they are of."""

    rule: str
    wallet: str


class Thing(NamedTuple):
    """What things are counted by: the rule, what it is (voucher, gift, tickets …), and what each is worth, if known."""

    rule: str
    name: str
    worth: Decimal | None

    @property
    def value(self) -> Decimal:
        """What one costs, as far as anybody knows."""
        return self.worth or Decimal(0)


class Handed(NamedTuple):
    """Things that a rule gave at once: so many (tickets come in numbers); below 0: that were taken back."""

    thing: Thing
    number: int


class Sums:
    """The points of one rule, or the number of its things, less those that went back (`taken`): by member, and by local
    day; and how often it gave. money: of points, by local day; costs: what one of them cost, each that there was."""

    __slots__ = ("costs", "days", "members", "money", "taken", "times")

    def __init__(self) -> None:
        self.times = self.taken = 0
        self.members: dict[str, int] = {}
        self.days: dict[date, int] = {}
        self.money: dict[date, Decimal] = {}
        self.costs: set[Decimal] = set()

    @property
    def points(self) -> int:
        """In all."""
        return sum(self.days.values())


class HeldSums:
    """How often a rule was held back by one thing, and how many points that took away, as far as it is known."""

    __slots__ = ("points", "times", "unknown")

    def __init__(self) -> None:
        self.times = self.points = self.unknown = 0


class SegmentSums:
    """Points of a segment's members and what those cost, by wallet; their things, by rule; and who they were, by wallet
    ("": who got things)."""

    __slots__ = ("members", "money", "points", "things")

    def __init__(self) -> None:
        self.members: dict[str, set[str]] = {}
        self.points: dict[str, int] = {}
        self.money: dict[str, Decimal] = {}
        self.things: dict[Thing, int] = {}


class Tally:
    """One side. costs: what its points cost."""

    def __init__(self, costs: Costs) -> None:
        self._costs = costs
        self.rules: dict[Key, Sums] = {}
        self.things: dict[Thing, Sums] = {}
        self.segments: dict[str, SegmentSums] = {}
        self.held: dict[tuple[str, str, str | None], HeldSums] = {}

    def give(self, member: str, time: datetime, day: date, awards: Sequence[Award], segments: Collection[str]) -> None:
        """Points for a member, who is in these segments; time: what they are dated."""
        rules = self.rules
        for award in awards:
            rule, _, wallet, points = award[:4]
            sums = rules.get((rule, wallet))  # type: ignore[call-overload]  # a key that costs less, and is equal
            if sums is None:
                sums = rules[Key(rule, wallet)] = Sums()
            if points > 0:
                sums.times += 1
            else:
                sums.taken -= points
            cost = self._costs.of(award, time)
            money = cost * points
            members, days = sums.members, sums.days
            members[member] = members.get(member, 0) + points
            days[day] = days.get(day, 0) + points
            sums.money[day] = sums.money.get(day, NOTHING) + money
            sums.costs.add(cost)
            for segment in segments:
                part = self.segments.get(segment)
                if part is None:
                    part = self.segments[segment] = SegmentSums()
                part.members.setdefault(wallet, set()).add(member)
                part.points[wallet] = part.points.get(wallet, 0) + points
                part.money[wallet] = part.money.get(wallet, NOTHING) + money

    def hand(self, member: str, day: date, handed: Iterable[Handed], segments: Collection[str]) -> None:
        """Things for a member, who is in these segments."""
        for thing, number in handed:
            sums = self.things.setdefault(thing, Sums())
            sums.times += number > 0
            sums.members[member] = sums.members.get(member, 0) + number
            sums.days[day] = sums.days.get(day, 0) + number
            for segment in segments:
                part = self.segments.setdefault(segment, SegmentSums())
                part.members.setdefault("", set()).add(member)
                part.things[thing] = part.things.get(thing, 0) + number

    def hold(self, held: Iterable[Held]) -> None:
        """What was held back of one event."""
        for each in held:
            key = each.rule, each.verdict, each.by
            sums = self.held.setdefault(key, HeldSums())
            sums.times += each.times
            if each.points is None:
                sums.unknown += each.times
            else:
                sums.points += each.points
            if not sums.times:
                del self.held[key]

    def members(self, wallet: str) -> dict[str, int]:
        """The points of each member who got any entry of a wallet."""
        found: dict[str, int] = {}
        for key, sums in self.rules.items():
            if key.wallet != wallet:
                continue
            for member, points in sums.members.items():
                found[member] = found.get(member, 0) + points
        return found
