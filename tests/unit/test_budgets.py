"""Budgets: money that is counted exactly, or refused. What budgets do to awards: tests/unit/test_deciding.py."""

from __future__ import annotations

from decimal import Decimal

import pytest

from shared.rules import budgets
from shared.rules.budgets import millionths


@pytest.mark.parametrize(
    ("amount", "expected"),
    [("0", 0), ("12.34", 12_340_000), ("0.000001", 1), ("1E+3", 10**9), ("1.5000000000", 1_500_000)],
)
def test_money_is_whole_millionths(amount: str, expected: int) -> None:
    """However it is written."""
    assert millionths(Decimal(amount)) == expected


@pytest.mark.parametrize("amount", ["0.0000001", "1E-9999", "NaN", "Infinity", "-0.01", "1E+30", "9223372036855"])
def test_money_that_cannot_be_counted_exactly_is_refused(amount: str) -> None:
    """Never rounded in silence, never more than the database can hold."""
    with pytest.raises(ValueError, match="write"):
        millionths(Decimal(amount))


def test_a_point_that_costs_nothing_has_no_budget_in_money() -> None:
    """It would never end."""
    with pytest.raises(ValueError, match="more than 0"):
        budgets.money("r", 1, "ever", Decimal(5), "EUR", Decimal(0))
