"""What an event wins of campaigns: bonuses, challenges, referral rewards; and what each win gives. Pure.

Ids follow from what was won: rule, winner and scope (the period, the referral with the purchase, or the event itself);
so it is won once, whoever decides it again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple

from shared.events.internal import Cause
from shared.events.light import Occurrence
from shared.rules import challenges, referrals
from shared.rules.compiled import Compiled
from shared.rules.definition import Base
from shared.rules.facts import Facts
from shared.rules.matching import Decided, Outcome, decide
from shared.rules.referring import Role, Uses
from shared.rules.rewards import Punch, Thing
from shared.rules.rulebook import Rulebook, Ruleset
from shared.rules.usage import Usage

Reason = Literal["challenge", "bonus", "referral"]
AGAIN: Final = "again"  # of a period that is won once more


class GivenThing(NamedTuple):
    """A thing that was given: its id, which of its rule's things it is, from 0; of a punch which of the member's cards
    it is on, and how many punches are left when it is taken back."""

    id: str
    number: int
    card: int | None = None
    punches: int | None = None


@dataclass(frozen=True, slots=True)
class Win:
    """Something to give: who, by which rule, for which event, and the scope in which it is won once.

    points: (wallet, points) of each effect that gave some; things: the rule's others; outcome: how it was decided,
    where a rule's conditions decided. at: the time that it is dated, the event's own where nothing else is said.
    corrects: what this takes back, by its id; withdrawn: things that are taken back; told: what telling of it is known
    by, where that is not its own id.
    """

    reason: Reason
    rule: Base
    winner: str
    event: Occurrence
    scope: str
    cause: Cause
    points: tuple[tuple[str, int], ...]
    things: tuple[Thing, ...] = ()
    period: str | None = None
    role: Role | None = None
    outcome: Outcome | None = None
    at: datetime | None = None
    corrects: str | None = None
    withdrawn: tuple[GivenThing, ...] = ()
    told: str | None = None

    @property
    def time(self) -> datetime:
        """When it was won."""
        return self.at or self.event.time

    def id(self, part: str = "") -> str:
        """What a part of it is known by."""
        return f"{self.rule.id}:{self.winner}:{self.scope}" + (f":{part}" if part else "")


class Punched(NamedTuple):
    """A card after a punch: how many it has, and which of the member's cards it is, from 0.

    The punch that fills it begins a new one.
    """

    punches: int
    filled: bool
    card: int


class Prize(NamedTuple):
    """One part of a win: points of a wallet, or a thing (with points where it is the punch that fills a card)."""

    id: str
    wallet: str
    points: int
    thing: Thing | None = None
    punched: Punched | None = None

    @property
    def tag(self) -> str | None:
        """The tag that it puts on the member."""
        return None if self.thing is None else self.thing.tag


def wins(
    member: dict[str, Any],
    bonuses: Sequence[Compiled],
    challenging: Sequence[Compiled],
    facts: Facts,
    rules: Ruleset,
    usage: Usage,
    advocate: str | None,
    book: Rulebook,
    uses: Uses,
    watch: Callable[[Decided], None] = lambda _: None,
) -> Iterator[Win]:
    """What an event wins by these rules, which time and event allow, and by referral.

    member: campaigns' document of them; facts: with what earn told of the member; advocate: of a referral, who brought
    the friend; book: all versions, as a referral is decided by those of its own time; uses: of whoever brought the
    member; watch: see `rule_wins`.
    """
    yield from rule_wins(member, bonuses, challenging, facts, rules, usage, watch)
    yield from referral_wins(member, facts, advocate, book, uses)


def rule_wins(
    member: dict[str, Any],
    bonuses: Sequence[Compiled],
    challenging: Sequence[Compiled],
    facts: Facts,
    rules: Ruleset,
    usage: Usage,
    watch: Callable[[Decided], None] = lambda _: None,
    rewards: Callable[[Outcome, str], None] = lambda *_: None,
) -> Iterator[Win]:
    """What an event wins by bonuses and challenges; see `wins`. watch: is shown what was decided about the bonuses;
    rewards: what became of the reward of each challenge whose goal it reached, also where it was held back."""
    event, id_ = facts.event, member["_id"]
    if bonuses:
        decided = decide(bonuses, facts, rules, usage, plausible=True)
        watch(decided)
        for outcome in decided.outcomes:
            yield _win("bonus", outcome, id_, event)
    for outcome, period in challenges.completed(member, challenging, facts, rules, usage, rewards):
        times = _completed(member, outcome, period, event)
        yield _win("challenge", outcome, id_, event, period, challenge_scope(period, times))


def referral_wins(
    member: dict[str, Any], facts: Facts, advocate: str | None, book: Rulebook, uses: Uses
) -> Iterator[Win]:
    """What an event of the friend wins by referral, for both sides; see `wins`."""
    for reward in referrals.rewards(member, facts, advocate, book, uses):
        yield referral(reward, facts.event, member["_id"])


def referral(reward: referrals.Reward, event: Occurrence, friend: str) -> Win:
    """A reward, or its being taken back: by the same points less, dated alike, so that whatever counts points by time
    is as if there had been none. What is only dated anew is not told of twice: that is known by the friend."""
    points, rule, winner = reward.points, reward.rule, reward.member
    id_ = f"{rule.id}:{winner}:{reward.pair}"
    return Win(
        "referral",
        rule,
        winner,
        event,
        scope=f"{reward.pair}:back" if reward.back else reward.pair,
        cause=Cause(source=event.source, id=event.id) if reward.back else reward.cause,
        points=((reward.wallet, -points if reward.back else points),),
        role=reward.role,
        at=reward.at,
        corrects=id_ if reward.back else None,
        told=f"{rule.id}:{winner}:{friend}",
    )


def _completed(member: dict[str, Any], outcome: Outcome, period: str, event: Occurrence) -> int:
    """Keeps what a challenge gave, until its period is forgotten: it may have to go back. Returns for which time it is
    completed in that period: the second where the first went back."""
    held: dict[str, Any] = member.setdefault("completed", {}).setdefault(outcome.rule.id, {})
    points = [[award.wallet, award.points] for award in outcome.awards]
    times = int(held.get(period, {}).get("times", 0)) + 1
    held[period] = {"version": outcome.rule.version, "points": points, "at": event.time.isoformat(), "times": times}
    for old in [each for each in held if each not in member["progress"][outcome.rule.id]]:
        del held[old]
    return times


def _win(
    reason: Reason,
    outcome: Outcome,
    winner: str,
    event: Occurrence,
    period: str | None = None,
    scope: str | None = None,
) -> Win:
    scope = scope or event_scope(event.key)
    points = tuple((award.wallet, award.points) for award in outcome.awards)
    cause = Cause(source=event.source, id=event.id)
    things = tuple(outcome.rule.things)
    return Win(reason, outcome.rule, winner, event, scope, cause, points, things, period, outcome=outcome)


def challenge_scope(period: str, times: int) -> str:
    """The scope of what is won once a period, for the first time or, after that went back, for another; unlike any
    part of a win."""
    return period if times == 1 else f"{period}:{AGAIN}{times}"


def event_scope(key: str) -> str:
    """The scope of what is won once an event, by the event's key."""
    return hashlib.blake2b(key.encode(), digest_size=8).hexdigest()


def prizes(win: Win, member: dict[str, Any]) -> Iterator[Prize]:
    """The parts of a win, in order. member: campaigns' document of whose event it was, with their punch cards."""
    for number, (wallet, points) in enumerate(win.points):
        yield Prize(win.id(str(number) if number else ""), wallet, points)
    for number, thing in enumerate(win.things):
        id_ = win.id(f"t{number}")
        if thing.punch is None:
            yield Prize(id_, "none", 0, thing)
        else:
            punched = _punch(member.setdefault("cards", {}), thing.punch)
            yield Prize(id_, thing.punch.wallet, thing.punch.points if punched.filled else 0, thing, punched)


def _punch(cards: dict[str, Any], punch: Punch) -> Punched:
    card = cards.setdefault(punch.card, {"punches": 0, "filled": 0})
    card["punches"] += 1
    punched = Punched(card["punches"], card["punches"] >= punch.of, card["filled"])
    if punched.filled:
        # More than a card takes are there after a merge, or once it takes fewer: the next one has them.
        card["punches"] = card["over"] = card["punches"] - punch.of
        card["filled"] += 1
        if not card["over"]:
            del card["over"]
    return punched
