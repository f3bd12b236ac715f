"""Referral rewards: both sides win on the friend's first purchase after the referral, whichever is heard of first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.events.internal import Cause
from shared.events.light import ActivityRead
from shared.rules.definition import PointsEffect, ReferralRule
from shared.rules.rulebook import Ruleset


@dataclass(frozen=True, slots=True)
class Win:
    """One side's reward, and the referral that caused it."""

    member: str
    rule: ReferralRule
    effect: PointsEffect
    cause: Cause


def rewards(friend: dict[str, Any], activity: ActivityRead, rules: Ruleset) -> list[Win]:
    """What this activity of the friend wins, for both sides.

    Keeps in the friend's document what it takes to decide in any order of arrival: the earliest referral, and the
    earliest purchase. A member who bought before the referral was no new customer, so nobody wins.
    """
    event = activity.event
    if event.kind == "referral" and activity.advocate is not None:
        known = friend.get("referral")
        if known is None or event.time < datetime.fromisoformat(known["time"]):
            friend["referral"] = {
                "advocate": activity.advocate,
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
            Win(referral["advocate"], rule, rule.advocate, cause),
            Win(friend["_id"], rule, rule.friend, cause),
        )
    ]
