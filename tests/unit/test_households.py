"""Points that a household spends in common, by hand: whose are spent first, each part's entry, who joins and leaves."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.earn.counter.commands import Answer, Asked, Capture, Denied, Done, Hold, Release, Undo
from services.earn.counter.people_commands import Close, Erase, Merge, Unmerge
from services.earn.ledger import MEMBERS
from services.earn.posting import JOURNAL
from shared.ledger import lots, pools
from shared.ledger.terms import Terms
from shared.rules import membership
from shared.runtime.memory import MemoryStore
from tests.unit.marked import told
from tests.unit.partnerkit import ANN, BOB, POOLED, PROGRAMME, Mall, member
from tests.unit.test_check_wallets import HEAD
from tests.unit.test_people import CLERK, TILL, code, of, stars

CAT, DAN = member(3), member(4)


@pytest.fixture
async def mall() -> Mall:
    """Of one household: Bob bought 4 stars two days ago, Ann 10 yesterday, Cat 3 today. Dan lives elsewhere: 20."""
    found = Mall(MemoryStore(), programme=POOLED)
    found.passes(days=-2)
    for who, amount, house in ((BOB, 4, "oak"), (ANN, 10, "oak"), (CAT, 3, "oak"), (DAN, 20, "elm")):
        await found.joins(who, house)
        await found.buys(who, "grocer", amount * 10_000)
        if who in (BOB, ANN):
            found.passes(days=1)
    return found


async def holds(mall: Mall, who: str, points: int) -> Answer:
    asked = Asked(wallet="stars", points=points)
    return await mall.ask(Hold(**mall.key(), caller=TILL, member=who, asked=asked, partner="grocer"))


async def held(mall: Mall, who: str, points: int) -> str:
    answer = await holds(mall, who, points)
    assert isinstance(answer, Done), answer
    return str(answer.body["hold"])


async def captured(mall: Mall, who: str, hold: str, points: int | None = None) -> dict[str, Any]:
    answer = await mall.ask(Capture(**mall.key(), caller=TILL, member=who, hold=hold, points=points))
    assert isinstance(answer, Done), answer
    return answer.body


def all_stars(mall: Mall) -> tuple[int, ...]:
    """Ann's, Bob's, Cat's, Dan's."""
    return tuple(stars(mall, who) for who in (ANN, BOB, CAT, DAN))


def entries(mall: Mall, kind: str) -> list[dict[str, Any]]:
    return [each for each in of(mall, JOURNAL).values() if each["kind"] == kind]


def posted(mall: Mall, kind: str) -> dict[str, list[tuple[str, int]]]:
    """What the entries of a kind post, by whose they are."""
    return {e["member"]: [(p["account"], p["amount"]) for p in e["postings"]] for e in entries(mall, kind)}


async def test_what_ends_first_is_spent_first_whoever_it_is_of(mall: Mall) -> None:
    """Cat pays with 12: Bob's 4 and 8 of Ann's; her own end last. Each part has its entry, and sums to zero."""
    answer = await holds(mall, CAT, 12)
    assert isinstance(answer, Done)
    assert (answer.body["points"], answer.body["spendable"]) == (12, 5)
    assert all_stars(mall) == (10, 4, 3, 20), "what is held is still its owner's"
    done = await captured(mall, CAT, str(answer.body["hold"]))
    assert (done["points"], done["worth"], done["spendable"]) == (12, {"amount": "1200", "currency": "VND"}, 5)
    assert all_stars(mall) == (2, 0, 3, 20)
    assert posted(mall, "redemption") == {
        CAT: [],
        ANN: [(f"member:{ANN}", -8), ("partner:grocer:redeemed", 8)],
        BOB: [(f"member:{BOB}", -4), ("partner:grocer:redeemed", 4)],
    }
    assert {each["redemption"] for each in entries(mall, "redemption")} == {done["redemption"]}
    for each in of(mall, MEMBERS).values():
        assert lots.accounted(each).get("stars", 0) == each["balances"]["stars"]


async def test_of_points_that_end_together_own_ones_are_spent_first() -> None:
    house = [membership.newcomer(who) for who in (CAT, ANN, BOB)]
    for each in house:
        lots.add(each, "stars", 3, Terms(None, "2027"))
    assert pools.take(house, "stars", 5, "2026") == {CAT: [[None, "2027", 3]], ANN: [[None, "2027", 2]]}
    assert pools.take(house, "stars", 5, "2026") is None
    assert pools.spendable(house, "stars", "2026") == 4


async def test_a_part_is_captured_and_the_rest_goes_back_to_whose_it_is(mall: Mall) -> None:
    hold = await held(mall, CAT, 12)
    done = await captured(mall, CAT, hold, 3)
    assert (done["released"], done["spendable"]) == (9, 14)
    assert all_stars(mall) == (10, 1, 3, 20)
    assert set(posted(mall, "redemption")) == {CAT, BOB}
    assert not any(each.get("holds") for each in of(mall, MEMBERS).values())


async def test_undoing_gives_back_to_whose_points_they_were(mall: Mall) -> None:
    """Also to one who has left the household since, and to whom one was merged into."""
    done = await captured(mall, CAT, await held(mall, CAT, 12))
    mall.passes(days=1)
    await mall.joins(BOB, "elm")
    assert code(await mall.ask(Merge(**mall.key(), caller=CLERK, member=BOB, into=DAN, reason="the same"))) == "done"
    command = Undo(**mall.key(), caller=TILL, member=CAT, redemption=str(done["redemption"]))
    answer = await mall.ask(command)
    assert isinstance(answer, Done)
    assert answer.body["points"] == 12
    assert all_stars(mall) == (10, 0, 3, 24)
    again = await mall.ask(Undo(**mall.key(), caller=TILL, member=CAT, redemption=str(done["redemption"])))
    assert code(again) == "undone_already"


async def test_what_a_closed_account_gave_is_not_given_back(mall: Mall) -> None:
    done = await captured(mall, CAT, await held(mall, CAT, 12))
    assert code(await mall.ask(Close(**mall.key(), caller=CLERK, member=BOB, reason="leaves"))) == "done"
    command = Undo(**mall.key(), caller=TILL, member=CAT, redemption=str(done["redemption"]))
    assert code(await mall.ask(command)) == "closed"
    assert all_stars(mall) == (2, 0, 3, 20)


async def test_who_has_a_part_in_anothers_hold_is_not_merged_closed_or_erased(mall: Mall) -> None:
    hold = await held(mall, CAT, 4)
    for command in (
        Merge(**mall.key(), caller=CLERK, member=BOB, into=DAN, reason="the same"),
        Close(**mall.key(), caller=CLERK, member=BOB, reason="leaves"),
        Erase(**mall.key(), caller=CLERK, member=BOB, reason="asked to", approved_by="staff-8"),
        Close(**mall.key(), caller=CLERK, member=CAT, reason="leaves"),
    ):
        answer = await mall.ask(command)
        assert isinstance(answer, Denied)
        assert (answer.code, answer.more) == ("open_holds", {"holds": [hold]})
    released = await mall.ask(Release(**mall.key(), caller=TILL, member=CAT, hold=hold))
    assert isinstance(released, Done)
    assert (released.body["released"], released.body["spendable"]) == (4, 17)
    assert all_stars(mall) == (10, 4, 3, 20)


async def test_nobody_but_the_spender_has_the_hold(mall: Mall) -> None:
    """Bob's part is no hold of Bob's."""
    hold = await held(mall, CAT, 4)
    command = Capture(**mall.key(), caller=TILL, member=BOB, hold=hold)
    assert code(await mall.ask(command)) == "unknown_hold"


async def test_each_part_times_out_by_itself_and_what_is_not_whole_is_not_captured(mall: Mall) -> None:
    """Mechanism: `Held.whole`: another process's clock is ahead, and has ended Bob's part already."""
    hold = await held(mall, CAT, 12)
    now = mall.clock.now
    mall.passes(minutes=15)
    await mall.swept(BOB)
    mall.clock.now = now
    command = Capture(**mall.key(), caller=TILL, member=CAT, hold=hold)
    assert code(await mall.ask(command)) == "unknown_hold"
    mall.passes(minutes=15)
    await mall.swept(ANN, CAT)
    assert not any(each.get("holds") for each in of(mall, MEMBERS).values())
    assert all_stars(mall) == (10, 4, 3, 20)


async def test_who_leaves_takes_own_points_along_and_what_a_till_holds_stays_held(mall: Mall) -> None:
    hold = await held(mall, CAT, 2)
    mall.passes(minutes=1)
    await mall.joins(BOB, "ash")
    answer = await holds(mall, CAT, 14)
    assert isinstance(answer, Denied)
    assert (answer.code, answer.more["spendable"]) == ("too_few_points", 13)
    assert (await captured(mall, CAT, hold))["points"] == 2
    assert all_stars(mall) == (10, 2, 3, 20)
    assert code(await holds(mall, BOB, 3)) == "too_few_points"


async def test_expired_points_of_others_are_not_spent(mall: Mall) -> None:
    """Bob's have ended, though nobody has swept."""
    mall.clock.now += timedelta(days=364)
    answer = await holds(mall, CAT, 17)
    assert isinstance(answer, Denied)
    assert answer.more["spendable"] == 13
    await captured(mall, CAT, await held(mall, CAT, 13))
    await mall.swept(BOB)
    assert all_stars(mall) == (0, 0, 0, 20)


