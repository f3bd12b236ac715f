"""Random lives of four members who say who they are and win tags, are merged, taken apart and erased, beside a plain
list: who said what and when, and who was given which tag.

Of a family (all who are one) the latest word counts, all tags, and the first signup. What is heard by any of their
names is of whoever has all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from random import Random

import pytest

from services.earn.counter.commands import Answer, Done
from services.earn.ledger import MEMBERS
from shared.rules.member import PROFILE
from shared.rules.merging_words import LEARNT
from tests.model.seeds import seeds
from tests.unit.partnerkit import member
from tests.unit.relating import Related
from tests.unit.wordkit import Sayings, instant, said_of

WHO = [member(number) for number in range(1, 5)]
TAGS = ["wine", "tea"]
HOUSEHOLDS = ["oak", "elm", "ash"]


@dataclass
class Signup:
    """Whose, when, by which event, and what it says."""

    owner: str
    at: datetime
    key: str
    says: dict[str, str]


class Lives(Related):
    """The ledger, and the list."""

    def __init__(self, chance: Random, ledger: Sayings) -> None:
        super().__init__(chance, [*WHO])
        self.ledger = ledger
        self.signups: list[Signup] = []
        self.tags: set[tuple[str, str]] = set()
        self.erased: list[str] = []

    async def merged(self, one: str, other: str) -> Answer:
        return await self.ledger.merges(one, other)

    async def unmerged(self, one: str) -> Answer:
        return await self.ledger.parts(one)

    async def says(self) -> None:
        """Of several at one instant the one with the greater key counts."""
        who, days = self.chance.choice(self.who), self.chance.randint(1, 9)
        said = {name: f"{name}-{self.ledger.number()}" for name in ("colour", "size") if self.chance.random() < 0.6}
        household = self.chance.choice([None, *HOUSEHOLDS])
        key = await self.ledger.says(who, days, household, **said)
        if household is not None:
            said[f"{PROFILE}household"] = household
        self.signups.append(Signup(self.last(who), self.ledger.days_ago(days), key, said))

    async def wins(self) -> None:
        who, tag = self.chance.choice(self.who), self.chance.choice(TAGS)
        await self.ledger.tagged(who, tag)
        self.tags.add((self.last(who), tag))

    async def erases(self) -> None:
        """Once, and all who are one with them; two must be left, who can be merged."""
        who = self.chance.choice(self.who)
        family = self.one_with(who)
        if self.erased or len(self.who) - len(family) < 2:
            return
        assert isinstance(await self.ledger.erases(self.last(who)), Done)
        self.erased = [each.key for each in self.signups if each.owner in family]
        self.who = [each for each in self.who if each not in family]
        self.into = {one: other for one, other in self.into.items() if one not in family}

    def agrees(self) -> None:
        """Of whoever leads nowhere; and nowhere is left what a person has said who was erased."""
        known = self.ledger.books(MEMBERS)
        for who in (each for each in self.who if each not in self.into and each in known):
            family = self.one_with(who)
            mine = [each for each in self.signups if each.owner in family]
            words = {
                name: [instant(each.at), each.key, value]
                for each in sorted(mine, key=lambda each: (each.at, each.key))
                for name, value in each.says.items()
            }
            tags = sorted({tag for owner, tag in self.tags if owner in family})
            joined = min((instant(each.at) for each in mine), default=None)
            household = words.get(f"{PROFILE}household", [None])[-1]
            assert said_of(known[who]) == (words, tags, joined, household), who
            assert family != [who] or LEARNT not in known[who]
        assert not any(f"'{key}'" in str(known) for key in self.erased)

    async def explains(self) -> None:
        """What a rebuilt past knows is what the ledger knows."""
        known = self.ledger.books(MEMBERS)
        for who in (each for each in self.who if each not in self.into and each in known):
            assert await self.ledger.explained(who) == said_of(known[who]), who


@pytest.mark.parametrize("seed", seeds(40))
async def test_what_is_known_is_what_the_list_says(seed: int) -> None:
    """After every step. Mechanisms: `merging_words.lend`, `take_back` and `_join`; `whose` in `membership.join` and
    `grant`; `rejoined.part`."""
    chance = Random(seed)
    lives = Lives(chance, Sayings())
    for who in WHO:
        await lives.ledger.buys(who, "grocer", 10_000)  # all are known
    for _ in range(40):
        steps = [*3 * [lives.says], *2 * [lives.wins], *3 * [lives.merges], *3 * [lives.parts]]
        await chance.choice([*4 * steps, lives.erases])()
        lives.agrees()
        if chance.random() < 0.1:
            await lives.explains()
    await lives.explains()
