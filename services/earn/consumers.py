"""earn's two consumers: intake reads partners' topics, ledger reads activities and grants."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Final

import msgspec

from services.earn import entries, intake, ledger, owning, packs
from services.earn.backfill import needs_backfill
from services.earn.entries import Entry, Status
from services.earn.intake import Arrival, Intake, IntakeState
from services.earn.ledger import Judged, Ledger, LedgerState
from services.earn.looking_up import families, look_up
from services.earn.posting import JOURNAL
from shared.clock import Clock, wall
from shared.events import light
from shared.events.decode import AHEAD, MAX_BYTES, Refused, decode_partner, too_early
from shared.events.internal import Origin
from shared.events.light import ActivityRead, GrantRead
from shared.events.light_tiers import GiftSeen, TierRead
from shared.events.partner import PARTNER_EVENT, Referral, Signup
from shared.events.plain import plain
from shared.events.topics import partner_of
from shared.rules.compiled import Compiled
from shared.rules.packs import pack
from shared.rules.rulebook import Rulebook
from shared.runtime.leading import follow
from shared.runtime.records import Decision, Item, Record
from shared.runtime.sharing import Wanted, read_shared
from shared.runtime.store import DUPLICATES, Unit


class IntakeHandler:
    """Partners' topics to activities."""

    consumer = "earn-intake"

    def __init__(self, prefix: str = "", ahead: timedelta = AHEAD, moved: Callable[[], timedelta] = timedelta) -> None:
        """moved: by how much the clock is ahead of the broker's; it is, where a sandbox has moved it."""
        self._prefix = prefix
        self._ahead = ahead
        self._moved = moved

    def decode(self, record: Record) -> Arrival | Refused:
        """A partner's event, or why it is none."""
        partner = partner_of(record.topic, self._prefix) or ""
        found = plain(record.value)
        if found is not None and found.event.source == f"/partners/{partner}" and len(record.value) <= MAX_BYTES:
            arrived = intake.plain_arrival(found)
        else:
            event = decode_partner(record.value, partner)
            if isinstance(event, Refused):
                return event
            arrived = intake.arrival(event)
        came_in = record.came_in
        return (came_in and too_early(arrived.event, came_in + self._moved(), self._ahead)) or arrived

    async def gather(self, unit: Unit, items: Sequence[Item[Arrival]], book: Rulebook) -> IntakeState:
        """Identities of everybody named; for signups also what waits for them, and whom that names."""
        arrivals = [item.event for item in items]
        events = [each.event for each in arrivals]
        keys = {key for each in arrivals for named in each.named for key in named}
        identities = await unit.get(intake.IDENTITIES, sorted(keys))
        signups = [each for each in arrivals if isinstance(each.event, Signup)]
        state = IntakeState(identities)
        noted = [event.key for event in events if isinstance(event, Signup | Referral)]
        state.inbox = await unit.get(intake.INBOX, noted)
        if signups:
            claimable = {key for each in signups for key in each.keys}
            state.waiting = {each["_id"]: each for each in await unit.find(intake.WAITING, "identities", claimable)}
            named = {
                key
                for each in state.waiting.values()
                for key in intake.arrival(PARTNER_EVENT.validate_json(each["event"])).keys
            }
            state.identities |= await unit.get(intake.IDENTITIES, sorted(named - keys))
        known = {key for key, identity in state.identities.items() if identity["member"] is not None}
        unknown = [each.event for each in arrivals if not all(known.issuperset(keys) for keys in each.named)]
        if unknown:
            state.waiting |= await unit.get(intake.WAITING, [e.key for e in unknown if e.key not in state.waiting])
            origins = [item.record.origin.key for item in items if item.event.event.key in state.waiting]
            state.duplicates = set(await unit.get(DUPLICATES, origins, ["_id"]))
            settled = await unit.get(JOURNAL, [event.key for event in unknown], ["member"])
            state.settled = {key: each["member"] for key, each in settled.items()}
        return state.all_loaded()

    def decide(self, state: IntakeState, items: Sequence[Item[Arrival]], book: Rulebook) -> Decision:
        """See `services.earn.intake`."""
        desk = Intake(state, self._prefix)
        for item in items:
            desk.take(item)
        return desk.finish()

    def about(self, event: Arrival) -> tuple[str | None, str | None, Origin | None]:
        """Event key; the member is not known here."""
        return event.event.key, None, None


