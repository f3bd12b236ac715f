"""Tables: which rules of one kind an event can possibly meet; by the facts they insist on, and by days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date
from typing import Final
from zoneinfo import ZoneInfo

from shared.rules.compiled import Compiled
from shared.rules.facts import Facts
from shared.rules.index import Index, in_rank

# Where a fact's value is shared by more rules than these, it is worth finding out which of them run on a day.
_WORTH_A_DAY: Final = 6
MOST_DAYS_HELD: Final = 64
_MONTH: Final = 32
_MANY_MONTHS: Final = 24
_FAR: Final = date.max.toordinal()
# So many changes are kept beside a table before a new one is made; or a twentieth of its rules.
_FEW_CHANGES: Final = 20


class Table:
    """Rules of one kind for one kind of event: by the facts that they insist on; and those of which an event would
    still meet too many, by the days of UTC on which they may run."""

    def __init__(self, rules: Sequence[Compiled], zone: ZoneInfo) -> None:
        self.rules = frozenset(rules)
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

    def candidates(self, facts: Facts) -> list[Compiled]:
        """The rules that the event can possibly meet; one may be there twice."""
        found = self._static.candidates(facts)
        found += self._always.candidates(facts)
        if self._months or self._long:
            day = facts.event.time.astimezone(UTC).date()
            index = self._days.get(day)
            found += (self._day(day) if index is None else index).candidates(facts)
        return found

    def _day(self, day: date) -> Index:
        if len(self._days) >= MOST_DAYS_HELD:
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


class Changed:
    """A table and what changed since it was made: most of what comes into force leaves most rules as they were."""

    def __init__(self, table: Table, rules: Sequence[Compiled]) -> None:
        self._table = table
        now = frozenset(rules)
        self._gone = table.rules - now
        self._new = Index(sorted(now - table.rules, key=lambda each: each.rank)) if now - table.rules else None

    @classmethod
    def fits(cls, table: Table, rules: Sequence[Compiled]) -> bool:
        """Whether few enough changed for that to be worth it."""
        return len(table.rules.symmetric_difference(rules)) <= max(_FEW_CHANGES, len(rules) // 20)

    def candidates(self, facts: Facts) -> Sequence[Compiled]:
        """The rules that the event can possibly meet, in the order of decisions."""
        found = self._table.candidates(facts)
        if self._gone:
            gone = self._gone
            found = [each for each in found if each not in gone]
        if self._new is not None:
            found += self._new.candidates(facts)
        return in_rank(found) if len(found) > 1 else found
