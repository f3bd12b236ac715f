"""A comparison that calculates, solved for the one fact that is in it: `basket.total * 0.8 >= 40.00` asks for 50.00 of
`basket.total`. Exact. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import Final, NamedTuple

from shared.rules.facts import Asked
from shared.rules.language.syntax import MIRRORED
from shared.rules.language.terms import Arithmetic, Const, Fact, Term

_NONE: Final = Fraction(0)


class Solved(NamedTuple):
    """One fact, and what it must be to what is written."""

    of: Asked
    sign: str
    wanted: Decimal


class _Sum(NamedTuple):
    """Facts with how often each counts, and a number beside them."""

    facts: Mapping[Asked, Fraction]
    offset: Fraction


def solved(sign: str, left: Term, right: Term) -> Solved | None:
    """What the one fact of a comparison must be; None where several count, or none, or where nothing would do.

    What is wanted is rounded to what the fact can be, so that it is enough: 20 pieces of which each counts 3 are 7.
    """
    both = _sum(Arithmetic(0, 0, left.type, "-", left, right))
    counting = [] if both is None else [(of, by) for of, by in both.facts.items() if by != 0]
    if both is None or len(counting) != 1:
        return None
    of, by = counting[0]
    return _rounded(of, sign if by > 0 else MIRRORED[sign], -both.offset / by)


def _sum(term: Term) -> _Sum | None:
    match term:
        case Const(value=Decimal() as value):
            return _Sum({}, Fraction(value))
        case Fact(asked=asked):
            return _Sum({asked: Fraction(1)}, _NONE)
        case Arithmetic(operator=sign, left=left, right=right):
            one, other = _sum(left), _sum(right)
            if one is None or other is None:
                return None
            if sign != "*":
                return _more(one, other, Fraction(1 if sign == "+" else -1))
            if one.facts and other.facts:
                return None
            many, by = (one, other.offset) if one.facts else (other, one.offset)
            return _more(_Sum({}, _NONE), many, by)
    return None


def _more(one: _Sum, other: _Sum, times: Fraction) -> _Sum:
    """One, and so many times the other."""
    facts = dict(one.facts)
    for of, by in other.facts.items():
        facts[of] = facts.get(of, _NONE) + times * by
    return _Sum(facts, one.offset + times * other.offset)


def _rounded(of: Asked, sign: str, wanted: Fraction) -> Solved | None:
    """In cents or, of all but money, as a whole number: the least that is enough, or the most that is not too much."""
    places = 2 if of.type.unit == "money" else 0
    exact = wanted * 10**places
    if exact.denominator == 1:
        return Solved(of, sign, Decimal(exact.numerator).scaleb(-places))
    if sign in (">", ">="):
        return Solved(of, ">=", Decimal(ceil(exact)).scaleb(-places))
    if sign in ("<", "<="):
        return Solved(of, "<=", Decimal(floor(exact)).scaleb(-places))
    return None  # it would have to equal what it cannot be
