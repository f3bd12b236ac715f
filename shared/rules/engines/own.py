"""The default engine: an index finds the few rules that an event can meet, and their closures are asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from shared.rules.compiled import Compiled
from shared.rules.engines.engine import Rules
from shared.rules.engines.names import EngineName
from shared.rules.engines.tables import Changed, Table
from shared.rules.facts import Facts
from shared.rules.language.compiling import Test

# So few rules are asked sooner than looked up.
_WORTH_AN_INDEX: Final = 12


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
        self._tables: dict[tuple[str, str], Changed | Sequence[Compiled]] = {}
        self._few: dict[tuple[str, str], list[tuple[Compiled, Test]]] = {}  # with what each is asked

    def candidates(self, kind: str, facts: Facts) -> Sequence[Compiled]:
        """The rules that the event can possibly meet: all that hold, and as few others as the index can tell."""
        event = facts.event.kind
        table = self._tables.get((kind, event))
        if table is None:
            rules = self._rules.rules(kind, event)
            few = len(rules) <= _WORTH_AN_INDEX
            table = self._tables[kind, event] = rules if few else self._table((kind, event), rules)
        return table.candidates(facts) if isinstance(table, Changed) else table

    def _table(self, key: tuple[str, str], rules: Sequence[Compiled]) -> Changed:
        """The last table that was made for the rulebook, with what changed since; a new one where that is much."""
        place = (*key, self._rules.zone)
        last = self._rules.kept.get(place)
        if not isinstance(last, Table) or not Changed.fits(last, rules):
            last = self._rules.kept[place] = Table(rules, self._rules.zone)
        return Changed(last, rules)

    def plausible(self, kind: str, facts: Facts) -> list[Compiled]:
        """See `Matcher`."""
        place = kind, facts.event.kind
        few = self._few.get(place)
        if few is not None:  # nearly every programme: nothing is looked up but this
            return [each for each, test in few if test(facts)]
        found = self.candidates(kind, facts)
        if not isinstance(self._tables[place], Changed):
            self._few[place] = [(each, each.plausible) for each in found]
        return [each for each in found if each.plausible(facts)]

    def holding(self, plausible: Sequence[Compiled], facts: Facts) -> list[Compiled]:
        """See `Matcher`."""
        in_segment = self._rules.in_segment
        return [each for each in plausible if each.asks_nobody or each.holds(facts, in_segment)]


OWN: Final = OwnEngine()
