"""Which versions a service knew when it decided something: those that were published by then. Pure.

By event time alone a version that is published for a time that is past would seem to have decided what was decided long
before anybody wrote it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from shared.ops.past import Won
from shared.publishing.by_then import ALWAYS, ByThen
from shared.rules.as_known import Published, late
from shared.rules.rulebook import Rulebook, Ruleset


class Known:
    """The rulebooks of earlier instants, by what services knew."""

    def __init__(self, book: Rulebook, published: Published) -> None:
        self._book, self._published = book, published
        self._books = ByThen(book, late(book.versions, published))

    def all_by(self, moment: datetime) -> bool:
        """Whether everything was published by then."""
        return not self._books.instants or moment >= self._books.instants[-1]

    def after(self, moment: datetime) -> frozenset[tuple[str, int]]:
        """Versions that were published later than that: of what nobody knows when it was, nothing is said."""
        return frozenset(each for each, at in self._published.items() if at > moment)

    def by(self, moment: datetime) -> Rulebook:
        """What was published by then."""
        return self._books.by(moment)

    def ruleset(self, moment: datetime, time: datetime) -> Ruleset:
        """Those of them that are in force at an event's time."""
        return self.by(moment).found(time) or self._book.at(time)

    def heard(self, won: Iterable[Won]) -> datetime:
        """An instant by which the versions that gave these were known, whatever the clocks say."""
        return max((self._books.since(each.rule, each.version) or ALWAYS for each in won), default=ALWAYS)
