"""Points that expired unspent around a merge, and whose goods come back when the two are apart again. By hand."""

from __future__ import annotations

import pytest

from services.earn.ended import EXPIRED
from services.earn.ledger import MEMBERS
from shared.runtime.memory import MemoryStore
from shared.runtime.records import Record
from tests.unit.partnerkit import ANN, BOB, NOON, Mall, grant
from tests.unit.test_households import entries
from tests.unit.test_people import CAT, merged, of, spent, stars
from tests.unit.test_people_debts import apart
from tests.unit.test_people_returns import returned
from tests.unit.test_returns_ended import DATED, IDLE, account, ending
from tests.unit.test_returns_late import balanced, buys, undone

BREAKAGE = "programme:breakage"


@pytest.fixture
def mall() -> Mall:
    """Stars are good for a year, whatever is missing at a return is owed; it is the second of March 2026."""
    return Mall(MemoryStore())


async def ends(mall: Mall) -> None:
    """A good year goes by, and the clock does its work of everybody."""
    mall.passes(days=370)
    await mall.swept(ANN, BOB, CAT)


def breakage(mall: Mall) -> int:
    """What is there of points that expired; books balance."""
    assert balanced(mall)
    return account(mall, BREAKAGE)


@pytest.mark.parametrize("terms", [DATED, IDLE])
@pytest.mark.parametrize("policy", ["pending", "zero", "deficit"])
async def test_what_expired_while_merged_is_not_asked_of_the_duplicate(policy: str, terms: str) -> None:
    """Bob's ten expire while he is Ann; apart again, his goods come back, and breakage gives them. Both entries of the
    undoing say so. Mechanism: `ended.parted`, by inactivity `ended.part_idle`, too; without these Bob owes ten, or
    later points of his go for them."""
    mall = ending(policy, terms)
    await mall.joins(ANN, "north")
    bought = await buys(mall, 10, BOB)
    await merged(mall, BOB, ANN)
    await ends(mall)
    assert (stars(mall, ANN), breakage(mall)) == (0, 10)
    await apart(mall, BOB)
    await buys(mall, 4, BOB)
    await returned(mall, BOB, bought)
    assert (stars(mall, ANN), stars(mall, BOB), breakage(mall)) == (0, 4, 0)
    told = {each["member"]: each[EXPIRED][0][3] for each in entries(mall, "unmerge")}
    assert told == {BOB: 10, ANN: -10}


async def test_what_came_back_from_a_till_and_expired_is_the_duplicates(mall: Mall) -> None:
    """Bob had spent his ten before; that is undone while he is Ann, when they have ended: they expire as they come.
    Mechanism: `ended.parted` of what `merging.bring` noted; without it Bob owes ten."""
    await mall.joins(ANN, "north")
    bought = await buys(mall, 10, BOB)
    redemption = await spent(mall, BOB, 10)
    await merged(mall, BOB, ANN)
    await ends(mall)
    await undone(mall, BOB, redemption)
    assert breakage(mall) == 10
    await apart(mall, BOB)
    await returned(mall, BOB, bought)
    assert (stars(mall, BOB), breakage(mall)) == (0, 0)


@pytest.mark.parametrize(("spends", "anns", "bobs"), [(0, 0, 0), (5, -5, 0), (8, -5, -3), (15, -5, -10)])
async def test_the_survivors_own_count_as_spent_first(mall: Mall, spends: int, anns: int, bobs: int) -> None:
    """Of five of Ann's and ten of Bob's that end together Ann spends some, and the rest expires. Apart again, of each
    is asked what of theirs was spent, and nothing twice. Mechanism: both entries of the undoing; without the survivor's
    Ann would be spared what Bob is."""
    bought = {who: await buys(mall, points, who) for who, points in ((ANN, 5), (BOB, 10))}
    await merged(mall, BOB, ANN)
    if spends:
        await spent(mall, ANN, spends)
    await ends(mall)
    assert breakage(mall) == 15 - spends
    await apart(mall, BOB)
    for who in (ANN, BOB):
        await returned(mall, who, bought[who])
    assert (stars(mall, ANN), stars(mall, BOB), breakage(mall)) == (anns, bobs, 0)


