"""Sets of values that a fact may have: intervals of numbers, texts, truth values, and being unknown; exact algebra."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, floor, inf
from typing import Final, NamedTuple

Number = Fraction | float  # a float only as one of the two infinities


class Interval(NamedTuple):
    """From `low` to `high`; `open_low`: without `low` itself, `open_high`: without `high`."""

    low: Number
    high: Number
    open_low: bool = False
    open_high: bool = False

    @property
    def empty(self) -> bool:
        """Whether nothing is in it."""
        return self.low > self.high or (self.low == self.high and (self.open_low or self.open_high))

    def meet(self, other: Interval) -> Interval:
        """What is in both."""
        low, open_low = max((self.low, self.open_low), (other.low, other.open_low))
        high, closed = min((self.high, not self.open_high), (other.high, not other.open_high))
        return Interval(low, high, open_low, not closed)

    def whole(self) -> Interval:
        """The whole numbers in it."""
        low, high = self.low, self.high
        if isinstance(low, Fraction):
            low = Fraction(floor(low) + 1 if self.open_low else ceil(low))
        if isinstance(high, Fraction):
            high = Fraction(ceil(high) - 1 if self.open_high else floor(high))
        return Interval(low, high, isinstance(low, float), isinstance(high, float))


Numbers = tuple[Interval, ...]
EVERY: Final = Interval(-inf, inf, True, True)


def _rest(numbers: Numbers) -> Numbers:
    left = [EVERY]
    for each in numbers:
        below = Interval(-inf, each.low, True, not each.open_low)
        above = Interval(each.high, inf, not each.open_high, True)
        left = [found for one in left for part in (below, above) if not (found := one.meet(part)).empty]
    return tuple(left)


@dataclass(frozen=True, slots=True)
class Texts:
    """Some texts or, with `others`, all but these."""

    values: frozenset[str] = frozenset()
    others: bool = False

    def meet(self, other: Texts) -> Texts:
        """What is in both."""
        if self.others and other.others:
            return Texts(self.values | other.values, True)
        if self.others or other.others:
            some, rest = (other, self) if self.others else (self, other)
            return Texts(some.values - rest.values)
        return Texts(self.values & other.values)

    @property
    def empty(self) -> bool:
        """Whether nothing is in it."""
        return not self.values and not self.others


NO_TEXT: Final = Texts()
ANY_TEXT: Final = Texts(others=True)
BOTH_TRUTHS: Final = frozenset((True, False))


@dataclass(frozen=True, slots=True)
class Values:
    """What a fact may be. Dates are numbers here: the ordinals of their days."""

    numbers: Numbers = ()
    texts: Texts = NO_TEXT
    truths: frozenset[bool] = frozenset()
    unknown: bool = False

    @property
    def empty(self) -> bool:
        """Whether nothing is in it."""
        return not self.unknown and not self.truths and self.texts.empty and not self.numbers

    @property
    def known(self) -> Values:
        """Without being unknown."""
        return replace(self, unknown=False) if self.unknown else self

    def meet(self, other: Values) -> Values:
        """What is in both."""
        numbers = tuple(
            found for one in self.numbers for another in other.numbers if not (found := one.meet(another)).empty
        )
        return Values(numbers, self.texts.meet(other.texts), self.truths & other.truths, self.unknown and other.unknown)

    def rest(self) -> Values:
        """Everything else that any fact may be."""
        texts = replace(self.texts, others=not self.texts.others)
        return Values(_rest(self.numbers), texts, BOTH_TRUTHS - self.truths, not self.unknown)

    def within(self, other: Values) -> bool:
        """Whether all of it is in the other."""
        return self.meet(other.rest()).empty

    def whole(self) -> Values:
        """With whole numbers only."""
        found = (each.whole() for each in self.numbers)
        return replace(self, numbers=tuple(each for each in found if not each.empty))


NOTHING: Final = Values()
UNKNOWN: Final = Values(unknown=True)
EVERYTHING: Final = NOTHING.rest()


def numbers(low: Number = -inf, high: Number = inf, *, unknown: bool = False) -> Values:
    """Numbers from one to another, both included."""
    return Values((Interval(low, high, isinstance(low, float), isinstance(high, float)),), unknown=unknown)


def texts(values: Iterable[str], *, unknown: bool = False) -> Values:
    """Some texts."""
    return Values(texts=Texts(frozenset(values)), unknown=unknown)


def truths(*values: bool, unknown: bool = False) -> Values:
    """Truth values."""
    return Values(truths=frozenset(values), unknown=unknown)


_SIGNS: Final[dict[str, Callable[[Fraction], Values]]] = {
    "==": lambda value: Values((Interval(value, value),)),
    "!=": lambda value: Values((Interval(value, value),)).rest(),
    "<": lambda value: Values((Interval(-inf, value, True, True),)),
    "<=": lambda value: Values((Interval(-inf, value, True, False),)),
    ">": lambda value: Values((Interval(value, inf, True, True),)),
    ">=": lambda value: Values((Interval(value, inf, False, True),)),
}


def compared(sign: str, value: Fraction) -> Values:
    """The values for which a comparison with a number holds; of what is unknown only `!=` holds."""
    return _SIGNS[sign](value)
