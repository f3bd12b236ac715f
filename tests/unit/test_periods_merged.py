"""Which periods of a challenge are kept of members who are one, and two again; by hand. Two purchases a day win one."""

from __future__ import annotations

import pytest

from tests.unit.campaignkit import Campaigning
from tests.unit.partnerkit import ANN, BOB
from tests.unit.rulekit import rule

DAILY = rule("daily", "progress: {count: times, period: day, goal: 2}\nthen: {fixed: 1}", "challenge")


async def twelve_days_of_bobs() -> Campaigning:
    """Bob has bought once on each of the last twelve days."""
    mall = Campaigning(DAILY)
    for who in (ANN, BOB):
        await mall.joins(who, f"h-{who[-1]}")
    mall.passes(days=20)
    for days_ago in range(12):
        await mall.buys_lines(BOB, 1000, days_ago=days_ago)
    return mall


async def test_a_duplicates_days_do_not_take_the_survivors_places() -> None:
    """Apart again Ann's two of a day before all of Bob's win. Mechanism: `spent.forget`; with twelve days of nothing of
    Bob's she would have no place for hers."""
    mall = await twelve_days_of_bobs()
    await mall.merges(BOB, ANN)
    await mall.parts(BOB)
    assert "daily" not in mall.counted(ANN)["progress"] or not mall.counted(ANN)["progress"]["daily"]
    for _ in range(2):
        await mall.buys_lines(ANN, 1000, days_ago=15)
    assert mall.given(ANN, "daily") == 1


async def test_what_the_survivor_had_won_is_known_still_when_its_goods_come_back() -> None:
    """Ann had won a day before all of Bob's, and buys while they are one. Apart again her goods of that day come back,
    and its reward with them. Mechanism: `most` of `challenges._step`; with twelve places for both, that day would be
    forgotten."""
    mall = await twelve_days_of_bobs()
    bought = [await mall.buys_lines(ANN, 1000, days_ago=15) for _ in range(2)]
    assert mall.given(ANN, "daily") == 1
    await mall.merges(BOB, ANN)
    mall.passes(days=1)
    await mall.buys_lines(ANN, 1000)
    await mall.parts(BOB)
    for each in bought:
        await mall.gives_back(ANN, each)
    assert mall.given(ANN, "daily") == 0


@pytest.mark.parametrize("whose", [ANN, BOB])
async def test_what_was_won_and_is_forgotten_is_not_won_again_after_a_merge(whose: str) -> None:
    """Fifteen days ago was won, and forgotten for thirteen later days; two late purchases of that day win nothing, also
    when another is the same person. Mechanism: `forgotten`, which a merge hands on; with places for both, and nobody
    who knows of that day, it would be won once more."""
    mall = Campaigning(DAILY)
    for who in (ANN, BOB):
        await mall.joins(who, f"h-{who[-1]}")
    mall.passes(days=20)
    for days_ago in (15, 15, *range(13)):
        await mall.buys_lines(whose, 1000, days_ago=days_ago)
    assert mall.given(whose, "daily") == 1
    await mall.merges(BOB, ANN)
    for _ in range(2):
        await mall.buys_lines(ANN, 1000, days_ago=15)
    assert (mall.given(ANN, "daily"), mall.given(BOB, "daily")) == ((1, 0) if whose == ANN else (0, 1))
