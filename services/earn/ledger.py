"""The ledger, decided: rules by event time, double-entry postings, balances; the journal is the inbox. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from services.earn import accounts, milestones
from services.earn.backfill import backfill
from services.earn.packs import Packs
from services.earn.posting import NOTHING, Awarded, Heading, Poster
from shared.events.decode import Refused
from shared.events.internal import Origin
from shared.events.light import ActivityRead, GrantRead, Joining
from shared.events.light_tiers import TierRead
from shared.events.topics import ACCRUALS
from shared.ledger import due
from shared.ledger.terms import terms
from shared.rules import membership
from shared.rules.compiled import Compiled
from shared.rules.effects import Award
from shared.rules.matching import Ruled, ruled
from shared.rules.member import Member
from shared.rules.rulebook import NoProgrammeError, Rulebook, Ruleset
from shared.runtime.leading import last, led
from shared.runtime.records import Decision, Item, Letter
from shared.runtime.sharing import SharedUsage
from shared.runtime.store import DUPLICATES

MEMBERS = "members"
KIND = "earn"


class Entry(NamedTuple):
    """What the ledger reads: an activity or a grant, with its bytes as they came."""

    key: str
    hash: str
    member: str
    origin_key: str | None
    time: datetime
    event: ActivityRead | GrantRead
    raw: bytes

    @property
    def origin(self) -> Origin | None:
        """Where the partner's record stood; grants come from nobody's."""
        if not isinstance(self.event, ActivityRead):
            return None
        place = self.event.data.origin
        return Origin(topic=place.topic, partition=place.partition, offset=place.offset)


def entry(event: ActivityRead | GrantRead, raw: bytes) -> Entry:
    """An activity is known by its partner's source and id; a grant by campaigns' own."""
    if isinstance(event, ActivityRead):
        return Entry(event.event.key, event.data.hash, event.member, event.origin_key, event.event.time, event, raw)
    won = event.data
    return Entry(event.key, f"{won.rule}/{won.points}", won.member, None, event.time, event, raw)


class Status(NamedTuple):
    """What else the ledger reads: a member's tier changed. Only noted, so that rules can ask for it."""

    member: str
    event: TierRead


class Judged(NamedTuple):
    """An activity's facts and rules, and those rules that time and event allow."""

    under: Ruled
    candidates: list[Compiled]


@dataclass(slots=True)
class LedgerState:
    """What was read for a batch, and the facts of its events, computed once for reading and deciding."""

    journal: dict[str, dict[str, Any]]
    members: dict[str, dict[str, Any]]
    shared: SharedUsage
    duplicates: set[str]
    judged: dict[int, Judged] = field(default_factory=dict)
    # Journal entries of members for whom something has to be counted from their past.
    pasts: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    # Of the purchases that milestones are of.
    reports: milestones.Reports = field(default_factory=milestones.Reports)
    packs: dict[str, dict[str, Any]] = field(default_factory=dict)
    # Entries of members who were merged into others, by the identity of what was read: as the survivors'.
    led: dict[int, Entry] = field(default_factory=dict)


def judged_by_entry(entries: Iterable[Entry], book: Rulebook) -> dict[int, Judged]:
    """The facts and rules of each activity, by the entry's identity; without those before the programme."""
    found = ((each, ruled(each.event.event, book)) for each in entries if isinstance(each.event, ActivityRead))
    return {
        id(each): Judged(under, under.rules.matcher.plausible(KIND, under.facts))
        for each, under in found
        if under is not None
    }


def led_on(entries: Iterable[Entry], members: Mapping[str, Mapping[str, Any]]) -> dict[int, Entry]:
    """What is on its way to members who were merged meanwhile is the survivors'; by the entry's identity."""
    duplicates = {id_ for id_, document in members.items() if led(document) is not None}
    if not duplicates:
        return {}
    return {id(each): each._replace(member=last(members, each.member)) for each in entries if each.member in duplicates}


