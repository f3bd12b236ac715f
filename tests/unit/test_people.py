"""Merging, taking apart and closing, by hand: points with their terms, debts, names, vouchers, and clear refusals."""

from __future__ import annotations

from datetime import UTC
from typing import Any

import pytest

from services.earn.counter.commands import Answer, Asked, Caller, Capture, Denied, Done, Hold, Transfer, Undo
from services.earn.counter.people_commands import Close, Erase, Merge, Unmerge
from services.earn.counter.working import ERASURES
from services.earn.intake import IDENTITIES
from services.earn.ledger import MEMBERS
from services.earn.posting import JOURNAL
from shared.ledger import lots, merging
from shared.ledger.terms import FREE, Terms
from shared.rules import membership
from shared.runtime.leading import LED
from shared.runtime.memory import MemoryStore
from tests.unit.partnerkit import ANN, BOB, Mall, member
from tests.unit.rulekit import rule

CAT = member(3)
CLERK = Caller("office", person="staff-7")
TILL = Caller("till", partner="grocer")
TEN = {"amount": "10000", "currency": "VND"}


@pytest.fixture
async def mall() -> Mall:
    """Ann has 30 stars, Bob 5, Cat 1; Bob is known by two names."""
    found = Mall(MemoryStore())
    for who, amount in ((ANN, 300_000), (BOB, 50_000), (CAT, 10_000)):
        await found.buys(who, "grocer", amount)
    async with found.store.unit() as unit:
        names = (("card:1", ANN), ("card:2", BOB), ("email:bob@example.com", BOB))
        await unit.commit({IDENTITIES: [{"_id": key, "member": who, "touched": 0} for key, who in names]}, {})
    return found


def of(mall: Mall, collection: str) -> dict[str, dict[str, Any]]:
    assert isinstance(mall.store, MemoryStore)
    return mall.store.collection(collection)


def stars(mall: Mall, who: str) -> int:
    found: int = of(mall, MEMBERS)[who]["balances"]["stars"]
    return found


def names(mall: Mall) -> dict[str, str]:
    return {key: each["member"] for key, each in of(mall, IDENTITIES).items()}


def code(answer: Answer) -> str:
    return answer.code if isinstance(answer, Denied) else "done"


async def merged(mall: Mall, who: str, into: str) -> Answer:
    key = {**mall.key(), "caller": CLERK}
    return await mall.ask(Merge(**key, member=who, into=into, reason="the same person"))


async def unmerged(mall: Mall, who: str) -> Answer:
    return await mall.ask(Unmerge(**{**mall.key(), "caller": CLERK}, member=who, reason="two persons"))


async def spent(mall: Mall, who: str, points: int) -> str:
    """Points that somebody spends; the redemption's id."""
    key: dict[str, Any] = {"caller": TILL}
    asked = Asked(wallet="stars", points=points)
    held = await mall.ask(Hold(**mall.key(), **key, member=who, asked=asked, partner="grocer"))
    assert isinstance(held, Done), held
    done = await mall.ask(Capture(**mall.key(), **key, member=who, hold=str(held.body["hold"])))
    assert isinstance(done, Done)
    return str(done.body["redemption"])


async def test_all_that_the_duplicate_has_goes_to_the_survivor(mall: Mall) -> None:
    answer = await merged(mall, BOB, ANN)
    assert isinstance(answer, Done)
    assert answer.body == {"member": BOB, "into": ANN, "points": {"stars": 5}, "identities": 2,
                           "balances": {"stars": 35}}  # fmt: skip
    assert (stars(mall, ANN), stars(mall, BOB)) == (35, 0)
    assert set(names(mall).values()) == {ANN}
    assert of(mall, MEMBERS)[ANN]["lifetime"] == {"stars": 35}
    entries = [each for each in of(mall, JOURNAL).values() if each["kind"] == "merge"]
    assert {(e["member"], tuple((p["account"], p["amount"]) for p in e["postings"])) for e in entries} == {
        (BOB, ((f"member:{BOB}", -5), (f"member:{ANN}", 5))),
        (ANN, ()),
    }
    assert {e["by"]["person"] for e in entries if e["member"] == BOB} == {"staff-7"}


