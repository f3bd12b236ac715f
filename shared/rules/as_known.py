"""The rules of an event's time as they were known when something was decided. Pure.

By event time alone, a version that is published for a time past would decide anew what was posted long before anybody
had written it, whenever that comes up again: when goods come back, for one.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

from shared.rules.definition import Definition, Programme

if TYPE_CHECKING:
    from shared.rules.rulebook import Ruleset

Published = Mapping[tuple[str, int], datetime]
"""When each version was published, by id and number; of some it is not known."""
_MOST_HELD: Final = 32


def late(versions: Iterable[Definition], published: Published) -> Published:
    """Of those that were published for a time past. One that is published ahead of its time decides by event time
    alone, whoever knew of it when."""
    return {
        (each.id, each.version): at
        for each in versions
        if (at := published.get((each.id, each.version))) is not None and at > each.effective
    }


class AsKnown:
    """Made when they are asked for; of most programmes nothing was ever published for a time past."""

    def __init__(
        self, versions: Sequence[Definition], published: Published, make: Callable[[list[Definition]], Ruleset]
    ) -> None:
        self._versions, self._make = versions, make
        self._late = late(versions, published)
        self._instants = sorted(set(self._late.values()))
        self._held: dict[tuple[int, int], tuple[Ruleset, Ruleset]] = {}  # with the rules, so that their id stays theirs

    def at(self, moment: datetime | None, time: datetime, rules: Ruleset) -> Ruleset:
        """Of the versions that were published by a moment those in force at a time. None: nobody knows when; all.

        rules: those of all versions. They are it, too, where nothing published by then is a programme: clocks differ,
        and something decided.
        """
        if moment is None or not self._instants or moment >= self._instants[-1]:
            return rules
        place = bisect_right(self._instants, moment)
        held = self._held.get((id(rules), place))
        if held is None or held[0] is not rules:
            while len(self._held) >= _MOST_HELD:
                del self._held[next(iter(self._held))]
            held = self._held[id(rules), place] = rules, self._known(moment, time, rules)
        return held[1]

    def _known(self, moment: datetime, time: datetime, rules: Ruleset) -> Ruleset:
        known: dict[str, Definition] = {}
        for each in self._versions:  # by id and number, as a rulebook has them: the last that is effective counts
            if each.effective <= time and not self._late.get((each.id, each.version), moment) > moment:
                known[each.id] = each
        found = list(known.values())
        if [*map(id, found)] == [*map(id, rules.definitions)] or not any(isinstance(e, Programme) for e in found):
            return rules
        return self._make(found)
