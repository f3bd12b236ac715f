"""Effects that never give a point: of lines that earn nothing, of amounts in another currency, of less than a point."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from shared.rules.checks.constants import Remark
from shared.rules.checks.pieces import Path
from shared.rules.checks.reach import asked, question
from shared.rules.checks.shelf import Shelf
from shared.rules.checks.solving import Question
from shared.rules.definition import Rule
from shared.rules.language.checking import condition
from shared.rules.language.terms import Term
from shared.rules.rewards import Cashback, PerAmount, PointsEffect

_HUNDRED = Decimal(100)


def giving(rule: Rule, shelf: Shelf) -> Iterator[Remark]:
    """Of the effects of a rule that is reached: those by amounts, pieces and lines, which can come to nothing."""
    for number, effect in enumerate(rule.then):
        if not isinstance(effect, PointsEffect):
            continue
        counted = effect.per_quantity or effect.per_line
        if counted is not None and counted.where is not None and counted.of == "eligible":
            where = condition(counted.where, "line")
            yield from _not_eligible(("then", number, effect.shape, "where"), where, "of: all", shelf)
        for name in ("per_amount", "cashback"):
            shape: PerAmount | Cashback | None = getattr(effect, name)
            if shape is None:
                continue
            at: Path = ("then", number, name)
            if _foreign(rule, shelf):
                assert shelf.programme is not None
                said = f"it gives nothing: the rule asks for amounts that are not in {shelf.programme.currency}, the "
                yield Remark(at, f"{said}programme's currency; write `fixed`, or change the condition", "unreachable")
            elif shape.where is not None:
                yield from _of_lines((*at, "where"), shape, condition(shape.where, "line"), shelf)


def _foreign(rule: Rule, shelf: Shelf) -> bool:
    """Whether no event of the rule has amounts in the programme's currency: of all others a rate gives nothing."""
    if shelf.programme is None or rule.on != "purchase":
        return False
    gates = shelf.gates(rule)
    ours = condition(f'event.currency == "{shelf.programme.currency}"')
    return not question(gates, rule, shelf).can_hold(*asked(gates, shelf), ours)


def _of_lines(at: Path, shape: PerAmount | Cashback, where: Term, shelf: Shelf) -> Iterator[Remark]:
    lines = Question()
    if not lines.can_hold(where, condition("amount > 0", "line")):
        yield Remark(at, "it gives nothing: a line that fits has an amount of 0; change `where`", "unreachable")
        return
    never = list(_not_eligible(at, where, "of: basket.total", shelf)) if shape.of == "basket.eligible" else []
    yield from never
    if never:
        return
    if shape.round == "line" and shape.rounding != "up":
        percent, per = _rate(shape)
        enough = per if shape.rounding == "down" else per / 2
        if not lines.can_hold(where, condition(f"amount * {percent:f} >= {enough:f}", "line")):
            said = f"it gives nothing: no line that fits is enough for a point, and each is rounded ({shape.rounding}) "
            yield Remark(at, f"{said}for itself; write `round: sum`, or change `where`", "unreachable")


def _not_eligible(at: Path, where: Term, otherwise: str, shelf: Shelf) -> Iterator[Remark]:
    programme = shelf.programme
    if programme is None or programme.not_eligible is None:
        return
    if not Question().can_hold(where, but_not=[condition(programme.not_eligible, "line")]):
        said = f"it gives nothing: every line that fits is `not_eligible` in {programme.id}, and counts nothing; "
        yield Remark(at, f"{said}change `where`, or write `{otherwise}`", "unreachable")


def _rate(shape: PerAmount | Cashback) -> tuple[Decimal, Decimal]:
    """A factor, and how much of the amount times it gives a point."""
    if isinstance(shape, PerAmount):
        return Decimal(1), shape.per
    return shape.percent, shape.unit * _HUNDRED