async def test_what_was_on_its_way_to_the_duplicate_is_the_survivors(mall: Mall) -> None:
    """Mechanism: `entries.led_on`; without it Bob's document would have points again."""
    await merged(mall, BOB, ANN)
    await mall.buys(BOB, "grocer", 70_000)
    await mall.granted(BOB, "programme", 2)
    assert (stars(mall, ANN), stars(mall, BOB)) == (44, 0)
    assert {e["member"] for e in of(mall, JOURNAL).values() if e["kind"] == "grant"} == {ANN}


async def test_points_keep_their_terms_and_go_back_as_far_as_they_are_there(mall: Mall) -> None:
    """Ann's and Bob's lots end on one day: of 35 stars 32 are spent; of Bob's 5 the 3 that are left go back."""
    await merged(mall, BOB, ANN)
    await spent(mall, ANN, 32)
    answer = await unmerged(mall, BOB)
    assert isinstance(answer, Done)
    assert (answer.body["points"], answer.body["identities"]) == ({"stars": 3}, 2)
    assert (stars(mall, ANN), stars(mall, BOB)) == (0, 3)
    assert names(mall) == {"card:1": ANN, "card:2": BOB, "email:bob@example.com": BOB}
    assert of(mall, MEMBERS)[BOB]["lifetime"] == {"stars": 5}
    assert of(mall, MEMBERS)[ANN]["lifetime"] == {"stars": 30}
    assert LED not in of(mall, MEMBERS)[BOB]
    await mall.buys(BOB, "grocer", 10_000)
    assert stars(mall, BOB) == 4


async def test_history_is_counted_anew_of_whoever_it_is_now() -> None:
    """Mechanism: the merge drops what was counted, and the next event counts all journals (`backfill`)."""
    mall = Mall(MemoryStore(), rule("third", "when: history.count(ever) == 3\nthen: {fixed: 100}"))
    for who in (ANN, BOB):
        await mall.buys(who, "grocer", 10_000)
    await merged(mall, BOB, ANN)
    await mall.buys(ANN, "grocer", 10_000)
    assert stars(mall, ANN) == 103, "it is the person's third purchase"
    await unmerged(mall, BOB)
    await mall.buys(BOB, "grocer", 10_000)
    assert stars(mall, BOB) == 2, "it is Bob's second"
    await mall.buys(BOB, "grocer", 10_000)
    assert stars(mall, BOB) == 103


async def test_several_merges_are_taken_back_from_the_last_one_on(mall: Mall) -> None:
    assert code(await merged(mall, CAT, BOB)) == "done"
    assert code(await merged(mall, BOB, ANN)) == "done"
    await mall.buys(CAT, "grocer", 20_000)
    assert stars(mall, ANN) == 38
    assert of(mall, MEMBERS)[ANN]["absorbed"] == [BOB, CAT]
    first = await unmerged(mall, CAT)
    assert isinstance(first, Denied)
    assert (first.code, first.more) == ("merged", {"into": ANN})
    assert code(await unmerged(mall, BOB)) == "done"
    assert (stars(mall, ANN), stars(mall, BOB), stars(mall, CAT)) == (32, 6, 0)
    assert of(mall, MEMBERS)[ANN]["absorbed"] == []
    assert code(await unmerged(mall, CAT)) == "done"
    assert (stars(mall, ANN), stars(mall, BOB), stars(mall, CAT)) == (32, 5, 1)


