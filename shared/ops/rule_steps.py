"""What a referral or a tier's gift needs, step by step, and which of it is not there yet. Pure.

No event decides these by itself: a referral is rewarded on the friend's first purchase after it, a gift on first
reaching its tier.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.ops.rebuilding import Entry, Sources
from shared.ops.story import newest, short
from shared.rules.definition import GiftRule, Ladder, ReferralRule
from shared.rules.rulebook import NoProgrammeError
from shared.rules.saying.named import Named
from shared.rules.saying.phrase import Phrase, Saying, say
from shared.rules.timing import timing_at


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that is needed: whether it is there, what it is, and what is missing where it is not."""

    held: bool
    text: Saying
    missing: Saying | None = None


def referral_steps(rule: ReferralRule, sources: Sources) -> tuple[Step, ...]:
    """Of a friend, whose journal this is: as `shared.rules.referrals` decides it. Later steps follow from earlier."""
    referral, purchase = _earliest(sources.journal, "referral"), _earliest(sources.journal, "purchase")
    if referral is None:
        return (Step(False, say(Phrase.ASK_REFERRED), say(Phrase.NOBODY_REFERRED)),)
    zone = sources.book.at(max(referral["at"], rule.effective)).zone
    said = say(Phrase.REFERRED_BY, event=short(referral["_id"]), at=referral["at"].astimezone(zone))
    steps = [Step(True, said), _in_force(rule, referral, sources)]
    bought = say(Phrase.ASK_BOUGHT_AFTER)
    if purchase is None:
        steps.append(Step(False, bought, say(Phrase.NOT_BOUGHT)))
    elif purchase["at"] < referral["at"]:
        before = say(Phrase.BOUGHT_BEFORE, event=short(purchase["_id"]), at=purchase["at"].astimezone(zone))
        steps.append(Step(False, bought, before))
    else:
        steps.append(Step(True, bought))
    return tuple(steps)


def _in_force(rule: ReferralRule, referral: Entry, sources: Sources) -> Step:
    """Whether the rule was in force, and ran, when the referral was made."""
    asked = say(Phrase.ASK_REFERRAL_RUNS)
    try:
        rules = sources.book.at(referral["at"])
    except NoProgrammeError:
        return Step(False, asked, say(Phrase.NOT_IN_FORCE))
    known = next((each for each in rules.referrals if each.id == rule.id), None)
    if known is None:
        return Step(False, asked, say(Phrase.NOT_IN_FORCE))
    ran = timing_at(known.schedule, referral["at"], rules.zone)
    return Step(ran.held, asked, ran.why)


def gift_steps(rule: GiftRule, tiers: Mapping[str, Any] | None, sources: Sources, now: datetime) -> tuple[Step, ...]:
    """Of a tier's gift: the qualifying points of this year, and how many more the tier is reached from."""
    ladder = newest(sources.book, Ladder, rule.ladder)
    tier = next((each for each in ladder.tiers if each.id == rule.tier), None) if ladder is not None else None
    if ladder is None or tier is None:
        return (Step(False, say(Phrase.ASK_TIER, wanted=rule.tier), say(Phrase.NOT_IN_FORCE)),)
    state = (tiers or {}).get("ladders", {}).get(ladder.id, {})
    year = str(now.astimezone(sources.book.at(max(now, ladder.effective)).zone).year)
    points = int(state.get("years", {}).get(year, 0))
    reached = rule.tier in state.get("reached", {})
    asked = say(Phrase.ASK_QUALIFYING, tier=tier.title, wanted=tier.reached_from, ladder=Named(ladder.id, ladder.title))
    if reached:
        return (Step(True, asked),)
    more = say(Phrase.QUALIFYING_MORE, count=max(1, tier.reached_from - points), points=points, year=year)
    return (Step(False, asked, more),)


def _earliest(journal: Sequence[Entry], kind: str) -> Entry | None:
    found = [each for each in journal if each["kind"] == kind]
    return min(found, key=lambda each: (each["at"], each["_id"]), default=None)
