"""Effects: how many points a rule gives, and each line's part in them. Exact: decimals in, integers out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from shared.rules.definition import PerAmount, PointsEffect, Rounding
from shared.rules.facts import Facts, ask

_ZERO: Final = Decimal(0)
_CURRENCY: Final = ask("event.currency")


class Award(NamedTuple):
    """What a rule gives: points, and (for points that come from amounts) each line's part, summing to them."""

    rule: str
    version: int
    wallet: str
    points: int
    lines: tuple[int, ...] | None = None
    owner: str = "coalition"


def points_of(
    effect: PointsEffect, facts: Facts, given: Mapping[str, Award], currency: str
) -> tuple[int, tuple[int, ...] | None]:
    """Points of one effect, and by line.

    `given`: the awards of the same event so far, by rule id, for effects that repeat another rule's points.
    Amounts in another currency than the programme's earn nothing: a rate is a rate of one currency.
    """
    if effect.fixed is not None:
        return effect.fixed, None
    if effect.per_amount is not None:
        if facts.get(_CURRENCY) != currency:
            return 0, None
        return _per_amount(effect.per_amount, facts)
    repeated = [given[rule] for rule in effect.again or () if rule in given]
    by_line = [award.lines for award in repeated if award.lines is not None]
    lines = tuple(map(sum, zip(*by_line, strict=True))) if by_line and len(by_line) == len(repeated) else None
    return sum(award.points for award in repeated), lines


def _per_amount(effect: PerAmount, facts: Facts) -> tuple[int, tuple[int, ...]]:
    facts.get(ask(effect.of))  # noted among the facts that the decision rested on
    amounts = facts.eligible_amounts if effect.of == "basket.eligible" else facts.total_amounts
    lines = spread(amounts, effect)
    return sum(lines), lines


def spread(amounts: Sequence[Decimal], effect: PerAmount) -> tuple[int, ...]:
    """Each line's points such that they add up to the points of the sum.

    The running total is rounded line by line and the differences taken: exact, and the same whenever it is computed.
    """
    per, give, down = effect.per, effect.give, effect.rounding == "down"
    parts: list[int] = []
    total, before = _ZERO, 0
    for amount in amounts:  # a plain loop: every line of every basket passes here
        total += amount
        after = int(total // per) if down else _wholes(total, per, effect.rounding)
        parts.append((after - before) * give)
        before = after
    return tuple(parts)


def _wholes(total: Decimal, per: Decimal, rounding: Rounding) -> int:
    """How many `per` a total holds. Integer division throughout: a quotient with 28 digits could round up a 0.999..."""
    if rounding == "up":
        return int(total // per) + (total % per != 0)
    return int((2 * total + per) // (2 * per))
