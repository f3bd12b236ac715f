"""earn's two consumers: intake reads partners' topics, ledger reads activities and grants."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from services.earn import intake, ledger
from services.earn.intake import Arrival, Intake, IntakeState
from services.earn.ledger import Entry, Ledger, LedgerState
from shared.events import light
from shared.events.decode import Refused, decode_partner
from shared.events.internal import Origin
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
        events = [item.event.event for item in items]
        keys = {key for event in events for key in intake.keys_of(event)}
        identities = await unit.get(intake.IDENTITIES, sorted(keys))
        signups = [event for event in events if isinstance(event, Signup)]
        state = IntakeState(identities)
        noted = [event.key for event in events if isinstance(event, Signup | Referral)]
        state.inbox = await unit.get(intake.INBOX, noted)
        if signups:
            claimable = {key for event in signups for key in intake.keys_of(event)}
            state.waiting = {each["_id"]: each for each in await unit.find(intake.WAITING, "identities", claimable)}
            named = {
                key
                for each in state.waiting.values()
                for key in intake.keys_of(PARTNER_EVENT.validate_json(each["event"]))
            }
            state.identities |= await unit.get(intake.IDENTITIES, sorted(named - keys))
        unknown = [
            e for e in events if any(state.identities.get(k, {}).get("member") is None for k in intake.keys_of(e))
        ]
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


_TAKEN: Mapping[str, Callable[[Mapping[str, Any]], light.ActivityRead | light.GrantRead]] = {
    "loyalty.activity.v1": light.activity,
    "loyalty.grant.v1": light.grant,
}


class LedgerHandler:
    """Activities and grants to postings and accruals."""

    consumer = "earn-ledger"

    def __init__(self, prefix: str = "") -> None:
        self._prefix = prefix

    def decode(self, record: Record) -> Entry | Refused:
        """An activity or a grant."""
        event = light.read(record.value, _TAKEN)
        return event if isinstance(event, Refused) else ledger.entry(event, record.value)

    async def gather(self, unit: Unit, items: Sequence[Item[Entry]], book: Rulebook) -> LedgerState:
        """Journal entries that are there already, the members, and the limits that rules may ask about."""
        entries = [item.event for item in items]
        journal = await unit.get(ledger.JOURNAL, list({e.key for e in entries}), ["hash", "origin"])
        again = [e.origin_key for e in entries if e.origin_key is not None and e.key in journal]
        duplicates = set(await unit.get(DUPLICATES, again, ["_id"])) if again else set()
        fresh = [e for e in entries if e.key not in journal]
        members = await unit.get(ledger.MEMBERS, list({e.member for e in fresh}))
        facts = ledger.facts_by_entry(fresh, book)
        keys = {key for e in fresh if id(e) in facts for key in ledger.limit_keys(e, facts[id(e)], book)}
        usage = await unit.get(ledger.USAGE, sorted(keys))
        return LedgerState(journal, members, usage, duplicates, facts)

    def decide(self, state: LedgerState, items: Sequence[Item[Entry]], book: Rulebook) -> Decision:
        """See `services.earn.ledger`."""
        desk = Ledger(state, book, self._prefix)
        for item in items:
            desk.take(item)
        return desk.finish()

    def about(self, event: Entry) -> tuple[str | None, str | None, Origin | None]:
        """Event key, member, and where the partner's record stood."""
        return event.key, event.member, event.origin
