"""Wallets of every kind, awkward days, and how a model's points look as lots: for random lives."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from hypothesis import strategies as st

from shared.rules.learning import utc
from tests.model.points import WALLETS, Account
from tests.unit import clockkit
from tests.unit.rulekit import book

PROGRAMME = """
- id: p
  kind: programme
  effective: 2017-01-01T00:00:00Z
  title: P
  time_zone: Europe/Berlin
  currency: EUR
  wallets:
    - {id: gold, value: {amount: "1", currency: EUR}, redemption: {hold: 2 hours}, expires: {after: 3 months},
       warn: [14 days, 2 days]}
    - {id: miles, value: {amount: "1", currency: EUR}, redemption: {hold: 2 hours}, activates: {after: 14 days},
       expires: {on: [06-30, 12-31], at_least: 1 month}}
    - {id: idle, value: {amount: "1", currency: EUR}, redemption: {hold: 2 hours}, expires: {inactive: 2 months},
       warn: [7 days]}
    - {id: orders, value: {amount: "1", currency: EUR}, redemption: {hold: 2 hours}, activates: {on: delivered},
       expires: {after: 6 months}, on_return: zero}
"""
BOOK = book(*(clockkit.rule(each) for each in WALLETS), programme=PROGRAMME)
WALLET = st.sampled_from(WALLETS)
FEW = st.integers(1, 6)
# Days with awkward neighbours: month ends, a leap day, both changes of the clock.
START = st.sampled_from([datetime.fromisoformat(each) for each in (
    "2023-11-30T22:30:00+00:00", "2024-01-31T11:00:00+00:00", "2024-02-29T23:30:00+00:00", "2024-03-17T01:30:00+00:00",
    "2025-10-12T00:30:00+00:00", "2023-08-31T21:59:59+00:00",
)])  # fmt: skip


def expected(account: Account, at: datetime) -> Counter[tuple[Any, ...]]:
    """The same of the model."""
    found: Counter[tuple[Any, ...]] = Counter()
    for point in (each for wallet in WALLETS for each in account.free(wallet)):
        waits = None
        if account.is_pending(point, at):
            waits = "order" if point.active_from is None else utc(point.active_from)
        found[point.wallet, waits, utc(account.end_of(point))] += 1
    return found
