"""Vouchers of several on one bill, and of two who are one for a while: who may still use what."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from services.earn.counter.bills import BILLS
from services.earn.counter.commands import Answer, Caller, Denied
from services.earn.counter.people_commands import Merge, Unmerge
from services.earn.counter.voucher_commands import UndoVoucher
from services.earn.vouchers import VOUCHERS
from shared.runtime.memory import MemoryStore
from tests.unit.partnerkit import ANN, BOB, Mall, member

TEN = {"amount": "10000", "currency": "VND"}
EVE = member(3)
GROCER, CINEMA = (Caller("till", partner=each) for each in ("grocer", "cinema"))


@pytest.fixture
async def mall() -> Mall:
    """Ann, Bob and Eve are members."""
    found = Mall(MemoryStore())
    for who in (ANN, BOB, EVE):
        await found.buys(who, "grocer", 10_000)
    return found


def code(answer: Answer) -> str:
    """Why not; `done` where it is."""
    return answer.code if isinstance(answer, Denied) else "done"


async def undo(mall: Mall, who: str, voucher: str) -> str:
    return code(await mall.ask(UndoVoucher(**mall.key(), caller=GROCER, member=who, code=voucher)))


async def merge(mall: Mall, who: str, into: str) -> None:
    head: dict[str, Any] = {**mall.key(), "caller": Caller("office", person="staff-1")}
    assert code(await mall.ask(Merge(**head, member=who, into=into, reason="one person"))) == "done"


async def unmerge(mall: Mall, who: str) -> None:
    head: dict[str, Any] = {**mall.key(), "caller": Caller("office", person="staff-1")}
    assert code(await mall.ask(Unmerge(**head, member=who, reason="no, two"))) == "done"


def kept(mall: Mall, collection: str) -> dict[str, dict[str, Any]]:
    assert isinstance(mall.store, MemoryStore)
    return mall.store.collection(collection)


def whose(mall: Mall, voucher: str = "BBB") -> tuple[str, bool]:
    """Whose it is, and whether it is used."""
    found = kept(mall, VOUCHERS)[voucher]
    return found["member"], found["used"] is not None


@pytest.mark.parametrize(
    ("alone", "expected"),
    [((False, False), "done"), ((True, False), "not_with_others"), ((False, True), "not_with_others"),
     ((True, True), "not_with_others")],
)  # fmt: skip
async def test_another_members_voucher_on_the_bill_is_another(
    mall: Mall, alone: tuple[bool, bool], expected: str
) -> None:
    """Mechanism: the bill's document; without it one that is used alone joins whatever another member has used. On
    another bill, and at another partner whose till calls its bill so, it does not matter."""
    for who, name, its in zip((ANN, BOB), ("AAA", "BBB"), alone, strict=True):
        await mall.offered(who, name, value=TEN, alone=its)
        await mall.offered(who, f"{name}-2", value=TEN, alone=its)
    assert code(await mall.redeems(ANN, "AAA")) == "done"
    assert code(await mall.redeems(BOB, "BBB")) == expected
    assert code(await mall.redeems(BOB, "BBB-2", caller=CINEMA, partner="cinema")) == "done"
    assert code(await mall.redeems(ANN, "AAA-2", bill="b-2")) == "done"


async def test_the_one_that_is_in_the_way_is_named(mall: Mall) -> None:
    """Of three on the bill it is the one that is used alone, or that was first."""
    await mall.offered(ANN, "AAA", value=TEN)
    await mall.offered(BOB, "BBB", value=TEN, alone=True)
    assert code(await mall.redeems(ANN, "AAA")) == "done"
    refused = await mall.redeems(BOB, "BBB")
    assert isinstance(refused, Denied)
    assert refused.detail == "this voucher is not used with others: on this bill AAA was used already"


async def test_a_bill_whose_voucher_is_undone_is_free_again(mall: Mall) -> None:
    """Mechanism: an undo takes the voucher off the bill; without it nobody could use one there any more."""
    await mall.offered(ANN, "AAA", value=TEN, alone=True)
    await mall.offered(BOB, "BBB", value=TEN, alone=True)
    assert code(await mall.redeems(ANN, "AAA")) == "done"
    assert await undo(mall, ANN, "AAA") == "done"
    assert code(await mall.redeems(BOB, "BBB")) == "done"
    assert code(await mall.redeems(ANN, "AAA")) == "not_with_others"
    [bill] = kept(mall, BILLS).values()
    assert [each[:2] for each in bill["used"]] == [["BBB", True]]


@pytest.mark.parametrize(("hours", "expected"), [(17, "not_with_others"), (18, "done")])
async def test_a_number_that_comes_again_the_next_day_is_another_bill(mall: Mall, hours: int, expected: str) -> None:
    """Tills that count their receipts from 1 each day. Mechanism: `bills.is_same`; without it one voucher that is alone
    would keep everybody's off every bill of its number, for ever."""
    for who, name in ((ANN, "AAA"), (BOB, "BBB"), (ANN, "CCC")):
        await mall.offered(who, name, value=TEN, alone=True)
    assert code(await mall.redeems(ANN, "AAA")) == "done"
    mall.passes(hours=hours)
    assert code(await mall.redeems(BOB, "BBB")) == expected
    mall.passes(hours=18)
    assert code(await mall.redeems(ANN, "CCC")) == "done"
    assert [each[0] for each in next(iter(kept(mall, BILLS).values()))["used"]] == ["CCC"]


