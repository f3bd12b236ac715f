"""A purchase that points paid names a wallet that is there, and whose points are spent; else it is a dead letter."""

from __future__ import annotations

import pytest

from services.earn.ledger import MEMBERS
from shared.runtime.memory import MemoryStore
from shared.runtime.records import Record
from shared.runtime.store import DEAD_LETTERS
from tests.unit.partnerkit import ANN, PROGRAMME, Mall, activity

STATUS = PROGRAMME.replace("    - miles\n", "    - miles\n    - {id: rank, kind: status}\n")


@pytest.mark.parametrize(("wallet", "refused"), [("stars", False), ("miles", False), ("moons", True), ("rank", True)])
async def test_of_which_wallet_points_may_have_paid(wallet: str, refused: bool) -> None:
    """Without the mending 9 stars are given, as if something had paid 10,000 of 100,000 dong."""
    store = MemoryStore()
    mall = Mall(store, programme=STATUS)
    lines = [{"product": "p", "quantity": 1, "amount": "100000"}]
    paid = {"wallet": wallet, "points": 100, "amount": "10000"}
    value = activity(ANN, "grocer", "b-1", {"currency": "VND", "lines": lines, "paid_with_points": paid})
    await mall.ledger.run([Record("activities", 0, 1, value)])
    letters = [each["reason"] for each in store.collection(DEAD_LETTERS).values()]
    assert letters == (["unknown_wallet"] if refused else [])
    assert (ANN in store.collection(MEMBERS)) == (not refused)
