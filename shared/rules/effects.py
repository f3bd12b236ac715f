"""Effects: how many points a rule gives, and each line's part in them. Exact: decimals in, integers out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Final, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from shared.events.light import Line
from shared.rules.facts import ZERO, Facts, LineTest
from shared.rules.language.checking import condition
from shared.rules.language.compiling import compile_test
from shared.rules.language.questions import ask
from shared.rules.part import Rounding
from shared.rules.rewards import Amounts, Multiply, PointsEffect, Round

_CURRENCY: Final = ask("event.currency")
_ASKED: Final = {"basket.eligible": ask("basket.eligible"), "basket.total": ask("basket.total")}
_HUNDRED: Final = Decimal(100)


class Award(Struct, frozen=True, gc=False):
    """What a rule gives: points, and (for points that come from lines) each line's part, summing to them.

    As all that is made for every event it is a struct: made in a fifth of a named tuple's time.
    """

    rule: str
    version: int
    wallet: str
    points: int
    lines: tuple[int, ...] | None = None
    owner: str = "coalition"


class Unrounded(Struct, frozen=True, gc=False):
    """Points before rounding; computed only where a multiplier asks for them."""

    total: Decimal
    per: Decimal
    give: int

    @property
    def value(self) -> Fraction:
        """Exactly so many points."""
        return Fraction(self.total) / Fraction(self.per) * self.give


class Amount(Struct, frozen=True, gc=False):
    """Points before the award is made of them; `exact`: what they were before rounding."""

    points: int
    lines: tuple[int, ...] | None = None
    exact: Fraction | Unrounded | None = None


NOTHING: Final = Amount(0)


class Given(Struct, gc=False):
    """What the rules of one event gave so far (before the first: nothing): what multipliers build on. By rule, then
    wallet."""

    amounts: dict[tuple[str, str], Amount] = {}
    on_top: dict[tuple[str, str], list[Amount]] = {}


class Rate(NamedTuple):
    """So many points for each `per` of an amount: a definition's, read once."""

    per: Decimal
    give: int = 1
    rounding: Rounding = "down"
    round: Round = "sum"


class Points:
    """One effect, compiled: its filters are closures, and what the definition says is at hand."""

    __slots__ = ("_fits", "_fixed", "_money", "_of", "_percent", "_rate", "_within", "effect", "shaped", "wallet")

    def __init__(self, effect: PointsEffect) -> None:
        self.effect, self.wallet = effect, effect.wallet
        shape = effect.per_amount or effect.per_quantity or effect.per_line or effect.cashback
        where = None if shape is None else shape.where
        self._fits: LineTest | None = None if where is None else compile_test(condition(where, "line"))
        self._fixed = None if effect.fixed is None else Amount(effect.fixed)
        self._money = effect.per_amount or effect.cashback  # a rate is a rate of one currency
        self._of: Amounts = "basket.eligible" if self._money is None else self._money.of
        self._percent = None if effect.cashback is None else effect.cashback.percent
        self._rate = _rate(effect)
        self._within = effect.at_least is not None or effect.at_most is not None
        #: The points before `at_least` and `at_most`, by what is given for what.
        self.shaped: Callable[[Facts, Given], Amount] = self._shape()

    def of(self, facts: Facts, given: Given, currency: str) -> Amount:
        """The points of the effect for an event.

        Amounts in another currency than the programme's earn nothing: a rate is a rate of one currency.
        """
        if self._fixed is not None:
            return self._fixed
        if self._money is not None and facts.get(_CURRENCY) != currency:
            return NOTHING
        found = self.shaped(facts, given)
        return self._bounded(found) if self._within else found

    def _bounded(self, found: Amount) -> Amount:
        effect, points = self.effect, found.points
        if points and effect.at_least is not None:
            points = max(points, effect.at_least)
        if effect.at_most is not None:
            points = min(points, effect.at_most)
        return found if points == found.points else resized(found, points)

    def _shape(self) -> Callable[[Facts, Given], Amount]:
        effect, rate, wallet = self.effect, self._rate, self.wallet
        if rate is not None:
            return self._of_money(rate) if self._money is not None else partial(self._of_pieces, rate)
        if (again := effect.again) is not None:
            return lambda _, given: _repeated([given.amounts[rule, wallet] for rule in again
                                               if (rule, wallet) in given.amounts])  # fmt: skip
        if (multiply := effect.multiply) is not None:
            return lambda _, given: _multiplied(multiply, wallet, given)
        return self._of_lines

    def _of_money(self, rate: Rate) -> Callable[[Facts, Given], Amount]:
        percent, of = self._percent, self._of
        if percent is not None:
            return lambda facts, _: per_amount([amount * percent for amount in self.amounts(facts, of)], rate)

        asked, per, give, rounding = _ASKED[of], rate.per, rate.give, rate.rounding
        whole = self._fits is None and rate.round == "sum"

        def shaped(facts: Facts, _: Given) -> Amount:
            if whole and not facts.by_line:  # the points of `per_amount`, without each line's part
                total = facts.get(asked) or ZERO
                return Amount(wholes(total, per, rounding) * give, None, Unrounded(total, per, give))
            return per_amount(self.amounts(facts, of), rate)

        return shaped

    def _of_pieces(self, rate: Rate, facts: Facts, _: Given) -> Amount:
        pieces = [Decimal(line.quantity) if self.counts(line, facts) else ZERO for line in facts.lines]
        return per_amount(pieces, rate)

    def _of_lines(self, facts: Facts, _: Given) -> Amount:
        assert self.effect.per_line is not None
        give = self.effect.per_line.give
        parts = tuple(give if self.counts(line, facts) else 0 for line in facts.lines)
        return Amount(sum(parts), parts, Fraction(sum(parts)))

    def amounts(self, facts: Facts, of: Amounts) -> Sequence[Decimal]:
        """The amount of each line that counts; 0 of the others."""
        facts.get(_ASKED[of])  # noted among the facts that the decision rested on
        amounts = facts.eligible_amounts if of == "basket.eligible" else facts.total_amounts
        if self._fits is None:
            return amounts
        fits = self._fits
        return [amount if fits(line) else ZERO for amount, line in zip(amounts, facts.lines, strict=True)]

    def counts(self, line: Line, facts: Facts) -> bool:
        """Whether an effect per line or per quantity counts a line."""
        shape = self.effect.per_line or self.effect.per_quantity
        if shape is not None and shape.of == "eligible" and not facts.eligible(line):
            return False
        return self._fits is None or self._fits(line)


