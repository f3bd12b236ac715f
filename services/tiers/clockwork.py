"""Due work: statuses that run out, many members in one transaction."""

from __future__ import annotations

from collections.abc import Sequence

from services.tiers.domain import Qualification
from shared.rules.rulebook import Rulebook
from shared.runtime.due_members import DueMembers
from shared.runtime.records import Decision, Item
from shared.runtime.store import Document


class StatusHandler(DueMembers):
    """Members to changes of status."""

    consumer = "tiers-due"

    def decide(self, state: dict[str, Document], items: Sequence[Item[str]], book: Rulebook) -> Decision:
        """See `services.tiers.domain`."""
        desk, now = Qualification(state, book, self._prefix), self._clock()
        for item in items:
            desk.end(item.event, now)
        return desk.finish()
