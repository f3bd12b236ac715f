"""The default engine: an index finds the few rules that an event can meet, and their closures are asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date
from typing import Final
from zoneinfo import ZoneInfo

from shared.rules.compiled import Compiled
from shared.rules.engines.engine import Rules
from shared.rules.engines.names import EngineName
from shared.rules.facts import Facts
from shared.rules.index import Index, in_rank

# So few rules are asked sooner than looked up.
_WORTH_AN_INDEX: Final = 12
# Where a fact's value is shared by more rules than these, it is worth finding out which of them run on a day.
_WORTH_A_DAY: Final = 6
_MOST_DAYS_HELD: Final = 64
_MONTH: Final = 32
_MANY_MONTHS: Final = 24
_FAR: Final = date.max.toordinal()


class OwnEngine:
    """Needs nothing and keeps nothing."""

    name: EngineName = "own"

    def matcher(self, rules: Rules) -> OwnMatcher:
        """See `Engine`."""
        return OwnMatcher(rules)


class Table:
    """Rules of one kind for one kind of event: by the facts that they insist on; and those of which an event would
    still meet too many, by the days of UTC on which they may run."""

    def __init__(self, rules: Sequence[Compiled], zone: ZoneInfo) -> None:
        self._static = Index(rules, _WORTH_A_DAY)
        scheduled = [each for each in self._static.crowd if not all(gate.plain for gate in each.gates)]
        self._always = Index(each for each in self._static.crowd if all(gate.plain for gate in each.gates))
        self._months: dict[int, list[tuple[int, int, Compiled]]] = {}
        self._long: list[tuple[int, int, Compiled]] = []
        for each in scheduled:
            self._file(*window(each, zone), each)
        self._zone = zone
        self._days: dict[date, Index] = {}

    def _file(self, first: int, last: int, rule: Compiled) -> None:
        """Under the months that it may run in: only those of its own month are looked through for a day."""
        months = range(first // _MONTH, last // _MONTH + 1)
        if len(months) > _MANY_MONTHS:
            self._long.append((first, last, rule))
            return
        for month in months:
            self._months.setdefault(month, []).append((first, last, rule))

    def candidates(self, facts: Facts) -> Sequence[Compiled]:
        """The rules that the event can possibly meet, in the order of decisions."""
        found = self._static.candidates(facts)
        found += self._always.candidates(facts)
        if self._months or self._long:
            day = facts.event.time.astimezone(UTC).date()
            index = self._days.get(day)
            found += (self._day(day) if index is None else index).candidates(facts)
        return in_rank(found) if len(found) > 1 else found

    def _day(self, day: date) -> Index:
        if len(self._days) >= _MOST_DAYS_HELD:
            self._days.clear()
        number, zone = day.toordinal(), self._zone
        near = (*self._months.get(number // _MONTH, ()), *self._long)
        rules = [each for first, last, each in near if first <= number <= last and may_run(each, day, zone)]
        self._days[day] = Index(rules)
        return self._days[day]


def may_run(compiled: Compiled, utc_day: date, zone: ZoneInfo) -> bool:
    """Whether its schedules include anything of a day of UTC."""
    return all(gate.plain or gate.of.schedule.may_run(utc_day, zone) for gate in compiled.gates)


def window(compiled: Compiled, zone: ZoneInfo) -> tuple[int, int]:
    """The first and the last day of UTC, as ordinals, between which it may run."""
    first, last = 0, _FAR
    for gate in compiled.gates:
        if not gate.plain:
            times = gate.of.schedule.timetable(zone)
            first = max(first, times.start.toordinal() if times.start is not None else 0)
            last = min(last, times.until.toordinal() if times.until is not None else _FAR)
    return first, last


class OwnMatcher:
    """The rules in force at one time, indexed when they are first asked for."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._tables: dict[tuple[str, str], Table | Sequence[Compiled]] = {}  # few are asked sooner than indexed

    def candidates(self, kind: str, facts: Facts) -> Sequence[Compiled]:
        """The rules that the event can possibly meet: all that hold, and as few others as the index can tell."""
        event = facts.event.kind
        table = self._tables.get((kind, event))
        if table is None:
            rules = self._rules.rules(kind, event)
            table = rules if len(rules) <= _WORTH_AN_INDEX else Table(rules, self._rules.zone)
            self._tables[kind, event] = table
        return table.candidates(facts) if isinstance(table, Table) else table

    def plausible(self, kind: str, facts: Facts) -> list[Compiled]:
        """See `Matcher`."""
        return [each for each in self.candidates(kind, facts) if each.plausible(facts)]

    def holding(self, plausible: Sequence[Compiled], facts: Facts) -> list[Compiled]:
        """See `Matcher`."""
        in_segment = self._rules.in_segment
        return [each for each in plausible if each.asks_nobody or each.holds(facts, in_segment)]


OWN: Final = OwnEngine()
