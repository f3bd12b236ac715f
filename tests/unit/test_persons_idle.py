"""Random lives of a few members whose points end by inactivity: bought, given, spent, undone, merged and taken apart.
What a plain model says each has, the ledger says.

The model keeps what is spent as if it lay in its wallet: what ends there ends with the rest. Mechanisms:
`people.merge` notes what has ended for either; `ended.as_they_ended`, `ended._came`, `ended.part_idle`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from random import Random

import pytest

from services.earn.counter.commands import Adjust
from tests.model.persons import a_year_later
from tests.model.seeds import seeds
from tests.unit.partnerkit import ANN, BOB
from tests.unit.test_people import CAT, CLERK, code, merged, spent, stars, unmerged
from tests.unit.test_returns_ended import IDLE, account, ending
from tests.unit.test_returns_late import balanced, buys, undone
from tests.unit.test_till import done

WHO = (ANN, BOB, CAT)
STEPS = 60


@dataclass
class Person:
    """What a member has, since when they have done nothing, and whom they were merged into with how many points."""

    seen: datetime
    has: int = 0
    into: str | None = None
    brought: int = 0


@dataclass
class Everybody:
    """spent: by redemption, whose and how many; dead: those of it whose time was over by then."""

    people: dict[str, Person]
    spent: dict[str, tuple[str, int]] = field(default_factory=dict)
    dead: set[str] = field(default_factory=set)
    gone: int = 0

    def way(self, who: str) -> list[str]:
        """A member, and whom merges have led them to."""
        into = self.people[who].into
        return [who] if into is None else [who, *self.way(into)]

    def passes(self, at: datetime) -> None:
        """Who has done nothing for too long has nothing any more, nor of what they had spent or brought."""
        over = {who for who, each in self.people.items() if each.into is None and a_year_later(each.seen) <= at}
        for who, each in self.people.items():
            if self.way(who)[-1] in over:
                self.gone += each.has
                each.has = each.brought = 0
        self.dead |= {id_ for id_, (who, _) in self.spent.items() if self.way(who)[-1] in over}

    def undo(self, id_: str) -> None:
        """To whom it was, and from them to whom they were merged into."""
        who, points = self.spent.pop(id_)
        if id_ in self.dead:
            self.gone += points
            return
        for each in self.way(who)[:-1]:
            self.people[each].brought += points
        self.people[self.way(who)[-1]].has += points

    def merge(self, who: str, into: str) -> None:
        """All is the survivor's; who was active last was so for both."""
        one, other = self.people[who], self.people[into]
        one.into, one.brought, one.has, other.has = into, one.has, 0, other.has + one.has
        other.seen = max(one.seen, other.seen)

    def unmerge(self, who: str) -> None:
        """As much as they brought, and is there."""
        one = self.people[who]
        other = self.people[self.way(who)[1]]
        one.has = min(one.brought, other.has)
        other.has -= one.has
        one.into, one.brought, one.seen = None, 0, max(one.seen, other.seen)


class Life:
    """One random life: each step is done to the ledger and to the model."""

    def __init__(self, seed: int) -> None:
        self.dice, self.mall = Random(seed), ending("deficit", IDLE)
        self.model = Everybody({each: Person(self.mall.clock.now) for each in WHO})

    async def step(self) -> None:
        """Some time goes by, mostly none; then somebody does something, and at times the clock its work."""
        self.mall.passes(days=self.dice.choice((0, 0, 0, 120, 250)))
        self.model.passes(self.mall.clock.now)
        open_ = [who for who in WHO if self.model.people[who].into is None]
        who = self.dice.choice(open_)
        match self.dice.randrange(7):
            case 0:
                await self.buys(who, self.dice.randint(1, 9))
            case 1:
                await self._is_given(who, self.dice.randint(1, 9))
            case 2 | 3 if has := self.model.people[who].has:
                await self._spends(who, self.dice.choice((has, has, self.dice.randint(1, has))))
            case 4 if self.model.spent:
                id_ = self.dice.choice(sorted(self.model.spent))
                await undone(self.mall, self.model.spent[id_][0], id_)
                self.model.undo(id_)
            case 5 if len(open_) > 1:
                into = self.dice.choice([each for each in open_ if each != who])
                assert code(await merged(self.mall, who, into)) == "done"
                self.model.merge(who, into)
            case 6 if last := [each for each in WHO if len(self.model.way(each)) == 2]:
                who = self.dice.choice(last)
                assert code(await unmerged(self.mall, who)) == "done"
                self.model.unmerge(who)
            case _:
                pass
        if self.dice.random() < 0.5:
            await self.agrees()

    async def agrees(self) -> None:
        """Once the clock has done its work, all have what the model says."""
        await self.mall.swept(*WHO)
        assert {who: stars(self.mall, who) for who in WHO} == {who: each.has for who, each in self.model.people.items()}
        assert account(self.mall, "programme:breakage") == self.model.gone
        assert balanced(self.mall)

    async def buys(self, who: str, points: int) -> None:
        """A purchase."""
        await buys(self.mall, points, who)
        self.model.people[who].has += points
        self.model.people[who].seen = self.mall.clock.now

    async def _is_given(self, who: str, points: int) -> None:
        key = {**self.mall.key(), "caller": CLERK}
        done(await self.mall.ask(Adjust(**key, member=who, wallet="stars", points=points, reason="a delay")))
        one = self.model.people[who]
        one.has += points
        if a_year_later(one.seen) <= self.mall.clock.now:
            one.seen = self.mall.clock.now

    async def _spends(self, who: str, points: int) -> None:
        self.model.spent[await spent(self.mall, who, points)] = who, points
        self.model.people[who].has -= points
        self.model.people[who].seen = self.mall.clock.now


@pytest.mark.parametrize("seed", seeds(30))
async def test_the_ledger_is_what_the_model_says(seed: int) -> None:
    life = Life(seed)
    for who in WHO:
        await life.buys(who, 5)
    for _ in range(STEPS):
        await life.step()
    await life.agrees()
