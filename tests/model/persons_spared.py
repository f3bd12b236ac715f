"""The same members where a return takes what is there and leaves what is spent: stars that a till gives back later are
asked for then. `Sparing`: all stars that are there (`on_return: zero`); `SparingOthers`: those of the goods' own day
(`pending`). Written apart from the ledger.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from tests.model.persons import Everybody, Person, Star


@dataclass
class Left:
    """So many stars of goods of somebody's (`whose`) a return left, at a step; asked: who is asked for them; ends: of
    stars with this end alone; since: of stars that went to a till from that step on, 0 for any."""

    whose: str
    asked: str
    step: int
    points: int
    ends: datetime | None
    since: int = 0

    def may_be(self, ends: datetime) -> bool:
        """Whether a star with this end can be asked for."""
        return self.ends is None or self.ends == ends


@dataclass
class Sparing(Everybody):
    """All members; `merges`: by who is merged, the step of it."""

    own_day: ClassVar[bool] = False
    left: list[Left] = field(default_factory=list)
    merges: dict[str, int] = field(default_factory=dict)

    def give_back(self, who: str, points: int, ends: datetime) -> None:
        """What is there goes, first what has expired; what lacks is left, and noted."""
        self.step += 1
        mine = self.people[self.last(who)]
        own = sum(each.ends == ends for each in mine.free())
        there = own if self.own_day else len(mine.free())
        expired = min(max(0, points - own), mine.ended.count(ends))
        taken = min(points, there + expired)
        super().give_back(who, taken, ends)
        if points > taken:
            of = ends if self.own_day else None
            self.left.append(Left(who, self.last(who), self.step, points - taken, of))

    def asked(self, stars: list[tuple[str, Star]], at: datetime) -> None:
        """Each star in turn, by whoever is on the way from whose it was to whose it is now; it is gone for the goods'
        sake, and neither brought by anybody nor theirs."""
        self.step += 1
        for owner in dict.fromkeys(owner for owner, _ in stars):
            now = self.people[self.last(owner)]
            gone: list[datetime] = []
            for star in (star for whose, star in stars if whose == owner):
                if star in now.stars and star.ends > at and self._is_left(owner, star):
                    now.stars.remove(star)
                    gone.append(star.ends)
            self._charged(owner, gone)

    def _is_left(self, owner: str, star: Star) -> bool:
        who, went = owner, star.left
        while True:
            for each in self.left:
                asks = each.asked == who and each.since <= went <= each.step and each.may_be(star.ends)
                if asks and each.points:
                    each.points -= 1
                    return True
            further = self.people[who].into
            if further is None:
                return False
            who, went = further, self.merges[who]

    def _charged(self, owner: str, gone: list[datetime]) -> None:
        """Of who is merged, it is the loss of all who brought it."""
        one, way = self.people[owner], list[Person]()
        while one.into is not None:
            way.append(one)
            one = self.people[one.into]
        there = Counter(star.ends for star in one.free())
        points = len(gone)
        for one in reversed(way):
            gone = one.charge(points, sorted(gone), there, datetime.max) if points else []
            there = (Counter(one.brought + one.dead) & there) + Counter(one.paid)

    def merge(self, who: str, into: str, at: datetime) -> None:
        """As ever; what is noted of either stays theirs."""
        self.step += 1
        self.merges[who] = self.step
        super().merge(who, into, at)
        self.step += 1

    def unmerge(self, who: str, at: datetime) -> None:
        """What was left since of goods of whoever came is theirs to give back, but for so many as the survivor has
        spent of what they brought."""
        into, theirs = self.people[who].into, self.leading_to_through(who)
        other, one = self.people[into or who], self.people[who]
        free = Counter(each.ends for each in other.free())
        lacking = (Counter(one.brought) - free) + Counter(one.dead)
        spent = list((lacking - Counter(other.ended)).elements())
        super().unmerge(who, at)
        self.step += 1
        for each in [each for each in self.left if each.asked == into and each.whose in theirs]:
            if each.step < self.merges[who]:
                continue
            stay = [ends for ends in spent if each.may_be(ends)][: each.points]
            for ends in stay:
                spent.remove(ends)
            goes = Left(each.whose, who, self.step, each.points - len(stay), each.ends)
            each.points, each.since = len(stay), self.merges[who]
            self.left.append(goes)
        self.step += 1

    def leading_to_through(self, who: str) -> set[str]:
        """Somebody, and all who were merged into them."""
        found = {who}
        while more := {id_ for id_, each in self.people.items() if each.into in found} - found:
            found |= more
        return found


class SparingOthers(Sparing):
    """What is not of the goods' own day stays."""

    own_day = True