@pytest.mark.parametrize(("order", "apart_after", "anns", "bobs"), [([BOB, ANN], 2, -8, 0), ([ANN, BOB], 1, 0, -8)])
async def test_goods_that_come_back_while_they_are_one_take_what_is_there(
    mall: Mall, order: list[str], apart_after: int, anns: int, bobs: int
) -> None:
    """As the table of debts has it: five and ten, eight spent, seven expired. Who is asked for the eight is decided by
    what is there when goods come back: seven of breakage, for the first; books balance in every order."""
    bought = {who: await buys(mall, points, who) for who, points in ((ANN, 5), (BOB, 10))}
    await merged(mall, BOB, ANN)
    await spent(mall, ANN, 8)
    await ends(mall)
    for number, who in enumerate(order, 1):
        await returned(mall, who, bought[who])
        if number == apart_after:
            await apart(mall, BOB)
    assert (stars(mall, ANN), stars(mall, BOB), breakage(mall)) == (anns, bobs, 0)


async def test_along_a_chain_it_goes_back_to_whose_it_was(mall: Mall) -> None:
    """Cat came to Bob, and by him to Ann; two, three and four of theirs expire. Mechanism: as above; what goes back to
    Bob is what Cat's are looked for in."""
    bought = {who: await buys(mall, points, who) for who, points in ((ANN, 2), (BOB, 3), (CAT, 4))}
    await merged(mall, CAT, BOB)
    await merged(mall, BOB, ANN)
    await ends(mall)
    await apart(mall, BOB)
    await apart(mall, CAT)
    for left, who in ((7, ANN), (4, BOB), (0, CAT)):
        await returned(mall, who, bought[who])
        assert (stars(mall, who), breakage(mall)) == (0, left)


@pytest.mark.parametrize("terms", [DATED, IDLE])
async def test_merged_once_more_it_comes_along_and_goes_back(terms: str) -> None:
    """Of Bob's ten that expired four are taken in the second merge, and the rest after it. Ann's ten of that day are
    hers for her own goods. Mechanism: a merge hands over what had expired (`people.merge`); without it Ann's four would
    be taken, and hers asked for."""
    mall = ending("deficit", terms)
    bought = {who: await buys(mall, 10, who) for who in (ANN, BOB)}
    for part in (None, "40000"):
        await merged(mall, BOB, ANN)
        if part is None:
            await ends(mall)
        else:
            await returned(mall, ANN, bought[BOB], amount=part)
            assert of(mall, MEMBERS)[BOB]["lent"][EXPIRED][0][3] == 6
        await apart(mall, BOB)
    assert breakage(mall) == 16
    await returned(mall, BOB, bought[BOB])
    assert (stars(mall, BOB), breakage(mall)) == (0, 10)
    await returned(mall, ANN, bought[ANN])
    assert (stars(mall, ANN), breakage(mall)) == (0, 0)


async def test_what_goods_have_taken_of_it_does_not_go_back_once_more(mall: Mall) -> None:
    """Bob bought for ten and for five, and spent five before; ten of his expire with ten of Ann's. Four are taken while
    they are one, six of the same goods afterwards; for the other goods he owes five. Mechanism: `refunding._lost` tells
    of what came out of breakage; without it Bob had ten once more, four of them Ann's."""
    first, second = [await buys(mall, points, BOB) for points in (10, 5)]
    await spent(mall, BOB, 5)
    own = await buys(mall, 10)
    await merged(mall, BOB, ANN)
    await ends(mall)
    await returned(mall, BOB, first, amount="40000")
    await apart(mall, BOB)
    await returned(mall, BOB, first)
    assert (stars(mall, BOB), breakage(mall)) == (0, 10)
    await returned(mall, BOB, second)
    await returned(mall, ANN, own)
    assert (stars(mall, ANN), stars(mall, BOB), breakage(mall)) == (0, -5, 0)


