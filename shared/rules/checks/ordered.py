"""Orders that nobody has written, where they matter: of multipliers that build on each other."""

from __future__ import annotations

from collections.abc import Iterator

from shared.rules.checks.constants import Remark
from shared.rules.checks.meeting import collide
from shared.rules.checks.shelf import Shelf
from shared.rules.definition import Rule
from shared.rules.order import ranks


def one_after_the_other(rule: Rule, shelf: Shelf) -> Iterator[Remark]:
    """Two of one priority that put points on top of the same rules, at least one of them on what the other has put
    there: which comes first changes what they give. Told at the one that comes later by id."""
    if not rule.repeats or not (rule.stacking is None or rule.stacking.how == "ordered"):
        return
    for other in shelf.of(Rule) if rule.stacking is None else shelf.groups[rule.stacking.group]:
        if not other.repeats or other.id >= rule.id or other.stacking != rule.stacking:
            continue
        if (other.kind, other.on) != (rule.kind, rule.on) or other.id in rule.repeats or rule.id in other.repeats:
            continue
        first = _first(rule, other, shelf) if _build_on_each_other(rule, other) and collide(rule, other, shelf) else ""
        if first:
            yield _said(rule, other, first)
            return


def _said(rule: Rule, other: Rule, first: str) -> Remark:
    why = f"`compounding` builds on what comes before: {first} would come first by the order of ids"
    if rule.stacking is None:
        write = "write both in one group with `how: ordered`, and give them different priorities"
        said = f"{other.id} is of no group either, and {why}; {write}"
        return Remark(("then",), said, "group", "warning")
    said = f"{other.id} has the priority {rule.stacking.priority} too, and {why}; give them different priorities"
    return Remark(("stacking", "priority"), said, "group", "warning")


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