def households(members: Mapping[str, Mapping[str, Any]], entries: Iterable[Entry]) -> dict[str, set[str]]:
    """The households of members: what is known, and what signups of this very batch will say."""
    found: dict[str, set[str]] = {}
    for id_, document in members.items():
        if (known := Member(document).profile("household")) is not None:
            found.setdefault(id_, set()).add(known)
    for each in entries:
        data = each.event.event.data if isinstance(each.event, ActivityRead) else None
        if isinstance(data, Joining) and data.profile.household is not None:
            found.setdefault(each.member, set()).add(data.profile.household)
    return found


class Ledger:
    """Decides one batch of entries. now: when they are posted, whenever they happened."""

    def __init__(self, state: LedgerState, book: Rulebook, now: datetime, prefix: str = "") -> None:
        self._state = state
        self._book = book
        self._known_members = frozenset(state.members)
        self._touched: set[str] = set()
        self.decision = Decision()
        self._poster = Poster(self.decision, prefix + ACCRUALS, state.journal, now)
        self._packs = Packs(state.shared, state.packs, self.decision, prefix, now)

    def take(self, item: Item[Entry | Status]) -> None:
        """One entry, in the member's order."""
        each = item.event
        if isinstance(each, Status):
            return self._status(each)
        return self._entry(Item(item.record, self._state.led.get(id(each), each)))

    def _entry(self, item: Item[Entry]) -> None:
        each = item.event
        known = self._state.journal.get(each.key)
        if known is not None:
            return self._again(item, known)
        if self._state.members.get(each.member, {}).get("closed"):
            return self._closed(item)
        if isinstance(each.event, ActivityRead) and milestones.reported(each.event) is not None:
            return self._milestone(item, each.event)
        try:
            awarded = self._awards(item)
        except NoProgrammeError as error:
            return self._refuse(item, Refused("before_programme", str(error)))
        return self._post(each, awarded, item.record.partition)

    def _closed(self, item: Item[Entry]) -> None:
        """What comes for an account that was closed: an event is refused; a grant has an entry, and gives nothing.
        Of one who was erased an event has an entry that says nothing but that it came."""
        each = item.event
        if self._state.members[each.member].get("erased") and isinstance(each.event, ActivityRead):
            # Its bytes name the person: a dead letter would keep them, and an accrual would tell them.
            self._poster.note(heading(each)._replace(kind="erased", raw=b"{}"), {})
            return None
        if isinstance(each.event, ActivityRead):
            return self._refuse(item, Refused("account_closed", "the member's account is closed; nothing is counted"))
        return self._post(each, NOTHING, item.record.partition)

    def _milestone(self, item: Item[Entry], event: ActivityRead) -> None:
        """No rule is asked, and nobody was active: the partner tells what became of a purchase."""
        each, reports = item.event, self._state.reports
        persons = (each.member, *self._state.members.get(each.member, {}).get("absorbed", ()))
        bought = milestones.purchase_of(event, reports, self._state.journal, persons)
        if isinstance(bought, Refused):
            return self._refuse(item, bought)
        member, rules = self._member(each.member), self._book.at(bought["at"])
        earlier = reports.earlier.setdefault(bought["_id"], [])
        postings, back, kept = milestones.settle(event, bought, earlier, member, rules)
        counts_at = bought["at"] if back else None
        earlier.append(self._poster.post(member, heading(each), postings, Awarded(back), kept, counts_at=counts_at))
        due.note(member, rules.programme.purses, rules.zone)
        return None

    def finish(self) -> Decision:
        """The decision, with every touched document once."""
        self.decision.keep(MEMBERS, self._touched, self._state.members, self._known_members)
        self._packs.finish()
        self._state.shared.write(self.decision)
        return self.decision

    def _status(self, each: Status) -> None:
        """By the instant it began: a change that is read again must not take the member back to it."""
        said = each.event.data
        if led(self._state.members.get(each.member, {})) is not None:
            return self.decision.count("status_of_merged")  # tiers says of the survivor what is so of both
        membership.rank(self._member(each.member), said.ladder, said.after, said.since, each.event.id)
        return self.decision.count("status")

    def _again(self, item: Item[Entry], known: Mapping[str, Any]) -> None:
        """Same id and content: read again (same position) or a partner's duplicate; other content is refused."""
        each = item.event
        if known["hash"] != each.hash:
            return self._refuse(
                item, Refused("content_changed", "an event with this id came before with other content; send a new id")
            )
        if each.origin_key in (None, known["origin"]) or each.origin_key in self._state.duplicates:
            return self.decision.count("redelivery")
        assert each.origin_key is not None
        self._state.duplicates.add(each.origin_key)
        self.decision.insert(DUPLICATES, {"_id": each.origin_key, "event": each.key})
        return self.decision.count("duplicate")

    def _refuse(self, item: Item[Entry], refused: Refused) -> None:
        each = item.event
        origin = each.origin or item.record.origin
        self.decision.letters.append(Letter(item.record, refused, origin, each.key, each.member))

    def _member(self, id_: str) -> dict[str, Any]:
        member = self._state.members.setdefault(id_, membership.newcomer(id_))
        if id_ not in self._touched:
            self._touched.add(id_)
            self._poster.watch(member)
        past = self._state.pasts.pop(id_, None)
        if past is not None:
            backfill(member, past, self._book)
        return member

    def _awards(self, item: Item[Entry]) -> Awarded:
        each = item.event
        if isinstance(each.event, GrantRead):
            won = each.event.data
            membership.grant(self._member(each.member), won.tag, won.role, back=won.corrects is not None)
            return Awarded([Award(won.rule, won.version, won.wallet, won.points)] if won.points else [])
        event = each.event.event
        if event.kind == "signup":
            membership.join(self._member(each.member), event)
        judged = self._state.judged.get(id(each)) or next(iter(judged_by_entry([each], self._book).values()), None)
        if judged is None:
            if event.kind == "signup":  # they joined before the programme began: no stars, but a member all the same
                return Awarded([])
            raise NoProgrammeError("the event happened before the programme began")
        return self._decided(each.member, judged, item.record.partition)

    def _decided(self, id_: str, judged: Judged, lane: int) -> Awarded:
        (facts, rules), shared = judged.under, self._state.shared.lane(lane)
        member = self._member(id_)
        decided = membership.earn(member, judged.candidates, facts, rules, shared)
        told = membership.answers(facts, rules)
        membership.count(member, facts, self._book)
        return Awarded(decided.awards, decided.passed, facts.used(), told)

    def _post(self, each: Entry, awarded: Awarded, lane: int) -> None:
        member = self._member(each.member)
        rules = self._book.found(each.time)
        paid = None if rules is None or not rules.prepaid else self._paid(each, rules, lane)
        postings = accounts.of(awarded.awards, each.member, each.event, _terms(each, rules), paid)
        corrects = isinstance(each.event, GrantRead) and each.event.data.corrects is not None
        clock = None if rules is None or (rules.plain and "due_at" not in member) else rules
        if clock is not None:  # before the points come: what inactivity has ended is not revived by them
            due.touch(member, clock.programme.purses, each.time, clock.zone)
        accounts.apply(member, postings, each.time, correction=corrects)
        self._poster.post(member, heading(each), postings, awarded)
        if clock is not None:
            due.note(member, clock.programme.purses, clock.zone)

    def _paid(self, each: Entry, rules: Ruleset, lane: int) -> accounts.Paid:
        """What issuers' packs pay of this entry's points."""
        decided = isinstance(each.event, ActivityRead)
        return lambda issuer, wallet, points: self._packs.pay(issuer, wallet, points, lane, rules, decided=decided)


def _terms(each: Entry, rules: Ruleset | None) -> accounts.TermsOf:
    """When points of an entry become active and expire: by the programme in force when it happened."""
    if rules is None or rules.plain:
        return accounts.free
    bought = isinstance(each.event, ActivityRead) and each.event.event.kind == "purchase"
    purchase = each.key if bought else None  # nobody will report that a signup was delivered
    purses, zone = rules.programme.purses, rules.zone
    return lambda wallet: terms(purses.get(wallet), each.time, zone, purchase)


def heading(each: Entry) -> Heading:
    """What the journal says an entry is about; its bytes are the record's own."""
    if isinstance(each.event, ActivityRead):
        return Heading(
            each.key, each.hash, each.member, each.event.event.kind, each.time, each.raw, "activity", each.origin_key
        )
    return Heading(each.key, each.hash, each.member, "grant", each.time, each.raw, "grant")
