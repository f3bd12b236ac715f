"""Campaigns, decided: bonuses, challenges and referral rewards, from accruals. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Any, NamedTuple

from services.campaigns.giving import Giver
from shared.events.light import ActivityRead
from shared.events.light_accruals import AccrualRead, ReturnedRead
from shared.events.light_entries import EntryRead
from shared.rules import undoing
from shared.rules.absorbed import Ties, inside
from shared.rules.compiled import Compiled
from shared.rules.matching import Decided, Ruled, facts_of, ruled
from shared.rules.member import NOBODY
from shared.rules.merging_progress import lend, take_back
from shared.rules.merging_referrals import release
from shared.rules.referring import Uses
from shared.rules.rulebook import Rulebook
from shared.rules.spent import dated
from shared.rules.usage import MemberUsage
from shared.rules.wins import wins
from shared.runtime.applied import admit
from shared.runtime.leading import LED, lead, led, unmerged, way
from shared.runtime.records import Decision, Item
from shared.runtime.sharing import SharedUsage

MEMBERS = "members"
RECORDS = "records"  # of what purchases won of bonuses, for their returns
BONUS = "bonus"
CHALLENGE = "challenge"


class Judged(NamedTuple):
    """An activity's facts and rules, and those rules that time and event allow."""

    under: Ruled
    bonuses: list[Compiled]
    challenges: list[Compiled]


@dataclass(slots=True)
class CampaignState:
    """What was read for a batch."""

    members: dict[str, dict[str, Any]]
    shared: SharedUsage
    judged: dict[int, Judged] = field(default_factory=dict)
    # What purchases of which something came back have won of bonuses, by their keys: see `undoing.record`.
    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    things: dict[str, dict[str, Any]] = field(default_factory=dict)  # those that they won, and that may be taken back


def judged_by_accrual(accruals: Iterable[AccrualRead], book: Rulebook) -> dict[int, Judged]:
    """The facts and rules of each accrual's activity, by the accrual's identity; without those before the programme."""
    found = ((each, ruled(each.activity.event, book)) for each in accruals if each.activity is not None)
    return {
        id(each): Judged(under, *under.rules.matcher.plausible_of((BONUS, CHALLENGE), under.facts))
        for each, under in found
        if under is not None
    }


def case_of(accrual: AccrualRead, said: ReturnedRead, book: Rulebook) -> undoing.Undoing | None:
    """What came back, as campaigns' rules see it; None where the purchase was before the programme."""
    if accrual.activity is None or book.found(said.was.time) is None:
        return None
    rules = book.as_known(said.posted_at, said.was.time)
    was, left = facts_of(said.was, None, rules), None if said.left is None else facts_of(said.left, None, rules)
    was.of_member(NOBODY, said.facts)
    if left is not None:
        left.of_member(NOBODY, said.left_facts)
    parts = [Fraction(each) for each in said.parts]
    return undoing.Undoing(accrual.activity.event, said.was, rules, was, left, parts, said.posted_at)


