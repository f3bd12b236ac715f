"""Campaigns, decided: bonuses for segments, challenges, referral rewards, from accruals. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from services.campaigns import referrals
from shared.events.internal import Cause, Grant, GrantData, Offer, OfferData
from shared.events.light import AccrualRead, ActivityRead
from shared.events.topics import GRANTS, OFFERS
from shared.rules.definition import Base, Challenge, PointsEffect
from shared.rules.facts import Facts
from shared.rules.matching import Ruled, match, ruled, use
from shared.rules.rulebook import Compiled, Rulebook, Ruleset
from shared.rules.schedule import period_key
from shared.runtime import learning
from shared.runtime.applied import admit
from shared.runtime.learning import learn
from shared.runtime.records import Decision, Item, Message

MEMBERS = "members"
USAGE = "usage"
Reason = Literal["challenge", "bonus", "referral"]


@dataclass(slots=True)
class CampaignState:
    """What was read for a batch."""

    members: dict[str, dict[str, Any]]
    usage: dict[str, dict[str, Any]]
    ruled: dict[int, Ruled] = field(default_factory=dict)


def ruled_by_accrual(accruals: Iterable[AccrualRead], book: Rulebook) -> dict[int, Ruled]:
    """The facts and rules of each accrual's activity, by the accrual's identity; without those before the programme."""
    found = ((each, ruled(each.activity.event, book)) for each in accruals if each.activity is not None)
    return {id(each): under for each, under in found if under is not None}


class Campaigns:
    """Decides one batch of accruals."""

    def __init__(self, state: CampaignState, book: Rulebook, prefix: str = "") -> None:
        self._members, self._usage, self._ruled = state.members, state.usage, state.ruled
        self._known = frozenset(state.members)
        self._counts = {key: int(document["n"]) for key, document in state.usage.items()}
        self._book = book
        self._prefix = prefix
        self._touched: set[str] = set()
        self._used: set[str] = set()
        self.decision = Decision()

    def take(self, item: Item[AccrualRead]) -> None:
        """One accrual."""
        accrual = item.event
        member = self._members.setdefault(accrual.member, {"_id": accrual.member, "known": {}, "progress": {}})
        if not admit(member, accrual.seq):
            return self.decision.count("redelivery")
        self._touched.add(member["_id"])
        if accrual.activity is not None:
            event = accrual.activity.event
            if event.kind == "signup":
                learn(member, event.data.attributes, event.time, event.key)
            under = self._ruled.get(id(accrual)) or ruled(event, self._book)
            if under is None:
                return self.decision.count("before_programme")
            self._activity(member, accrual.activity, under.facts, under.rules)
        return self.decision.count("accrual")

    def finish(self) -> Decision:
        """The decision, with every touched document once."""
        used = {key: {"_id": key, "n": self._counts[key]} for key in self._used}
        self.decision.keep(MEMBERS, self._touched, self._members, self._known)
        self.decision.keep(USAGE, used, used, self._usage)
        return self.decision

    def _activity(self, member: dict[str, Any], activity: ActivityRead, facts: Facts, rules: Ruleset) -> None:
        facts.of_member(learning.facts(member))
        for compiled in rules.rules("bonus", facts.kind):
            self._bonus(compiled, member["_id"], facts, activity, rules)
        for compiled in rules.rules("challenge", facts.kind):
            self._challenge(compiled, member, facts, activity, rules)
        for win in referrals.rewards(member, activity, rules):
            points = win.effect.fixed or 0
            self._give(
                "referral", win.rule, win.effect, win.member, points, activity, scope=member["_id"], cause=win.cause
            )

    def _bonus(self, compiled: Compiled, member: str, facts: Facts, activity: ActivityRead, rules: Ruleset) -> None:
        outcome = match(compiled, facts, member, rules, self._counts, {})
        if outcome.award is not None:
            self._used.update(use(compiled.rule, member, facts, self._counts))
            rule = compiled.rule
            self._give("bonus", rule, rule.then, member, outcome.award.points, activity)

    def _challenge(
        self, compiled: Compiled, member: dict[str, Any], facts: Facts, activity: ActivityRead, rules: Ruleset
    ) -> None:
        """Counts the local day; the day that reaches the goal wins, and no later one of that period does."""
        rule = compiled.rule
        assert isinstance(rule, Challenge)
        outcome = match(compiled, facts, member["_id"], rules, self._counts, {})
        if outcome.award is None:
            return
        period = period_key(rule.progress.period, facts.local)
        days: list[int] = member["progress"].setdefault(rule.id, {}).setdefault(period, [])
        today = facts.local.toordinal()
        if today in days or len(days) >= rule.progress.goal:
            return
        days.append(today)
        if len(days) == rule.progress.goal:
            points = outcome.award.points
            self._give("challenge", rule, rule.then, member["_id"], points, activity, scope=period, period=period)

    def _give(
        self, reason: Reason, rule: Base, effect: PointsEffect, winner: str, points: int, activity: ActivityRead,
        *, scope: str | None = None, period: str | None = None, cause: Cause | None = None,
    ) -> None:  # fmt: skip
        """A grant for earn and an offer for notify. Their id follows from what was won: `scope` is the period, the
        friend, or (None) the event itself; so it is won once, whoever decides it again."""
        event = activity.event
        cause = cause or Cause(source=event.source, id=event.id)
        scope = scope or hashlib.blake2b(event.key.encode(), digest_size=8).hexdigest()
        won = {
            "member": winner,
            "rule": rule.id,
            "version": rule.version,
            "wallet": effect.wallet,
            "points": points,
            "reason": reason,
            "period": period,
            "cause": cause,
        }
        issuer = "programme" if rule.owner == "coalition" else f"partner:{rule.owner}"
        id_ = f"{rule.id}:{winner}:{scope}"
        grant = Grant(
            specversion="1.0", id=id_, source="/campaigns", time=event.time, data=GrantData(**won, issuer=issuer)
        )
        offer = Offer(
            specversion="1.0", id=id_, source="/campaigns", time=event.time, data=OfferData(**won, title=rule.title)
        )
        self.decision.messages += [
            Message(self._prefix + GRANTS, winner, grant.model_dump_json(exclude_none=True).encode(), "grant"),
            Message(self._prefix + OFFERS, winner, offer.model_dump_json(exclude_none=True).encode(), "offer"),
        ]
        self.decision.count(reason)
