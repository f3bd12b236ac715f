"""A command about two members writes an entry of each; nobody's Idempotency-Key can be the second one's key."""

from __future__ import annotations

import asyncio
import re

import pytest

from services.earn.api.models.common import ONCE
from services.earn.counter.commands import Adjust, Capture, Done, Transfer
from shared.ledger.kin import second_key
from shared.runtime.memory import MemoryStore
from tests.unit.partnerkit import ANN, BOB, POOLED, Mall
from tests.unit.test_households import entries, held
from tests.unit.test_people import CLERK, TILL, stars


@pytest.fixture
async def mall() -> Mall:
    """Ann and Bob live together, and have 20 stars each; Ann's end first."""
    found = Mall(MemoryStore(), programme=POOLED)
    for who in (ANN, BOB):
        await found.joins(who, "oak")
        await found.buys(who, "grocer", 200_000)
        found.passes(days=1)
    return found


async def test_a_key_that_ends_in_a_members_id_stops_nobody(mall: Mall) -> None:
    """A till names a hold `k:<a member>`, and a later capture, which writes an entry of that member's too, `k`.
    Mechanism: `kin.second_key`; without it the entry's key is taken, the commit never succeeds, and every command of
    the process waits behind it."""
    assert re.fullmatch(ONCE, f"k{ANN}") is not None
    assert re.fullmatch(ONCE, second_key("k", ANN)) is None
    hold = await held(mall, BOB, 25)
    for key in ("k", "t"):
        await mall.ask(
            Adjust(
                **{**mall.key(), "key": f"{key}:{ANN}"}, caller=CLERK, member=BOB, wallet="stars", points=1, reason="r"
            )
        )
        await mall.ask(
            Adjust(
                **{**mall.key(), "key": f"{key}:{BOB}"}, caller=CLERK, member=BOB, wallet="stars", points=1, reason="r"
            )
        )
    async with asyncio.timeout(20):
        captured = await mall.ask(Capture(**{**mall.key(), "key": "k"}, caller=TILL, member=BOB, hold=hold))
        moved = await mall.ask(
            Transfer(**{**mall.key(), "key": "t"}, caller=CLERK, member=BOB, to=ANN, wallet="stars", points=3)
        )
    assert isinstance(captured, Done), captured
    assert isinstance(moved, Done), moved
    assert (stars(mall, ANN), stars(mall, BOB)) == (3, 16)
    assert sorted(each["member"] for each in entries(mall, "redemption")) == sorted([ANN, BOB])
