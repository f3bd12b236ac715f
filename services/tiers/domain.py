"""Qualification, decided: accruals add up by local year; status changes and gifts are announced. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.tiers.ladder import Standing, highest, rungs, standing
from shared.events.internal import Cause, Gift, GiftData, TierChanged, TierChangedData
from shared.events.light import AccrualSummary
from shared.events.topics import TIERS
from shared.rules.definition import Ladder
from shared.rules.rulebook import NoProgrammeError, Rulebook, Ruleset
from shared.runtime.applied import admit
from shared.runtime.records import Decision, Item, Message

MEMBERS = "members"


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
        member = self._members.setdefault(
            accrual.data.member, {"_id": accrual.data.member, "ladders": {}, "changes": 0}
        )
        if not admit(member, accrual.data.seq):
            return self.decision.count("redelivery")
        self._touched.add(member["_id"])
        try:
            rules = self._book.at(accrual.time)
        except NoProgrammeError:
            return self.decision.count("before_programme")
        for ladder in rules.ladders:
            points = sum(each.points for each in accrual.data.earned if each.rule in ladder.qualifying)
            if points:
                self._qualify(member, ladder, points, accrual, rules)
        return self.decision.count("accrual")

    def finish(self) -> Decision:
        """The decision, with every touched member once."""
        self.decision.keep(MEMBERS, self._touched, self._members, self._known)
        return self.decision

    def _qualify(
        self, member: dict[str, Any], ladder: Ladder, points: int, accrual: AccrualSummary, rules: Ruleset
    ) -> None:
        state = member["ladders"].setdefault(
            ladder.id, {"years": {}, "tier": None, "until": None, "reached": {}, "latest": None}
        )
        year = str(accrual.time.astimezone(rules.zone).year)
        state["years"][year] = state["years"].get(year, 0) + points
        # A late event counts in its own year, but status is never told for a time that has passed.
        latest = max(accrual.time, datetime.fromisoformat(state["latest"])) if state["latest"] else accrual.time
        state["latest"] = latest.isoformat()
        now = standing(ladder, state["years"], latest, rules.zone)
        state["until"] = now.until.isoformat() if now.tier is not None else None
        after = now.tier.id if now.tier is not None else None
        if after != state["tier"]:
            before, state["tier"] = state["tier"], after
            self._change(member, ladder, before, now, accrual, latest)
        self._reach(member, ladder, state, state["years"][year], accrual, rules)

    def _change(
        self,
        member: dict[str, Any],
        ladder: Ladder,
        before: str | None,
        now: Standing,
        accrual: AccrualSummary,
        at: datetime,
    ) -> None:
        member["changes"] += 1
        event = TierChanged(
            specversion="1.0",
            id=f"{ladder.id}:{member['_id']}:{member['changes']}",
            source="/tiers",
            time=accrual.time,
            data=TierChangedData(
                member=member["_id"],
                ladder=ladder.id,
                version=ladder.version,
                before=before,
                after=now.tier.id if now.tier is not None else None,
                qualifying=now.qualifying,
                since=at,
                until=now.until,
                cause=Cause(source=accrual.cause.source, id=accrual.cause.id),
            ),
        )
        self._announce(member["_id"], event, "tier")

    def _reach(
        self,
        member: dict[str, Any],
        ladder: Ladder,
        state: dict[str, Any],
        points: int,
        accrual: AccrualSummary,
        rules: Ruleset,
    ) -> None:
        """Tiers that are reached for the first time ever, with their gifts.

        By the points of the event's own year: a tier that late events reach for a year gone by brings its gift too.
        """
        new = [tier for tier in rungs(ladder, highest(ladder, points)) if tier not in state["reached"]]
        for tier in new:
            state["reached"][tier] = accrual.time.isoformat()
        for rule in rules.gifts:
            if rule.ladder == ladder.id and rule.tier in new:
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
