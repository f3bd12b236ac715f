"""The index: which rules an event can possibly meet, found by the values that their conditions insist on.

A condition insists on a fact's values when it cannot hold without one of them: `event.store == "12"`, a weekday of the
schedule, `lines.any(category == "wine")`. Each rule is filed under one such fact, the one with the most different
values among all rules; a rule that insists on nothing is looked at for every event.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from operator import attrgetter
from typing import Any, Final, NamedTuple

from shared.rules.compiled import Compiled
from shared.rules.facts import Asked, Facts
from shared.rules.language.questions import ask
from shared.rules.language.terms import Both, Comparison, Const, Either, Fact, LineFact, OneOf, Term
from shared.rules.localtime import WEEKDAYS
from shared.rules.order import Rank
from shared.rules.schedule import Schedule
from shared.rules.written_times import spans

_WEEKDAY: Final = ask("calendar.weekday")
_LINE_FIELDS: Final = ("product", "category", "brand", "department")
_COUNTING: Final = ("lines.count(", "lines.sum(", "lines.distinct(")
# Of an attribute too: that true is found under 1 is only one candidate more.
_KINDS: Final = ("text", "date", "number", "attribute")
_MOST_VALUES: Final = 50


class Key(NamedTuple):
    """What an index is made of: a fact of the event, or a field of its lines (`asked` is None then)."""

    asked: Asked | None
    field: str = ""


Insists = Mapping[Key, frozenset[Any]]
_NOTHING: Final[Insists] = {}


def insists(term: Term) -> Insists:
    """Facts that must have one of some values for the term to hold; only facts that the event alone answers."""
    match term:
        case Comparison(operator="==", left=left, right=Const(value=value)):
            return _value(left, frozenset([value]))
        case OneOf(of=of, options=options):
            return _value(of, frozenset(options))
        case Comparison(operator=sign, left=Fact(asked=asked), right=Const(value=Decimal() as least)):
            counts = asked.label.startswith(_COUNTING) and (
                (sign in (">=", "==") and least > 0) or (sign == ">" and least >= 0)
            )
            return _lines(asked) if counts else _NOTHING
        case Fact(asked=asked) if asked.label.startswith(("lines.any(", "lines.all(")):
            return _lines(asked)
        case Both(parts=parts):
            found: dict[Key, frozenset[Any]] = {}
            for part in parts:
                for key, values in insists(part).items():
                    # Of a line nobody knows whether both conditions are about the same one: the first will do.
                    found[key] = values if key not in found or key.field else found[key] & values
            return found
        case Either(parts=parts):
            each = [insists(part) for part in parts]
            common = set(each[0]).intersection(*each[1:])
            return {key: frozenset().union(*(one[key] for one in each)) for key in common}
    return _NOTHING


def _value(of: Term, values: frozenset[Any]) -> Insists:
    if isinstance(of, Fact) and not of.asked.of_member and of.type.kind in _KINDS:
        return {Key(of.asked): values}
    if isinstance(of, LineFact) and of.field in _LINE_FIELDS:
        return {Key(None, of.field): values}
    return _NOTHING


def _lines(asked: Asked) -> Insists:
    """What at least one line must be; a filter speaks of a line's fields only."""
    return insists(asked.sure) if asked.sure is not None else _NOTHING


def insisted_by(compiled: Compiled) -> Insists:
    """What a rule insists on by its conditions and its weekdays; found once, whatever rulebooks it is in."""
    known: Insists | None = compiled.noted.get("insists")
    if known is not None:
        return known
    found = dict(insists(compiled.term)) if compiled.term is not None else {}
    for gate in compiled.gates:
        schedule = gate.of.schedule
        if schedule.weekdays is not None and schedule.time_zone is None and _WEEKDAY_KEY not in found:
            found[_WEEKDAY_KEY] = _weekdays(schedule)
    kept: Insists = {key: values for key, values in found.items() if len(values) <= _MOST_VALUES}
    compiled.noted["insists"] = kept
    return kept


_WEEKDAY_KEY: Final = Key(_WEEKDAY)


def _weekdays(schedule: Schedule) -> frozenset[str]:
    """Weekdays on which it may run: hours that pass midnight run on into the day after."""
    days = schedule.weekdays or frozenset()
    overnight = any(span.back for hours in schedule.hours or () for span in spans(hours))
    after = {WEEKDAYS[(WEEKDAYS.index(day) + 1) % 7] for day in days} if overnight else set()
    return frozenset({*days, *after})


class Index:
    """Rules by what they insist on. `crowd`: rules of which an event would meet many by their best key."""

    def __init__(self, rules: Iterable[Compiled], most_together: int | None = None) -> None:
        self.always: list[Compiled] = []
        self.crowd: list[Compiled] = []
        found = [(rule, insisted_by(rule)) for rule in rules]
        variety: dict[Key, set[Any]] = {}
        for _, insisted in found:
            for key, values in insisted.items():
                variety.setdefault(key, set()).update(values)
        by: dict[Key, dict[Any, list[Compiled]]] = {}
        for rule, insisted in found:
            if not insisted:
                (self.always if most_together is None else self.crowd).append(rule)
                continue
            key = next(iter(insisted))
            if len(insisted) > 1:
                key = min(insisted, key=lambda key: (len(insisted[key]) / max(1, len(variety[key])), str(key)))
            for value in insisted[key]:
                by.setdefault(key, {}).setdefault(value, []).append(rule)
        if most_together is not None:
            self.crowd += _taken_out(by, most_together)
        self._by = by
        self._readers = [(_reader(key), mine) for key, mine in by.items() if mine]

    def candidates(self, facts: Facts) -> list[Compiled]:
        """The rules that the event can possibly meet; each once where its key is no field of lines."""
        found = list(self.always)
        for read, by in self._readers:
            for value in read(facts):
                if value in by:
                    found += by[value]
        return found


def _taken_out(by: dict[Key, dict[Any, list[Compiled]]], most: int) -> list[Compiled]:
    """Rules that share their value with more than so many others; they are in the index no more."""
    crowd = dict.fromkeys(
        rule for mine in by.values() for rules in mine.values() if len(rules) > most for rule in rules
    )
    if crowd:
        for mine in by.values():
            for value, rules in list(mine.items()):
                mine[value] = [rule for rule in rules if rule not in crowd]
                if not mine[value]:
                    del mine[value]
    return list(crowd)


def in_rank(found: Sequence[Compiled]) -> list[Compiled]:
    """Candidates each once, in the order of decisions."""
    return sorted(dict.fromkeys(found), key=_rank)


def _rank(compiled: Compiled) -> Rank:
    return compiled.rank


@lru_cache
def _reader(key: Key) -> Callable[[Facts], Iterable[Any]]:
    asked, field = key
    if asked is not None:
        return lambda facts: (facts.get(asked),)
    read = attrgetter(field)
    return lambda facts: set(map(read, facts.lines))