def _rate(effect: PointsEffect) -> Rate | None:
    """What is given for each so much of something; None where the effect has no such rate."""
    if (rate := effect.per_amount) is not None:
        return Rate(rate.per, rate.give, rate.rounding, rate.round)
    if (back := effect.cashback) is not None:
        return Rate(back.unit * _HUNDRED, 1, back.rounding, back.round)
    if (counted := effect.per_quantity) is not None:
        return Rate(Decimal(counted.per), counted.give)
    return None


def resized(amount: Amount, points: int) -> Amount:
    """The amount with other points; each line's part in proportion, summing to them exactly."""
    if amount.lines is None or amount.points == 0:
        return Amount(points)
    parts, running, before = list[int](), 0, 0
    for part in amount.lines:
        running += part
        after = running * points // amount.points
        parts.append(after - before)
        before = after
    return Amount(points, tuple(parts))


def per_amount(amounts: Sequence[Decimal], rate: Rate) -> Amount:
    """Each line's points such that they add up to the points of the sum.

    The running total is rounded line by line and the differences taken: exact, and the same whenever it is computed.
    With `round: line` each line is rounded for itself.
    """
    per, give, down = rate.per, rate.give, rate.rounding == "down"
    if rate.round == "line":
        each = tuple(wholes(amount, per, rate.rounding) * give for amount in amounts)
        return Amount(sum(each), each, Unrounded(sum(amounts, ZERO), per, give))
    parts: list[int] = []
    total, before = ZERO, 0
    for amount in amounts:  # a plain loop: every line of every basket passes here
        total += amount
        after = int(total // per) if down else wholes(total, per, rate.rounding)
        parts.append((after - before) * give)
        before = after
    return Amount(before * give, tuple(parts), Unrounded(total, per, give))


def exact(amount: Amount) -> Fraction:
    """The points before rounding."""
    held = amount.exact
    if isinstance(held, Unrounded):
        return held.value
    return Fraction(amount.points) if held is None else held


def wholes(total: Decimal, per: Decimal, rounding: Rounding) -> int:
    """How many `per` a total holds. Integer division throughout: a quotient with 28 digits could round up a 0.999..."""
    if rounding == "down":
        return int(total // per)
    if rounding == "up":
        return int(total // per) + (total % per != 0)
    whole, twice = int(total // per), 2 * (total % per)
    if twice == per:
        return whole + (rounding == "half_up" or whole % 2)
    return whole + (twice > per)


def rounded(value: Fraction, rounding: Rounding) -> int:
    """A fraction, not negative, as whole points."""
    whole, rest = divmod(value.numerator, value.denominator)
    if rounding == "down" or rest == 0:
        return whole
    if rounding == "up":
        return whole + 1
    if 2 * rest == value.denominator:
        return whole + (rounding == "half_up" or whole % 2)
    return whole + (2 * rest > value.denominator)


def _repeated(amounts: Sequence[Amount]) -> Amount:
    by_line = [amount.lines for amount in amounts if amount.lines is not None]
    lines = tuple(map(sum, zip(*by_line, strict=True))) if by_line and len(by_line) == len(amounts) else None
    return Amount(sum(amount.points for amount in amounts), lines)


def multiplied(rule: Multiply, wallet: str, given: Given) -> tuple[list[Amount], Fraction]:
    """What a multiplier multiplies: the amounts, and how many points they are for it."""
    under = [given.amounts[id_, wallet] for id_ in rule.rules if (id_, wallet) in given.amounts]
    if rule.compounding:
        for id_ in rule.rules:  # one that is named and also builds on another that is named counts once
            on_top_of = given.on_top.get((id_, wallet), ())
            under += [each for each in on_top_of if not any(each is one for one in under)]
    if rule.on == "exact":
        return under, sum((exact(each) for each in under), Fraction(0))
    return under, Fraction(sum(each.points for each in under))


def _multiplied(rule: Multiply, wallet: str, given: Given) -> Amount:
    under, base = multiplied(rule, wallet, given)
    if not under:
        return NOTHING
    by, whole = Fraction(rule.by), _repeated(under)
    # Both together are the rounded product. Rounded for itself, what is on top would lose a fraction that the base has
    # lost before: twice 3.90, 3 given, would be 6.
    points = max(0, rounded(base * by, rule.rounding) - whole.points)
    return replace(resized(Amount(whole.points, whole.lines), points), exact=base * (by - 1))
