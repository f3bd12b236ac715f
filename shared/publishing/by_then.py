"""The rulebooks of earlier instants: of all versions those that were published by then. Pure."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, datetime
from typing import Final

from shared.rules.as_known import Published
from shared.rules.definition import Programme
from shared.rules.rulebook import Rulebook

ALWAYS: Final = datetime.min.replace(tzinfo=UTC)


class ByThen:
    """Made when they are asked for; of most programmes there is only one."""

    def __init__(self, book: Rulebook, published: Published) -> None:
        """published: of versions that are not in it nobody asks since when they are known."""
        self._book, self._published = book, published
        self.instants = sorted({at for version in book.versions if (at := self.since(version.id, version.version))})
        self._books: dict[int, Rulebook] = {len(self.instants): book}

    def since(self, id_: str, version: int) -> datetime | None:
        """Since when a version is known; None: it always was."""
        return self._published.get((id_, version))

    def by(self, moment: datetime) -> Rulebook:
        """What was published by then; all, where that is no programme: clocks differ, and something decided."""
        place = bisect_right(self.instants, moment)
        if place not in self._books:
            versions = [e for e in self._book.versions if (self.since(e.id, e.version) or ALWAYS) <= moment]
            whole = any(isinstance(each, Programme) for each in versions)
            self._books[place] = Rulebook(versions) if whole else self._book
        return self._books[place]
