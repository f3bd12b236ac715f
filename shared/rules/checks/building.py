"""Rules that build on the points of others: whether those ever give any together with them, of the same wallet, and
enough for a whole point."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from shared.rules.checks.constants import Remark
from shared.rules.checks.pieces import Path
from shared.rules.checks.reach import can_meet
from shared.rules.checks.shelf import Shelf
from shared.rules.checks.windows import never_together
from shared.rules.definition import Rule
from shared.rules.effects import rounded
from shared.rules.rewards import Multiply, PointsEffect


def wallets(rule: Rule, shelf: Shelf) -> Iterator[Remark]:
    """Rules that it builds on which give none of its wallet. That they are defined at all the references see to."""
    for number, effect in _builders(rule):
        for place, id_ in enumerate(effect.repeats):
            other = shelf.newest.get(id_)
            theirs = [each.wallet for each in other.points] if isinstance(other, Rule) else [effect.wallet]
            if effect.wallet not in theirs:
                gives = (
                    f"no {effect.wallet} but {', '.join(theirs)}" if theirs else f"no points, and no {effect.wallet}"
                )
                said = f"{id_} gives {gives}; name a rule that does"
                yield Remark((*_rules(number, effect), place), said, "wallet")


def building(rule: Rule, shelf: Shelf) -> Iterator[Remark]:
    """Effects of a rule that is reached which can only give nothing, by what they build on."""
    for number, effect in _builders(rule):
        under = [each for id_ in effect.repeats if isinstance(each := shelf.newest.get(id_), Rule)]
        known = len(under) == len(effect.repeats) and all(_settled(each, rule, effect.wallet) for each in under)
        if not known:
            continue
        if all(_apart(each, rule, shelf) for each in under):
            names = " or ".join(dict.fromkeys(effect.repeats))
            said = f"it never applies to an event together with {names}: it gives nothing; change the condition or the "
            yield Remark(_rules(number, effect), f"{said}`schedule` of one of them", "unreachable")
        elif effect.multiply is not None:
            yield from _less_than_one(("then", number, "multiply", "by"), effect.wallet, effect.multiply, under)


def _builders(rule: Rule) -> list[tuple[int, PointsEffect]]:
    if rule.kind == "challenge":
        return []  # it builds on none, and is told so by the references: nothing else is to be changed about it
    return [(n, each) for n, each in enumerate(rule.then) if isinstance(each, PointsEffect) and each.repeats]


def _rules(number: int, effect: PointsEffect) -> Path:
    return ("then", number, *(("again",) if effect.again else ("multiply", "rules")))


def _settled(under: Rule, rule: Rule, wallet: str) -> bool:
    """Whether it gives of the wallet, and what is known of it is so all the time: until its newest version takes over,
    an older one holds."""
    return any(each.wallet == wallet for each in under.points) and (
        under.version == 1 or under.effective <= rule.effective
    )


def _apart(under: Rule, rule: Rule, shelf: Shelf) -> bool:
    return not can_meet(rule, under, shelf) or never_together(rule, under, shelf)


def _less_than_one(at: Path, wallet: str, by: Multiply, under: Sequence[Rule]) -> Iterator[Remark]:
    """What comes on top of fixed points, where it is always rounded to none. Others may have put more on top of them,
    where the multiplier compounds: nobody knows how much."""
    fixed = [next(effect.fixed for effect in each.points if effect.wallet == wallet) for each in under]
    if by.compounding or None in fixed:
        return
    base = sum(each for each in fixed if each is not None)
    if rounded(base * Fraction(by.by), by.rounding) <= base:
        said = (
            f"{by.by:f} times {base} {wallet} is less than one more, rounded ({by.rounding}) to none: it never gives "
        )
        yield Remark(at, f"{said}any; write a larger `by`, or `rounding: up`", "unreachable")
