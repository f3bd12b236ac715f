"""Budgets: uses, points and money taken together or not at all, and money that is counted exactly."""

from __future__ import annotations

from decimal import Decimal

import pytest

from shared.rules import budgets
from shared.rules.budgets import award, millionths
from shared.rules.quotas import Quotas


def test_the_tightest_of_all_budgets_decides() -> None:
    """100 points wanted: 80 in points are left, but 0.60 at 0.0125 a point buys 48 of them."""
    quotas = Quotas({}, 8)
    points = budgets.points("double-star", 1, "2017-03", 80)
    money = budgets.money("double-star", 1, "2017-03", Decimal("0.60"), "EUR", Decimal("0.0125"))
    assert award(quotas, 0, 100, times=None, budgets=[points, money]) == 48
    assert (quotas.left(points, 80), quotas.left(money, 10**9)) == (32, 0)
    assert award(quotas, 0, 1, times=None, budgets=[points, money]) == 0
    assert quotas.left(points, 80) == 32


def test_all_or_nothing_takes_nothing_from_any() -> None:
    """50 points, all or nothing, with money for 48: no use is counted, no point and no cent taken."""
    quotas = Quotas({}, 8)
    times = budgets.uses("double-star", 1, "ever", 3)
    money = budgets.money("double-star", 1, "ever", Decimal("0.60"), "EUR", Decimal("0.0125"))
    assert award(quotas, 0, 50, times=times, budgets=[money], whole=True) == 0
    assert quotas.changes() == ([], [])
    assert award(quotas, 0, 48, times=times, budgets=[money], whole=True) == 48
    assert (quotas.left(times, 3), quotas.left(money, 10**9)) == (2, 0)


def test_the_number_of_uses_ends_before_the_money_does() -> None:
    """Three uses, whoever they are for; the fourth gets nothing and costs nothing."""
    quotas = Quotas({}, 8)
    times, points = budgets.uses("first-three", 1, "ever", 3), budgets.points("first-three", 1, "ever", 1000)
    assert [award(quotas, lane, 10, times=times, budgets=[points]) for lane in (0, 1, 2, 3)] == [10, 10, 10, 0]
    assert quotas.left(points, 1000) == 970
    assert award(quotas, 0, 0, times=None, budgets=[points]) == 0


def test_points_without_any_budget_are_given_as_wanted() -> None:
    """A rule with only a number of uses, or with nothing."""
    assert award(Quotas({}, 1), 0, 7, times=None, budgets=[]) == 7


def test_a_later_version_with_another_cost_counts_on() -> None:
    """1.00 at 0.01: 60 points leave 0.40. Version 2 costs 0.015: that is 26 points, and 0.01 buys none."""
    quotas = Quotas({}, 8)
    first = budgets.money("r", 1, "2017", Decimal("1.00"), "EUR", Decimal("0.01"))
    second = budgets.money("r", 2, "2017", Decimal("1.00"), "EUR", Decimal("0.015"))
    assert award(quotas, 0, 60, times=None, budgets=[first]) == 60
    assert award(quotas, 0, 60, times=None, budgets=[second]) == 26
    assert award(quotas, 0, 60, times=None, budgets=[first]) == 1


def test_what_a_batch_has_not_read_is_told() -> None:
    """Another lane's lease holds what is left: the answer does not count until it is read."""
    points = budgets.points("r", 1, "2017", 20)
    before = Quotas({}, 1)
    assert before.take(points, 0, 1) == 1
    stored = {each["_id"]: each for each in before.changes()[0]}
    stored[points.id]["total"] = stored[points.id]["leased"]
    narrow = Quotas({points.id: stored[points.id]}, 1)
    assert award(narrow, 1, 1, times=None, budgets=[points]) == 0
    assert narrow.unread == {points.id + "|0"}
    assert award(Quotas(stored, 1), 1, 1, times=None, budgets=[points]) == 1


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
