"""Referral rewards: both sides win on the friend's first purchase after the referral, in any order. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from shared.events.internal import Cause
from shared.events.light import Occurrence
from shared.rules.definition import ReferralRule
from shared.rules.rewards import PointsEffect
from shared.rules.rulebook import Ruleset


@dataclass(frozen=True, slots=True)
class Win:
    """One side's reward, and the referral that caused it."""

    member: str
    rule: ReferralRule
    effect: PointsEffect
    cause: Cause
    role: Literal["advocate", "friend"]


def rewards(friend: dict[str, Any], event: Occurrence, advocate: str | None, rules: Ruleset) -> list[Win]:
    """What this event of the friend wins, for both sides; `advocate`: of a referral, who brought them.

    Keeps in the friend's document what it takes to decide in any order of arrival: the earliest referral, and the
    earliest purchase. A member who bought before the referral was no new customer, so nobody wins.
    """
    if event.kind == "referral" and advocate is not None:
        known = friend.get("referral")
        if known is None or event.time < datetime.fromisoformat(known["time"]):
            friend["referral"] = {
                "advocate": advocate,
                "time": event.time.isoformat(),
                "source": event.source,
                "id": event.id,
            }
    elif event.kind == "purchase":
        first = friend.get("first_purchase")
        if first is None or event.time < datetime.fromisoformat(first):
            friend["first_purchase"] = event.time.isoformat()
    return _due(friend, rules)


def _due(friend: dict[str, Any], rules: Ruleset) -> list[Win]:
    referral, first = friend.get("referral"), friend.get("first_purchase")
    if referral is None or first is None or friend.get("rewarded"):
        return []
    referred, bought = datetime.fromisoformat(referral["time"]), datetime.fromisoformat(first)
    if bought < referred:
        return []
    due = [rule for rule in rules.referrals if rule.schedule.runs(referred, rules.zone)]
    if not due:
        return []
    friend["rewarded"] = True
    cause = Cause(source=referral["source"], id=referral["id"])
    return [
        win
        for rule in due
        for win in (
            Win(referral["advocate"], rule, rule.advocate, cause, "advocate"),
            Win(friend["_id"], rule, rule.friend, cause, "friend"),
        )
    ]
