"""What a referral or a tier's gift needs, step by step, and which of it is not there yet. Pure.

No event decides these by itself: a referral is rewarded on the friend's first purchase after it, a gift on first
reaching its tier.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from shared.events.light import Occurrence
from shared.ledger.returned import RETURN_OF, in_order, in_turn, left_of, said
from shared.ops.cases import Case
from shared.ops.explaining import inquiry_of
from shared.ops.rebuilding import Entry, Sources, activity_of
from shared.ops.story import newest, short
from shared.ops.telling import amounts
from shared.ops.telling_rulings import JOINS
from shared.rules.definition import GiftRule, Ladder, ReferralRule
from shared.rules.facts import Facts
from shared.rules.findings import Finding, find, of_segment
from shared.rules.holding import alone, by_now
from shared.rules.inwords import segment_named
from shared.rules.matching import facts_of
from shared.rules.referring import Given, facts_at, whole
from shared.rules.rulebook import NoProgrammeError, Ruleset
from shared.rules.saying.named import Named
from shared.rules.saying.phrase import Phrase, Saying, say
from shared.rules.sides import Sides
from shared.rules.spending import finest
from shared.rules.timing import timing_at
from shared.rules.usage import Shared, Standings, bounds


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that is needed: whether it is there, what it is, and what is missing where it is not.

    finding: of a part of a condition, that part with its values; segment: the segment whose condition it is of.
    """

    held: bool
    text: Saying | str
    missing: Saying | None = None
    finding: Finding | None = None
    segment: Named | None = None


def referral_steps(rule: ReferralRule, sources: Sources, now: datetime, shared: Shared) -> tuple[Step, ...]:
    """Of a friend, whose journal this is: as `shared.rules.referrals` decides it. Later steps follow from earlier. Of
    one who brought somebody, what they have used of their limits by now; of who may still be rewarded, what all members
    have used up."""
    return (*_of_friend(rule, sources), *_of_advocate(rule, sources, now), *_of_all(rule, sources, now, shared))


def _of_friend(rule: ReferralRule, sources: Sources) -> tuple[Step, ...]:
    referral, (purchase, back) = _earliest(sources.journal, "referral"), _first_bought(sources)
    if referral is None:
        return (Step(False, say(Phrase.ASK_REFERRED), say(Phrase.NOBODY_REFERRED)),)
    zone = sources.book.at(max(referral["at"], rule.effective)).zone
    said = say(Phrase.REFERRED_BY, event=short(referral["_id"]), at=referral["at"].astimezone(zone))
    steps = [Step(True, said), _in_force(rule, referral, sources)]
    bought = say(Phrase.ASK_BOUGHT_AFTER)
    if purchase is None and back is not None:
        said = say(Phrase.FIRST_CAME_BACK, event=short(back["_id"]), at=back["at"].astimezone(zone))
        gone = next(each for each in sources.journal if each["_id"] == back[RETURN_OF])
        after = gone["at"] >= referral["at"]
        steps += [Step(True, bought), Step(False, say(Phrase.ASK_MET), said)] if after else [Step(False, bought, said)]
    elif purchase is None:
        steps.append(Step(False, bought, say(Phrase.NOT_BOUGHT)))
    elif purchase["at"] < referral["at"]:
        before = say(Phrase.BOUGHT_BEFORE, event=short(purchase["_id"]), at=purchase["at"].astimezone(zone))
        steps.append(Step(False, bought, before))
    else:
        steps.append(Step(True, bought))
        sides = next((each for each in _versions(rule, sources) if _runs(each, referral, sources)), None)
        if sides is not None:
            steps += [*_met(sides, purchase, sources), *_left(sides, purchase, sources)]
    return tuple(steps)


def _versions(rule: ReferralRule, sources: Sources) -> list[Sides]:
    return [each for (id_, _), each in sources.book.referring.items() if id_ == rule.id]


def _runs(sides: Sides, referral: Entry, sources: Sources) -> bool:
    """Whether it is the version in force at the referral, and ran."""
    rules = sources.book.found(referral["at"])
    return rules is not None and sides.rule in rules.referrals and sides.rule.schedule.runs(referral["at"], rules.zone)


def _met(sides: Sides, purchase: Entry, sources: Sources) -> Iterator[Step]:
    """What the rule asks of the first purchase: as campaigns noted it, or else as it is found now."""
    if not sides.asks:
        return
    case = inquiry_of(purchase, sources).campaigns
    facts, in_segment = _as_kept(purchase, case, sources), case.rules.in_segment
    met = sides.met(facts, in_segment)
    noted = (sources.campaigns or {}).get("first_purchase")
    if isinstance(noted, dict) and "met" in noted and f"{noted['source']}|{noted['id']}" == purchase["_id"]:
        met = list(sides.key) in noted["met"]
    if met:
        yield Step(True, say(Phrase.ASK_MET))
    else:
        # What was not met at once stays so, also where a return makes it fit: then the whole purchase says why.
        yield from _lacking(sides.rule, case.facts if sides.met(facts, in_segment) else facts, case.rules)


def _lacking(rule: ReferralRule, facts: Facts, rules: Ruleset) -> Iterator[Step]:
    """That a purchase is not what the rule asks for, and each part that it misses: of the segment, of the condition."""
    outside, parts = None, list[Step]()
    if rule.segment is not None and not rules.in_segment(rule.segment, facts):
        segment = segment_named(rule.segment, facts)
        outside, of = say(Phrase.ONLY_SEGMENT, segment=segment), of_segment(rule.segment, facts)
        parts += [] if of is None else [replace(_part(of), segment=segment)]
    yield Step(False, say(Phrase.ASK_MET), outside)
    if rule.when is not None:
        parts += [_part(each) for each in _open(find(rule.when, facts, rule.schedule.time_zone))]
    yield from parts


