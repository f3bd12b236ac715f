"""The default engine: an index finds the few rules that an event can meet, and their closures are asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from shared.rules.compiled import Compiled
from shared.rules.engines.engine import Rules
from shared.rules.engines.names import EngineName
from shared.rules.engines.tables import MOST_DAYS_HELD, Changed, Table, may_run
from shared.rules.facts import Facts
from shared.rules.language.compiling import Test

# So few rules are asked sooner than looked up.
_WORTH_AN_INDEX: Final = 12


class Asking(NamedTuple):
    """A rule, with what tells whether time and event allow it; place: its kind's, among the kinds that are asked."""

    rule: Compiled
    test: Test
    place: int


class Few:
    """So few rules, of one kind or several, that each is asked; where any has a schedule, those alone that may run on
    the event's day of UTC."""

    __slots__ = ("_days", "_scheduled", "_zone", "all", "none")

    def __init__(self, rules: Sequence[Sequence[Compiled]], zone: ZoneInfo) -> None:
        self.all = [Asking(each, each.plausible, place) for place, kind in enumerate(rules) for each in kind]
        self.none: tuple[tuple[Compiled, ...], ...] = ((),) * len(rules)
        self._scheduled = not all(gate.plain for each in self.all for gate in each.rule.gates)
        self._zone = zone
        self._days: dict[date, list[Asking]] = {}

    def on(self, time: datetime) -> list[Asking]:
        """Those to ask for an event of this time."""
        if not self._scheduled:
            return self.all
        day = time.date() if time.tzinfo is UTC else time.astimezone(UTC).date()
        found = self._days.get(day)
        if found is None:
            if len(self._days) >= MOST_DAYS_HELD:
                self._days.clear()
            found = self._days[day] = [each for each in self.all if may_run(each.rule, day, self._zone)]
        return found


class OwnEngine:
    """Needs nothing and keeps nothing."""

    name: EngineName = "own"

    def matcher(self, rules: Rules) -> OwnMatcher:
        """See `Engine`."""
        return OwnMatcher(rules)


class OwnMatcher:
    """The rules in force at one time, indexed when they are first asked for."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        # Few rules are asked sooner than looked up: then they are all candidates.
        self._tables: dict[tuple[str, str], Changed | Few] = {}
        self._together: dict[tuple[tuple[str, ...], str], Few | None] = {}

    def candidates(self, kind: str, facts: Facts) -> Sequence[Compiled]:
        """The rules that the event can possibly meet: all that hold, and as few others as the index can tell."""
        table = self._of(kind, facts.event.kind)
        return table.candidates(facts) if isinstance(table, Changed) else [each.rule for each in table.all]

    def _of(self, kind: str, event: str) -> Changed | Few:
        table = self._tables.get((kind, event))
        if table is None:
            rules = self._rules.rules(kind, event)
            few = len(rules) <= _WORTH_AN_INDEX
            table = Few([rules], self._rules.zone) if few else self._changed((kind, event), rules)
            self._tables[kind, event] = table
        return table

    def _changed(self, key: tuple[str, str], rules: Sequence[Compiled]) -> Changed:
        """The last table that was made for the rulebook, with what changed since; a new one where that is much."""
        place = (*key, self._rules.zone)
        last = self._rules.kept.get(place)
        if not isinstance(last, Table) or not Changed.fits(last, rules):
            last = self._rules.kept[place] = Table(rules, self._rules.zone)
        return Changed(last, rules)

    def plausible(self, kind: str, facts: Facts) -> list[Compiled]:
        """See `Matcher`."""
        event = facts.event.kind
        table = self._tables.get((kind, event))
        if table is None:
            table = self._of(kind, event)
        if isinstance(table, Changed):
            return [each for each in table.candidates(facts) if each.plausible(facts)]
        return [rule for rule, test, _ in table.on(facts.event.time) if test(facts)]

    def plausible_of(self, kinds: tuple[str, ...], facts: Facts) -> Sequence[list[Compiled]]:
        """See `Matcher`. What several kinds have to find out of the event's time is found out once."""
        event = facts.event
        together = self._together.get((kinds, event.kind)) or self._several(kinds, event.kind)
        if together is None:
            return [self.plausible(kind, facts) for kind in kinds]
        found: list[list[Compiled]] = list(map(list, together.none))
        for rule, test, place in together.on(event.time):
            if test(facts):
                found[place].append(rule)
        return found

    def _several(self, kinds: tuple[str, ...], event: str) -> Few | None:
        """Rules of several kinds together; None where one of these has many."""
        if (kinds, event) not in self._together:
            tables = [self._of(kind, event) for kind in kinds]
            few = [[each.rule for each in table.all] for table in tables if isinstance(table, Few)]
            self._together[kinds, event] = Few(few, self._rules.zone) if len(few) == len(kinds) else None
        return self._together[kinds, event]

    def holding(self, plausible: Sequence[Compiled], facts: Facts) -> list[Compiled]:
        """See `Matcher`."""
        in_segment = self._rules.in_segment
        return [each for each in plausible if each.asks_nobody or each.holds(facts, in_segment)]


OWN: Final = OwnEngine()
