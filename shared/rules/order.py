"""The order of decisions: a rule after those whose points it builds on, rules of one group together; else by priority,
higher first, then by id. A rule's rank does not depend on rules that it has nothing to do with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from shared.rules.definition import Rule

Rank = tuple[int, str, int]
"""Priority (negated) and name of the unit on whose account a rule is placed, and its number among those so placed."""


def in_order(rules: Sequence[Rule]) -> list[Rule]:
    """The rules in the order of decisions. Raises ValueError on a circle."""
    by_id = {rule.id: rule for rule in rules}
    found = ranks(rules)
    return [by_id[id_] for id_ in sorted(found, key=found.__getitem__)]


def ranks(rules: Sequence[Rule]) -> dict[str, Rank]:
    """Each rule's place, by its id. Raises ValueError on a circle."""
    by_id = {rule.id: rule for rule in rules}
    units: dict[str, list[Rule]] = {}
    for rule in sorted(rules, key=lambda each: (-_priority(each), each.id)):
        units.setdefault(_unit(rule), []).append(rule)
    state: dict[str, bool] = {}
    done: list[Rule] = []

    def visit(unit: str, path: tuple[str, ...]) -> None:
        if state.get(unit) is not None:
            if state[unit] is False:
                raise ValueError(f"rules build on each other's points in a circle: {' -> '.join((*path, unit))}")
            return
        state[unit] = False
        needed = {_unit(by_id[id_]) for rule in units[unit] for id_ in rule.repeats if id_ in by_id}
        for each in sorted(needed):
            visit(each, (*path, unit))
        state[unit] = True
        done.extend(units[unit])

    found: dict[str, Rank] = {}
    for priority, unit in sorted((-_priority(of[0]), unit) for unit, of in units.items()):
        visit(unit, ())
        found |= {rule.id: (priority, unit, number) for number, rule in enumerate(done)}
        done.clear()
    return found


def lone(rule: Rule) -> Rank:
    """The rank of a rule that is no part of a unit with others, builds on none and is built on by none."""
    return (-_priority(rule), rule.id, 0)


def tied(rules: Iterable[Rule]) -> frozenset[str]:
    """Ids of the rules that are not alone in that sense, in any of these versions."""
    found: set[str] = set()
    for rule in rules:
        if rule.repeats or _unit(rule) != rule.id:
            found.update((rule.id, *rule.repeats))
    return frozenset(found)


def _priority(rule: Rule) -> int:
    return rule.stacking.priority if rule.stacking is not None else 0


def _unit(rule: Rule) -> str:
    """What is decided together: a group whose rules exclude each other, or the rule by itself."""
    grouped = rule.stacking is not None and rule.stacking.how in ("best", "exclusive")
    return f"group {rule.stacking.group}" if grouped and rule.stacking is not None else rule.id
