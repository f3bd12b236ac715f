"""The default engine: an index finds the few rules that an event can meet, and their closures are asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date
from typing import Final

from shared.rules.compiled import Compiled
from shared.rules.engines.engine import EngineName, Rules
from shared.rules.facts import Facts
from shared.rules.index import Index

_MOST_DAYS_HELD: Final = 64
# So few rules are asked sooner than looked up.
_WORTH_AN_INDEX: Final = 12
# Below so many rules it costs more to find out which run on a day than to ask each.
_WORTH_A_DAY: Final = 100


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
        self._days: dict[tuple[str, str, date | None], Index] = {}

    def candidates(self, kind: str, facts: Facts) -> Sequence[Compiled]:
        """The rules that the event can possibly meet: all that hold, and as few others as the index can tell."""
        event = facts.event
        rules = self._rules.rules(kind, event.kind)
        if len(rules) <= _WORTH_AN_INDEX:
            return rules
        day = event.time.astimezone(UTC).date() if len(rules) > _WORTH_A_DAY else None
        index = self._days.get((kind, event.kind, day))
        if index is None:
            if len(self._days) > _MOST_DAYS_HELD:
                self._days.clear()
            index = self._days[kind, event.kind, day] = Index(
                rules if day is None else [each for each in rules if self._may_run(each, day)]
            )
        return index.candidates(facts)

    def plausible(self, kind: str, facts: Facts) -> list[Compiled]:
        """See `Matcher`."""
        return [each for each in self.candidates(kind, facts) if each.plausible(facts)]

    def holding(self, plausible: Sequence[Compiled], facts: Facts) -> list[Compiled]:
        """See `Matcher`."""
        in_segment = self._rules.in_segment
        return [each for each in plausible if each.asks_nobody or each.holds(facts, in_segment)]

    def _may_run(self, compiled: Compiled, utc_day: date) -> bool:
        return all(gate.plain or gate.of.schedule.may_run(utc_day, self._rules.zone) for gate in compiled.gates)


OWN: Final = OwnEngine()
