"""What handlers of due work have in common, whatever is due: a member's turn is a record whose value is their id."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from shared.clock import Clock
from shared.events.decode import Refused
from shared.events.internal import Origin
from shared.rules.rulebook import Rulebook
from shared.runtime.records import Item, Record
from shared.runtime.store import Document, Unit

MEMBERS: Final = "members"


class DueMembers:
    """Members whose `due_at` has come, many in one transaction; who derives from it decides what happens to them."""

    def __init__(self, clock: Clock, prefix: str = "") -> None:
        self._clock = clock
        self._prefix = prefix

    def decode(self, record: Record) -> str | Refused:
        """The member."""
        return record.value.decode()

    async def gather(self, unit: Unit, items: Sequence[Item[str]], book: Rulebook) -> dict[str, Document]:
        """The members' documents."""
        return await unit.get(MEMBERS, sorted({item.event for item in items}))

    def about(self, event: str) -> tuple[str | None, str | None, Origin | None]:
        """The member."""
        return None, event, None