async def test_in_one_batch_a_later_till_sees_what_an_earlier_one_did(mall: Mall) -> None:
    """Both bills of the voucher are known, also the one that it was used on by the same batch."""
    await mall.offered(ANN, "AAA", value=TEN, alone=True)
    await mall.offered(BOB, "BBB", value=TEN, alone=True)
    await mall.queue.start()
    taken_back = UndoVoucher(**mall.key(), caller=GROCER, member=ANN, code="AAA")
    asked = [mall.redemption(ANN, "AAA"), mall.redemption(BOB, "BBB"), taken_back, mall.redemption(BOB, "BBB")]
    answers = [mall.queue.ask(each) for each in asked]
    told = await asyncio.gather(*answers)
    await mall.queue.stop()
    assert [code(each) for each in told] == ["done", "not_with_others", "done", "done"]


async def test_one_who_was_merged_and_is_apart_again_is_another_on_the_bill(mall: Mall) -> None:
    """What was used on the bill when they were one is known when they are two, by either of them."""
    for who, name in ((ANN, "AAA"), (BOB, "BBB"), (BOB, "CCC")):
        await mall.offered(who, name, value=TEN, alone=True)
    await merge(mall, BOB, ANN)
    assert code(await mall.redeems(ANN, "BBB")) == "done"
    await unmerge(mall, BOB)
    assert code(await mall.redeems(BOB, "CCC")) == "not_with_others"
    assert code(await mall.redeems(ANN, "AAA")) == "not_with_others"


async def test_one_that_was_redeemed_before_bills_were_kept_is_known_of_the_member(mall: Mall) -> None:
    """As an earlier release wrote it: used on a bill that has no document. Undone, there is nothing to take off."""
    await mall.offered(ANN, "AAA", value=TEN, alone=True)
    await mall.offered(ANN, "BBB", value=TEN)
    await mall.redeems(ANN, "AAA")
    assert isinstance(mall.store, MemoryStore)
    del mall.store.documents[VOUCHERS, "AAA"]["used"]["on"]
    for id_ in kept(mall, BILLS):
        del mall.store.documents[BILLS, id_]
    assert code(await mall.redeems(ANN, "BBB")) == "not_with_others"
    assert await undo(mall, ANN, "AAA") == "done"
    assert code(await mall.redeems(ANN, "BBB")) == "done"


async def test_what_the_survivor_used_is_theirs_when_they_are_apart(mall: Mall) -> None:
    """Mechanism: who redeems a voucher has it; without it the duplicate's list has one as used that they never used,
    and the survivor's till cannot undo it. One that nobody used comes back."""
    await mall.offered(BOB, "BBB", value=TEN)
    await mall.offered(BOB, "CCC", value=TEN)
    await merge(mall, BOB, ANN)
    assert code(await mall.redeems(ANN, "BBB")) == "done"
    await unmerge(mall, BOB)
    assert (whose(mall), whose(mall, "CCC")) == ((ANN, True), (BOB, False))
    assert await undo(mall, BOB, "BBB") == "not_used"
    assert await undo(mall, ANN, "BBB") == "done"
    assert whose(mall) == (ANN, False)
    assert code(await mall.redeems(BOB, "BBB")) == "unknown_voucher"
    assert code(await mall.redeems(ANN, "BBB", bill="b-2")) == "done"
    assert code(await mall.redeems(BOB, "CCC", bill="b-3")) == "done"


