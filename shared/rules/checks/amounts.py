"""Whether the baskets to which a rule applies are ever enough for what it gives by their amounts, pieces or lines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from decimal import Decimal
from typing import Final

from shared.rules.checks.baskets import but
from shared.rules.checks.constants import Remark
from shared.rules.checks.pieces import Path
from shared.rules.checks.reach import asked, question
from shared.rules.checks.shelf import Shelf
from shared.rules.checks.solving import Question
from shared.rules.definition import Rule
from shared.rules.language.checking import Scope, condition
from shared.rules.language.syntax import ExpressionError
from shared.rules.language.terms import Term
from shared.rules.rewards import Cashback, PerAmount, PerLine, PerQuantity

ByBasket = PerAmount | PerQuantity | PerLine | Cashback
_HUNDRED: Final = Decimal(100)


def where_it_applies(at: Path, rule: Rule, shape: ByBasket, shelf: Shelf) -> Iterator[Remark]:
    """Of an effect that could give something by itself: what it cannot for what its rule and its campaign ask."""
    gates = shelf.gates(rule)
    terms = asked(gates, shelf)
    if not terms:
        return
    own = question(gates, rule, shelf)
    fits = [] if shape.where is None else [condition(shape.where, "line")]
    counted = [*fits, *_counted(shape, shelf)]
    if not own.can_hold(*terms, line=counted):
        yield Remark(at, _no_line(terms, own, shape, fits, shelf), "unreachable")
    elif not own.can_hold(*terms, *_for_a_point(shape), line=[*counted, *_of_a_line(shape)]):
        said = f"it gives nothing: where the rule applies, {_too_little(shape)}change the condition"
        yield Remark(at, said, "unreachable")


def enough(what: str, shape: PerAmount | Cashback, scope: Scope = "event") -> Term:
    """That an amount, by its name, comes to a point when it is rounded."""
    percent, per = (Decimal(1), shape.per) if isinstance(shape, PerAmount) else (shape.percent, shape.unit * _HUNDRED)
    sign, least = {
        "down": (">=", per),
        "half_up": (">=", per / 2),
        "half_even": (">", per / 2),  # the even number beside a half is none
        "up": (">", Decimal(0)),
    }[shape.rounding]
    return condition(f"{what} * {percent:f} {sign} {least:f}", scope)


def _counted(shape: ByBasket, shelf: Shelf) -> list[Term]:
    """What a line has to be besides what fits `where`, so that it counts at all."""
    programme = shelf.programme
    if shape.of not in ("eligible", "basket.eligible") or programme is None or programme.not_eligible is None:
        return []
    return [but(condition(programme.not_eligible, "line"))]


def _no_line(terms: list[Term], own: Question, shape: ByBasket, fits: list[Term], shelf: Shelf) -> str:
    if fits and not own.can_hold(*terms, line=fits):
        return (
            "it gives nothing: no basket to which the rule applies has a line that fits `where`; change one of the two"
        )
    assert shelf.programme is not None  # or there are no lines that are not eligible
    fitting = " that fits" if fits else ""
    otherwise = "of: all" if isinstance(shape, PerQuantity | PerLine) else "of: basket.total"
    said = f"it gives nothing: where the rule applies, every line{fitting} is `not_eligible` in {shelf.programme.id}, "
    return f"{said}and counts nothing; change the condition, or write `{otherwise}`"


def _for_a_point(shape: ByBasket) -> Iterator[Term]:
    """What the whole basket has to come to, and the lines that fit."""
    if isinstance(shape, PerQuantity):
        yield condition(f"basket.quantity >= {shape.per}")
    elif isinstance(shape, PerAmount | Cashback):
        yield enough(shape.of, shape)
    if shape.where is not None and not isinstance(shape, PerLine):
        with suppress(ExpressionError):  # it can be written as a filter, but not in yet another bracket
            if isinstance(shape, PerQuantity):
                yield condition(f"lines.sum(quantity, {shape.where}) >= {shape.per}")
            else:
                yield enough(f"lines.sum(amount, {shape.where})", shape)


def _of_a_line(shape: ByBasket) -> Iterator[Term]:
    """What one line at least has to come to."""
    if isinstance(shape, PerQuantity):
        yield condition("quantity > 0", "line")
    elif isinstance(shape, PerAmount | Cashback):
        alone = shape.round == "line"
        yield enough("amount", shape, "line") if alone else condition("amount > 0", "line")


def _too_little(shape: ByBasket) -> str:
    """Why that is not enough, and what to write, up to another condition."""
    if isinstance(shape, PerQuantity | PerLine):  # a line is enough for itself
        per = 1 if isinstance(shape, PerLine) else shape.per
        return f"there are never {per} pieces to count; write a smaller `per`, or "
    what = "one line" if shape.round == "line" else "what fits" if shape.where is not None else shape.of
    said = f"{what} is never enough for a point, rounded ({shape.rounding}); "
    unit = "unit" if isinstance(shape, Cashback) else "per"
    return said if shape.rounding == "up" else f"{said}write a smaller `{unit}`, or "
