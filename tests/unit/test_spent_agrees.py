"""What has won for somebody is spent, along every chain of merges: random lives beside a plain list, and by hand.

Each purchase counts one, three win fifty. Of a family (all who are one) it counts what each has bought, and is neither
back nor spent. It wins once: by the first purchase at which there are enough, of whoever leads nowhere then.
Where two are taken apart, and the survivor had won, but not by what those have who stay, all that leaves is spent: it
counts for those who stay for ever.
What comes back of what is spent takes nothing of what is not.
"""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

import pytest

from services.earn.counter.commands import Answer
from shared.rules.challenges import Less, win
from shared.rules.definition import Challenge
from shared.rules.merging_progress import lend, take_back
from shared.rules.spent import dated, is_spent
from tests.model.seeds import seeds
from tests.unit.campaignkit import Campaigning
from tests.unit.partnerkit import ANN, BOB, NOON, member
from tests.unit.relating import Related
from tests.unit.rulekit import book, rule
from tests.unit.test_people import CAT

DAN = member(9)
WHO = [ANN, BOB, CAT, DAN]
GOAL, REWARD = 3, 50
THREE = rule("three", f"progress: {{count: times, period: ever, goal: {GOAL}}}\nthen: {{fixed: {REWARD}}}", "challenge")


class Town(Related):
    """The services, and the list."""

    def __init__(self, chance: Random) -> None:
        super().__init__(chance, WHO)
        self.mall = Campaigning(THREE)
        self.bought: dict[str, str] = {}  # whose each purchase is, a star; without what is back
        self.spent: set[str] = set()
        self.won_by = dict.fromkeys(WHO, 0)  # what others had brought, and is spent
        self.winners: set[str] = set()

    async def buys(self) -> None:
        who = self.chance.choice(WHO)
        self.bought[await self.mall.buys_lines(who, 10_000)] = self.last(who)
        family = self.one_with(who)
        if not self.winners.intersection(family) and self.counted(family) >= GOAL:
            self.winners.add(self.last(who))

    async def gives_back(self) -> None:
        """Of what is spent, or of a family that has won nothing: by whoever is that person."""
        free = [
            key
            for key, owner in self.bought.items()
            if key in self.spent or not self.winners.intersection(self.one_with(owner))
        ]
        if free:
            key = self.chance.choice(sorted(free))
            await self.mall.gives_back(self.chance.choice(self.one_with(self.bought[key])), key)
            del self.bought[key]

    def counted(self, family: list[str]) -> int:
        """What all of them have that is not spent, and what was spent for them."""
        own = sum(owner in family and key not in self.spent for key, owner in self.bought.items())
        return own + sum(self.won_by[each] for each in family)

    async def merged(self, one: str, other: str) -> Answer:
        return await self.mall.merges(one, other)

    async def unmerged(self, one: str) -> Answer:
        return await self.mall.parts(one)

    async def parts(self) -> None:
        before = dict(self.into)
        await super().parts()
        for one in before.keys() - self.into.keys():
            leave, stay = self.one_with(one), self.one_with(before[one])
            own, won = self.counted(stay), self.winners.intersection
            if before[one] in self.winners and not won(leave) and own < GOAL <= own + self.counted(leave):
                self.won_by[before[one]] += self.counted(leave)
                self.won_by |= dict.fromkeys(leave, 0)
                self.spent |= {key for key, owner in self.bought.items() if owner in leave}

    def agrees(self) -> None:
        """Of whoever leads nowhere."""
        for who in (each for each in WHO if each not in self.into):
            family = self.one_with(who)
            won = REWARD * len(self.winners.intersection(family))
            assert self.mall.stars(who) == sum(each in family for each in self.bought.values()) + won, who


@pytest.mark.parametrize("seed", seeds(60))
async def test_nothing_wins_twice(seed: int) -> None:
    """After every step. Mechanisms: `within` of `merging_progress.take_back`, without which what a chain had spent is
    there again once all of it is undone; `_part`, the same of one merge; `_join`, by which a merge wins nothing;
    `is_spent`, without which old goods take what was bought since."""
    town = Town(Random(seed))
    for who in WHO:
        await town.mall.joins(who, f"h-{who[-1]}")
    await town.mall.hear()
    for _ in range(40):
        town.mall.passes(days=0.01)
        await town.chance.choice([*3 * [town.buys], town.gives_back, *2 * [town.merges], *2 * [town.parts]])()
        town.agrees()


