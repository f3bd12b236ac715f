"""Returns while two members are merged, and then taken apart: by hand."""

from __future__ import annotations

import orjson
import pytest

from services.earn.ledger import MEMBERS
from services.earn.posting import JOURNAL
from shared.runtime.memory import MemoryStore
from shared.runtime.records import Record
from tests.unit.partnerkit import ANN, BOB, Mall, activity
from tests.unit.test_people import CAT, merged, of, stars, unmerged
from tests.unit.test_people import spent as spend


async def returned(mall: Mall, names: str, purchase: str, **part: str) -> None:
    """A purchase comes back whole, or a part of it."""
    number, said = mall.number(), {"purchase": purchase.partition("|")[2], **part}
    value = activity(names, "grocer", f"r-{number}", said, at=mall.clock.now, offset=number, kind="return")
    await mall.ledger.run([Record("activities", 0, number, value)])


@pytest.mark.parametrize("names", [ANN, BOB])
async def test_a_return_of_the_duplicates_own_purchase_is_the_duplicates_loss(names: str) -> None:
    """Each bought ten stars; Bob's purchase comes back while he is Ann, named by either's card. Apart again, Ann has
    her ten and Bob none. Mechanism: `Refunds.take` lowers what was lent; without it Bob would have Ann's."""
    mall = Mall(MemoryStore())
    bought = {who: await mall.buys(who, "grocer", 100_000) for who in (ANN, BOB)}
    await merged(mall, BOB, ANN)
    await returned(mall, names, bought[BOB])
    assert stars(mall, ANN) == 10
    await unmerged(mall, BOB)
    assert (stars(mall, ANN), stars(mall, BOB)) == (10, 0)
    assert [of(mall, MEMBERS)[who]["lifetime"] for who in (ANN, BOB)] == [{"stars": 10}, {"stars": 0}]


async def test_a_return_of_the_survivors_purchase_leaves_what_the_duplicate_brought() -> None:
    mall = Mall(MemoryStore())
    bought = {who: await mall.buys(who, "grocer", 100_000) for who in (ANN, BOB, CAT)}
    await merged(mall, CAT, BOB)
    await merged(mall, BOB, ANN)
    await returned(mall, ANN, bought[ANN])
    await returned(mall, ANN, bought[CAT])
    await unmerged(mall, BOB)
    assert (stars(mall, ANN), stars(mall, BOB)) == (0, 10), "of Cat's, who came by Bob, nothing is left"
    await unmerged(mall, CAT)
    assert (stars(mall, BOB), stars(mall, CAT)) == (10, 0)


@pytest.mark.parametrize("spent", [0, 20])
async def test_a_bonus_of_the_duplicates_that_is_taken_back_while_merged_is_their_loss(spent: int) -> None:
    """Bob has twenty of a bonus, Ann ten of her own; while he is Ann his purchase comes back, and campaigns takes the
    bonus back. Apart again she has her ten, and he nothing; spent before the merge, he owes it. Mechanism: `bought_by`
    of the grant; without it Ann's ten would be Bob's."""
    mall = Mall(MemoryStore())
    await mall.granted(BOB, "programme", 20)
    await mall.buys(ANN, "grocer", 100_000)
    if spent:
        await spend(mall, BOB, spent)
    await merged(mall, BOB, ANN)
    await mall.granted(ANN, "programme", -20, corrects="g-1", bought_by=BOB)
    assert stars(mall, ANN) == 10 - spent
    # Tiers and reconcile, too, hear whose qualifying points it takes. Mechanism: `Back.bought_by`.
    assert orjson.loads(mall.sent[-1].value)["data"]["bought_by"] == BOB
    assert [each.get("bought_by") for each in of(mall, JOURNAL).values() if each["kind"] == "grant"] == [None, BOB]
    await unmerged(mall, BOB)
    assert (stars(mall, ANN), stars(mall, BOB)) == (10, -spent)
    assert [of(mall, MEMBERS)[who]["lifetime"] for who in (ANN, BOB)] == [{"stars": 10}, {"stars": 0}]
