"""Campaigns, decided: bonuses, challenges and referral rewards, from accruals. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from services.campaigns.giving import Giver
from services.campaigns.merging import lend, take_back
from shared.events.light import ActivityRead
from shared.events.light_accruals import AccrualRead
from shared.events.light_entries import EntryRead
from shared.rules.compiled import Compiled
from shared.rules.matching import Ruled, ruled
from shared.rules.member import NOBODY
from shared.rules.rulebook import Rulebook
from shared.rules.usage import MemberUsage
from shared.rules.wins import wins
from shared.runtime.applied import admit
from shared.runtime.leading import lead, led, unmerged
from shared.runtime.records import Decision, Item
from shared.runtime.sharing import SharedUsage

MEMBERS = "members"
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


def judged_by_accrual(accruals: Iterable[AccrualRead], book: Rulebook) -> dict[int, Judged]:
    """The facts and rules of each accrual's activity, by the accrual's identity; without those before the programme."""
    found = ((each, ruled(each.activity.event, book)) for each in accruals if each.activity is not None)
    return {
        id(each): Judged(under, *(under.rules.matcher.plausible(kind, under.facts) for kind in (BONUS, CHALLENGE)))
        for each, under in found
        if under is not None
    }


class Campaigns:
    """Decides one batch of accruals."""

    def __init__(self, state: CampaignState, book: Rulebook, prefix: str = "") -> None:
        self._state = state
        self._members = state.members
        self._known = frozenset(state.members)
        self._book = book
        self._prefix = prefix
        self._touched: set[str] = set()
        self.decision = Decision()

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
        return self.decision.count("accrual")

    def _member(self, id_: str) -> dict[str, Any]:
        return self._members.setdefault(id_, {"_id": id_, "progress": {}})

    def _last(self, member: dict[str, Any]) -> dict[str, Any]:
        """Whose it is: of one that was merged, the survivor's."""
        while (into := led(member)) is not None:
            member = self._member(into)
        self._touched.add(member["_id"])
        return member

    def _led(self, member: dict[str, Any], entry: EntryRead, survivor: str, seq: int) -> None:
        """A merge, or its undoing: see `services.campaigns.merging`."""
        target = self._member(survivor)
        self._touched.add(survivor)
        stale = unmerged(target, entry.survivor_seq)
        if stale is not None:
            take_back(target, self._last(self._member(stale)), self._book)
        before = led(member)
        if not lead(member, seq, entry.into):
            return self.decision.count("redelivery")
        if before is not None:
            take_back(member, self._last(self._member(before)), self._book)
        if entry.into is not None:
            lend(member, self._last(target), self._book)
        return self.decision.count(entry.kind)

    def finish(self) -> Decision:
        """The decision, with every touched document once."""
        self.decision.keep(MEMBERS, self._touched, self._members, self._known)
        self._state.shared.write(self.decision)
        return self.decision

    def _activity(
        self, member: dict[str, Any], accrual: AccrualRead, activity: ActivityRead, judged: Judged, lane: int
    ) -> None:
        facts, rules = judged.under
        # What earn knew of the member for this event comes with it: nobody has to know members twice.
        facts.of_member(NOBODY, accrual.data.facts)
        usage = MemberUsage(member, self._state.shared.lane(lane), accrual.data.household)
        giver = Giver(self.decision, self._prefix)
        for win in wins(member, judged.bonuses, judged.challenges, facts, rules, usage, activity.advocate, self._book):
            giver.give(win, member)
