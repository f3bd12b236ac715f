"""Campaigns, decided: bonuses, challenges and referral rewards, from accruals. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from shared.events.internal import Cause, Grant, GrantData, Offer, OfferData
from shared.events.light import AccrualRead, ActivityRead
from shared.events.topics import GRANTS, OFFERS
from shared.rules import challenges, referrals
from shared.rules.compiled import Compiled
from shared.rules.definition import Base
from shared.rules.matching import Outcome, Ruled, decide, ruled
from shared.rules.member import NOBODY
from shared.rules.rulebook import Rulebook
from shared.rules.usage import MemberUsage
from shared.runtime.applied import admit
from shared.runtime.records import Decision, Item, Message
from shared.runtime.sharing import SharedUsage

MEMBERS = "members"
BONUS = ("bonus",)
CHALLENGE = ("challenge",)
Reason = Literal["challenge", "bonus", "referral"]


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
        id(each): Judged(under, list(under.plausible(BONUS)), list(under.plausible(CHALLENGE)))
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
        member = self._members.setdefault(accrual.member, {"_id": accrual.member, "progress": {}})
        if not admit(member, accrual.seq):
            return self.decision.count("redelivery")
        self._touched.add(member["_id"])
        activity = accrual.activity
        if activity is not None:
            judged = self._state.judged.get(id(accrual)) or judged_by_accrual([accrual], self._book).get(id(accrual))
            if judged is None:
                return self.decision.count("before_programme")
            self._activity(member, accrual, activity, judged, item.record.partition)
        return self.decision.count("accrual")

    def finish(self) -> Decision:
        """The decision, with every touched document once."""
        for id_ in sorted(self._touched):
            (self.decision.replace if id_ in self._known else self.decision.insert)(MEMBERS, self._members[id_])
        self._state.shared.write(self.decision)
        return self.decision

    def _activity(
        self, member: dict[str, Any], accrual: AccrualRead, activity: ActivityRead, judged: Judged, lane: int
    ) -> None:
        facts, rules = judged.under
        # What earn knew of the member for this event comes with it: nobody has to know members twice.
        facts.of_member(NOBODY, accrual.data.facts)
        usage = MemberUsage(member, self._state.shared.lane(lane), accrual.data.household)
        for outcome in decide(judged.bonuses, facts, rules, usage, plausible=True).outcomes:
            self._won("bonus", outcome, member["_id"], activity)
        for outcome, period in challenges.completed(member, judged.challenges, facts, rules, usage):
            self._won("challenge", outcome, member["_id"], activity, period)
        for win in referrals.rewards(member, activity.event, activity.advocate, rules):
            self._give(
                "referral", win.rule, win.effect.wallet, win.member, win.effect.fixed or 0, activity,
                scope=member["_id"], cause=win.cause, role=win.role,
            )  # fmt: skip

    def _won(
        self, reason: Reason, outcome: Outcome, member: str, activity: ActivityRead, period: str | None = None
    ) -> None:
        for number, award in enumerate(outcome.awards):
            self._give(
                reason, outcome.rule, award.wallet, member, award.points, activity,
                scope=period, period=period, part=number,
            )  # fmt: skip
        for thing in outcome.rule.things:
            if thing.tag is not None:
                self._give(reason, outcome.rule, "", member, 0, activity, scope=period, period=period, tag=thing.tag)

    def _give(
        self, reason: Reason, rule: Base, wallet: str, winner: str, points: int, activity: ActivityRead,
        *, scope: str | None = None, period: str | None = None, cause: Cause | None = None, part: int = 0,
        tag: str | None = None, role: Literal["advocate", "friend"] | None = None,
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
            "wallet": wallet,
            "points": points,
            "reason": reason,
            "period": period,
            "cause": cause,
        }
        issuer = "programme" if rule.owner == "coalition" else f"partner:{rule.owner}"
        id_ = f"{rule.id}:{winner}:{scope}" + (f":{part}" if part else "")
        grant = Grant(
            specversion="1.0",
            id=id_,
            source="/campaigns",
            time=event.time,
            data=GrantData(**won, issuer=issuer, tag=tag, role=role),
        )
        offer = Offer(
            specversion="1.0", id=id_, source="/campaigns", time=event.time, data=OfferData(**won, title=rule.title)
        )
        self.decision.messages += [
            Message(self._prefix + GRANTS, winner, grant.model_dump_json(exclude_none=True).encode(), "grant"),
            Message(self._prefix + OFFERS, winner, offer.model_dump_json(exclude_none=True).encode(), "offer"),
        ]
        self.decision.count(reason)
