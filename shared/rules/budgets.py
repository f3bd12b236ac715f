"""What a rule may give in all: uses, points and money at once. Money is exact: whole millionths of its currency."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from shared.rules.quotas import MOST, Quota, Quotas

DIGITS: Final = 6  # decimals of money that are kept: one scale for ever, as a later version may have another cost
_SMALLEST: Final = Decimal(1).scaleb(-DIGITS)
_LARGEST: Final = MOST // 10**DIGITS


def uses(rule: str, version: int, period: str, total: int) -> Quota:
    """How often a rule may give, all members together."""
    return Quota(rule, "uses", period, total, version)


def points(rule: str, version: int, period: str, total: int) -> Quota:
    """A budget in points."""
    return Quota(rule, "points", period, total, version)


def money(rule: str, version: int, period: str, total: Decimal, currency: str, cost_per_point: Decimal) -> Quota:
    """A budget in money, of which each point costs so much. Another currency is another counter. Raises ValueError."""
    if cost_per_point <= 0:
        raise ValueError(f"cost per point {cost_per_point}: write what one point costs, more than 0")
    return Quota(rule, f"money-{currency}", period, millionths(total), version, millionths(cost_per_point))


def millionths(amount: Decimal) -> int:
    """The amount in millionths of its currency. Raises ValueError where that would not be exact, or too much."""
    if not amount.is_finite() or amount < 0 or amount > _LARGEST:
        raise ValueError(f"{amount} is no amount that can be counted: write one from 0 to {_LARGEST}")
    kept = amount.quantize(_SMALLEST)
    if kept != amount:
        raise ValueError(f"{amount} has more than {DIGITS} decimals: budgets count in millionths; write fewer decimals")
    return int(kept.scaleb(DIGITS))


def award(
    quotas: Quotas, lane: int, wanted: int, *, times: Quota | None, budgets: Sequence[Quota], whole: bool = False
) -> int:
    """How many of the wanted points a rule may give; takes them (and one use of `times`) from all its quotas at once.

    `whole`: all or nothing, where a part of the points would be none of what was promised. Where nothing is given,
    nothing is taken from any of them. `Quotas.unread` tells, as always, whether the answer holds.
    """
    if times is not None and not quotas.left(times, 1):
        return 0
    given = wanted
    for budget in budgets:
        given = min(given, quotas.left(budget, given * budget.step) // budget.step)
    if given <= 0 or (whole and given < wanted):
        return 0
    for quota, amount in [*((each, given * each.step) for each in budgets), *([(times, 1)] if times else [])]:
        if not quotas.take_whole(quota, lane, amount) and not quotas.unread:
            raise RuntimeError(f"{quota.id}: {amount} were left and could not be taken")
    return given
