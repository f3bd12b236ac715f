"""campaigns' consumer: reads accruals."""

from __future__ import annotations

from collections.abc import Sequence

from services.campaigns.domain import MEMBERS, USAGE, Campaigns, CampaignState, facts_by_activity, limit_keys
from shared.events import light
from shared.events.decode import Refused
from shared.events.internal import Origin
from shared.events.light import AccrualRead
from shared.rules.rulebook import Rulebook
from shared.runtime.records import Decision, Item, Record
from shared.runtime.store import Unit

_TAKEN = {"loyalty.accrual.v1": light.accrual}


class CampaignsHandler:
    """Accruals to grants and offers."""

    consumer = "campaigns"

    def __init__(self, prefix: str = "") -> None:
        self._prefix = prefix

    def decode(self, record: Record) -> AccrualRead | Refused:
        """An accrual."""
        return light.read(record.value, _TAKEN)

    async def gather(self, unit: Unit, items: Sequence[Item[AccrualRead]], book: Rulebook) -> CampaignState:
        """The members' documents, and the limits that bonus rules may ask about."""
        members = await unit.get(MEMBERS, list({item.event.member for item in items}))
        facts = facts_by_activity((item.event for item in items), book)
        keys = {
            key
            for item in items
            if item.event.activity is not None and id(item.event) in facts
            for key in limit_keys(item.event.activity, facts[id(item.event)], book)
        }
        return CampaignState(members, await unit.get(USAGE, sorted(keys)), facts)

    def decide(self, state: CampaignState, items: Sequence[Item[AccrualRead]], book: Rulebook) -> Decision:
        """See `services.campaigns.domain`."""
        desk = Campaigns(state, book, self._prefix)
        for item in items:
            desk.take(item)
        return desk.finish()

    def about(self, event: AccrualRead) -> tuple[str | None, str | None, Origin | None]:
        """Event key and member."""
        return event.key, event.member, None
