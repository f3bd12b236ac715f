"""Referral rewards: both sides win on the friend's first purchase after the referral, in any order. Pure.

What is due follows from all that is known of the friend: the earliest referral and the earliest purchase. Two partners'
topics race, so an earlier one of either may be heard of after the reward: then what was given is taken back, and what
is due now is given. Both only ever become earlier, so no pair of them is ever due twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from shared.events.internal import Cause
from shared.events.light import Occurrence
from shared.rules.definition import ReferralRule
from shared.rules.rewards import PointsEffect
from shared.rules.rulebook import NoProgrammeError, Rulebook

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reward:
    """One side's reward: for which referral, `at` which purchase's time; or, with `back`, its being taken back.

    `pair` stands for friend, referral and purchase: what the reward is known by, with rule and member.
    """

    member: str
    rule: ReferralRule
    effect: PointsEffect
    cause: Cause
    role: Literal["advocate", "friend"]
    pair: str
    at: datetime
    back: bool = False


def rewards(friend: Document, event: Occurrence, advocate: str | None, book: Rulebook) -> list[Reward]:
    """What this event of the friend changes, for both sides; `advocate`: of a referral, who brought them.

    Keeps in the friend's document what it takes to decide in any order of arrival: the earliest referral, the earliest
    purchase, and the pair that was rewarded. A member who bought before the referral was no new customer: nobody wins.
    """
    if event.kind == "referral" and advocate is not None:
        _keep_earliest(friend, "referral", event, advocate=advocate)
    elif event.kind == "purchase":
        _keep_earliest(friend, "first_purchase", event)
    else:
        return []
    held, due = friend.get("rewarded"), _due(friend, book)
    # A release that never took a reward back noted only that it had given one.
    if held is True or _same(held, due):
        return []
    taken = [] if held is None else list(_of(friend["_id"], held, book, back=True))
    if held is not None and not taken:
        return []  # given by a version that this release cannot read: left alone until one can
    friend["rewarded"] = due
    return taken + ([] if due is None else list(_of(friend["_id"], due, book)))


def returned(friend: Document, purchase: str, book: Rulebook) -> list[Reward]:
    """The friend's first purchase came back, all of it: what it won is taken back, and the next one they make is their
    first. purchase: its key."""
    first = _as_seen(friend.get("first_purchase"))
    if first is None or _key(first) != purchase:
        return []
    del friend["first_purchase"]
    held = friend.get("rewarded")
    if not isinstance(held, dict):
        return []
    taken = list(_of(friend["_id"], held, book, back=True))
    if taken:
        friend["rewarded"] = None
    return taken


def _due(friend: Document, book: Rulebook) -> Document | None:
    """The pair that is to be rewarded, with the rules that do: those open at the time of the referral."""
    referral, purchase = friend.get("referral"), _as_seen(friend.get("first_purchase"))
    if referral is None or purchase is None or _at(purchase) < _at(referral):
        return None
    try:
        rules = book.at(_at(referral))
    except NoProgrammeError:
        return None
    named = [[each.id, each.version] for each in rules.referrals if each.schedule.runs(_at(referral), rules.zone)]
    return {"referral": referral, "purchase": purchase, "rules": named} if named else None


def _of(friend: str, pair: Document, book: Rulebook, *, back: bool = False) -> Iterator[Reward]:
    referral, purchase = pair["referral"], pair["purchase"]
    named = f"{friend} {_key(referral)} {_key(purchase)}"
    digest = hashlib.blake2b(named.encode(), digest_size=8).hexdigest()
    cause = Cause(source=referral["source"], id=referral["id"])
    wanted = {(id_, version) for id_, version in pair["rules"]}
    for rule in book.versions:
        if isinstance(rule, ReferralRule) and (rule.id, rule.version) in wanted:
            at = _at(purchase)
            yield Reward(referral["advocate"], rule, rule.advocate, cause, "advocate", digest, at, back)
            yield Reward(friend, rule, rule.friend, cause, "friend", digest, at, back)


def _same(held: Document | None, due: Document | None) -> bool:
    if held is None or due is None:
        return held is due
    return all(_key(held[which]) == _key(due[which]) for which in ("referral", "purchase"))


def _keep_earliest(friend: Document, what: str, event: Occurrence, **more: str) -> None:
    """Of two at one instant the one with the lesser key, so that every order of arrival ends alike."""
    known = _as_seen(friend.get(what))
    if known is None or event.time < (first := _at(known)) or (event.time == first and event.key < _key(known)):
        friend[what] = {"time": event.time.isoformat(), "source": event.source, "id": event.id, **more}


def _as_seen(held: Document | str | None) -> Document | None:
    """An earlier release kept of the purchase its time only."""
    return {"time": held, "source": "", "id": ""} if isinstance(held, str) else held


def _at(seen: Document) -> datetime:
    return datetime.fromisoformat(seen["time"])


def _key(seen: Document) -> str:
    return f"{seen['source']}|{seen['id']}"
