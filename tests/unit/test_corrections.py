"""Corrections and transfers where points are pending or held, and debts at the end of an account: by hand."""

from __future__ import annotations

from typing import Any

import pytest

from services.earn.counter.commands import Adjust, Asked, Denied, Done, Hold, Transfer
from services.earn.counter.people_commands import Close
from services.earn.ledger import MEMBERS
from services.earn.posting import JOURNAL
from shared.runtime.memory import MemoryStore
from tests.unit.partnerkit import ANN, BOB, PROGRAMME, Mall
from tests.unit.test_people import CLERK, TILL, of

WAITING = PROGRAMME.replace("      redemption: {}\n", "      redemption: {}\n      activates: {after: 14 days}\n")
BY_HAND: dict[str, Any] = {"caller": CLERK, "wallet": "stars", "reason": "counted wrongly"}


@pytest.fixture
async def mall() -> Mall:
    """Ann has ten stars, of which a till holds three, and eight that are pending; Bob has one."""
    found = Mall(MemoryStore(), programme=WAITING)
    for who, points in ((ANN, 10), (BOB, 1)):
        await found.buys(who, "grocer", points * 10_000)
    found.passes(days=20)
    await found.swept(ANN, BOB)
    await found.buys(ANN, "grocer", 80_000)
    asked = Asked(wallet="stars", points=3)
    await found.ask(Hold(**found.key(), caller=TILL, member=ANN, asked=asked, partner="grocer"))
    return found


@pytest.mark.parametrize(("taken", "left"), [(6, {"active": 1, "pending": 8}), (13, {"pending": 2}), (15, {})])
async def test_a_correction_takes_what_can_be_spent_and_then_what_is_pending(
    mall: Mall, taken: int, left: dict[str, int]
) -> None:
    """What was given by mistake may be pending still. Mechanism: `lots.withdraw`."""
    done = await mall.ask(Adjust(**mall.key(), **BY_HAND, member=ANN, points=-taken))
    assert isinstance(done, Done)
    assert done.body["balance"] == 18 - taken
    lots = of(mall, MEMBERS)[ANN]["lots"]
    assert {"pending" if each["activates"] else "active": each["points"] for each in lots} == left


async def test_what_a_till_holds_is_not_taken_and_the_refusal_says_where_points_are(mall: Mall) -> None:
    denied = await mall.ask(Adjust(**mall.key(), **BY_HAND, member=ANN, points=-16))
    assert isinstance(denied, Denied)
    assert denied.detail == "there are 15 stars to take, pending ones included (3 are held at tills); 16 were asked for"
    assert (denied.code, denied.more) == ("too_few_points", {"spendable": 7})


async def test_who_passes_on_more_than_can_be_spent_is_told_what_is_pending_and_held(mall: Mall) -> None:
    denied = await mall.ask(Transfer(**mall.key(), **BY_HAND, member=ANN, to=BOB, points=8))
    assert isinstance(denied, Denied)
    assert denied.detail == "there are 7 stars to spend (8 more are pending, 3 are held at tills); 8 were asked for"


async def test_a_debt_of_a_closed_account_is_forgiven_and_is_no_breakage() -> None:
    """Else what really expired would look less. Mechanism: `people._ended_by`."""
    mall = Mall(MemoryStore())
    await mall.buys(BOB, "grocer", 50_000)
    await mall.granted(BOB, "programme", -12, corrects="g-1")
    answer = await mall.ask(Close(**{**mall.key(), "caller": CLERK}, member=BOB, reason="has left"))
    assert isinstance(answer, Done)
    assert answer.body == {"member": BOB, "ended": {"stars": -7}}
    (entry,) = [each for each in of(mall, JOURNAL).values() if each["kind"] == "closing"]
    assert [(p["account"], p["amount"]) for p in entry["postings"]] == [
        ("programme:forgiven", -7), (f"member:{BOB}", 7),
    ]  # fmt: skip
