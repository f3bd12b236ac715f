"""Orders that nobody has written, where they matter: of multipliers that build on each other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from shared.rules.checks.constants import Remark
from shared.rules.checks.meeting import collide
from shared.rules.checks.shelf import Shelf
from shared.rules.definition import Rule
from shared.rules.order import ranks

_ONE_GROUP: Final = "write both in one group with `how: ordered`, and "


def one_after_the_other(rule: Rule, shelf: Shelf) -> Iterator[Remark]:
    """Two of one priority that put points on top of the same rules, at least one of them on what the other has put
    there: which comes first changes what they give. Told at the one that comes later by id."""
    if not rule.repeats:
        return
    for other in shelf.of(Rule):
        if not other.repeats or other.id >= rule.id or (other.kind, other.on) != (rule.kind, rule.on):
            continue
        if _told_apart(rule, other) or other.id in rule.repeats or rule.id in other.repeats:
            continue
        first = _first(rule, other, shelf) if _build_on_each_other(rule, other) and collide(rule, other, shelf) else ""
        if first:
            yield _said(rule, other, first)
            return


def _told_apart(one: Rule, other: Rule) -> bool:
    """Whether a priority says which is decided first, which it does beyond groups, too; or only one of them gives."""
    mine, theirs = one.stacking, other.stacking
    if mine is not None and theirs is not None and mine.group == theirs.group and mine.how in ("best", "exclusive"):
        return True
    return _priority(one) != _priority(other)


def _priority(rule: Rule) -> int:
    return 0 if rule.stacking is None else rule.stacking.priority


def _said(rule: Rule, other: Rule, first: str) -> Remark:
    mine, theirs = rule.stacking, other.stacking
    too = "is of no group either" if mine is theirs is None else f"has the priority {_priority(rule)} too"
    group = "" if mine == theirs and mine is not None and mine.how == "ordered" else _ONE_GROUP
    said = (
        f"{other.id} {too}, and `compounding` builds on what comes before: {first} would come first by the order of "
        f"ids; {group}give them different priorities"
    )
    return Remark(("then",) if mine is None else ("stacking", "priority"), said, "group", "warning")


def _build_on_each_other(one: Rule, other: Rule) -> bool:
    """Whether they repeat a rule of both in one wallet, and one of them what the other has put on top of it."""
    for mine in one.points:
        for theirs in other.points:
            compounds = any(each.multiply is not None and each.multiply.compounding for each in (mine, theirs))
            if compounds and mine.wallet == theirs.wallet and not set(mine.repeats).isdisjoint(theirs.repeats):
                return True
    return False


def _first(one: Rule, other: Rule, shelf: Shelf) -> str:
    """Which is decided first; empty where that cannot be told, as rules build on each other in a circle."""
    try:
        places = ranks(shelf.of(Rule))
    except ValueError:
        return ""
    return min((one.id, other.id), key=places.__getitem__)
