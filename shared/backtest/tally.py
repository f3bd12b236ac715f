"""What one side of a comparison came to: sums by rule, member, local day and segment, and what was held back. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Final, NamedTuple

from shared.backtest.costs import Costs
from shared.backtest.withheld import Held
from shared.rules.effects import Award

NOTHING: Final = Decimal(0)
Named = tuple[str, int, str]  # a rule, its version, and the wallet of its points


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

    def add(self, given: Given) -> None:
        """What one version of the rule gave at one cost."""
        self.times += given.times
        self.taken += given.taken
        for reached in given.segments.values():
            for member, points in reached.items():
                self.members[member] = self.members.get(member, 0) + points
        for day, points in given.days.items():
            self.days[day] = self.days.get(day, 0) + points
            self.money[day] = self.money.get(day, NOTHING) + given.cost * points
        self.costs.add(given.cost)


class Given:
    """What is added up of every award, integers alone: the points that one version of a rule gave at one cost. By local
    day, and by the segments that the member was in, together, and member."""

    __slots__ = ("cost", "days", "segments", "taken", "times")

    def __init__(self, cost: Decimal) -> None:
        self.cost = cost
        self.times = self.taken = 0
        self.days: defaultdict[date, int] = defaultdict(int)
        self.segments: defaultdict[frozenset[str], defaultdict[str, int]] = defaultdict(partial(defaultdict, int))

    def give(self, member: str, day: date, points: int, segments: frozenset[str]) -> None:
        """One award."""
        if points > 0:
            self.times += 1
        else:
            self.taken -= points
        self.days[day] += points
        self.segments[segments][member] += points

    def add(self, other: Given) -> None:
        """All that another has added up."""
        self.times += other.times
        self.taken += other.taken
        for day, points in other.days.items():
            self.days[day] += points
        for segments, reached in other.segments.items():
            mine = self.segments[segments]
            for member, points in reached.items():
                mine[member] += points


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

    def add(self, wallet: str, cost: Decimal, reached: Mapping[str, int]) -> None:
        """Points of a wallet that its members got, at one cost."""
        points = sum(reached.values())
        self.members.setdefault(wallet, set()).update(reached)
        self.points[wallet] = self.points.get(wallet, 0) + points
        self.money[wallet] = self.money.get(wallet, NOTHING) + cost * points

    def add_things(self, part: SegmentSums) -> None:
        """Things that its members got."""
        self.members.setdefault("", set()).update(part.members[""])
        self.things.update(part.things)


class Tally:
    """One side. costs: what its points cost."""

    def __init__(self, costs: Costs) -> None:
        self._costs = costs
        self._given: dict[tuple[Named, Decimal], Given] = {}
        self._always: dict[Named, Given] = {}  # of those, what costs the same at any time
        self._handed: dict[str, SegmentSums] = {}
        self._rules: dict[Key, Sums] | None = None  # as far as somebody has read them since the last award
        self._segments: dict[str, SegmentSums] | None = None
        self.things: dict[Thing, Sums] = {}
        self.held: dict[tuple[str, str, str | None], HeldSums] = {}

    def give(self, member: str, time: datetime, day: date, awards: Sequence[Award], segments: frozenset[str]) -> None:
        """Points for a member, who is in these segments; time: what they are dated."""
        self._rules = self._segments = None
        always = self._always
        for award in awards:
            given = always.get((award.rule, award.version, award.wallet)) or self.at(award, time)
            given.give(member, day, award.points, segments)

    def at(self, award: Award, time: datetime) -> Given:
        """Where an award is added up."""
        cost, named = self._costs.of(award, time), (award.rule, award.version, award.wallet)
        given = self._given.get((named, cost))
        if given is None:
            given = self._given[named, cost] = Given(cost)
        if self._costs.steady(named):
            self._always[named] = given
        return given

    def always(self, named: Named) -> Given | None:
        """Where a rule's points are added up, where they cost the same at any time, as far as any were priced."""
        return self._always.get(named)

    @property
    def rules(self) -> dict[Key, Sums]:
        """What each rule came to."""
        if self._rules is None:
            self._rules = {}
            for ((rule, _, wallet), _), given in self._given.items():
                self._rules.setdefault(Key(rule, wallet), Sums()).add(given)
        return self._rules

    @property
    def segments(self) -> dict[str, SegmentSums]:
        """What the members of each segment got."""
        if self._segments is None:
            self._segments = {}
            for segment, part in self._handed.items():
                self._segments.setdefault(segment, SegmentSums()).add_things(part)
            for ((_, _, wallet), cost), given in self._given.items():
                for segments, reached in given.segments.items():
                    for segment in segments:
                        self._segments.setdefault(segment, SegmentSums()).add(wallet, cost, reached)
        return self._segments

    def hand(self, member: str, day: date, handed: Iterable[Handed], segments: Collection[str]) -> None:
        """Things for a member, who is in these segments."""
        self._segments = None
        for thing, number in handed:
            sums = self.things.setdefault(thing, Sums())
            sums.times += number > 0
            sums.members[member] = sums.members.get(member, 0) + number
            sums.days[day] = sums.days.get(day, 0) + number
            for segment in segments:
                part = self._handed.setdefault(segment, SegmentSums())
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


class Alike:
    """What two sides give alike: nearly everything, and added up once for both. Of points whose cost depends on the
    time each side adds up its own."""

    def __init__(self, one: Tally, other: Tally) -> None:
        self._sides = one, other
        self._given: dict[Named, Given] = {}

    def give(self, member: str, time: datetime, day: date, awards: Sequence[Award], segments: frozenset[str]) -> None:
        """See `Tally.give`."""
        for award in awards:
            named = award.rule, award.version, award.wallet
            given = self._given.get(named) or self._known(named, award, time)
            if given is not None:
                given.give(member, day, award.points, segments)
                continue
            for side in self._sides:
                side.give(member, time, day, (award,), segments)

    def _known(self, named: Named, award: Award, time: datetime) -> Given | None:
        for side in self._sides:
            side.at(award, time)
        if any(side.always(named) is None for side in self._sides):
            return None
        given = self._given[named] = Given(NOTHING)
        return given

    def settle(self) -> None:
        """Each side is given what was added up for both; once, at the end."""
        for named, given in self._given.items():
            for side in self._sides:
                of_side = side.always(named)
                assert of_side is not None
                of_side.add(given)
        self._given.clear()
