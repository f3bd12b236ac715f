"""Goods come back whose points one of two merged members had spent: who owes them when they are apart. By hand."""

from __future__ import annotations

from typing import Any

import pytest

from services.earn.ledger import MEMBERS
from shared.ledger import merging
from shared.runtime.memory import MemoryStore
from tests.unit.partnerkit import ANN, BOB, Mall
from tests.unit.test_people import CAT, merged, of, spent, stars
from tests.unit.test_people_debts import APRIL_1, MARCH_2, MAY_1, STAR, apart, owing, there, undone
from tests.unit.test_people_returns import returned


@pytest.fixture
def mall() -> Mall:
    """It is the second of March 2026."""
    return Mall(MemoryStore())


@pytest.mark.parametrize("has", [4, 10, 25])
async def test_what_the_duplicate_had_spent_of_returned_goods_they_owe(mall: Mall, has: int) -> None:
    """Bob's ten were spent when he was merged: a return takes them from Ann, who owes what she has not. Apart again she
    has all of hers, in their lot, and Bob owes ten. Mechanism: `merging._charged` adds to what was owed and taken;
    without it Ann would have paid for Bob's goods."""
    bought = await mall.buys(BOB, "grocer", 10 * STAR)
    await spent(mall, BOB, 10)
    await mall.buys(ANN, "grocer", has * STAR)
    await merged(mall, BOB, ANN)
    await returned(mall, BOB, bought)
    assert stars(mall, ANN) == has - 10
    mall.passes(days=30)
    assert await apart(mall, BOB) == {"stars": -10}
    assert there(mall, ANN) == {MARCH_2: has}


async def test_for_what_the_survivor_spent_the_duplicate_owes_nothing(mall: Mall) -> None:
    """Ann spends Bob's ten, then his goods come back: that is hers to repay. Mechanism: `merging._lessen_spent`;
    without it Bob would owe ten that he has not spent, and Ann nothing."""
    bought = await mall.buys(BOB, "grocer", 10 * STAR)
    await mall.buys(ANN, "grocer", 4 * STAR)
    await merged(mall, BOB, ANN)
    await spent(mall, ANN, 14)
    await returned(mall, BOB, bought)
    await apart(mall, BOB)
    assert (stars(mall, ANN), stars(mall, BOB)) == (-10, 0)


async def test_part_had_repaid_a_debt_and_part_was_spent(mall: Mall) -> None:
    """Of Bob's twenty ten were spent, and ten repaid Ann's debt; she has fifteen of April when his goods come back. Of
    these ten go for her own debt, and five for Bob's. Mechanism: `merging._charged` leaves the first of what has gone
    to the survivor's debt; without it all fifteen would count as taken for Bob's."""
    bought = await mall.buys(BOB, "grocer", 20 * STAR)
    await spent(mall, BOB, 10)
    await owing(mall, ANN, 10)
    await merged(mall, BOB, ANN)
    mall.passes(days=30)
    await mall.buys(ANN, "grocer", 15 * STAR)
    await returned(mall, BOB, bought)
    assert stars(mall, ANN) == -5
    assert of(mall, MEMBERS)[BOB]["lent"]["took"] == [["stars", None, APRIL_1, 5]]
    mall.passes(days=30)
    await apart(mall, BOB)
    assert (there(mall, ANN), stars(mall, BOB)) == ({APRIL_1: 5}, -10)


