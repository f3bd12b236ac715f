"""campaigns' consumer: reads accruals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from services.campaigns.domain import MEMBERS, USAGE, Campaigns, CampaignState, ruled_by_accrual
from shared.events import light
from shared.events.decode import Refused
from shared.events.internal import Origin
from shared.events.light import AccrualRead
from shared.rules.rulebook import Rulebook
from shared.runtime.records import Decision, Item, Record
from shared.runtime.store import Unit

_DECODER: Final = msgspec.json.Decoder(AccrualRead)


class CampaignsHandler:
    """Accruals to grants and offers."""

    consumer = "campaigns"

    def __init__(self, prefix: str = "") -> None:
        self._prefix = prefix

    def decode(self, record: Record) -> AccrualRead | Refused:
        """An accrual."""
        return light.read(record.value, _DECODER)

    async def gather(self, unit: Unit, items: Sequence[Item[AccrualRead]], book: Rulebook) -> CampaignState:
        """The members' documents, and the limits that bonus rules may ask about."""
        members = await unit.get(MEMBERS, list({item.event.member for item in items}))
        ruled = ruled_by_accrual((item.event for item in items), book)
        keys = {
            key
            for item in items
            if id(item.event) in ruled
            for key in ruled[id(item.event)].limit_keys("bonus", item.event.member)
        }
        return CampaignState(members, await unit.get(USAGE, sorted(keys)), ruled)

    def decide(self, state: CampaignState, items: Sequence[Item[AccrualRead]], book: Rulebook) -> Decision:
        """See `services.campaigns.domain`."""
        desk = Campaigns(state, book, self._prefix)
        for item in items:
            desk.take(item)
        return desk.finish()

    def about(self, event: AccrualRead) -> tuple[str | None, str | None, Origin | None]:
        """Event key and member."""
        return event.key, event.member, None
