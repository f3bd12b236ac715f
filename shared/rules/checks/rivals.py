"""Rules of a stacking group that may meet: found by the values their conditions insist on and by their ranges, so that
not every two of a large group are looked into. What is left out never meets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import inf
from typing import Any
from zoneinfo import ZoneInfo

from shared.rules.checks.solving import atom, subject
from shared.rules.checks.times import window
from shared.rules.checks.wider import Scope
from shared.rules.definition import Bounded, Rule
from shared.rules.index import Key, insists
from shared.rules.language.terms import Both, Fact, Term

Range = tuple[Fraction | float, Fraction | float]
_WINDOW = "window"


@dataclass(frozen=True, slots=True)
class Asks:
    """What a rule insists on: values of facts, and ranges of numbers; its number in its group."""

    number: int
    rule: Rule
    values: Mapping[Key, frozenset[Any]]
    ranges: Mapping[Hashable, Range]

    def may_meet(self, other: Asks) -> bool:
        """Whether nothing that both insist on keeps them apart."""
        for key, values in self.values.items():
            if key in other.values and key.asked is not None and values.isdisjoint(other.values[key]):
                return False
        for of, (low, high) in self.ranges.items():
            theirs = other.ranges.get(of)
            if theirs is not None and (low > theirs[1] or theirs[0] > high):
                return False
        return True


class Rivals:
    """The rules of one group that compete for the same events. scopes: where each applies, by its id; see `groups`."""

    def __init__(
        self, rules: Sequence[tuple[Rule, Sequence[Bounded], Sequence[Term]]], zone: ZoneInfo | None = None
    ) -> None:
        """rules: each with its gates and all that they ask; zone: the programme's."""
        self.scopes: dict[str, Scope] = {}
        self._asks = {
            rule.id: Asks(number, rule, _values(terms), _ranges(terms, gates, zone))
            for number, (rule, gates, terms) in enumerate(rules)
        }
        self.rules = [each.rule for each in self._asks.values()]
        self._key = self._best()
        self._by: dict[Any, list[Asks]] = {}
        self._others: list[Asks] = []
        for each in self._asks.values():
            values = each.values.get(self._key) if self._key is not None else None
            if values is None:
                self._others.append(each)
            for value in values or ():
                self._by.setdefault(value, []).append(each)

    def near(self, rule: Rule) -> Iterator[Rule]:
        """Those that may meet it, in the order of the group."""
        mine = self._asks[rule.id]
        values = mine.values.get(self._key) if self._key is not None else None
        found: Iterable[Asks] = self._asks.values()
        if values is not None:
            some = {each.number: each for value in values for each in self._by[value]}
            found = sorted([*some.values(), *self._others], key=lambda each: each.number)
        return (each.rule for each in found if each is not mine and mine.may_meet(each))

    def _best(self) -> Key | None:
        """The fact that most rules insist on with a value of their own."""
        seen: Counter[Key] = Counter()
        for each in self._asks.values():
            seen.update(key for key, values in each.values.items() if key.asked is not None and len(values) < 10)
        return max(seen, key=lambda key: seen[key], default=None)


def _values(terms: Iterable[Term]) -> Mapping[Key, frozenset[Any]]:
    found: dict[Key, frozenset[Any]] = {}
    for term in terms:
        for key, values in insists(term).items():
            found[key] = found[key] & values if key in found else values
    return found


def _ranges(terms: Iterable[Term], gates: Iterable[Bounded], zone: ZoneInfo | None) -> Mapping[Hashable, Range]:
    found: dict[Hashable, Range] = {}

    def narrow(of: Hashable, low: Fraction | float, high: Fraction | float) -> None:
        before = found.get(of, (-inf, inf))
        found[of] = max(low, before[0]), min(high, before[1])

    for term in (part for each in terms for part in _parts(each)):
        known = atom(term)
        if known is None or not isinstance(known.of, Fact) or known.values.unknown or not known.values.numbers:
            continue
        numbers, rest = known.values.numbers, known.values
        if rest.truths or not rest.texts.empty:
            continue  # an attribute that is no number may hold too
        narrow(subject(known.of), min(each.low for each in numbers), max(each.high for each in numbers))
    for gate in gates:
        days = window(gate.schedule, zone)
        if days is not None:  # in whichever zones they are meant: a day on either side is none too many
            narrow(_WINDOW, Fraction(days[0] - 1), Fraction(days[1] + 1))
    return found


def _parts(term: Term) -> Iterator[Term]:
    if isinstance(term, Both):
        for each in term.parts:
            yield from _parts(each)
    else:
        yield term
