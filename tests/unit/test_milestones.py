"""Milestones that say what cannot be of their purchase; by hand."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.ledger import lots
from shared.rules.learning import utc
from tests.unit.returnkit import NOON, Shop
from tests.unit.rulekit import PROGRAMME, book, line, rule


@pytest.mark.parametrize("word", ["cancelled", "delivered", "packed"])
async def test_a_milestone_before_its_purchase_is_refused(word: str) -> None:
    """Like a return, to the second; and sent right, it counts. Mechanism: `purchase_of`; without it points go back, or
    are active, at a time when they had not been earned."""
    orders = "[{id: orders, activates: {on: delivered}}, stars, miles, cash]"
    programme = PROGRAMME.replace("[stars, miles, cash]", orders)
    found = Shop(book(rule("r", "then: {wallet: orders, fixed: 5}"), programme=programme))
    bought = await found.buys(line("60"), at=NOON)
    await found.reports(bought, word, at=NOON - timedelta(seconds=1))
    assert found.letters() == [("before_purchase", "a purchase comes to a milestone after it was made")]
    assert found.balance("orders") == 5
    assert lots.pending(found.member(), "orders", utc(NOON)) == 5
    assert len(found.store.collection("journal")) == 1
    await found.reports(bought, word, at=NOON)
    assert len(found.letters()) == 1
    assert found.balance("orders") == (0 if word == "cancelled" else 5)
    assert lots.pending(found.member(), "orders", utc(NOON)) == (5 if word == "packed" else 0)
