"""Lots, told plainly: every single point by itself, with its birth, activation and end. Written apart from the ledger.

Nothing is bucketed, swept or remembered as due: what a point is worth at an instant is looked up from its own dates.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import count
from typing import Literal
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Berlin")
FAR = datetime.max.replace(tzinfo=ZoneInfo("UTC"))
WALLETS = ("gold", "miles", "idle", "orders")
Policy = Literal["pending", "zero", "deficit"]


def months_later(day: date, months: int) -> date:
    """The same day of a later month, or its last."""
    for _ in range(months):
        last = monthrange(day.year, day.month)[1]
        first_of_next = day.replace(day=last) + timedelta(days=1)
        goal = monthrange(first_of_next.year, first_of_next.month)[1]
        day = first_of_next.replace(day=min(day.day, goal))
    return day


def shifted(start: date, months: int) -> date:
    """As above in one leap, so that the 31st is not lost on the way through February."""
    landed = months_later(start.replace(day=1), months)
    return landed.replace(day=min(start.day, monthrange(landed.year, landed.month)[1]))


def midnight_after(day: date) -> datetime:
    """When a local day is over."""
    return datetime.combine(day + timedelta(days=1), time(), ZONE).astimezone(ZoneInfo("UTC"))


def fixed_end(born: date) -> date:
    """The end of June or of December that is at least a month away."""
    day = shifted(born, 1)
    while (day.month, day.day) not in ((6, 30), (12, 31)):
        day += timedelta(days=1)
    return day


@dataclass
class Point:
    """One point. waits: the purchase whose delivery it waits for; hold: who has it."""

    wallet: str
    active_from: datetime | None = None
    waits: str | None = None
    ends: datetime | None = None
    idles: bool = False
    hold: str | None = None
    purchase: str | None = None
    number: int = field(default_factory=count().__next__)


@dataclass
class Account:
    """All points of one member, what they owe, and when they were last active."""

    points: list[Point] = field(default_factory=list)
    owed: dict[str, int] = field(default_factory=dict)
    seen: datetime | None = None
    holds: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    gone: list[Point] = field(default_factory=list)  # expired
    idled: list[datetime] = field(default_factory=list)  # when inactivity ended any
    spent: list[Point] = field(default_factory=list)  # captured, and not given back
    asked: list[tuple[set[int], list[int]]] = field(
        default_factory=list
    )  # points a return missed, and how many of them
    # By wallet, what is owed of points that a till had then, and how many: given back, they repay it, ended too.
    awaited: dict[str, list[tuple[set[int], list[int]]]] = field(default_factory=dict)

    def end_of(self, point: Point) -> datetime:
        """When a point ends as things stand."""
        if point.ends is not None:
            return point.ends
        if point.idles and self.seen is not None:
            return midnight_after(shifted(self.seen.astimezone(ZONE).date(), 2))
        return FAR

    def now(self, at: datetime) -> None:
        """Time passes: holds end, and points that are nobody's any more are thrown away."""
        for until, id_ in sorted((until, id_) for id_, (_, until) in self.holds.items()):  # of one instant by their ids
            if until <= at:
                self.give_back(id_, until)
        for point in list(self.points):
            if point.hold is None and self.end_of(point) <= at:
                self._ends(point)
                self.points.remove(point)
                self.gone.append(point)

    def active(self, at: datetime) -> None:
        """The member does something; `now` was called. What a till holds and inactivity has ended stays ended; what
        had been spent by then has ended with it."""
        over = midnight_after(shifted(self.seen.astimezone(ZONE).date(), 2)) if self.seen is not None else FAR
        if over <= at:
            self.idled.append(over)
        for point in (*self.points, *self.spent):
            if self.end_of(point) <= at:
                self._ends(point)
        self.seen = max(at, self.seen or at)

    def _ends(self, point: Point) -> None:
        """From now on it is known when."""
        if point.idles and point.ends is None:
            point.ends = self.end_of(point)
            self.idled.append(point.ends)

    def bring_back(self, bought: datetime, amount: int, at: datetime) -> None:
        """Idle points of goods that come back: of those that inactivity ended next, were there any, else of all."""
        end = min((each for each in self.idled if each > bought), default=None)
        own = [each for each in self.free("idle") if each.ends == end]
        if end is not None:
            amount -= self.given_back("idle", end, max(0, amount - len(own)), {None})
        held = [each for each in self.points if each.wallet == "idle" and each.hold is not None]
        held = [each for each in held if end == each.ends or (each.ends is None and end == self.end_of(each))]
        self.claw("idle", amount, at, own, held=held)

    def is_pending(self, point: Point, at: datetime) -> bool:
        """Whether it does not count yet."""
        return point.waits is not None or (point.active_from is not None and point.active_from > at)

    def free(self, wallet: str) -> list[Point]:
        """Points that no till holds."""
        return [each for each in self.points if each.wallet == wallet and each.hold is None]

    def spendable(self, wallet: str, at: datetime) -> list[Point]:
        """Soonest end first."""
        found = [each for each in self.free(wallet) if not self.is_pending(each, at)]
        return sorted(found, key=lambda each: (self.end_of(each), each.number))

    def pending(self, wallet: str, at: datetime) -> list[Point]:
        """What is still to come."""
        return [each for each in self.free(wallet) if self.is_pending(each, at)]

    def earn(self, wallet: str, amount: int, at: datetime, purchase: str | None = None) -> None:
        """By the wallet's terms. What is owed is repaid first."""
        day = at.astimezone(ZONE).date()
        for _ in range(amount):
            point = Point(wallet, purchase=purchase)
            if wallet == "gold":
                point.ends = midnight_after(shifted(day, 3))
            elif wallet == "miles":
                point.active_from = at.astimezone(ZONE).replace(tzinfo=None) + timedelta(days=14)
                assert point.active_from is not None
                point.active_from = point.active_from.replace(tzinfo=ZONE).astimezone(ZoneInfo("UTC"))
                point.ends = midnight_after(fixed_end(day))
            elif wallet == "idle":
                point.idles = True
            else:
                point.waits = purchase
                point.ends = midnight_after(shifted(day, 6))
            self.put(point)

    def alike(self, wallet: str, at: datetime) -> list[Point]:
        """Points with the dates of one that is earned now."""
        probe = Account()
        probe.earn(wallet, 1, at)
        dates = probe.points[0].active_from, probe.points[0].ends
        return [each for each in self.free(wallet) if (each.active_from, each.ends) == dates]

    def put(self, point: Point) -> None:
        """A point comes in, or comes back; what is owed is repaid first."""
        point.hold = None
        if point in self.spent:
            self.spent.remove(point)
        if self.owed.get(point.wallet, 0):
            self.owed[point.wallet] -= 1
            if point in self.points:
                self.points.remove(point)
            if not self.owed[point.wallet]:
                self.awaited.pop(point.wallet, None)
        elif point not in self.points:
            self.points.append(point)

    def come_back(self, point: Point, at: datetime) -> None:
        """The same, of one that was away, which repays nothing where it has ended, but what is owed of its own lot; it
        may be a return's that missed it."""
        awaits = [left for numbers, left in self.awaited.get(point.wallet, ()) if point.number in numbers and left[0]]
        held = point not in self.spent
        if self.end_of(point) > at or (held and awaits):
            if held and awaits and self.owed.get(point.wallet, 0):
                awaits[0][0] -= 1
            self.put(point)
        else:
            point.hold = None
            if point in self.spent:
                self.spent.remove(point)
                self.points.append(point)
        for numbers, missing in self.asked:
            if point in self.points and point.number in numbers and missing[0] and self.end_of(point) > at:
                missing[0] -= 1
                self.points.remove(point)

    def take_hold(self, id_: str, wallet: str, amount: int, at: datetime, until: datetime) -> None:
        """A till sets points aside."""
        self.holds[id_] = (wallet, until)
        for point in self.spendable(wallet, at)[:amount]:
            point.hold = id_

    def capture(self, id_: str, amount: int, at: datetime) -> list[Point]:
        """The soonest to end are spent; the rest goes back."""
        mine = [each for each in self.points if each.hold == id_]
        mine.sort(key=lambda each: (self.end_of(each), each.number))
        spent = mine[:amount]
        self.points = [each for each in self.points if each not in spent]
        self.spent += spent
        self.give_back(id_, at)
        return spent

    def give_back(self, id_: str, at: datetime) -> None:
        """A hold is over."""
        del self.holds[id_]
        for point in [each for each in self.points if each.hold == id_]:
            self.come_back(point, at)

    def given_back(self, wallet: str, ends: datetime, amount: int, waited: set[str | None]) -> int:
        """Up to so many of those that expired then, and waited for nothing or for such a purchase: the programme had
        them, and has them no more."""
        found = [e for e in self.gone if (e.wallet, e.ends) == (wallet, ends) and e.waits in waited][:amount]
        self.gone = [each for each in self.gone if each not in found]
        return len(found)

    def claw(
        self, wallet: str, amount: int, at: datetime, own: list[Point], policy: Policy = "deficit",
        held: Sequence[Point] = (),
    ) -> int:  # fmt: skip
        """Takes back: its own points, then pending, then active ones; what lacks is owed. Returns how many. held: which
        of its own a till has."""
        ready = [*self.pending(wallet, at), *self.spendable(wallet, at)]
        if policy == "pending":
            ready = [each for each in ready if each in own]
        ready.sort(key=lambda e: (e not in own, not self.is_pending(e, at), self.end_of(e), e.waits or "", e.number))
        taken = ready[:amount]
        self.points = [each for each in self.points if each not in taken]
        if policy == "deficit":
            missing, numbers = amount - len(taken), {each.number for each in held}
            self.owed[wallet] = self.owed.get(wallet, 0) + missing
            known = self.awaited.setdefault(wallet, [])
            before = sum(left[0] for others, left in known if others & numbers)
            known.append((numbers, [max(0, min(missing, len(numbers) - before))]))
            return amount
        away = [each for each in (*self.points, *self.spent) if each.wallet == wallet and each not in self.free(wallet)]
        self.asked.append(({each.number for each in away}, [amount - len(taken)]))
        return len(taken)

    def balance(self, wallet: str) -> int:
        """All points, held ones too, less what is owed."""
        return sum(each.wallet == wallet for each in self.points) - self.owed.get(wallet, 0)
