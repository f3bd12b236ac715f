"""What a rule may give in all, as counters: uses, points, money. Money is exact: whole millionths of its currency."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from shared.rules.quotas import MOST, Quota

DIGITS: Final = 6  # decimals of money that are kept: one scale for ever, as a later version may have another cost
_SMALLEST: Final = Decimal(1).scaleb(-DIGITS)
_LARGEST: Final = MOST // 10**DIGITS


def uses(rule: str, version: int, period: str, total: int) -> Quota:
    """How often a rule may give, all members together."""
    return Quota(rule, "uses", period, total, version)


def points(rule: str, version: int, period: str, total: int) -> Quota:
    """A budget in points."""
    return Quota(rule, "points", period, total, version)


def money(rule: str, version: int, period: str, total: Decimal, currency: str, cost_per_point: Decimal | None) -> Quota:
    """A budget in money, of which each point costs so much; or, with None, taken to the millionth. Another currency is
    another counter. Raises ValueError."""
    if cost_per_point is None:
        return Quota(rule, f"money-{currency}", period, millionths(total), version)
    if cost_per_point <= 0:
        raise ValueError(f"cost per point {cost_per_point}: write what one point costs, more than 0")
    return Quota(rule, f"money-{currency}", period, millionths(total), version, millionths(cost_per_point))


def millionths(amount: Decimal) -> int:
    """The amount in millionths of its currency. Raises ValueError where that would not be exact, or too much."""
    if not amount.is_finite() or amount < 0 or amount > _LARGEST:
        raise ValueError(f"{amount:f} is no amount that can be counted: write one from 0 to {_LARGEST}")
    kept = amount.quantize(_SMALLEST)
    if kept != amount:
        raise ValueError(
            f"{amount:f} has more than {DIGITS} decimals: budgets count in millionths; write fewer decimals"
        )
    return int(kept.scaleb(DIGITS))
