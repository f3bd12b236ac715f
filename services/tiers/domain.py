"""Qualification, decided: accruals add up by local year; status changes and gifts are announced. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from shared.events.internal import Cause, Gift, GiftData, TierChanged, TierChangedData
from shared.events.light_entries import EntryRead
from shared.events.light_summary import AccrualSummary
from shared.events.topics import TIERS
from shared.rules.definition import GiftRule, Ladder
from shared.rules.ladder import Qualified, carry, ending, lapse, qualify, shift, state_of
from shared.rules.learning import utc
from shared.rules.rulebook import NoProgrammeError, Rulebook, Ruleset
from shared.runtime.applied import admit
from shared.runtime.leading import last, lead, led, unmerged
from shared.runtime.records import Decision, Item, Message

MEMBERS = "members"
CLOCK: Final = "/tiers/clock"
"""Whose word it is that a status ran out."""


class Qualification:
    """Decides one batch of accruals."""

    def __init__(self, members: dict[str, dict[str, Any]], book: Rulebook, prefix: str = "") -> None:
        self._members = members
        self._known = frozenset(members)
        self._book = book
        self._topic = prefix + TIERS
        self._touched: set[str] = set()
        self.decision = Decision()

    def take(self, item: Item[AccrualSummary]) -> None:
        """One accrual."""
        accrual = item.event
        member = self._member(accrual.data.member)
        if not admit(member, accrual.data.seq):
            return self.decision.count("redelivery")
        self._touched.add(member["_id"])
        entry = accrual.data.entry
        if entry is not None and entry.survivor is not None:
            return self._led(member, entry, entry.survivor, accrual)
        try:
            rules = self._book.at(accrual.counts_at)
        except NoProgrammeError:
            return self.decision.count("before_programme")
        # Goods of one who was merged into the member come back: they have brought so much less.
        whose = member if accrual.data.bought_by is None else self._member(accrual.data.bought_by)
        self._touched.add(whose["_id"])
        for ladder in rules.ladders:
            points = accrual.counted(ladder.qualifying)
            if points:
                self._qualify(self._target(whose, ladder, points, accrual, rules), ladder, points, accrual, rules)
        return self.decision.count("accrual")

    def end(self, id_: str, now: datetime) -> None:
        """The clock: status that has run out by now is lost; nothing where another worker was first."""
        member = self._members.get(id_)
        if member is None or member.get("due_at") is None or member["due_at"] > utc(now):
            return
        self._touched.add(id_)
        for ladder, state in member["ladders"].items():
            while (end := ending(state)) is not None and end <= now:
                rules = self._book.found(end)
                found = None if rules is None else next((each for each in rules.ladders if each.id == ladder), None)
                if rules is None or found is None:
                    state["until"] = None  # the ladder is gone: nobody can say what would be left of the status
                    break
                self._lapse(member, found, end, rules)
        self.decision.count("ended")

    def finish(self) -> Decision:
        """The decision, with every touched member once."""
        for id_ in self._touched:
            _note(self._members[id_])
        self.decision.keep(MEMBERS, self._touched, self._members, self._known)
        return self.decision

    def _member(self, id_: str) -> dict[str, Any]:
        return self._members.setdefault(id_, {"_id": id_, "ladders": {}, "changes": 0})

    def _target(
        self, member: dict[str, Any], ladder: Ladder, points: int, accrual: AccrualSummary, rules: Ruleset
    ) -> dict[str, Any]:
        """Whose the points are: of one that was merged, the survivor's; noted as brought on the way to them."""
        while (into := led(member)) is not None:
            year = str(accrual.counts_at.astimezone(rules.zone).year)
            lend(member, ladder.id, {year: points}, 1)
            member = self._member(into)
            self._touched.add(into)
        return member

    def _led(self, member: dict[str, Any], entry: EntryRead, survivor: str, accrual: AccrualSummary) -> None:
        """A merge: what the duplicate has counted goes to the survivor. Its undoing: all that they brought comes back,
        also what came later by their own announcements."""
        target = self._member(survivor)
        self._touched.add(survivor)
        stale = unmerged(target, entry.survivor_seq)
        if stale is not None:
            self._back(target, stale, accrual)
        before = led(member)
        if not lead(member, accrual.data.seq, entry.into):
            return self.decision.count("redelivery")
        if before is not None:
            self._back(member, before, accrual)
        if entry.into is not None:
            self._over(member, entry.into, accrual)
        return self.decision.count(entry.kind)

    def _over(self, member: dict[str, Any], into: str, accrual: AccrualSummary) -> None:
        counted = {id_: dict(state["years"]) for id_, state in member["ladders"].items()}
        member["kept"], member["ladders"] = member["ladders"], {}
        for id_, years in counted.items():
            lend(member, id_, years, 1)
        self._reached(into, member["kept"])
        self._shift(self._member(into), counted, accrual, 1)

    def _back(self, member: dict[str, Any], out_of: str, accrual: AccrualSummary) -> None:
        lent: dict[str, dict[str, int]] = member.pop("lent", {})
        # What was reached once stays reached: no gift comes twice.
        member["ladders"] = {
            id_: {**state, "years": {}, "tier": None, "until": None} for id_, state in member.pop("kept", {}).items()
        }
        self._shift(self._member(out_of), lent, accrual, -1)
        self._shift(member, lent, accrual, 1)

    def _reached(self, survivor: str, ladders: Mapping[str, Any]) -> None:
        """What the one has reached, the other has: a gift comes once."""
        mine = self._member(last(self._members, survivor))["ladders"]
        for id_, state in ladders.items():
            own = state_of(mine, id_)
            for tier, at in state["reached"].items():
                own["reached"][tier] = min(at, own["reached"].get(tier, at))

    def _shift(
        self, member: dict[str, Any], counted: Mapping[str, Mapping[str, int]], accrual: AccrualSummary, sign: int
    ) -> None:
        """Points of years go to a member, and on to whom they were merged into."""
        while (into := led(member)) is not None:
            for id_, years in counted.items():
                lend(member, id_, years, sign)
            self._touched.add(member["_id"])
            member = self._member(into)
        self._touched.add(member["_id"])
        rules = self._book.found(accrual.time)
        in_force = set() if rules is None else {each.id for each in rules.ladders}
        for id_ in counted.keys() - in_force:
            # A ladder that is not in force has no tiers to reach: its points are there should it be.
            carry(member["ladders"], id_, counted[id_], sign)
        if rules is None:
            return
        for ladder in rules.ladders:
            if counted.get(ladder.id):
                self._lapse(member, ladder, accrual.time, rules)
                found = shift(member["ladders"], ladder, counted[ladder.id], accrual.time, rules.zone, sign)
                self._changed(member, ladder, found, accrual, rules)

    def _qualify(
        self, member: dict[str, Any], ladder: Ladder, points: int, accrual: AccrualSummary, rules: Ruleset
    ) -> None:
        # First what ran out before: else whether the clock or the purchase came first would be seen for ever.
        self._lapse(member, ladder, accrual.counts_at, rules)
        found = qualify(member["ladders"], ladder, points, accrual.counts_at, rules.zone)
        self._changed(member, ladder, found, accrual, rules)

    def _changed(
        self, member: dict[str, Any], ladder: Ladder, found: Qualified, accrual: AccrualSummary, rules: Ruleset
    ) -> None:
        if found.after != found.before:
            cause = Cause(source=accrual.cause.source, id=accrual.cause.id)
            self._change(member, ladder, found, accrual.time, cause)
        for rule in rules.gifts:
            if rule.ladder == ladder.id and rule.tier in found.reached:
                self._gift(member, rule, accrual)

    def _lapse(self, member: dict[str, Any], ladder: Ladder, to: datetime, rules: Ruleset) -> None:
        for found in lapse(member["ladders"], ladder, to, rules.zone):
            cause = Cause(source=CLOCK, id=f"{ladder.id}:{member['_id']}:{utc(found.since)}")
            self._change(member, ladder, found, found.since, cause)

    def _change(self, member: dict[str, Any], ladder: Ladder, found: Qualified, time: datetime, cause: Cause) -> None:
        member["changes"] += 1
        event = TierChanged(
            specversion="1.0",
            id=f"{ladder.id}:{member['_id']}:{member['changes']}",
            source="/tiers",
            time=time,
            data=TierChangedData(
                member=member["_id"],
                ladder=ladder.id,
                version=ladder.version,
                before=found.before,
                after=found.after,
                qualifying=found.now.qualifying,
                since=found.since,
                until=found.now.until,
                cause=cause,
            ),
        )
        self._announce(member["_id"], event, "tier")

    def _gift(self, member: dict[str, Any], rule: GiftRule, accrual: AccrualSummary) -> None:
        """A tier that is reached for the first time ever brings its gift."""
        event = Gift(
            specversion="1.0",
            id=f"{rule.id}:{member['_id']}",
            source="/tiers",
            time=accrual.time,
            data=GiftData(
                member=member["_id"],
                rule=rule.id,
                version=rule.version,
                tier=rule.tier,
                gift=rule.gift,
                value=rule.value,
                announced=rule.announced,
                cause=Cause(source=accrual.cause.source, id=accrual.cause.id),
            ),
        )
        member.setdefault("gifts", []).append(rule.id)
        self._announce(member["_id"], event, "gift")

    def _announce(self, member: str, event: TierChanged | Gift, kind: str) -> None:
        self.decision.messages.append(Message(self._topic, member, event.model_dump_json().encode(), kind))
        self.decision.count(kind)


def lend(member: dict[str, Any], ladder: str, years: Mapping[str, int], sign: int) -> None:
    """Notes what a duplicate has brought to the survivor, by ladder and year."""
    lent: dict[str, int] = member.setdefault("lent", {}).setdefault(ladder, {})
    for year, points in years.items():
        lent[year] = lent.get(year, 0) + sign * points


def _note(member: dict[str, Any]) -> None:
    """`due_at`: when the first of the member's statuses runs out; see `shared.runtime.clockwork`."""
    ends = [utc(end) for state in member["ladders"].values() if (end := ending(state)) is not None]
    if ends:
        member["due_at"] = min(ends)
    else:
        member.pop("due_at", None)
