"""Due work: statuses that run out, many members in one transaction."""

from __future__ import annotations

from collections.abc import Sequence

from services.tiers.domain import MEMBERS, Qualification
from shared.clock import Clock
from shared.events.decode import Refused
from shared.events.internal import Origin
from shared.rules.rulebook import Rulebook
from shared.runtime.records import Decision, Item, Record
from shared.runtime.store import Document, Unit


class StatusHandler:
    """Members to changes of status. A member's turn travels as a record whose value is their id."""

    consumer = "tiers-due"

    def __init__(self, clock: Clock, prefix: str = "") -> None:
        self._clock = clock
        self._prefix = prefix

    def decode(self, record: Record) -> str | Refused:
        """The member."""
        return record.value.decode()

    async def gather(self, unit: Unit, items: Sequence[Item[str]], book: Rulebook) -> dict[str, Document]:
        """The members' documents."""
        return await unit.get(MEMBERS, sorted({item.event for item in items}))

    def decide(self, state: dict[str, Document], items: Sequence[Item[str]], book: Rulebook) -> Decision:
        """See `services.tiers.domain`."""
        desk, now = Qualification(state, book, self._prefix), self._clock()
        for item in items:
            desk.end(item.event, now)
        return desk.finish()

    def about(self, event: str) -> tuple[str | None, str | None, Origin | None]:
        """The member."""
        return None, event, None
