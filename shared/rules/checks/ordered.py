"""Ordered groups whose order nobody has written, where it matters: of multipliers that build on each other."""

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
    if rule.stacking is None or rule.stacking.how != "ordered" or not rule.repeats:
        return
    group, priority = rule.stacking.group, rule.stacking.priority
    for other in shelf.groups[group]:
        alike = other.stacking == rule.stacking and (other.kind, other.on) == (rule.kind, rule.on)
        if not alike or other.id >= rule.id or other.id in rule.repeats or rule.id in other.repeats:
            continue
        first = _first(rule, other, shelf) if _build_on_each_other(rule, other) and collide(rule, other, shelf) else ""
        if first:
            said = (
                f"{other.id} has the priority {priority} too, and `compounding` builds on what comes before: {first} "
                "would come first by the order of ids; give them different priorities"
            )
            yield Remark(("stacking", "priority"), said, "group", "warning")
            return


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
