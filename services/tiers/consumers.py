"""tiers' consumer: reads accruals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from services.tiers.domain import MEMBERS, Qualification
from shared.events import light
from shared.events.decode import Refused
from shared.events.internal import Origin
from shared.events.light_entries import survivors
from shared.events.light_summary import AccrualSummary
from shared.rules.rulebook import Rulebook
from shared.runtime.leading import follow
from shared.runtime.records import Decision, Item, Record
from shared.runtime.store import Unit

_DECODER: Final = msgspec.json.Decoder(AccrualSummary)

Members = dict[str, dict[str, Any]]


class TiersHandler:
    """Accruals to changes of status and gifts."""

    consumer = "tiers"

    def __init__(self, prefix: str = "") -> None:
        self._prefix = prefix

    def decode(self, record: Record) -> AccrualSummary | Refused:
        """An accrual."""
        return light.read(record.value, _DECODER)

    async def gather(
        self, unit: Unit, items: Sequence[Item[AccrualSummary]], book: Rulebook
    ) -> dict[str, dict[str, Any]]:
        """The members' documents, and those of whom they were or are being merged into."""
        told = [item.event.data for item in items]
        ids = {each.member for each in told} | {each.bought_by for each in told if each.bought_by is not None}
        members = await unit.get(MEMBERS, list(ids))
        return await follow(unit, MEMBERS, members, survivors(item.event.data.entry for item in items))

    def decide(
        self, state: dict[str, dict[str, Any]], items: Sequence[Item[AccrualSummary]], book: Rulebook
    ) -> Decision:
        """See `services.tiers.domain`."""
        desk = Qualification(state, book, self._prefix)
        for item in items:
            desk.take(item)
        return desk.finish()

    def about(self, event: AccrualSummary) -> tuple[str | None, str | None, Origin | None]:
        """Event key and member."""
        return event.key, event.data.member, None
