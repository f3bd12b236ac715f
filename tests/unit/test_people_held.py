"""Points that a till holds when members are to be merged, taken apart or closed: refused, with the holds' ids."""

from __future__ import annotations

import pytest

from services.earn.counter.commands import Asked, Denied, Done, Hold, Release
from services.earn.counter.people_commands import Close
from shared.runtime.memory import MemoryStore
from tests.unit.partnerkit import ANN, BOB, Mall
from tests.unit.test_people import CLERK, TILL, code, merged, stars, unmerged


@pytest.fixture
async def mall() -> Mall:
    """Ann has 30 stars, Bob 5, of one day."""
    found = Mall(MemoryStore())
    for who, amount in ((ANN, 300_000), (BOB, 50_000)):
        await found.buys(who, "grocer", amount)
    return found


async def test_with_open_holds_nothing_is_merged_or_closed(mall: Mall) -> None:
    held = await mall.ask(
        Hold(**mall.key(), caller=TILL, member=BOB, asked=Asked(wallet="stars", points=2), partner="grocer")
    )
    assert isinstance(held, Done)
    closing = await mall.ask(Close(**{**mall.key(), "caller": CLERK}, member=BOB, reason="left"))
    for answer in (await merged(mall, BOB, ANN), closing):
        assert isinstance(answer, Denied)
        assert (answer.code, answer.more) == ("open_holds", {"holds": [held.body["hold"]]})


async def test_while_the_survivors_points_are_held_nobody_is_unmerged(mall: Mall) -> None:
    """A till holds 32 of Ann's 35, Bob's five among them as far as anybody can tell. Let go, five go back. Mechanism:
    `people.unmerge` refuses; without it Bob would have three, and Ann the rest of his once the till lets go."""
    await merged(mall, BOB, ANN)
    held = await mall.ask(
        Hold(**mall.key(), caller=TILL, member=ANN, asked=Asked(wallet="stars", points=32), partner="grocer")
    )
    assert isinstance(held, Done)
    answer = await unmerged(mall, BOB)
    assert isinstance(answer, Denied)
    assert (answer.code, answer.more) == ("open_holds", {"holds": [held.body["hold"]]})
    assert (stars(mall, ANN), stars(mall, BOB)) == (35, 0)
    await mall.ask(Release(**mall.key(), caller=TILL, member=ANN, hold=str(held.body["hold"])))
    assert code(await unmerged(mall, BOB)) == "done"
    assert (stars(mall, ANN), stars(mall, BOB)) == (30, 5)