_DECODER: Final = msgspec.json.Decoder(ActivityRead | GrantRead | TierRead | GiftSeen)


class LedgerHandler:
    """Activities and grants to postings and accruals; of tiers it notes who holds which."""

    consumer = "earn-ledger"

    def __init__(self, prefix: str = "", partitions: int = 1, clock: Clock = wall) -> None:
        self._prefix = prefix
        self._partitions = partitions
        self._clock = clock

    def decode(self, record: Record) -> Entry | Status | Refused | None:
        """An activity, a grant, or a change of status; gifts are for others."""
        event = light.read(record.value, _DECODER)
        if isinstance(event, Refused):
            return event
        if isinstance(event, TierRead):
            return Status(event.data.member, event)
        return None if isinstance(event, GiftSeen) else entries.entry(event, record.value)

    async def gather(self, unit: Unit, items: Sequence[Item[Entry | Status]], book: Rulebook) -> LedgerState:
        """Journal entries that are there already, the members, and what rules may ask about."""
        read = [item.event for item in items if isinstance(item.event, Entry)]
        journal = await unit.get(JOURNAL, list({e.key for e in read}), ["hash", "origin"])
        again = [e.origin_key for e in read if e.origin_key is not None and (e.key in journal or entries.is_about(e))]
        duplicates = set(await unit.get(DUPLICATES, again, ["_id"])) if again else set()
        new = {id(e): e for e in read if e.key not in journal}
        bought = owning.purchases(new.values())
        owned = owning.to_owners(new, await unit.get(JOURNAL, bought, owning.FIELDS)) if bought else {}
        fresh = new | owned
        named = {e.member for e in fresh.values()} | {i.event.member for i in items if isinstance(i.event, Status)}
        members = await follow(unit, ledger.MEMBERS, await unit.get(ledger.MEMBERS, list(named)))
        led = owned | entries.led_on(fresh, members)
        fresh |= led
        judged = ledger.judged_by_entry(fresh.values(), book)
        households = entries.households(members, fresh.values())
        about = [Item(item.record, found) for item in items if (found := fresh.get(id(item.event))) is not None]
        of_purchases = await look_up(unit, about, members, households, book, self._clock())
        if merged := (of_purchases.purchases.buyers | entries.corrected(about)) - members.keys():
            members = await follow(unit, ledger.MEMBERS, members, merged)
        wanted = [
            Wanted(item.record.partition, households.get(found.member, ()), each.candidates, each.under.facts)
            for item in items
            if (found := fresh.get(id(item.event))) is not None and (each := judged.get(id(found))) is not None
        ]
        drawn = [
            (item.record.partition, *of)
            for item in about
            for of in packs.wanted(item.event.event, item.event.time, _candidates(judged, item.event), book)
        ]
        drawn += of_purchases.drawn
        touched = [*wanted, *of_purchases.wanted]
        shared = await read_shared(unit, touched, self._partitions, [(lane, pack(*of)) for lane, *of in drawn])
        sold = await unit.get(packs.PACKS, sorted({packs.document_id(*of) for _, *of in drawn})) if drawn else {}
        pasts = await families(unit, needs_backfill(members.values(), book))
        return LedgerState(journal, members, shared, duplicates, judged, pasts, of_purchases.purchases, sold, led)

    def decide(self, state: LedgerState, items: Sequence[Item[Entry | Status]], book: Rulebook) -> Decision:
        """See `services.earn.ledger`."""
        desk = Ledger(state, book, self._clock(), self._prefix)
        for item in items:
            desk.take(item)
        return desk.finish()

    def about(self, event: Entry | Status) -> tuple[str | None, str | None, Origin | None]:
        """Event key, member, and where the partner's record stood."""
        if isinstance(event, Status):
            return event.event.key, event.member, None
        return event.key, event.member, event.origin


def _candidates(judged: Mapping[int, Judged], each: Entry) -> Sequence[Compiled]:
    """The rules that may give something for an entry."""
    found = judged.get(id(each))
    return () if found is None else found.candidates
