"""A till gives back points of which some have ended meanwhile, to somebody who owes: what has ended repays nothing."""

from __future__ import annotations

import pytest

from services.earn.accounts import BREAKAGE
from services.earn.ledger import MEMBERS
from shared.ledger import lots
from shared.runtime.memory import MemoryStore
from tests.unit.partnerkit import ANN, BOB, POOLED, Mall
from tests.unit.test_households import captured, entries, held
from tests.unit.test_people import merged, of, stars, unmerged
from tests.unit.test_people_returns import returned
from tests.unit.test_returns_late import balanced, buys, mall, released, undone


def owed(at: Mall, who: str) -> int:
    return lots.deficit(of(at, MEMBERS)[who], "stars")


def breakage(at: Mall) -> int:
    postings = (posting for entry in of(at, "journal").values() for posting in entry["postings"])
    return sum(each["amount"] for each in postings if each["account"] == BREAKAGE)


async def five_to_midnight(at: Mall, who: str = ANN) -> str:
    """Ten stars end this midnight, five in a year; the five's purchase."""
    await buys(at, 10, who)
    at.passes(days=365, hours=11, minutes=55)
    return await buys(at, 5, who)


@pytest.mark.parametrize("way", ["released", "timed out", "undone"])
async def test_a_debt_is_not_repaid_by_what_has_ended(way: str) -> None:
    """Fifteen are with the till, and the goods of five come back: five are owed. After midnight fifteen come back: ten
    have ended, and the five of the returned goods repay the debt. Mechanism: `lots._repaid` looks at the end; without
    it the debt would be repaid by five dead stars, and the five of the returned goods be hers for a year."""
    found = mall("deficit")
    bought = await five_to_midnight(found)
    hold = await held(found, ANN, 15)
    redemption = await captured(found, ANN, hold) if way == "undone" else {}
    await returned(found, ANN, bought)
    assert owed(found, ANN) == 5
    found.passes(minutes=6)
    if way == "released":
        assert (await released(found, ANN, hold))["spendable"] == 0
    elif way == "undone":
        assert (await undone(found, ANN, redemption["redemption"]))["spendable"] == 0
    else:
        found.passes(minutes=30)
        await found.swept(ANN)
    assert (stars(found, ANN), owed(found, ANN), breakage(found)) == (0, 0, 10)
    assert sum(each["postings"][1]["amount"] for each in entries(found, "expiry")) == 10
    assert balanced(found)


async def test_nor_one_of_a_household() -> None:
    """Ann spends her own ten and Bob's five, all of which end at midnight; Bob owes for goods that he brought back.
    What is undone after midnight repays nothing of it."""
    found = Mall(MemoryStore(), programme=POOLED)
    for who in (ANN, BOB):
        await found.joins(who, "oak")
    await buys(found, 10)
    bought = await buys(found, 5, BOB)
    redemption = await captured(found, ANN, await held(found, ANN, 15))
    await returned(found, BOB, bought)
    assert owed(found, BOB) == 5
    found.passes(days=366)
    await undone(found, ANN, redemption["redemption"])
    assert (owed(found, ANN), owed(found, BOB), stars(found, ANN), stars(found, BOB)) == (0, 5, 0, -5)
    assert breakage(found) == 15


async def test_nor_one_of_somebody_whom_they_are_merged_into() -> None:
    """Bob has spent ten, and is merged into Ann, who owes five. His ten come back when they have ended: they expire,
    her debt stands, and does when they are two again. Mechanism: `merging.bring`; without it five would count as
    having repaid it."""
    found = mall("deficit")
    await buys(found, 10, BOB)
    redemption = await captured(found, BOB, await held(found, BOB, 10))
    bought = await buys(found, 5)
    await captured(found, ANN, await held(found, ANN, 5))
    await returned(found, ANN, bought)
    await merged(found, BOB, ANN)
    found.passes(days=366)
    await undone(found, BOB, redemption["redemption"])
    assert (stars(found, ANN), owed(found, ANN)) == (-5, 5)
    await unmerged(found, BOB)
    assert [(stars(found, who), owed(found, who)) for who in (ANN, BOB)] == [(-5, 5), (0, 0)]
    assert balanced(found)