async def test_what_it_took_of_the_survivors_the_duplicate_owes(mall: Mall) -> None:
    """Bob had spent seven of his ten; his three and seven of Ann's expire, and his goods take all ten. Apart again he
    owes the seven, and Ann's have expired as before. Mechanism: `refunding._lost`, as above; without it Ann's goods
    would be asked of her."""
    bought = await buys(mall, 10, BOB)
    await spent(mall, BOB, 7)
    own = await buys(mall, 7)
    await merged(mall, BOB, ANN)
    await ends(mall)
    await returned(mall, BOB, bought)
    assert (stars(mall, ANN), breakage(mall)) == (0, 0), "one who spent seven of seventeen, and keeps goods of seven"
    await apart(mall, BOB)
    assert (stars(mall, ANN), stars(mall, BOB), breakage(mall)) == (0, -7, 7)
    await returned(mall, ANN, own)
    assert (stars(mall, ANN), stars(mall, BOB), breakage(mall)) == (0, -7, 0)


async def test_what_expired_was_not_spent_by_the_survivor(mall: Mall) -> None:
    """Bob's ten of March expire while he is Ann; then goods of April come back, whose ten he had spent, and take hers.
    Those are his to owe, and of what expired nothing is asked. Mechanism: `merging.returned` counts what expired as
    there, and `looking_up._of_merged` has the journal read for it, though nothing of April has ended; without either
    Ann would have spent his ten, and owe for his goods."""
    first = await buys(mall, 10, BOB)
    redemption = await spent(mall, BOB, 10)
    mall.passes(days=30)
    second = await buys(mall, 10, BOB)
    await spent(mall, BOB, 10)
    await undone(mall, BOB, redemption)
    mall.passes(days=1)
    await buys(mall, 10)
    await merged(mall, BOB, ANN)
    mall.passes(days=340)
    await mall.swept(ANN)
    assert (stars(mall, ANN), breakage(mall)) == (10, 10)
    await returned(mall, BOB, second)
    await apart(mall, BOB)
    assert (stars(mall, ANN), stars(mall, BOB), breakage(mall)) == (10, -10, 10)
    await returned(mall, BOB, first)
    assert (stars(mall, ANN), stars(mall, BOB), breakage(mall)) == (10, -10, 0)


@pytest.mark.parametrize("expires", [DATED, IDLE])
async def test_what_the_survivor_earns_since_is_theirs(expires: str) -> None:
    """Bob's ten end while he is Ann, by inactivity among others, then she buys for six: these are hers when the two are
    apart. Mechanism: `ended.part_idle`; without it Bob would have six that he never earned."""
    mall = ending("deficit", expires)
    await mall.joins(ANN, "north")
    await buys(mall, 10, BOB)
    await merged(mall, BOB, ANN)
    await ends(mall)
    await buys(mall, 6)
    await apart(mall, BOB)
    assert (stars(mall, ANN), stars(mall, BOB), breakage(mall)) == (6, 0, 10)


@pytest.mark.parametrize("merged_then", [True, False])
async def test_a_bonus_that_expired_while_merged_is_taken_out_of_breakage(mall: Mall, merged_then: bool) -> None:
    """Campaigns take it back, while the two are one or later: Bob owes nothing, and Ann's eight of that day, which
    expired, are there for her goods. Mechanism: `Refunds.correct` does as a return; without that she would owe."""
    await mall.granted(BOB, "programme", 20)
    own = await buys(mall, 8)
    await merged(mall, BOB, ANN)
    await ends(mall)
    assert breakage(mall) == 28
    if not merged_then:
        await apart(mall, BOB)
    whose = {"bought_by": BOB} if merged_then else {}
    back = grant(ANN if merged_then else BOB, "programme", "back", -20, NOON, corrects="g-1", **whose)
    await mall.ledger.run([Record("grants", 0, mall.number(), back)])
    if merged_then:
        await apart(mall, BOB)
    assert (stars(mall, ANN), stars(mall, BOB), breakage(mall)) == (0, 0, 8)
    await returned(mall, ANN, own)
    assert (stars(mall, ANN), breakage(mall)) == (0, 0)