async def chain(bob: int, cat: int) -> Campaigning:
    """Cat, who bought so often, into Bob, who bought so often, into Ann, who buys once and wins; and all undone."""
    mall = Campaigning(THREE)
    for who in (ANN, BOB, CAT):
        await mall.joins(who, f"h-{who[-1]}")
    for who, times in ((BOB, bob), (CAT, cat)):
        for _ in range(times):
            await mall.buys_lines(who, 10_000)
    await mall.merges(CAT, BOB)
    await mall.merges(BOB, ANN)
    await mall.buys_lines(ANN, 10_000)
    assert mall.given(ANN, "three") == REWARD
    await mall.parts(BOB)
    return mall


@pytest.mark.parametrize(("bob", "cat"), [(0, 2), (1, 1), (2, 0)])
async def test_whoever_is_inside_a_chain_begins_anew(bob: int, cat: int) -> None:
    """Two more of Cat's win nothing, the third does. Mechanism: `within` of `take_back`."""
    mall = await chain(bob, cat)
    await mall.parts(CAT)
    for who in (CAT, BOB):
        for wins in (0, 0, REWARD):
            await mall.buys_lines(who, 10_000)
            assert mall.given(who, "three") == wins, who


async def test_what_is_bought_between_two_unmerges_is_whose_it_is() -> None:
    """Bob's two of then are his, whatever Cat had brought him; one more wins. Cat begins anew."""
    mall = await chain(0, 2)
    for _ in range(2):
        await mall.buys_lines(BOB, 10_000)
    await mall.parts(CAT)
    for who, times in ((BOB, 1), (CAT, 3)):
        for _ in range(times):
            assert mall.given(who, "three") == 0
            await mall.buys_lines(who, 10_000)
        assert mall.given(who, "three") == REWARD


async def test_goods_of_what_is_spent_take_nothing_of_what_is_not() -> None:
    """Cat's first comes back when Cat is Bob still: spent by Ann's reward, it is not taken from what Bob has bought
    since. Nor the other, once Cat has bought three of their own. Mechanisms: `within`; with Cat's two kept until Cat
    leaves, Bob would have one of two left; `is_spent`, without which Cat would lose their reward."""
    mall = Campaigning(THREE)
    for who in (ANN, BOB, CAT):
        await mall.joins(who, f"h-{who[-1]}")
    first, second = [await mall.buys_lines(CAT, 10_000) for _ in range(2)]
    await mall.merges(CAT, BOB)
    await mall.merges(BOB, ANN)
    await mall.buys_lines(ANN, 10_000)
    await mall.parts(BOB)
    for _ in range(2):
        await mall.buys_lines(BOB, 10_000)
    await mall.gives_back(BOB, first)
    assert mall.given(BOB, "three") == 0
    await mall.buys_lines(BOB, 10_000)
    assert mall.given(BOB, "three") == REWARD
    await mall.parts(CAT)
    for _ in range(GOAL):
        await mall.buys_lines(CAT, 10_000)
    await mall.gives_back(CAT, second)
    assert mall.given(CAT, "three") == REWARD


async def rivals() -> tuple[Campaigning, dict[str, list[str]]]:
    """Bob and Cat have won with three each, and are Ann. Their purchases."""
    mall = Campaigning(THREE)
    for who in (ANN, BOB, CAT):
        await mall.joins(who, f"h-{who[-1]}")
    bought = {who: [await mall.buys_lines(who, 10_000) for _ in range(GOAL)] for who in (BOB, CAT)}
    for who in (BOB, CAT):
        await mall.merges(who, ANN)
    return mall, bought


@pytest.mark.parametrize(("leaves", "stays"), [(BOB, CAT), (CAT, BOB)])
async def test_where_one_who_had_won_leaves_another_has_won_still(leaves: str, stays: str) -> None:
    """Ann wins nothing by her first. Mechanism: `_inherit` of `take_back`; without it she would, where it was by Bob
    that she had won. Once both are gone she begins with one of three."""
    mall, _ = await rivals()
    await mall.parts(leaves)
    await mall.buys_lines(ANN, 10_000)
    assert mall.given(ANN, "three") == 0
    await mall.parts(stays)
    for wins in (0, REWARD):
        await mall.buys_lines(ANN, 10_000)
        assert mall.given(ANN, "three") == wins
    assert [mall.stars(who) for who in (BOB, CAT)] == 2 * [GOAL + REWARD]


