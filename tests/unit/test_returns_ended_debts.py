"""A till gives back points of which some have ended meanwhile, to somebody who owes: what has ended repays nothing but
what its own goods owe."""

from __future__ import annotations

import pytest

from services.earn.accounts import BREAKAGE
from services.earn.ledger import MEMBERS
from shared.ledger import lots
from shared.runtime.memory import MemoryStore
from tests.unit.partnerkit import ANN, BOB, POOLED, PROGRAMME, Mall
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


async def ten_at_the_till(at: Mall) -> tuple[str, str]:
    """Ten stars, all that there are, end this midnight, and a till holds them; their purchase, and the hold."""
    bought = await buys(at, 10)
    at.passes(days=365, hours=11, minutes=58)
    return bought, await held(at, ANN, 10)


@pytest.mark.parametrize("way", ["released", "timed out"])
@pytest.mark.parametrize("first", ["return", "end"])
async def test_goods_whose_points_end_at_the_till_leave_no_debt_to_whoever_spent_nothing(way: str, first: str) -> None:
    """Ten are held, their goods come back, midnight passes, the till lets go: nothing is owed, as where the goods came
    back after midnight, and nothing is breakage. Mechanism: `lots._await`; without it ten would be owed."""
    found = mall("deficit")
    bought, hold = await ten_at_the_till(found)
    if first == "return":
        await returned(found, ANN, bought)
        assert (stars(found, ANN), owed(found, ANN)) == (0, 10)
    found.passes(minutes=3)
    if way == "released":
        answer = await released(found, ANN, hold)
        assert (answer["released"], answer["spendable"]) == (10, 0)
    else:
        found.passes(minutes=30)
        await found.swept(ANN)
    if first == "end":
        await returned(found, ANN, bought)
    assert (stars(found, ANN), owed(found, ANN), breakage(found)) == (0, 0, 0)
    assert "awaited" not in of(found, MEMBERS)[ANN]
    assert balanced(found)


async def test_so_do_goods_whose_points_inactivity_ends_at_the_till() -> None:
    """Mechanism: `due._end` gives what is awaited its end, too."""
    idle = PROGRAMME.replace("expires: {after: 12 months}", "expires: {inactive: 12 months}")
    found = mall("deficit", idle)
    bought, hold = await ten_at_the_till(found)
    await returned(found, ANN, bought)
    assert owed(found, ANN) == 10
    found.passes(minutes=3)
    await released(found, ANN, hold)
    assert (stars(found, ANN), owed(found, ANN), breakage(found)) == (0, 0, 0)
    assert balanced(found)


@pytest.mark.parametrize(("captured_of_it", "left"), [(4, 4), (9, 9)])
async def test_what_was_spent_of_a_hold_is_owed_still(captured_of_it: int, left: int) -> None:
    """Of ten that are held some are spent after the return; what comes back ended repays its part, and no more."""
    found = mall("deficit")
    bought, hold = await ten_at_the_till(found)
    await returned(found, ANN, bought)
    found.passes(minutes=3)
    await captured(found, ANN, hold, captured_of_it)
    assert (stars(found, ANN), owed(found, ANN), breakage(found)) == (-left, left, 0)
    assert balanced(found)


async def test_two_holds_of_one_lot_repay_what_its_goods_owe_and_the_rest_expires() -> None:
    """Two purchases of one day; six of the first come back while all is held, four of another day were spent, and are
    owed too. The first till lets go in time, the second too late. Mechanism: `row[2] -=` in `lots._repaid`; without it
    the other day's debt would be forgiven."""
    found = mall("deficit")
    other = await buys(found, 4)
    await captured(found, ANN, await held(found, ANN, 4))
    found.passes(days=1)
    bought = await buys(found, 6)
    await buys(found, 6)
    found.passes(days=365, hours=11, minutes=50)
    one, two = await held(found, ANN, 6), await held(found, ANN, 6)
    await returned(found, ANN, bought)
    await returned(found, ANN, other)
    assert (stars(found, ANN), owed(found, ANN)) == (2, 10)
    await released(found, ANN, one)
    assert (stars(found, ANN), owed(found, ANN)) == (2, 4)
    found.passes(minutes=11)
    await released(found, ANN, two)
    assert (stars(found, ANN), owed(found, ANN), breakage(found)) == (-4, 4, 6)
    assert balanced(found)


@pytest.mark.parametrize("swept", [True, False])
async def test_it_is_all_one_whether_somebody_has_swept(*, swept: bool) -> None:
    """The hold's own end has passed when ten more are bought. Mechanism: `sweeping.end_before`; without it those would
    repay the debt, and what the till had be breakage, unless the clock was quicker."""
    found = mall("deficit")
    bought, _ = await ten_at_the_till(found)
    await returned(found, ANN, bought)
    found.passes(minutes=60)
    if swept:
        await found.swept(ANN)
    await buys(found, 10)
    await found.swept(ANN)
    assert (stars(found, ANN), owed(found, ANN), breakage(found)) == (10, 0, 0)
    assert balanced(found)


async def test_what_is_awaited_is_forgotten_once_nothing_is_owed() -> None:
    """Ten of a later purchase repay the debt; what comes back ended is breakage then."""
    found = mall("deficit")
    bought, hold = await ten_at_the_till(found)
    await returned(found, ANN, bought)
    await buys(found, 10)
    assert (owed(found, ANN), "awaited" in of(found, MEMBERS)[ANN]) == (0, False)
    found.passes(minutes=3)
    await released(found, ANN, hold)
    assert (stars(found, ANN), owed(found, ANN), breakage(found)) == (0, 0, 10)
    assert balanced(found)


@pytest.mark.parametrize("when", ["before", "meanwhile"])
async def test_of_somebody_into_whom_another_is_merged_ended_points_repay_nothing(when: str) -> None:
    """Whose debt it was nobody could tell when they are two again. Mechanism: `absorbed` in `lots._await`, and
    `lots.forget_awaited` in `pour`."""
    found = mall("deficit")
    for who in (ANN, BOB):
        await found.joins(who, who)
    if when == "before":
        await merged(found, BOB, ANN)
    bought, hold = await ten_at_the_till(found)
    await returned(found, ANN, bought)
    if when == "meanwhile":
        await merged(found, BOB, ANN)
    found.passes(minutes=3)
    await released(found, ANN, hold)
    assert (stars(found, ANN), owed(found, ANN), breakage(found)) == (-10, 10, 10)
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
