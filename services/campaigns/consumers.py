"""campaigns' consumer: reads accruals."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import TypeAdapter

from services.campaigns.domain import MEMBERS, USAGE, Campaigns, CampaignState, limit_keys
from shared.events.decode import Refused, decode_internal
from shared.events.internal import Accrual, Origin
from shared.rules.rulebook import NoProgrammeError, Rulebook
from shared.runtime.records import Decision, Item, Record
from shared.runtime.store import Unit

_ACCRUAL: TypeAdapter[Accrual] = TypeAdapter(Accrual)


class CampaignsHandler:
    """Accruals to grants and offers."""

    consumer = "campaigns"

    def __init__(self, prefix: str = "") -> None:
        self._prefix = prefix

    def decode(self, record: Record) -> Accrual | Refused:
        """An accrual."""
        return decode_internal(record.value, _ACCRUAL)

    async def gather(self, unit: Unit, items: Sequence[Item[Accrual]], book: Rulebook) -> CampaignState:
        """The members' documents, and the limits that bonus rules may ask about."""
        members = await unit.get(MEMBERS, list({item.event.data.member for item in items}))
        keys: set[str] = set()
        for item in items:
            if item.event.data.activity is not None:
                try:
                    keys.update(limit_keys(item.event.data.activity, book))
                except NoProgrammeError:
                    continue  # decide counts it
        return CampaignState(members, await unit.get(USAGE, sorted(keys)))

    def decide(self, state: CampaignState, items: Sequence[Item[Accrual]], book: Rulebook) -> Decision:
        """See `services.campaigns.domain`."""
        desk = Campaigns(state, book, self._prefix)
        for item in items:
            desk.take(item)
        return desk.finish()

    def about(self, event: Accrual) -> tuple[str | None, str | None, Origin | None]:
        """Event key and member."""
        return event.key, event.data.member, None
