"""How a number of points came about: of what, at which rate, rounded how. Pure.

Computed from the same amounts, filters and rounding as the points themselves (`effects.Points`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Final

from shared.rules.effects import Given, Points, multiplied
from shared.rules.facts import ZERO, Facts
from shared.rules.language.questions import ask
from shared.rules.part import Rounding
from shared.rules.rewards import Cashback, PerAmount, PointsEffect
from shared.rules.saying.named import Named
from shared.rules.saying.phrase import Phrase, Saying, say

_SHOWN: Final = Decimal("0.0001")
_CURRENCY: Final = ask("event.currency")
_ROUNDING: Final[dict[Rounding, Phrase]] = {
    "down": Phrase.DOWN,
    "up": Phrase.UP,
    "half_up": Phrase.HALF_UP,
    "half_even": Phrase.HALF_EVEN,
}


def working(points: Points, facts: Facts, given: Given, currency: str) -> tuple[Saying, ...]:
    """How the points of one effect came about; the last says what `at_least` or `at_most` made of them."""
    effect = points.effect
    told = facts.get(_CURRENCY)
    if (effect.per_amount or effect.cashback) and told != currency:
        if told is None:
            return (say(Phrase.NO_CURRENCY, wanted=currency),)
        return (say(Phrase.OTHER_CURRENCY, currency=told, wanted=currency),)
    return (_shape(points, facts, given), *_bounds(points, facts, given))


def _shape(points: Points, facts: Facts, given: Given) -> Saying:
    effect = points.effect
    if effect.per_amount is not None:
        rate = effect.per_amount
        total, rounding = sum(points.amounts(facts, rate.of), ZERO), _line_by_line(rate)
        return say(Phrase.PER_AMOUNT, total=total, give=rate.give, per=rate.per, rounding=rounding)
    if effect.cashback is not None:
        back = effect.cashback
        total = sum(points.amounts(facts, back.of), ZERO)
        return say(Phrase.CASHBACK, percent=back.percent, total=total, unit=back.unit, rounding=_line_by_line(back))
    if effect.per_quantity is not None:
        pieces = sum(line.quantity for line in facts.lines if points.counts(line, facts))
        each = effect.per_quantity
        return say(Phrase.PER_QUANTITY, total=pieces, give=each.give, per=each.per, rounding=say(Phrase.DOWN))
    if effect.per_line is not None:
        lines = sum(points.counts(line, facts) for line in facts.lines)
        return say(Phrase.PER_LINE, count=lines, give=effect.per_line.give)
    return _built(effect, given, facts)


def _built(effect: PointsEffect, given: Given, facts: Facts) -> Saying:
    """Of points that build on other rules'."""
    if not effect.repeats:
        return say(Phrase.FIXED)
    titles = {each.id: each.title for each in facts.rules.definitions} if facts.rules is not None else {}
    rules = _named(effect.repeats, titles)
    if not any((rule, effect.wallet) in given.amounts for rule in effect.repeats):
        return say(Phrase.BUILDS_ON_NOTHING, rules=rules)
    if effect.multiply is None:
        return say(Phrase.ONCE_MORE, rules=rules)
    under, exactly = multiplied(effect.multiply, effect.wallet, given)
    # Compounding takes in what other rules have put on top: these are named, too, as their points are in the number.
    others = (rule for (rule, _), amount in given.amounts.items() if any(amount is each for each in under))
    rules, base = _named(dict.fromkeys((*effect.repeats, *others)), titles), _number(exactly)
    rounding = _rounded(effect.multiply.rounding)
    return say(Phrase.TIMES, by=effect.multiply.by, base=base, rules=rules, rounding=rounding)


def _named(ids: Iterable[str], titles: Mapping[str, str]) -> tuple[Named, ...]:
    return tuple(Named(id_, titles.get(id_, id_)) for id_ in ids)


def _bounds(points: Points, facts: Facts, given: Given) -> tuple[Saying, ...]:
    effect = points.effect
    if effect.at_least is None and effect.at_most is None:
        return ()
    before = points.shaped(facts, given).points
    if before and effect.at_least is not None and before < effect.at_least:
        return (say(Phrase.AT_LEAST, bound=effect.at_least),)
    if effect.at_most is not None and before > effect.at_most:
        return (say(Phrase.AT_MOST, bound=effect.at_most),)
    return ()


def _line_by_line(shape: PerAmount | Cashback) -> Saying:
    rounding = _rounded(shape.rounding)
    return say(Phrase.EACH_LINE, rounding=rounding) if shape.round == "line" else rounding


def _rounded(rounding: Rounding) -> Saying:
    return say(_ROUNDING[rounding])


def _number(value: Fraction) -> int | Decimal:
    """Points before rounding, for people: to four decimals."""
    if value.denominator == 1:
        return value.numerator
    return (Decimal(value.numerator) / value.denominator).quantize(_SHOWN).normalize()