@pytest.mark.parametrize(("gives", "keeps"), [(BOB, CAT), (CAT, BOB)])
async def test_of_two_duplicates_who_had_won_whoever_brings_back_loses_theirs(gives: str, keeps: str) -> None:
    """All of one's come back, and their fifty; the other's stay, and Ann wins nothing more. Then the other's, too.
    Mechanisms: `_heirs` in `returned`, without which Bob's fifty would stay; `_inherit`, without which Ann would win by
    her first."""
    mall, bought = await rivals()
    for each in bought[gives]:
        await mall.gives_back(ANN, each)
    assert mall.stars(ANN) == GOAL + REWARD
    hers = await mall.buys_lines(ANN, 10_000)
    assert mall.stars(ANN) == GOAL + REWARD + 1
    for each in (hers, *bought[keeps]):
        await mall.gives_back(ANN, each)
    assert mall.stars(ANN) == 0
    for who in (BOB, CAT):
        await mall.parts(who)
    assert [mall.stars(who) for who in (ANN, BOB, CAT)] == [0, 0, 0]


async def test_along_a_chain_too_another_has_won_still() -> None:
    """Cat, who had won, into Bob, into Ann; Dan, who had won, into Ann. Bob leaves, with Cat: Ann has won by Dan."""
    mall = Campaigning(THREE)
    for who in WHO:
        await mall.joins(who, f"h-{who[-1]}")
    for who in (CAT, DAN):
        for _ in range(GOAL):
            await mall.buys_lines(who, 10_000)
    for who, into in ((CAT, BOB), (BOB, ANN), (DAN, ANN)):
        await mall.merges(who, into)
    await mall.parts(BOB)
    await mall.buys_lines(ANN, 10_000)
    await mall.buys_lines(BOB, 10_000)
    assert [mall.stars(who) for who in (ANN, BOB)] == 2 * [GOAL + REWARD + 1]


async def test_along_a_chain_what_another_has_won_is_handed_on() -> None:
    """Cat and Dan had won, and are Bob, who is Ann. All of Cat's come back, and their fifty; Ann has won by Dan, whom
    Bob has in between, and wins nothing more. Mechanism: `_inherit` hands it on from each to the next."""
    mall = Campaigning(THREE)
    for who in WHO:
        await mall.joins(who, f"h-{who[-1]}")
    bought = {who: [await mall.buys_lines(who, 10_000) for _ in range(GOAL)] for who in (CAT, DAN)}
    for who, into in ((CAT, BOB), (DAN, BOB), (BOB, ANN)):
        await mall.merges(who, into)
    for each in bought[CAT]:
        await mall.gives_back(ANN, each)
    assert mall.stars(ANN) == GOAL + REWARD
    await mall.buys_lines(ANN, 10_000)
    assert mall.stars(ANN) == GOAL + REWARD + 1


def test_what_is_spent_by_an_unmerge_that_was_heard_of_by_another_is_dated_later() -> None:
    """Its own announcement says when it was. Mechanism: `spent.dated`; dated by the other, what was bought in between
    would be spent, too."""
    duplicate: dict[str, Any] = {"_id": BOB, "progress": {"three": {"ever": 2}}}
    survivor: dict[str, Any] = {"_id": ANN, "progress": {}}
    rules = book(THREE)
    lend(duplicate, survivor, rules)
    survivor["progress"]["three"]["ever"] += 1
    win(survivor, "three", "ever", GOAL)
    take_back(duplicate, survivor, rules, at=None)
    challenge, gone = next(each for each in rules.versions if isinstance(each, Challenge)), Less("ever", 1)
    before, after = NOON - timedelta(minutes=1), NOON + timedelta(minutes=1)
    assert not is_spent(duplicate, challenge, gone, before)
    dated([duplicate], NOON)
    assert [is_spent(duplicate, challenge, gone, each) for each in (before, NOON, after)] == [True, True, False]


@pytest.mark.parametrize("first", [CAT, BOB])
async def test_what_another_had_won_before_spends_nothing(first: str) -> None:
    """Bob has two, Cat had won with three, and both are Ann, who has nothing. One of Cat's comes back, and the fifty
    stay, as four are there. Apart, in either order, Bob's two are his, and Ann has none. Mechanism: `own` in `_part`;
    without it Bob's two would be spent for Cat's reward, and be Ann's."""
    mall = Campaigning(THREE)
    for who in (ANN, BOB, CAT):
        await mall.joins(who, f"h-{who[-1]}")
    bought = {who: [await mall.buys_lines(who, 10_000) for _ in range(times)] for who, times in ((BOB, 2), (CAT, 3))}
    for who in (BOB, CAT):
        await mall.merges(who, ANN)
    await mall.gives_back(ANN, bought[CAT][0])
    assert mall.stars(ANN) == 4 + REWARD
    for who in (first, BOB if first == CAT else CAT):
        await mall.parts(who)
    await mall.buys_lines(ANN, 10_000)
    await mall.buys_lines(BOB, 10_000)
    assert [mall.stars(who) for who in (ANN, BOB, CAT)] == [1, 3 + REWARD, 2 + REWARD]