async def test_undone_while_they_are_one_it_goes_back_with_an_unmerge(mall: Mall) -> None:
    """Mechanism: whose it was is kept while they are one; without it the undo leaves it the survivor's for good."""
    await mall.offered(BOB, "BBB", value=TEN)
    await merge(mall, BOB, ANN)
    assert code(await mall.redeems(ANN, "BBB")) == "done"
    assert await undo(mall, ANN, "BBB") == "done"
    await unmerge(mall, BOB)
    assert whose(mall) == (BOB, False)
    assert code(await mall.redeems(ANN, "BBB")) == "unknown_voucher"
    assert code(await mall.redeems(BOB, "BBB")) == "done"


async def test_what_the_duplicate_used_before_stays_theirs(mall: Mall) -> None:
    """Also where the survivor undoes it meanwhile."""
    for name in ("BBB", "CCC"):
        await mall.offered(BOB, name, value=TEN)
        assert code(await mall.redeems(BOB, name)) == "done"
    await merge(mall, BOB, ANN)
    assert await undo(mall, ANN, "CCC") == "done"
    await unmerge(mall, BOB)
    assert (whose(mall), whose(mall, "CCC")) == ((BOB, True), (BOB, False))


async def test_merged_again_it_stays_the_survivors(mall: Mall) -> None:
    """Mechanism: an unmerge forgets whose it was; without it an undo in a later merge gives it to the duplicate."""
    await mall.offered(BOB, "BBB", value=TEN)
    await merge(mall, BOB, ANN)
    assert code(await mall.redeems(ANN, "BBB")) == "done"
    await unmerge(mall, BOB)
    await merge(mall, BOB, ANN)
    assert await undo(mall, ANN, "BBB") == "done"
    await unmerge(mall, BOB)
    assert whose(mall) == (ANN, False)


@pytest.mark.parametrize(
    ("apart", "owner"),
    [([], EVE), ([ANN], BOB), ([ANN, EVE], BOB)],
    ids=["all are one", "Ann, with Eve, is apart from Bob", "all are apart"],
)
async def test_merged_further_it_belongs_to_whoever_used_it(mall: Mall, apart: list[str], owner: str) -> None:
    """Eve is merged into Ann, Ann into Bob, who uses Eve's and undoes that: her own again as long as nobody was taken
    apart; else his."""
    await mall.offered(EVE, "BBB", value=TEN)
    await merge(mall, EVE, ANN)
    await merge(mall, ANN, BOB)
    assert code(await mall.redeems(BOB, "BBB")) == "done"
    for each in apart:
        await unmerge(mall, each)
    assert whose(mall) == (BOB, True)
    assert await undo(mall, BOB, "BBB") == "done"
    assert whose(mall) == (owner, False)


async def test_used_by_the_first_survivor_it_is_theirs_through_the_next_merge(mall: Mall) -> None:
    """Ann, into whom Eve is merged, uses Eve's, and is merged into Bob: taken apart again, it is still to be undone as
    Eve's, until Eve is apart from Ann."""
    for name in ("BBB", "CCC"):
        await mall.offered(EVE, name, value=TEN)
    await merge(mall, EVE, ANN)
    for name in ("BBB", "CCC"):
        assert code(await mall.redeems(ANN, name)) == "done"
    await merge(mall, ANN, BOB)
    assert await undo(mall, BOB, "CCC") == "done"
    assert whose(mall, "CCC") == (EVE, False)
    await unmerge(mall, ANN)
    assert whose(mall) == (ANN, True)
    await unmerge(mall, EVE)
    assert await undo(mall, ANN, "BBB") == "done"
    assert (whose(mall), whose(mall, "CCC")) == ((ANN, False), (EVE, False))
