"""Referral rewards: both sides win on the friend's first purchase after the referral, in any order. Pure.

What is due follows from all that is known of the friend: the earliest referral and the earliest purchase. Two partners'
topics race, so an earlier one of either may be heard of after the reward: then what was given is taken back, and what
is due now is given. Both only ever become earlier, so no pair of them is ever due twice.

Conditions ask about the first purchase when it is heard of, and what fits is kept with it: which version counts, the
referral says, and that may come later. Limits and budgets count in the order of decisions (see `referring`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from shared.events.internal import Cause
from shared.events.light import Occurrence
from shared.rules.definition import ReferralRule
from shared.rules.facts import Facts
from shared.rules.merging import charged
from shared.rules.merging_referrals import (
    gave,
    join,
    of_themselves,
    passed_over,
    referral_of,
    referrals_of,
    rejoin,
    when,
)
from shared.rules.referring import (
    ROLES,
    Given,
    Role,
    Uses,
    as_seen,
    facts_at,
    give,
    give_back,
    own_of,
    seen_at,
    seen_key,
    states_of,
    whole,
)
from shared.rules.rulebook import NoProgrammeError, Rulebook
from shared.rules.sides import Sides

Document = dict[str, Any]
_MOST: Final = 20  # advocates of one friend: who says to have brought everybody fills no document


@dataclass(frozen=True, slots=True)
class Reward:
    """One side's reward: points, for which referral, `at` which purchase's time; or, with `back`, its being taken back.

    `pair` stands for friend, referral and purchase: what the reward is known by, with rule and member.
    """

    member: str
    rule: ReferralRule
    wallet: str
    points: int
    cause: Cause
    role: Role
    pair: str
    at: datetime
    back: bool = False


def rewards(friend: Document, facts: Facts, advocate: str | None, book: Rulebook, uses: Uses) -> list[Reward]:
    """What this event of the friend changes, for both sides; `advocate`: of a referral, who brought them.

    Keeps in the friend's document what it takes to decide in any order of arrival: the earliest referral, the earliest
    purchase with the rules whose conditions it meets, and the pair that was rewarded with what it was given. A member
    who bought before the referral was no new customer: nobody wins.
    """
    event = facts.event
    if event.kind not in ("referral", "purchase"):
        return []
    own = own_of(friend)
    if event.kind == "referral" and advocate is not None:
        _keep_referral(own, event, advocate)
    elif event.kind == "purchase" and _keep_first(own, event):
        _meet(own["first_purchase"], facts, book)
    join(friend)
    held, due = friend.get("rewarded"), _due(friend, book)
    # A release that never took a reward back noted only that it had given one.
    if held is True or _same(held, due) or _settled(friend):
        return []
    if held is not None and not _sides(held, book):
        return []  # given by a version that this release cannot read: left alone until one can
    taken = [] if held is None else list(_taken(friend["_id"], held, event, book, uses))
    beside = passed_over(friend)  # also what the pair that is taken back had passed over
    friend["rewarded"] = due
    if due is None:  # what was apart, as they were rewarded, counts together again, as if they had never been
        rejoin(friend)
        if friend.get("rewarded") is None:
            friend["rewarded"] = due = _due(friend, book)
    if due is not None and beside:
        due["beside"] = beside
    return taken + ([] if due is None else list(_given(friend["_id"], due, event, book, uses)))


def returned(
    friend: Document, purchase: str, event: Occurrence, left: Facts | None, book: Rulebook, uses: Uses
) -> list[Reward]:
    """Something of the friend's first purchase came back. All of it: what it won is taken back, and the next one they
    make is their first. A part: what asks for more than is left takes its reward back, and the purchase stays the
    first. purchase: its key; event: the return; left: the facts of what is left."""
    held: Any = friend.get("rewarded")
    states = states_of(friend)
    hits = [each for each in states if (seen := as_seen(each.get("first_purchase"))) and seen_key(seen) == purchase]
    rewarded = isinstance(held, dict) and seen_key(held["purchase"]) == purchase
    if not hits and not rewarded:
        return []
    gone: Collection[tuple[str, int]] | None = None
    if left is None:
        for each in hits:
            del each["first_purchase"]
    else:
        # Nobody's first any more it is the one that was rewarded: else it would be none of theirs.
        first = as_seen(hits[0]["first_purchase"] if hits else held["purchase"]) or {}
        met = [(id_, version) for id_, version in first.get("met", ())]
        fits = [key for key in met if (sides := book.referring.get(key)) is None or _meets(sides, left, book)]
        gone = set(met) - set(fits)
        if not gone:
            return []
        for each in hits:
            each["first_purchase"]["met"] = [list(key) for key in fits]
    if not isinstance(held, dict) or not rewarded or not _sides(held, book):
        return []
    keeps = [] if gone is None else [each for each in held["rules"] if tuple(each) not in gone]
    if gone is not None and len(keeps) == len(held["rules"]):
        return []
    back = {**held, "rules": [each for each in held["rules"] if each not in keeps]}
    taken = list(_taken(friend["_id"], back, event, book, uses))
    friend["rewarded"] = {**held, "rules": keeps} if keeps else None
    return taken


def _settled(friend: Document) -> bool:
    """Whether a reward stands until its purchase comes back, whatever else is heard: it was given, to the friend or to
    another, by what a merge had brought that was undone since (see `merging_referrals`)."""
    held = friend.get("rewarded")
    return "elsewhere" in friend or (isinstance(held, dict) and "kept" in held)


def _due(friend: Document, book: Rulebook) -> Document | None:
    """The pair that is to be rewarded, with the rules that do: those open at the time of the referral whose conditions
    the purchase meets. Nobody wins who was brought by somebody they are one with."""
    referral, purchase = referral_of(friend), as_seen(friend.get("first_purchase"))
    if referral is None or purchase is None or seen_at(purchase) < seen_at(referral):
        return None
    try:
        rules = book.at(seen_at(referral))
    except NoProgrammeError:
        return None
    met = {tuple(each) for each in purchase.get("met", ())}
    opened = (each for each in rules.referrals if each.schedule.runs(seen_at(referral), rules.zone))
    asking = {key for key, each in book.referring.items() if each.asks}
    keys = [key for each in opened if (key := (each.id, each.version)) in met or key not in asking]
    if not keys or (of_themselves(friend, referral) and not gave(friend.get("rewarded"), referral)):
        return None
    return {"referral": referral, "purchase": purchase, "rules": [list(key) for key in keys]}


def _given(friend: str, pair: Document, event: Occurrence, book: Rulebook, uses: Uses) -> Iterator[Reward]:
    """Counts what limits and budgets allow, and keeps with the pair what was given by each rule that has some."""
    for sides in _sides(pair, book):
        given = whole(sides)
        if sides.bounded:
            at, advocate = seen_at(pair["purchase"]), pair["referral"]["advocate"]
            given = give(sides, facts_at(at, event, book), book.at(at), uses.of(advocate))
            if (way := uses.way(advocate)) and (used_by := way[-1]["_id"]) != advocate:
                pair["used_by"] = used_by  # also once they are merged no more
            pair.setdefault("given", {})[sides.rule.id] = [given.advocate, given.friend]
            if given.held:
                pair.setdefault("passed", []).extend(list(each) for each in given.held)
        yield from _of(friend, pair, sides, given)


def _taken(friend: str, pair: Document, event: Occurrence, book: Rulebook, uses: Uses) -> Iterator[Reward]:
    """All that was given, less; limits and budgets count it no more."""
    for sides in _sides(pair, book):
        given = whole(sides)
        if (kept := pair.get("given", {}).get(sides.rule.id)) is not None:
            given = Given(*kept)
            facts, used_by = facts_at(seen_at(pair["purchase"]), event, book), pair.get("used_by")
            advocate = used_by or pair["referral"]["advocate"]
            with charged(uses.way(advocate)):
                give_back(sides, given, facts, uses.of(advocate), uses.shared)
        yield from _of(friend, pair, sides, given, back=True)


def _of(friend: str, pair: Document, sides: Sides, given: Given, *, back: bool = False) -> Iterator[Reward]:
    referral, purchase = pair["referral"], pair["purchase"]
    named = f"{friend} {seen_key(referral)} {seen_key(purchase)}"
    digest = hashlib.blake2b(named.encode(), digest_size=8).hexdigest()
    cause, rule = Cause(source=referral["source"], id=referral["id"]), sides.rule
    members, effects = (referral["advocate"], friend), (rule.advocate, rule.friend)
    for role, member, effect, points in zip(ROLES, members, effects, given[:2], strict=True):
        if points:
            yield Reward(member, rule, effect.wallet, points, cause, role, digest, seen_at(purchase), back)


def _sides(pair: Document, book: Rulebook) -> Sequence[Sides]:
    """The rules of a pair, in the versions that were in force at the referral."""
    wanted = {(id_, version) for id_, version in pair["rules"]}
    return [sides for key, sides in book.referring.items() if key in wanted]


def _meet(purchase: Document, facts: Facts, book: Rulebook) -> None:
    """Notes which rules' conditions a first purchase meets, of those that have any: of whatever version, as it is the
    referral that says which counts."""
    asking = [each for each in book.referring.values() if each.asks]
    if asking:
        purchase["met"] = [list(each.key) for each in asking if _meets(each, facts, book)]


def _meets(sides: Sides, facts: Facts, book: Rulebook) -> bool:
    return sides.met(facts, book.at(facts.event.time).in_segment)


def _same(held: Document | None, due: Document | None) -> bool:
    if held is None or due is None:
        return held is due
    return all(seen_key(held[which]) == seen_key(due[which]) for which in ("referral", "purchase"))


def _keep_referral(friend: Document, event: Occurrence, advocate: str) -> None:
    """The earliest, and that of each other advocate: it counts where the first is one with the friend by now."""
    said = {"time": event.time.isoformat(), "source": event.source, "id": event.id, "advocate": advocate}
    by = dict[str, Document]()
    for each in sorted((*referrals_of(friend), said), key=when):
        by.setdefault(each["advocate"], each)
    friend["referral"], *others = list(by.values())[:_MOST]
    if others:
        friend["others"] = others


def _keep_first(friend: Document, event: Occurrence) -> bool:
    """Of two at one instant the one with the lesser key, so that every order of arrival ends alike. Whether it is this
    one."""
    known = as_seen(friend.get("first_purchase"))
    if known is None or event.time < (first := seen_at(known)) or (event.time == first and event.key < seen_key(known)):
        friend["first_purchase"] = {"time": event.time.isoformat(), "source": event.source, "id": event.id}
        return True
    return False