async def test_what_another_till_no_longer_holds_of_others_is_spent(mall: Mall) -> None:
    """Bob's own hold has timed out. Mechanism: `Working.household` does what is due of each first."""
    await held(mall, BOB, 4)
    assert code(await holds(mall, CAT, 17)) == "too_few_points"
    mall.passes(minutes=15)
    await captured(mall, CAT, await held(mall, CAT, 17))
    assert all_stars(mall) == (0, 0, 0, 20)


async def test_a_merge_brings_the_household_and_its_undoing_takes_it_away(mall: Mall) -> None:
    """Dan is Cat: of the two the later word counts, and goes with whoever said it."""
    mall.passes(minutes=1)
    await mall.joins(CAT, "oak")
    await mall.ask(Merge(**mall.key(), caller=CLERK, member=CAT, into=DAN, reason="the same"))
    assert of(mall, MEMBERS)[DAN]["household"] == "oak"
    await captured(mall, ANN, await held(mall, ANN, 37))
    assert all_stars(mall) == (0, 0, 0, 0)
    await mall.ask(Unmerge(**mall.key(), caller=CLERK, member=CAT, reason="two persons"))
    assert (of(mall, MEMBERS)[DAN]["household"], of(mall, MEMBERS)[CAT]["household"]) == ("elm", "oak")


async def test_without_a_pool_everybody_spends_their_own() -> None:
    mall = Mall(MemoryStore(), programme=PROGRAMME)
    for who in (ANN, BOB):
        await mall.joins(who, "oak")
        await mall.buys(who, "grocer", 30_000)
    assert code(await holds(mall, ANN, 4)) == "too_few_points"


@pytest.mark.parametrize(
    ("wallet", "words"),
    [
        ("{id: a, pooled: ▶household}", "these points cannot be spent; write how they are (`redemption`)"),
        ('{id: a, value: {amount: "1", currency: USD}, redemption: {}, pooled: ▶family}', "household"),
    ],
)
def test_a_pool_that_cannot_be_meant_is_told_where_it_stands(wallet: str, words: str) -> None:
    (said,) = told(f"    - {wallet}\n", programme=HEAD)
    assert words in said
