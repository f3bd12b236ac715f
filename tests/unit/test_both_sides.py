"""What concerns two members is told to both alike: by whom, and why. By hand."""

from __future__ import annotations

from typing import Any

from services.earn.counter.commands import Caller, Denied, Done, Transfer
from services.earn.counter.people_commands import Merge, Unmerge
from services.earn.ledger import MEMBERS
from services.earn.posting import JOURNAL
from shared.ops.story import build_story
from shared.ops.telling import tell_story
from shared.runtime.memory import MemoryStore
from tests.unit.partnerkit import ANN, BOB, Mall
from tests.unit.rulekit import rule

CLERK = Caller("office", person="staff-7")


async def asked(mall: Mall, command: type[Any], **said: Any) -> None:
    done = await mall.ask(command(**mall.key(), caller=CLERK, **said))
    assert isinstance(done, Done), done


def entries(mall: Mall, kind: str) -> dict[str, tuple[Any, Any]]:
    """By whom and why, by member."""
    assert isinstance(mall.store, MemoryStore)
    found = mall.store.collection(JOURNAL).values()
    return {each["member"]: (each.get("by"), each.get("reason")) for each in found if each["kind"] == kind}


async def test_a_transfer_says_by_whom_and_why_to_the_giver_and_the_taker() -> None:
    mall = Mall(MemoryStore())
    await mall.buys(ANN, "grocer", 100_000)
    await mall.joins(BOB, "south")
    await asked(mall, Transfer, member=ANN, to=BOB, wallet="stars", points=4, reason="a present")
    said = {"caller": "office", "person": "staff-7"}, "a present"
    assert entries(mall, "transfer") == {ANN: said, BOB: said}
    assert isinstance(mall.store, MemoryStore)
    member = mall.store.collection(MEMBERS)[BOB]
    journal = [each for each in mall.store.collection(JOURNAL).values() if each["member"] == BOB]
    lines = tell_story(build_story(member, journal, None, mall.book))
    told = [line for line in lines if "transfer" in line]
    assert told == ["2026-03-02  transfer (staff-7: a present)  4 stars: 4 transfer  = 4 stars"]


async def test_status_is_not_passed_on() -> None:
    """Breaks without the look at the wallet's kind: a tier could be had from a friend."""
    mall = Mall(MemoryStore(), rule("honour", "then: {wallet: honour, fixed: 7}"), miles="{id: honour, kind: status}")
    await mall.buys(ANN, "grocer", 100_000)
    await mall.joins(BOB, "south")
    answer = await mall.ask(Transfer(**mall.key(), caller=CLERK, member=ANN, to=BOB, wallet="honour", points=1))
    assert isinstance(answer, Denied)
    assert answer.code == "status_wallet"


async def test_a_merge_and_its_undoing_say_so_too() -> None:
    mall = Mall(MemoryStore())
    for who in (ANN, BOB):
        await mall.buys(who, "grocer", 100_000)
    await asked(mall, Merge, member=BOB, into=ANN, reason="the same")
    await asked(mall, Unmerge, member=BOB, reason="not so")
    by = {"caller": "office", "person": "staff-7"}
    assert entries(mall, "merge") == {ANN: (by, "the same"), BOB: (by, "the same")}
    assert entries(mall, "unmerge") == {ANN: (by, "not so"), BOB: (by, "not so")}
