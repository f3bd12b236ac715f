"""Effects that never give a point: of lines that earn nothing, of amounts in another currency, of less than a point; by
themselves, or where their rule applies."""

from __future__ import annotations

from collections.abc import Iterator

from shared.rules.checks.amounts import ByBasket, enough, where_it_applies
from shared.rules.checks.constants import Remark
from shared.rules.checks.pieces import Path
from shared.rules.checks.reach import asked, question
from shared.rules.checks.shelf import Shelf
from shared.rules.checks.solving import Question
from shared.rules.definition import Rule
from shared.rules.language.checking import condition
from shared.rules.language.terms import Term
from shared.rules.rewards import Cashback, PerAmount, PerLine, PerQuantity, PointsEffect


def giving(rule: Rule, shelf: Shelf) -> Iterator[Remark]:
    """Of the effects of a rule that is reached: those by amounts, pieces and lines, which can come to nothing."""
    for number, effect in enumerate(rule.then):
        if not isinstance(effect, PointsEffect):
            continue
        shape = getattr(effect, effect.shape)
        if isinstance(shape, PerAmount | PerQuantity | PerLine | Cashback):
            at: Path = ("then", number, effect.shape)
            never = list(_alone(at, rule, shape, shelf))
            yield from never or where_it_applies(at, rule, shape, shelf)


def _alone(at: Path, rule: Rule, shape: ByBasket, shelf: Shelf) -> Iterator[Remark]:
    """What an effect never gives whatever its rule asks, but for the currency."""
    where = None if shape.where is None else condition(shape.where, "line")
    if isinstance(shape, PerQuantity | PerLine):
        if where is not None and shape.of == "eligible":
            yield from _not_eligible((*at, "where"), where, "of: all", shelf)
    elif _foreign(rule, shelf):
        assert shelf.programme is not None
        said = f"it gives nothing: the rule asks for amounts that are not in {shelf.programme.currency}, the "
        yield Remark(at, f"{said}programme's currency; write `fixed`, or change the condition", "unreachable")
    elif where is not None:
        yield from _of_lines((*at, "where"), shape, where, shelf)


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
    if shape.round == "line" and shape.rounding != "up" and not lines.can_hold(where, enough("amount", shape, "line")):
        said = f"it gives nothing: no line that fits is enough for a point, and each is rounded ({shape.rounding}) "
        yield Remark(at, f"{said}for itself; write `round: sum`, or change `where`", "unreachable")


def _not_eligible(at: Path, where: Term, otherwise: str, shelf: Shelf) -> Iterator[Remark]:
    programme = shelf.programme
    if programme is None or programme.not_eligible is None:
        return
    if not Question().can_hold(where, but_not=[condition(programme.not_eligible, "line")]):
        said = f"it gives nothing: every line that fits is `not_eligible` in {programme.id}, and counts nothing; "
        yield Remark(at, f"{said}change `where`, or write `{otherwise}`", "unreachable")