async def test_what_cannot_be_merged_is_refused(mall: Mall) -> None:
    assert code(await merged(mall, ANN, ANN)) == "same_member"
    assert code(await merged(mall, ANN, member(9))) == "unknown_member"
    assert code(await unmerged(mall, ANN)) == "not_merged"
    await merged(mall, BOB, ANN)
    by_its_name = await unmerged(mall, ANN)  # all of Bob's names are Ann's. Mechanism: `people._not_merged`
    assert isinstance(by_its_name, Denied)
    assert (by_its_name.code, by_its_name.more) == ("not_merged", {"member": ANN, "absorbed": [BOB]})
    assert f"It is {ANN}, into whom others were merged: {BOB}; unmerge one of those" in by_its_name.detail
    for answer in (await merged(mall, BOB, ANN), await merged(mall, BOB, CAT), await merged(mall, CAT, BOB)):
        assert isinstance(answer, Denied)
        assert (answer.code, answer.more) == ("merged", {"into": ANN})
    assert code(await merged(mall, ANN, BOB)) == "merged"
    key = {**mall.key(), "caller": CLERK}
    gift = await mall.ask(Transfer(**key, member=ANN, to=BOB, wallet="stars", points=1))
    assert code(gift) == "merged"


async def test_what_the_duplicate_spent_is_given_back_to_the_survivor(mall: Mall) -> None:
    """Mechanism: `Undo.merged`: the till knows the redemption by the duplicate's id."""
    redemption = await spent(mall, BOB, 4)
    await merged(mall, BOB, ANN)
    undone = await mall.ask(Undo(**mall.key(), caller=TILL, member=BOB, redemption=redemption))
    assert isinstance(undone, Done)
    assert undone.body["member"] == ANN
    assert (stars(mall, ANN), stars(mall, BOB)) == (35, 0)


async def test_the_duplicates_vouchers_are_good_for_the_survivor(mall: Mall) -> None:
    """Also one that was on its way. Mechanism: `absorbed`, by which vouchers are looked for."""
    await mall.offered(BOB, "AAA", value=TEN)
    await merged(mall, BOB, ANN)
    await mall.offered(BOB, "BBB", value=TEN)
    assert code(await mall.redeems(ANN, "AAA")) == "done"
    assert code(await mall.redeems(BOB, "BBB")) == "merged"
    await unmerged(mall, BOB)
    assert code(await mall.redeems(ANN, "BBB")) == "unknown_voucher"
    assert code(await mall.redeems(BOB, "BBB")) == "done"


async def test_the_same_request_again_is_answered_as_before(mall: Mall) -> None:
    command = Merge(**{**mall.key(), "caller": CLERK}, member=BOB, into=ANN, reason="the same person")
    first, second = await mall.ask(command), await mall.ask(command)
    assert isinstance(first, Done)
    assert isinstance(second, Done)
    assert (first.body, first.again, second.again) == (second.body, False, True)
    assert stars(mall, ANN) == 35


async def test_a_closed_account_has_nothing_and_takes_nothing(mall: Mall) -> None:
    answer = await mall.ask(Close(**{**mall.key(), "caller": CLERK}, member=BOB, reason="has left"))
    assert isinstance(answer, Done)
    assert answer.body == {"member": BOB, "ended": {"stars": 5}}
    (entry,) = [each for each in of(mall, JOURNAL).values() if each["kind"] == "closing"]
    assert [(p["account"], p["amount"]) for p in entry["postings"]] == [
        (f"member:{BOB}", -5), ("programme:breakage", 5),
    ]  # fmt: skip
    await mall.buys(BOB, "grocer", 50_000)
    await mall.granted(BOB, "programme", 3)
    assert stars(mall, BOB) == 0
    assert [each["reason"] for each in of(mall, "dead_letters").values()] == ["account_closed"]
    assert code(await merged(mall, BOB, ANN)) == "closed"
    assert code(await merged(mall, ANN, BOB)) == "closed"


async def erased(mall: Mall, who: str, approved_by: str = "staff-8") -> Answer:
    key = {**mall.key(), "caller": CLERK}
    return await mall.ask(Erase(**key, member=who, reason="asked by letter", approved_by=approved_by))


