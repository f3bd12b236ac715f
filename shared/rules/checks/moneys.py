"""Which money a budget is in."""

from __future__ import annotations

from collections.abc import Iterator

from shared.rules.checks.constants import Remark
from shared.rules.checks.shelf import Shelf
from shared.rules.definition import Bounded, Definition


def money(each: Definition, shelf: Shelf) -> Iterator[Remark]:
    """A budget in another currency than the programme's."""
    if not isinstance(each, Bounded) or each.budget is None or each.budget.money is None or shelf.programme is None:
        return
    mine, currency = each.budget.money.currency, shelf.programme.currency
    if mine != currency:
        said = f"the budget is in {mine}, and the programme in {currency}; write the amount in {currency}"
        yield Remark(("budget", "money", "currency"), said, "budget")
