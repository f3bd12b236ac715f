"""Money of statements: exact until a party's total, which is rounded half up to the smallest unit of its currency."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Final

from shared.currencies import digits

# Sums of a great coalition's period have more digits than the default context keeps.
EXACT: Final = Context(prec=60)
ROUNDING: Final = "exact, then half up to the currency's smallest unit, once a party and currency"


def rounded(amount: Decimal, currency: str) -> Decimal:
    """In the smallest unit of the currency; halves away from zero, so that both sides of a debt round alike."""
    found = amount.quantize(Decimal(1).scaleb(-digits(currency)), ROUND_HALF_UP, EXACT)
    return found + 0  # no negative zero


def times(points: int, price: Decimal) -> Decimal:
    """So many points at a price; exact."""
    return EXACT.multiply(Decimal(points), price)


def plus(first: Decimal, second: Decimal) -> Decimal:
    """Exact."""
    return EXACT.add(first, second)


def shares(total: int, weights: dict[str, int]) -> dict[str, int]:
    """A total in proportion to weights, in whole points that add up to it: largest remainders first, then by name."""
    whole = sum(each for each in weights.values() if each > 0)
    if not whole or not total:
        return {}
    found, rest = dict[str, int](), list[tuple[int, str]]()
    for name, weight in weights.items():
        if weight > 0:
            found[name], left = divmod(total * weight, whole)
            rest.append((-left, name))
    for _, name in sorted(rest)[: total - sum(found.values())]:
        found[name] += 1
    return {name: points for name, points in sorted(found.items()) if points}
