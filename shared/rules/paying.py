"""Purchases that points paid a part of: what their lines cost in money, as far as that earns. Pure and exact.

The part is taken from all lines in proportion: the running sum of what is left is rounded down to the smallest unit
that the amounts are written in (a hundredth at least), and the differences are the lines' amounts, so that they add up.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from msgspec.structs import replace

from shared.events.light import Line, PaidRead
from shared.rules.definition import Programme

_CENT: Final = 2


def earning(lines: list[Line], paid: PaidRead, programme: Programme) -> list[Line]:
    """The lines as rules look at them: with what was paid in money, or as they are where the programme says
    `earn_on: bill` of the wallet that paid. Of a wallet that it does not know, money counts."""
    purse = programme.purses.get(paid.wallet)
    if purse is not None and purse.redemption is not None and purse.redemption.earn_on == "bill":
        return lines
    return in_money(lines, paid.amount)


def in_money(lines: list[Line], paid: Decimal) -> list[Line]:
    """The lines without the part that was paid by points."""
    digits = max(*(scale(each.amount) for each in lines), scale(paid))
    whole = [_units(each.amount, digits) for each in lines]
    total = sum(whole)
    left = max(0, total - _units(paid, digits))
    found: list[Line] = []
    running = before = 0
    for line, units in zip(lines, whole, strict=True):
        running += units
        after = running * left // total if total else 0
        found.append(replace(line, amount=Decimal(after - before).scaleb(-digits)))
        before = after
    return found


def paid_of(paid: PaidRead, lines: Sequence[Line], of: Sequence[Line]) -> PaidRead:
    """What points paid of some lines that are left of a purchase: in proportion, rounded down to the unit."""
    digits = max(*(scale(each.amount) for each in (*of, *lines)), scale(paid.amount))
    total, left = (sum(_units(each.amount, digits) for each in some) for some in (of, lines))
    units = _units(paid.amount, digits) * left // total if total else 0
    return replace(paid, amount=Decimal(units).scaleb(-digits))


def scale(amount: Decimal) -> int:
    """How many decimals an amount is counted in: those it is written with, two at least."""
    exponent = amount.as_tuple().exponent
    return max(_CENT, -exponent if isinstance(exponent, int) else 0)


def _units(amount: Decimal, digits: int) -> int:
    return int(amount.scaleb(digits))
