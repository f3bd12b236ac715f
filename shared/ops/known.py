"""Which versions a service knew when it decided something: those that were published by then. Pure.

By event time alone a version that is published for a time that is past would seem to have decided what was decided long
before anybody wrote it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Final

from shared.ops.past import Won
from shared.rules.definition import Programme
from shared.rules.rulebook import Rulebook, Ruleset

Published = Mapping[tuple[str, int], datetime]  # of versions, by id and number; of some it is not known
_ALWAYS: Final = datetime.min.replace(tzinfo=UTC)


class Known:
    """The rulebooks of earlier instants, made when they are asked for; of most programmes there is only one."""

    def __init__(self, book: Rulebook, published: Published) -> None:
        self._book = book
        # One that is published ahead of its time decides by event time alone, whoever knew of it when.
        self._late = {
            (each.id, each.version): at
            for each in book.versions
            if (at := published.get((each.id, each.version))) is not None and at > each.effective
        }
        self._instants = sorted(set(self._late.values()))
        self._books: dict[int, Rulebook] = {len(self._instants): book}

    def all_by(self, moment: datetime) -> bool:
        """Whether everything was published by then."""
        return not self._instants or moment >= self._instants[-1]

    def by(self, moment: datetime) -> Rulebook:
        """What was published by then; all, where that is no programme: clocks differ, and something decided."""
        place = bisect_right(self._instants, moment)
        if place not in self._books:
            versions = [each for each in self._book.versions if self._at((each.id, each.version)) <= moment]
            whole = any(isinstance(each, Programme) for each in versions)
            self._books[place] = Rulebook(versions) if whole else self._book
        return self._books[place]

    def ruleset(self, moment: datetime, time: datetime) -> Ruleset:
        """Those of them that are in force at an event's time."""
        return self.by(moment).found(time) or self._book.at(time)

    def heard(self, won: Iterable[Won]) -> datetime:
        """An instant by which the versions that gave these were known, whatever the clocks say."""
        return max((self._at((each.rule, each.version)) for each in won), default=_ALWAYS)

    def _at(self, version: tuple[str, int]) -> datetime:
        return self._late.get(version, _ALWAYS)