async def test_in_a_chain_it_is_whoever_spent_it_who_owes(mall: Mall) -> None:
    """Cat had spent ten of her twenty, by Bob they came to Ann. Her first goods come back: of her own stars they take
    those that she has left, and for her second goods she owes; they took Bob's six, and four that he owes until he
    repays them. Mechanism: what one merge lost the next lost, too; without it Bob would have ten of March."""
    bought = [await mall.buys(CAT, "grocer", 10 * STAR) for _ in range(2)]
    await spent(mall, CAT, 10)
    for who in (BOB, ANN):
        await mall.buys(who, "grocer", 6 * STAR)
    await merged(mall, CAT, BOB)
    await merged(mall, BOB, ANN)
    for each in bought:
        await returned(mall, ANN, each)
    assert stars(mall, ANN) == 2
    await apart(mall, BOB)
    assert (stars(mall, ANN), stars(mall, BOB)) == (6, -4)
    mall.passes(days=30)
    await mall.buys(BOB, "grocer", 4 * STAR)
    mall.passes(days=30)
    await apart(mall, CAT)
    assert (there(mall, ANN), there(mall, BOB), stars(mall, CAT)) == ({MARCH_2: 6}, {MARCH_2: 6, MAY_1: 4}, -10)


async def test_what_was_spent_in_a_chain_is_not_there_though_the_last_has_such(mall: Mall) -> None:
    """Bob spends Cat's ten before he is merged into Ann, who has twenty of that day. Other goods of Cat's come back, of
    which she had spent the ten: for her ten that Bob spent she owes nothing. Mechanism: a merge looks for stars among
    those that the next one brought; without it Cat would owe, and Bob not."""
    bought = [await mall.buys(CAT, "grocer", 10 * STAR) for _ in range(2)]
    await spent(mall, CAT, 10)
    await merged(mall, CAT, await joined(mall))
    await spent(mall, BOB, 10)
    await mall.buys(ANN, "grocer", 20 * STAR)
    await merged(mall, BOB, ANN)
    await returned(mall, ANN, bought[0])
    assert stars(mall, ANN) == 10
    await apart(mall, BOB)
    await apart(mall, CAT)
    assert [stars(mall, who) for who in (ANN, BOB, CAT)] == [20, -10, 0]


async def joined(mall: Mall) -> str:
    """Bob is known, and has nothing."""
    await mall.joins(BOB, "north")
    return BOB


async def test_what_ends_first_repays_the_duplicates_own_debt_whatever_came_first(mall: Mall) -> None:
    """Two redemptions of Bob's, who owes five, are undone while he is merged: first April's, then March's. Mechanism:
    `merging.give_back` sorts what had repaid Ann's debt; without it Bob's debt would take five of April's."""
    await mall.buys(BOB, "grocer", 10 * STAR)
    march = await spent(mall, BOB, 10)
    mall.passes(days=30)
    await mall.buys(BOB, "grocer", 10 * STAR)
    april = await spent(mall, BOB, 10)
    await owing(mall, BOB, 5)
    await owing(mall, ANN, 40)
    await merged(mall, BOB, ANN)
    await undone(mall, BOB, april)
    await undone(mall, BOB, march)
    await apart(mall, BOB)
    assert (there(mall, BOB), stars(mall, ANN)) == ({MARCH_2: 5, APRIL_1: 10}, -40)


def test_what_has_become_active_is_there() -> None:
    """Others' five were taken, so they are owed: the ten that came are still there. Mechanism: `merging._still`;
    without it these would count as spent."""
    lent: dict[str, Any] = {"lots": [["stars", "2026-05", "2028", 10]], "paid": [], "took": [], "owed": {}}
    survivor = {"lots": [{"wallet": "stars", "activates": None, "expires": "2028", "points": 10}]}
    merging.returned([lent], survivor, [["stars", None, "2027", 5]], {"stars": 5}, {}, [])
    assert lent["lots"] == [["stars", "2026-05", "2028", 10]]
    assert (lent["owed"], lent["took"]) == ({"stars": 5}, [["stars", None, "2027", 5]])


def test_a_merge_of_an_earlier_version_brought_no_debts() -> None:
    """What it keeps is not added to: it is taken back as it was then."""
    lent: dict[str, Any] = {"lots": []}
    merging.returned([lent], {"lots": []}, [["stars", None, "2027", 5]], {"stars": 5}, {}, [])
    assert lent == {"lots": []}
