"""Random lives of friends and of an advocate who are merged and taken apart, beside a plain list: who was brought, who
bought, what was given by which of these to whom.

Of a family (all who are one) the earliest referral counts, and the earliest of their first purchases; nobody is brought
by one of their own. A reward stands until its purchase comes back. As long as it does, it is the one of whoever was
given it and of those by whose referral and purchase it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

import pytest

from services.earn.counter.commands import Answer
from tests.model.seeds import seeds
from tests.unit.mergedreferralkit import Circle, D, S, T, X, Y
from tests.unit.relating import Related

FRIENDS, ADVOCATES = [S, D, T], [X, Y]


@dataclass
class Reward:
    """Of which purchase, to whom; whose it is."""

    purchase: str
    advocate: str
    friend: str
    whose: set[str]


class Lives(Related):
    """The services, and the list. Friends are merged into friends, advocates into advocates."""

    def __init__(self, chance: Random, who: list[str], circle: Circle) -> None:
        super().__init__(chance, who)
        self.circle = circle
        self.brought: dict[str, list[tuple[int, str]]] = {}  # when, and by whom
        self.first: dict[str, tuple[int, str]] = {}  # when, and which purchase
        self.bought: dict[str, tuple[str, int]] = {}  # what is not back: whose, and points
        self.rewards: list[Reward] = []

    async def merged(self, one: str, other: str) -> Answer:
        return await self.circle.merges(one, other)

    async def unmerged(self, one: str) -> Answer:
        return await self.circle.parts(one)


class Town:
    """Both. mixed: an advocate may be one with a friend, also of theirs."""

    def __init__(self, chance: Random, circle: Circle, *, mixed: bool) -> None:
        self.chance, self.circle = chance, circle
        self.friends = Lives(chance, [*FRIENDS, *ADVOCATES] if mixed else FRIENDS, circle)
        self.advocates = self.friends if mixed else Lives(chance, ADVOCATES, circle)
        self.steps = 0

    async def refers(self) -> None:
        friends, who = self.friends, self.chance.choice(FRIENDS)
        advocate = self.chance.choice(ADVOCATES)
        if friends.last(who) == self.advocates.last(advocate):
            return  # intake refuses it
        await self.circle.refers(who, advocate)
        # Whoever is named by an advocate's name that is another's by now is the other, as intake has it.
        friends.brought.setdefault(friends.last(who), []).append((self.steps, advocate))
        self.decide(friends.last(who))

    async def buys(self) -> None:
        friends, who, points = self.friends, self.chance.choice(FRIENDS), self.chance.randint(1, 9)
        key = await self.circle.bought(who, points)
        friends.first.setdefault(friends.last(who), (self.steps, key))
        friends.bought[key] = (friends.last(who), points)
        self.decide(friends.last(who))

    async def gives_back(self) -> None:
        friends = self.friends
        if not friends.bought:
            return
        key = self.chance.choice(sorted(friends.bought))
        owner, _ = friends.bought.pop(key)
        await self.circle.back(self.chance.choice(friends.one_with(owner)), key)
        friends.first = {who: each for who, each in friends.first.items() if each[1] != key}
        friends.rewards = [each for each in friends.rewards if each.purchase != key]

    async def merges(self) -> None:
        await self.chance.choice([self.friends, self.friends, self.advocates]).merges()

    async def parts(self) -> None:
        await self.chance.choice([self.friends, self.friends, self.advocates]).parts()

    def decide(self, who: str) -> None:
        """What an event of theirs wins."""
        friends = self.friends
        family = friends.one_with(who)
        if any(each.whose.intersection(family) for each in friends.rewards):
            return
        brought = [(*said, each) for each in family for said in friends.brought.get(each, ()) if said[1] not in family]
        bought = [(*friends.first[each], each) for each in family if each in friends.first]
        if brought and bought and min(brought)[0] <= min(bought)[0]:
            (_, advocate, one), (_, key, other) = min(brought), min(bought)
            whose = {who, one, other}
            friends.rewards.append(Reward(key, self.advocates.last(advocate), who, whose))

    def agrees(self) -> None:
        """Of whoever leads nowhere."""
        friends = self.friends
        for people in {id(each): each for each in (self.friends, self.advocates)}.values():
            for who in (each for each in people.who if each not in people.into):
                family = people.one_with(who)
                expected = sum(points for owner, points in friends.bought.values() if owner in family)
                expected += sum(100 for each in friends.rewards if each.friend in family)
                expected += sum(200 for each in friends.rewards if each.advocate in family)
                assert self.circle.stars(who) == expected, (self.steps, who)


@pytest.mark.parametrize("mixed", [False, True])
@pytest.mark.parametrize("seed", seeds(40))
async def test_rewards_are_what_the_list_says(seed: int, mixed: bool) -> None:
    """After every step. Mechanisms: `merging_referrals.take_back`, `settle`, `release` and `rewarded_with`, and
    `owning.to_owners` of what takes a grant back; of advocates who are one with their friends, `of_themselves` in
    `join` and in `referrals._due`."""
    chance = Random(seed)
    town = Town(chance, await Circle().begun(), mixed=mixed)
    for _ in range(40):
        town.steps += 1
        steps = [town.refers, *3 * [town.buys], *2 * [town.gives_back], *2 * [town.merges], *2 * [town.parts]]
        await chance.choice(steps)()
        town.agrees()
