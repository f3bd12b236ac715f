"""What conditions on the lines of one basket have to do with each other: whether there can be lines for all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import Final, NamedTuple

from shared.rules.checks.values import Values, numbers
from shared.rules.facts import Asked
from shared.rules.language.checking import condition
from shared.rules.language.functions import about_money
from shared.rules.language.syntax import ExpressionError
from shared.rules.language.terms import Negation, Term
from shared.rules.language.types import TRUTH

_WHOLE: Final = {"basket.total": "amount", "basket.quantity": "quantity"}
_STEPS: Final = 10_000  # no amount has more decimals
Fit = Callable[[Iterable[Term]], bool]
"""Whether there may be a line for which all of these hold."""
_ZERO: Final = numbers(Fraction(0), Fraction(0))
_TRUTHS: Final = ("lines.any", "lines.none", "lines.all")


class Lines(NamedTuple):
    """What every line of a basket is, and what some line is: for each of `some` there is one."""

    every: Sequence[Term]
    some: Sequence[Term]


def lines(facts: Mapping[Asked, Values]) -> Lines:
    """What the values of facts about lines say of these."""
    every, some = list[Term](), list[Term]()
    for of, values in facts.items():
        head, where = of.label.partition("(")[0], of.sure
        if where is None or not head.startswith("lines."):
            continue
        others = _all_others(head, where, values)
        every += others
        if not others and _one_of_them(head, where, values):
            some.append(where)
        if head == "lines.all" and others:
            some += others
    return Lines(every, some)


def agree(facts: Mapping[Asked, Values], not_eligible: Term | None, fit: Fit, line: Sequence[Term] = ()) -> bool:
    """Whether there are lines for all of it: for what is said of the eligible amount, too, which lines that are all
    `not_eligible` leave at 0; and, where one is asked for, for a `line` of which all of these hold."""
    every, some = lines(facts)
    every = [*every, *_within(facts)]
    wanted = [[each] for each in some]
    if line:
        wanted.append([*line])
    if not_eligible is not None and _earns(facts):
        wanted.append([but(not_eligible)])
    return all(fit([*each, *every]) for each in wanted)


def _within(facts: Mapping[Asked, Values]) -> Iterator[Term]:
    """What no line is more than, as the whole basket is not: of its amount and its pieces."""
    for of, values in facts.items():
        field = _WHOLE.get(of.label)
        if field is None or values.unknown or not values.numbers:
            continue
        high, closed = max((each.high, not each.open_high) for each in values.numbers)
        if isinstance(high, Fraction) and high >= 0:
            with suppress(ExpressionError):  # a number of too many digits keeps nothing out
                sign = "<=" if closed or high * _STEPS % 1 else "<"
                yield condition(f"{field} {sign} {Decimal(ceil(high * _STEPS)).scaleb(-4):f}", "line")


def but(where: Term) -> Term:
    """All that a filter does not fit."""
    return Negation(0, 0, TRUTH, where)


def _earns(facts: Mapping[Asked, Values]) -> bool:
    """Whether the eligible amount is known, and more than 0."""
    found = next((each for of, each in facts.items() if of.label == "basket.eligible"), None)
    return found is not None and not found.unknown and not found.meet(_ZERO).numbers


def _all_others(head: str, where: Term, values: Values) -> list[Term]:
    """What every line is. A filter that asks for amounts has no answer where they are in another currency."""
    if values.unknown and about_money(where):
        return []
    if head in _TRUTHS:
        if head == "lines.all":
            return [where] if values.truths == {True} else []
        return [but(where)] if values.truths == {head == "lines.none"} else []
    return [but(where)] if head == "lines.count" and not values.empty and values.known.within(_ZERO) else []


def _one_of_them(head: str, where: Term, values: Values) -> bool:
    """Whether some line fits."""
    if values.unknown and (head not in (*_TRUTHS, "lines.count") or about_money(where)):
        return False
    if head in _TRUTHS:
        return head != "lines.all" and values.truths == {head == "lines.any"}
    return head in ("lines.cheapest", "lines.dearest") or not values.meet(_ZERO).numbers
