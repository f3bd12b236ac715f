"""The order of decisions: a rule after those whose points it builds on, rules of one group together; else by priority,
higher first, then by id. A rule's rank does not depend on rules that it has nothing to do with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

from shared.rules.definition import Rule

Rank = tuple[int, str, int]
"""Priority (negated) and name of the unit on whose account a rule is placed, and its number among those so placed."""
Link = tuple[str, str]
"""The id of a rule that builds on another, and that of the other."""


class CircleError(ValueError):
    """Rules that build on each other in a circle; `links`: which builds on which, all around it."""

    def __init__(self, units: Sequence[str], links: Sequence[Link]) -> None:
        super().__init__(f"rules build on each other's points in a circle: {' -> '.join(units)}")
        self.links = tuple(links)


def in_order(rules: Sequence[Rule]) -> list[Rule]:
    """The rules in the order of decisions. Raises CircleError."""
    by_id = {rule.id: rule for rule in rules}
    found = ranks(rules)
    return [by_id[id_] for id_ in sorted(found, key=found.__getitem__)]


def ranks(rules: Sequence[Rule]) -> dict[str, Rank]:
    """Each rule's place, by its id. Raises CircleError."""
    by_id = {rule.id: rule for rule in rules}
    units: dict[str, list[Rule]] = {}
    for rule in sorted(rules, key=lambda each: (-_priority(each), each.id)):
        units.setdefault(unit(rule), []).append(rule)
    needs = {
        name: sorted({unit(by_id[id_]) for rule in of for id_ in rule.repeats if id_ in by_id})
        for name, of in units.items()
    }
    if (circle := circle_in(needs)) is not None:
        raise CircleError(circle, _links(circle, units, by_id))
    done: set[str] = set()
    found: dict[str, Rank] = {}
    for priority, name in sorted((-_priority(of[0]), name) for name, of in units.items()):
        placed = [rule for each in _reached(name, needs, done) for rule in units[each]]
        found |= {rule.id: (priority, name, number) for number, rule in enumerate(placed)}
    return found


def circle_in(needs: Mapping[str, Iterable[str]]) -> list[str] | None:
    """Names that need each other in a circle, the first once more at the end; None where none do."""
    known = {name: sorted(each for each in of if each in needs) for name, of in sorted(needs.items())}
    try:
        TopologicalSorter(known).prepare()
    except CycleError as circle:
        names: list[str] = circle.args[1][::-1]  # it tells them the other way round: each is needed by the next
        return names
    return None


def _reached(first: str, needs: Mapping[str, Sequence[str]], done: set[str]) -> list[str]:
    """A unit after all that it needs and nobody has reached yet. Not recursive: a chain may be thousands long."""
    if first in done:
        return []
    done.add(first)
    way, ordered = [(first, iter(needs[first]))], list[str]()
    while way:
        name, left = way[-1]
        following = next((each for each in left if each not in done), None)
        if following is None:
            way.pop()
            ordered.append(name)
        else:
            done.add(following)
            way.append((following, iter(needs[following])))
    return ordered


def _links(names: Sequence[str], units: Mapping[str, Sequence[Rule]], by_id: Mapping[str, Rule]) -> list[Link]:
    return [
        next((r.id, id_) for r in units[name] for id_ in r.repeats if id_ in by_id and unit(by_id[id_]) == needed)
        for name, needed in pairwise(names)
    ]


def lone(rule: Rule) -> Rank:
    """The rank of a rule that is no part of a unit with others, builds on none and is built on by none."""
    return (-_priority(rule), rule.id, 0)


def tied(rules: Iterable[Rule]) -> frozenset[str]:
    """Ids of the rules that are not alone in that sense, in any of these versions."""
    found: set[str] = set()
    for rule in rules:
        if rule.repeats or unit(rule) != rule.id:
            found.update((rule.id, *rule.repeats))
    return frozenset(found)


def _priority(rule: Rule) -> int:
    return rule.stacking.priority if rule.stacking is not None else 0


def unit(rule: Rule) -> str:
    """What is decided together: a group whose rules exclude each other, or the rule by itself."""
    grouped = rule.stacking is not None and rule.stacking.how in ("best", "exclusive")
    return f"group {rule.stacking.group}" if grouped and rule.stacking is not None else rule.id
