"""Members and their stars, told plainly: each star by itself, with the day on which it ends. Written apart from the
ledger.

One wallet, whose stars are good for twelve months to the end of the day; returns are owed where stars are spent.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


def a_year_later(at: datetime) -> datetime:
    """When stars end that were earned at an instant."""
    day = at.astimezone(ZONE).date()
    try:
        last = day.replace(year=day.year + 1)
    except ValueError:  # 29 February
        last = day.replace(year=day.year + 1, day=28)
    return datetime(last.year, last.month, last.day, tzinfo=ZONE) + timedelta(days=1)


@dataclass
class Star:
    """One star; hold: the till that has it; left: when it went there, as `Everybody.step` counts."""

    ends: datetime
    hold: str | None = None
    left: int = 0
    number: int = field(default_factory=count().__next__)


House = tuple[datetime, str, str]
"""Who somebody lives with: when they said so, in which event, and the household."""


@dataclass
class Person:
    """A member: their stars, what they owe, who they were merged into, and what that took along."""

    stars: list[Star] = field(default_factory=list)
    owed: int = 0
    into: str | None = None
    brought: list[datetime] = field(default_factory=list)  # ends of stars that became the survivor's
    paid: list[datetime] = field(default_factory=list)  # of those that repaid what the survivor owed
    took: list[datetime] = field(default_factory=list)  # of the survivor's that repaid what this one owed
    debt: int = 0  # what this one owed
    state: str = "open"  # or closed, or erased
    house: House | None = None  # by their own word, or one that was heard of them as a survivor
    ended: list[datetime] = field(default_factory=list)  # ends of stars that expired, and were not given back for goods
    dead: list[datetime] = field(default_factory=list)  # of those that had expired, and became the survivor's

    @property
    def balance(self) -> int:
        """All stars, held ones too, less what is owed."""
        return len(self.stars) - self.owed

    def free(self) -> list[Star]:
        """Those that no till has, the first to end first."""
        found = [each for each in self.stars if each.hold is None]
        return sorted(found, key=lambda each: (each.ends, each.number))

    def put(self, star: Star, at: datetime) -> None:
        """A star comes, or comes back; it repays what is owed, unless it has ended: then nobody has it any more."""
        star.hold = None
        if star in self.stars:
            self.stars.remove(star)
        if self.owed and star.ends > at:
            self.owed -= 1
        else:
            self.stars.append(star)

    def take_back(self, points: int, ends: datetime | None = None) -> list[Star]:
        """First of those that end then, then the first to end; what is missing is owed. Returns those that went."""
        ready = sorted(self.free(), key=lambda each: (each.ends != ends, each.ends, each.number))
        taken = ready[:points]
        self.stars = [each for each in self.stars if each not in taken]
        self.owed += points - len(taken)
        return taken

    def charge(self, points: int, gone: list[datetime], there: Counter[datetime], ends: datetime) -> list[datetime]:
        """So much was taken for goods of one who came by this merge. There went stars that they had brought; such as
        had repaid a debt; such as the survivor had spent; what is left, others' stars first, they owe. Stars that
        expired are there: nobody has spent them."""
        mine, others = [], []
        for each in gone:
            found = next((where for where in (self.brought, self.dead) if each in where), None)
            if found is not None:
                found.remove(each)
                mine.append(each)
            else:
                others.append(each)
        repaid = sorted(self.paid, key=lambda each: (each != ends, each))[: points - len(mine)]
        for each in repaid:
            self.paid.remove(each)
        left = points - len(mine) - len(repaid)
        missing = [(each, 0, self.brought) for each in (Counter(self.brought) - there).elements()]
        missing += [(each, 1, self.dead) for each in (Counter(self.dead) - (there - Counter(self.brought))).elements()]
        spent = sorted(missing, key=lambda each: each[:2])[:left]
        for ends_then, _, where in spent:
            where.remove(ends_then)
        self.debt += left - len(spent)
        self.took += others[len(repaid) + len(spent) :]
        return mine + repaid


@dataclass
class Everybody:
    """All members; `gone`: stars that expired, or ended with an account."""

    people: dict[str, Person]
    gone: int = 0
    step: int = 0  # of whoever counts them

    def last(self, who: str) -> str:
        """Whom a member leads to."""
        into = self.people[who].into
        return who if into is None else self.last(into)

    def house(self, who: str) -> str | None:
        """By the latest word of all who are that person; of whoever leads nowhere."""
        said = [each for id_ in self.leading_to(who) if (each := self.people[id_].house) is not None]
        return max(said)[2] if said else None

    def pool(self, who: str) -> list[tuple[str, Star]]:
        """Stars that somebody can spend, and whose they are, as they are spent: what ends first, own ones first."""
        house = self.house(who)
        found = [(who, star) for star in self.people[who].free()]
        for id_, person in self.people.items():
            together = house is not None and self.house(id_) == house
            if id_ != who and together and person.into is None and person.state == "open":
                found += [(id_, star) for star in person.free()]
        return sorted(found, key=lambda each: (each[1].ends, each[0] != who, each[0], each[1].number))

    def held(self, hold: str, who: str) -> list[tuple[str, Star]]:
        """Stars that a till has set aside for somebody, as they are spent."""
        found = [(id_, star) for id_, person in self.people.items() for star in person.stars if star.hold == hold]
        return sorted(found, key=lambda each: (each[1].ends, each[0] != who, each[0], each[1].number))

    def asked(self, stars: list[tuple[str, Star]], at: datetime) -> None:
        """These have come back to whose they are. Where nothing is left to anybody, nothing more is asked for."""

    def leading_to(self, who: str) -> list[str]:
        """All who are that person."""
        return [each for each in self.people if self.last(each) == self.last(who)]

    def swept(self, at: datetime) -> None:
        """Stars whose end has come are nobody's any more."""
        for person in self.people.values():
            ended = [each for each in person.stars if each.hold is None and each.ends <= at]
            person.stars = [each for each in person.stars if each not in ended]
            person.ended += [each.ends for each in ended]
            self.gone += len(ended)

    def merge(self, who: str, into: str, at: datetime) -> None:
        """All that the one has is the other's, debts too. What repaid the other's debt, or whose points repaid it, is
        kept."""
        one, other = self.people[who], self.people[into]
        coming, one.debt = one.free(), one.owed
        one.stars, one.owed, one.into = [], 0, into
        for star in coming:
            (one.paid if other.owed else one.brought).append(star.ends)
            other.put(star, at)
        one.dead, one.ended = one.ended, []
        other.ended += one.dead
        one.took = [star.ends for star in other.take_back(one.debt)]

    def put_back(self, who: str, star: Star, at: datetime) -> None:
        """A star comes that somebody had spent: it is theirs, whoever has it now."""
        one = self.people[who]
        while one.into is not None:
            other = self.people[one.into]
            owes = other.owed if other.into is None else other.debt - len(other.brought) - len(other.paid)
            where = one.dead if star.ends <= at else one.paid if owes > 0 else one.brought
            where.append(star.ends)
            one = other
        one.put(star, at)

    def give_back(self, who: str, points: int, ends: datetime) -> None:
        """A purchase of somebody's comes back; of those who were merged its stars are not brought any more, nor have
        they repaid anything; what is taken of others' stars they owe."""
        mine = self.people[self.last(who)]
        missing = max(0, points - sum(each.ends == ends for each in mine.free()))
        expired = [ends] * min(missing, mine.ended.count(ends))  # the programme has them, not the member
        for each in expired:
            mine.ended.remove(each)
        self.gone -= len(expired)
        gone = [star.ends for star in mine.take_back(points - len(expired), ends)] + expired
        one, way = self.people[who], []
        while one.into is not None:
            way.append(one)
            one = self.people[one.into]
        there = Counter(star.ends for star in one.free()) + Counter(one.ended)
        for one in reversed(way):
            gone = one.charge(points, sorted(gone), there, ends)
            there = (Counter(one.brought + one.dead) & there) + Counter(one.paid)

    def unmerge(self, who: str, at: datetime) -> None:
        """What the other paid for the one comes back to them, where it had become a debt as new stars. Then of stars
        with the same end as many come back to the one as came, or as there are, and all that paid for the other, who
        has that taken back; what ends first comes first, and repays what the one owes. What of what came is not there,
        or had expired, is theirs again of what has expired."""
        one = self.people[who]
        assert one.into is not None
        other, one.into = self.people[one.into], None
        one.owed = one.debt
        for ends in [a_year_later(at)] * (one.debt - len(one.took)) + sorted(one.took):
            other.put(Star(ends), at)
        for ends in sorted(one.brought):
            found = next((each for each in other.free() if each.ends == ends), None)
            if found is not None:
                other.stars.remove(found)
                one.put(found, at)
            else:
                one.dead.append(ends)
        for ends in one.dead:
            if ends in other.ended:
                other.ended.remove(ends)
                one.ended.append(ends)
        for ends in sorted(one.paid):
            one.put(Star(ends), at)
        self.swept(at)  # what has ended pays for nothing
        other.take_back(len(one.paid))
        one.brought, one.paid, one.took, one.dead, one.debt = [], [], [], [], 0

    def end(self, who: str, state: str) -> None:
        """An account ends: stars are gone, debts are forgiven."""
        person = self.people[who]
        self.gone += max(0, person.balance)
        person.stars, person.owed, person.state = [], 0, state
        if state == "erased":
            for each in self.leading_to(who):
                self.people[each].house = None
