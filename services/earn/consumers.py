"""earn's two consumers: intake reads partners' topics, ledger reads activities and grants."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from services.earn import intake, ledger
from services.earn.intake import Arrival, Intake, IntakeState
from services.earn.ledger import Entry, Ledger, LedgerState
from shared.events import light
from shared.events.decode import Refused, decode_partner
from shared.events.internal import Origin
from shared.events.light import ActivityRead, GrantRead
from shared.events.partner import PARTNER_EVENT, Referral, Signup
from shared.events.topics import partner_of
from shared.rules.rulebook import Rulebook
from shared.runtime.records import Decision, Item, Record
from shared.runtime.store import DUPLICATES, Unit


class IntakeHandler:
    """Partners' topics to activities."""

    consumer = "earn-intake"

    def __init__(self, prefix: str = "") -> None:
        self._prefix = prefix

    def decode(self, record: Record) -> Arrival | Refused:
        """A partner's event, or why it is none."""
        partner = partner_of(record.topic, self._prefix) or ""
        event = decode_partner(record.value, partner)
        return event if isinstance(event, Refused) else intake.arrival(event)

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


_DECODER: Final = msgspec.json.Decoder(ActivityRead | GrantRead)


class LedgerHandler:
    """Activities and grants to postings and accruals."""

    consumer = "earn-ledger"

    def __init__(self, prefix: str = "") -> None:
        self._prefix = prefix

    def decode(self, record: Record) -> Entry | Refused:
        """An activity or a grant."""
        event = light.read(record.value, _DECODER)
        return event if isinstance(event, Refused) else ledger.entry(event, record.value)

    async def gather(self, unit: Unit, items: Sequence[Item[Entry]], book: Rulebook) -> LedgerState:
        """Journal entries that are there already, the members, and the limits that rules may ask about."""
        entries = [item.event for item in items]
        journal = await unit.get(ledger.JOURNAL, list({e.key for e in entries}), ["hash", "origin"])
        again = [e.origin_key for e in entries if e.origin_key is not None and e.key in journal]
        duplicates = set(await unit.get(DUPLICATES, again, ["_id"])) if again else set()
        fresh = [e for e in entries if e.key not in journal]
        members = await unit.get(ledger.MEMBERS, list({e.member for e in fresh}))
        ruled = ledger.ruled_by_entry(fresh, book)
        keys = {key for e in fresh if id(e) in ruled for key in ruled[id(e)].limit_keys("earn", e.member)}
        usage = await unit.get(ledger.USAGE, sorted(keys))
        return LedgerState(journal, members, usage, duplicates, ruled)

    def decide(self, state: LedgerState, items: Sequence[Item[Entry]], book: Rulebook) -> Decision:
        """See `services.earn.ledger`."""
        desk = Ledger(state, book, self._prefix)
        for item in items:
            desk.take(item)
        return desk.finish()

    def about(self, event: Entry) -> tuple[str | None, str | None, Origin | None]:
        """Event key, member, and where the partner's record stood."""
        return event.key, event.member, event.origin