async def test_of_an_erased_member_the_ledger_keeps_numbers_only(mall: Mall) -> None:
    """With those who were merged into them; by a second person's leave, once."""
    await merged(mall, CAT, BOB)
    assert code(await erased(mall, BOB, approved_by="staff-7")) == "second_person"
    denied = await erased(mall, CAT)  # who asks for one does not end the account of another
    assert isinstance(denied, Denied)
    assert (denied.code, denied.more) == ("merged", {"into": BOB})
    answer = await erased(mall, BOB)
    assert isinstance(answer, Done)
    assert answer.body == {"member": BOB, "ended": {"stars": 6}}
    members = of(mall, MEMBERS)
    at = mall.clock.now.astimezone(UTC).isoformat(timespec="microseconds")
    assert members[BOB] == {"_id": BOB, "seq": 3, "balances": {"stars": 0}, "lots": [], "lifetime": {"stars": 6},
                            "absorbed": [CAT], "known": {}, "joined": None, "closed": at, "erased": at}  # fmt: skip
    assert (members[CAT]["known"], members[CAT]["erased"], members[CAT][LED]) == ({}, at, [2, BOB])
    assert "lent" not in members[CAT]
    assert [code(await erased(mall, each)) for each in (BOB, CAT)] == ["erased", "erased"]
    assert code(await merged(mall, ANN, BOB)) == "closed"
    note = of(mall, ERASURES)[BOB]  # in the same transaction: nobody is forgotten, or comes to be one with them between
    assert (note["persons"], note["state"], note["approved_by"], "approval" in note) == (
        [BOB, CAT], "begun", "staff-8", False,
    )  # fmt: skip


async def test_what_comes_for_an_erased_member_says_only_that_it_came(mall: Mall) -> None:
    await erased(mall, BOB)
    sent = len(mall.sent)
    key = await mall.buys(BOB, "grocer", 50_000)
    entry = of(mall, JOURNAL)[key]
    assert (entry["kind"], entry["event"], entry["postings"], entry["seq"]) == ("erased", b"{}", [], None)
    assert entry["origin"] is not None, "the record is accounted for"
    assert of(mall, "dead_letters") == {}
    assert len(mall.sent) == sent, "nobody is told"


def newcomer(points: int = 0, owed: int = 0, expires: str | None = None) -> dict[str, Any]:
    """Somebody with points, or with a debt."""
    found = membership.newcomer(ANN)
    if points:
        lots.add(found, "stars", points, Terms(None, expires))
    if owed:
        lots.claw(found, "stars", owed, "2026")
    return found


@pytest.mark.parametrize(
    ("brings", "has", "spendable", "owes"),
    [
        ({"points": 8}, {"owed": 5}, 3, 0),  # what comes in repays first
        ({"points": 3}, {"owed": 5}, 0, 2),
        ({"owed": 5}, {"points": 8}, 3, 0),  # a debt that comes in is taken from what is there
        ({"owed": 8}, {"points": 5}, 0, 3),
        ({"owed": 2}, {"owed": 3}, 0, 5),
    ],
)
def test_debts_are_repaid_whoever_has_them(
    brings: dict[str, int], has: dict[str, int], spendable: int, owes: int
) -> None:
    giver, taker = newcomer(**brings), newcomer(**has)  # type: ignore[arg-type]
    total = giver["balances"]["stars"] + taker["balances"]["stars"]
    moved, _ = merging.pour(giver, taker, "2026")
    assert (lots.spendable(taker, "stars", "2026"), lots.deficit(taker, "stars")) == (spendable, owes)
    assert taker["balances"]["stars"] == total == spendable - owes
    assert (giver["balances"], giver["lots"], lots.deficit(giver, "stars")) == ({"stars": 0}, [], 0)
    assert moved == {"stars": brings.get("points", 0) - brings.get("owed", 0)}


def test_what_was_pending_and_is_active_now_goes_back() -> None:
    giver, taker = newcomer(), newcomer(4)
    lots.add(giver, "stars", 6, Terms("2026-05", "2027"))
    _, brought = merging.pour(giver, taker, "2026")
    lots.activate(taker, "stars", "2026-06")
    assert merging.give_back(taker, giver, brought, "2026-06", lambda _: FREE) == {"stars": 6}
    assert giver["lots"] == [{"wallet": "stars", "activates": None, "expires": "2027", "points": 6}]
    assert taker["balances"] == {"stars": 4} == lots.accounted(taker)
