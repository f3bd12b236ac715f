"""campaigns' consumer: reads accruals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from services.campaigns.domain import MEMBERS, RECORDS, Campaigns, CampaignState, case_of, judged_by_accrual
from services.campaigns.giving import THINGS
from shared.events import light
from shared.events.decode import Refused
from shared.events.internal import Origin
from shared.events.light_accruals import AccrualRead
from shared.events.light_entries import survivors
from shared.rules import merging_referrals, referring, undoing
from shared.rules.absorbed import inside
from shared.rules.merging_progress import winners
from shared.rules.rulebook import Rulebook
from shared.runtime.leading import follow
from shared.runtime.records import Decision, Item, Record
from shared.runtime.sharing import Wanted, read_shared
from shared.runtime.store import Document, Unit

_DECODER: Final = msgspec.json.Decoder(AccrualRead)


class CampaignsHandler:
    """Accruals to grants and offers."""

    consumer = "campaigns"

    def __init__(self, prefix: str = "", partitions: int = 1) -> None:
        self._prefix = prefix
        self._partitions = partitions

    def decode(self, record: Record) -> AccrualRead | Refused:
        """An accrual."""
        return light.read(record.value, _DECODER)

    async def gather(self, unit: Unit, items: Sequence[Item[AccrualRead]], book: Rulebook) -> CampaignState:
        """The members' documents, those of whoever had bought what comes back and of all by whom they came, and what
        members share of limits that rules may ask about."""
        told = [item.event.data for item in items]
        ids = {each.member for each in told} | {each.bought_by for each in told if each.bought_by is not None}
        members = await unit.get(MEMBERS, list(ids))
        moved = set(survivors(item.event.data.entry for item in items))
        members = await follow(unit, MEMBERS, members, moved)
        if moved or any(item.event.data.returned is not None for item in items):
            members = await follow(unit, MEMBERS, members, inside(members.values()))
        members = await follow(unit, MEMBERS, members, merging_referrals.others(members.values()))
        judged = judged_by_accrual((item.event for item in items), book)
        wanted = [
            Wanted(
                item.record.partition,
                _household(item.event),
                [*each.bonuses, *each.challenges],
                each.under.facts,
            )
            for item in items
            if (each := judged.get(id(item.event))) is not None
        ]
        returned = [(item, said) for item in items if (said := item.event.data.returned) is not None]
        records = await unit.get(RECORDS, sorted({said.was.key for _, said in returned})) if returned else {}
        if returned:
            members = await follow(unit, MEMBERS, members, winners(members.values()))
        things = await unit.get(THINGS, undoing.things_of(records.values(), members.values())) if returned else {}
        wanted += [
            Wanted(item.record.partition, _household(item.event), undoing.rules_of(case), case.was_facts)
            for item, said in returned
            if (case := case_of(item.event, said, book)) is not None
        ]
        if book.referrals_bounded:
            wanted += _of_referrals(items, list(members.values()), book)
            brought = {item.event.activity.advocate for item in items if item.event.activity is not None}
            brought |= set(referring.advocates(members.values()))
            members = await follow(unit, MEMBERS, members, {each for each in brought if each is not None})
        shared = await read_shared(unit, wanted, self._partitions)
        return CampaignState(members, shared, judged, records, things)

    def decide(self, state: CampaignState, items: Sequence[Item[AccrualRead]], book: Rulebook) -> Decision:
        """See `services.campaigns.domain`."""
        desk = Campaigns(state, book, self._prefix)
        for item in items:
            desk.take(item)
        return desk.finish()

    def about(self, event: AccrualRead) -> tuple[str | None, str | None, Origin | None]:
        """Event key and member."""
        return event.key, event.member, None


def _of_referrals(items: Sequence[Item[AccrualRead]], members: Sequence[Document], book: Rulebook) -> list[Wanted]:
    """What rewards of referrals may use of what all share; nothing where nobody was brought by anybody."""
    events = [(item.record.partition, each.event, each.advocate) for item in items
              if (each := item.event.activity) is not None]  # fmt: skip
    brought = any(referring.advocates(members)) or any(advocate for _, _, advocate in events)
    if not events or not brought:
        return []
    asked = referring.asked(members, [event for _, event, _ in events], book)
    lanes = sorted({lane for lane, _, _ in events})
    return [Wanted(lane, (), [compiled], facts) for compiled, facts in asked for lane in lanes]


def _household(accrual: AccrualRead) -> list[str]:
    return [] if accrual.data.household is None else [accrual.data.household]
