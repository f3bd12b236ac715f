"""What a rule takes of a limit or budget: a time, points, or money for points and things together. Pure.

A budget in money counts the value of vouchers and gifts besides the cost of points. Where a rule gives only points, it
is asked in points, as everything else is; where things have a value, in the money itself, of the same counter.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from shared.rules.bounds import Budget
from shared.rules.budgets import millionths
from shared.rules.rewards import Thing
from shared.rules.usage import Bound, Usage

NO_WORTH: Final[Mapping[str, int]] = {}


def worth(things: list[Thing]) -> Mapping[str, int]:
    """What vouchers and gifts are worth, in millionths by currency; without those that have no value."""
    found: dict[str, int] = {}
    for each in things:
        value = each.worth
        if value is not None:
            found[value.currency] = found.get(value.currency, 0) + millionths(value.value)
    return found or NO_WORTH


def in_money(bound: Bound, worths: Mapping[str, int]) -> Bound:
    """The bound as a rule is counted by that gives things of this worth: a budget in their currency, in its money."""
    budget = bound.budget
    if not worths or bound.exact or budget is None or budget.money is None or budget.money.currency not in worths:
        return bound
    return bound._replace(exact=True, most=budget.in_millionths)


def finest(bound: Bound) -> tuple[Bound, int]:
    """The bound in the smallest units that anybody counts it in, and how many of them one of its own is."""
    budget = bound.budget
    if bound.exact or budget is None or budget.money is None:
        return bound, 1
    return bound._replace(exact=True, most=budget.in_millionths), cost_of_point(budget) or 1


def allows(bound: Bound, worths: Mapping[str, int], usage: Usage) -> bool:
    """Whether the bound still allows something: all that its things are worth, or else one time, or one point."""
    counted = in_money(bound, worths)
    least = max(1, _worth(counted, worths))
    return usage.left(counted, least) >= least


def points_left(bound: Bound, worths: Mapping[str, int], usage: Usage, want: int) -> int:
    """How many points of `want` are left besides things of this worth. None where nobody says what a point costs."""
    counted = in_money(bound, worths)
    if not counted.exact:
        return usage.left(counted, want)
    value, cost = _worth(counted, worths), cost_of_point(counted.budget)
    return 0 if cost is None else max(0, usage.left(counted, value + want * cost) - value) // cost


def used(bound: Bound, worths: Mapping[str, int], points: int) -> tuple[Bound, int]:
    """How what was given is counted, and how much of it: times, points, or millionths of the budget's money."""
    counted = in_money(bound, worths)
    if counted.measure == "times":
        return counted, 1
    if not counted.exact:
        return counted, points
    return counted, _worth(counted, worths) + points * (cost_of_point(counted.budget) or 0)


def unused(bound: Bound, worths: Mapping[str, int], *, times: int, points: int) -> tuple[Bound, int]:
    """How points that come back are counted, and how much of it; the things stay, and what they are worth is spent."""
    counted = in_money(bound, worths)
    if counted.measure == "times":
        return counted, times
    return counted, points * ((cost_of_point(counted.budget) or 0) if counted.exact else 1)


def cost_of_point(budget: Budget | None) -> int | None:
    """What a point costs, in millionths; None where nobody says."""
    return None if budget is None or budget.cost_per_point is None else millionths(budget.cost_per_point)


def _worth(bound: Bound, worths: Mapping[str, int]) -> int:
    budget = bound.budget
    return worths.get(budget.money.currency, 0) if bound.exact and budget is not None and budget.money else 0