class Campaigns:
    """Decides one batch of accruals."""

    def __init__(self, state: CampaignState, book: Rulebook, prefix: str = "") -> None:
        self._state = state
        self._members = state.members
        self._known = frozenset(state.members)
        self._book = book
        self._touched: set[str] = set()
        self._new_records: set[str] = set()
        self._changed_records: dict[str, dict[str, Any]] = {}
        self.decision = Decision()
        self._giver = Giver(self.decision, state.things, prefix)

    def take(self, item: Item[AccrualRead]) -> None:
        """One accrual."""
        accrual = item.event
        member = self._member(accrual.member)
        if not admit(member, accrual.seq):
            return self.decision.count("redelivery")
        self._touched.add(member["_id"])
        entry = accrual.data.entry
        if entry is not None and entry.survivor is not None:
            return self._led(member, entry, entry.survivor, accrual.seq)
        activity = accrual.activity
        if activity is not None:
            judged = self._state.judged.get(id(accrual)) or judged_by_accrual([accrual], self._book).get(id(accrual))
            if judged is None:
                return self.decision.count("before_programme")
            self._activity(self._last(member), accrual, activity, judged, item.record.partition)
            if accrual.data.returned is not None:
                self._returned(accrual, accrual.data.returned, item.record.partition)
        return self.decision.count("accrual")

    def _member(self, id_: str) -> dict[str, Any]:
        return self._members.setdefault(id_, {"_id": id_, "progress": {}})

    def _last(self, member: dict[str, Any]) -> dict[str, Any]:
        """Whose it is: of one that was merged, the survivor's."""
        while (into := led(member)) is not None:
            member = self._member(into)
        self._touched.add(member["_id"])
        return member

    def _way(self, id_: str) -> list[dict[str, Any]]:
        """The documents from a member's own to that of whoever has what is theirs; all of them may be changed."""
        found = [*map(self._member, way(self._members, id_)), self._last(self._member(id_))]
        self._touched.update(each["_id"] for each in found)
        return found

    def _into(self, document: dict[str, Any]) -> list[dict[str, Any]]:
        """The documents of those who were merged into a member, with nobody between; they may be changed."""
        found = [each for each in map(self._member, inside([document])) if led(each) == document["_id"]]
        self._touched.update(each["_id"] for each in found)
        return found

    def _ties(self) -> Ties:
        return Ties(self._way, self._into)

    def _led(self, member: dict[str, Any], entry: EntryRead, survivor: str, seq: int) -> None:
        """A merge, or its undoing: see `shared.rules.merging_progress`."""
        target = self._member(survivor)
        self._touched.add(survivor)
        stale = unmerged(target, entry.survivor_seq)
        if stale is not None:
            self._parted(target, stale, None)  # their own announcement of it is on its way, and says when
        before = led(member)
        if not lead(member, seq, entry.into):
            if entry.into is None and member[LED] == [seq, None]:
                dated((member, *self._ties().within(member)), entry.at)
            return self.decision.count("redelivery")
        if before is not None:
            self._parted(member, before, entry.at)
        if entry.into is not None:
            # Two partitions race: that the survivor was merged themselves may have been heard of first.
            into, *further = self._way(survivor)
            lend(member, into, self._book, further)
        return self.decision.count(entry.kind)

    def _parted(self, member: dict[str, Any], before: str, at: datetime | None) -> None:
        """From whom they led to, and all whom that one leads to."""
        into, *further = self._way(before)
        take_back(member, into, self._book, further, self._ties(), at)

    def finish(self) -> Decision:
        """The decision, with every touched document once."""
        self.decision.keep(MEMBERS, self._touched, self._members, self._known)
        for record in self._changed_records.values():
            self.decision.replace(RECORDS, record)
        self._state.shared.write(self.decision)
        return self.decision

    def _activity(
        self, member: dict[str, Any], accrual: AccrualRead, activity: ActivityRead, judged: Judged, lane: int
    ) -> None:
        facts, rules = judged.under.facts, judged.under.rules
        # What earn knew of the member for this event comes with it: nobody has to know members twice.
        facts.of_member(NOBODY, accrual.data.facts)
        release(member, self._member)
        usage = MemberUsage(member, self._state.shared.lane(lane), accrual.data.household)
        held: dict[str, Any] | None = None

        def watch(decided: Decided) -> None:
            nonlocal held
            held = record = (
                undoing.record(facts.event.key, member["_id"], decided) if facts.kind == "purchase" else None
            )
            if record is not None:
                self._state.records[record["_id"]] = record
                self.decision.insert(RECORDS, record)
                self._new_records.add(record["_id"])

        bonuses, challenging, uses = judged.bonuses, judged.challenges, self._uses(lane)
        for win in wins(member, bonuses, challenging, facts, rules, usage, activity.advocate, self._book, uses, watch):
            undoing.note(win, self._giver.give(win, member, rules.zone), member, held)

    def _uses(self, lane: int) -> Uses:
        """Of whoever brought a member: their document was read with the batch, whatever lane is theirs."""
        shared = self._state.shared.lane(lane)
        return Uses(lambda id_: MemberUsage(self._last(self._member(id_)), shared), shared, self._way)

    def _returned(self, accrual: AccrualRead, said: ReturnedRead, lane: int) -> None:
        """A purchase counts as what is left of it: of whoever bought it, and of those whom it came to by merges."""
        case = case_of(accrual, said, self._book)
        if case is None:
            return
        on = self._way(accrual.data.bought_by or accrual.member)
        member, shared = on[-1], self._state.shared.lane(lane)
        usage, record = MemberUsage(member, shared, accrual.data.household), self._state.records.get(said.was.key)
        for win in undoing.undone(on, record, case, self._book, usage, self._uses(lane), self._ties()):
            # An advocate's reward may have come to them after they were merged: whose it is the ledger knows.
            merged = win.role != "advocate" and led(self._member(win.winner)) is not None
            self._giver.give(win, member, case.rules.zone, win.winner if merged else None)
        if record is not None and record["_id"] not in self._new_records:
            self._changed_records[record["_id"]] = record