def _open(finding: Finding) -> Iterator[Finding]:
    """The parts that do not hold, of which all have to."""
    if finding.how == "all":
        yield from (each for part in finding.parts for each in _open(part))
    elif not finding.held:
        yield finding


def _part(finding: Finding) -> Step:
    text = say(JOINS[finding.how]) if finding.how in JOINS else finding.said or finding.text
    return Step(finding.held, text, finding.missing, finding)


def _as_kept(purchase: Entry, case: Case, sources: Sources) -> Facts:
    """The facts of what is left of a purchase, as campaigns look at it after a return."""
    left = _left_of(purchase, sources.journal)
    return case.facts if left is None else facts_of(left, case.past.earn.document, case.rules)


def _left_of(purchase: Entry, journal: Sequence[Entry]) -> Occurrence | None:
    """What the returns in this journal left of it; None for nothing."""
    returns = [said(each) for each in in_turn(journal) if each[RETURN_OF] == purchase["_id"]]
    return left_of(activity_of(purchase).event, returns)


def _first_bought(sources: Sources) -> tuple[Entry | None, Entry | None]:
    """The purchase that counts as the first, and where there is none any more the return that took all of it."""
    noted = (sources.campaigns or {}).get("first_purchase")
    if isinstance(noted, dict):
        key = f"{noted['source']}|{noted['id']}"
        known = next((each for each in sources.journal if each["_id"] == key), None)
        if known is not None and _left_of(known, sources.journal) is not None:
            return known, None
    first = back = None
    journal = in_order(sources.journal)
    for number, each in enumerate(journal, 1):
        if each["kind"] == "purchase":
            first, back = _earliest([each] if first is None else [first, each], "purchase"), None
        elif first is not None and each.get(RETURN_OF) == first["_id"] and _left_of(first, journal[:number]) is None:
            first, back = None, each
    return first, back


def _left(sides: Sides, purchase: Entry, sources: Sources) -> Iterator[Step]:
    """What limits and budgets held back, as campaigns noted it: each once, with what it took from which side."""
    pair = (sources.campaigns or {}).get("rewarded")
    if not sides.bounded or not isinstance(pair, dict) or list(sides.key) not in pair["rules"]:
        return
    asked = say(Phrase.ASK_LEFT)
    facts = facts_at(purchase["at"], activity_of(purchase).event, sources.book)
    held = [each for each in pair.get("passed", ()) if each[0] == sides.rule.id]
    less = _less(sides, pair)
    by = {role: key for _, role, _, key in held}
    for key in dict.fromkeys(by.values()):
        bound = next((each for each in bounds(sides.rule, facts) if each.key == key), None)
        # Where the friend gets nothing the advocate is not asked about: the same held back both.
        mine = tuple(said for role, said in less.items() if by.get(role, by.get("friend")) == key)
        yield Step(False, asked, None if bound is None else _held_back(alone(bound, bound.most).why(), mine))
    if not held:
        yield Step(True, asked)


def _less(sides: Sides, pair: Mapping[str, Any]) -> dict[str, Saying]:
    """How much less than its reward each side was given; of an earlier release's pair that is not known."""
    if (kept := pair.get("given", {}).get(sides.rule.id)) is None:
        return {}
    given, all_, rule = Given(*kept), whole(sides), sides.rule
    lost = {
        "friend": (Phrase.FRIEND_LESS, rule.friend.wallet, all_.friend - given.friend),
        "advocate": (Phrase.ADVOCATE_LESS, rule.advocate.wallet, all_.advocate - given.advocate),
    }
    return {
        role: say(what, points=amounts({wallet: points})) for role, (what, wallet, points) in lost.items() if points
    }


def _held_back(why: Saying, less: tuple[Saying, ...]) -> Saying:
    return say(Phrase.LEFT_LESS, reason=why, less=less) if less else why


def _of_advocate(rule: ReferralRule, sources: Sources, now: datetime) -> Iterator[Step]:
    """How much of their own limits they have used."""
    uses = (sources.campaigns or {}).get("uses", {})
    mine = [limit for limit in rule.limits if limit.per == "member"]
    entry = next((each for each in sources.journal if each["kind"] in ("signup", "purchase", "referral")), None)
    if not mine or not uses or entry is None:
        return
    for bound in bounds(rule, facts_at(max(now, rule.effective), activity_of(entry).event, sources.book)):
        if bound.key in uses:
            used = uses[bound.key].get(bound.bucket, 0)
            yield Step(used < bound.most, alone(bound, used).so_far())


def _of_all(rule: ReferralRule, sources: Sources, now: datetime, shared: Shared) -> Iterator[Step]:
    """What is used up by now, whoever used it; of a purchase that was rewarded, `_left` says what it found."""
    if not isinstance(shared, Standings) or "rewarded" in (sources.campaigns or {}):
        return
    entry = next((each for each in sources.journal if each["kind"] in ("signup", "purchase", "referral")), None)
    if entry is None:
        return
    for bound in bounds(rule, facts_at(max(now, rule.effective), activity_of(entry).event, sources.book)):
        if bound.per == "programme":
            by_all = by_now(alone(bound, 0), bound, *shared.used("programme", finest(bound)[0]), {})
            if by_all.left <= 0:
                yield Step(False, by_all.so_far())


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
