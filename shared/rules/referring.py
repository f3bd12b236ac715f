"""What limits and budgets leave of a referral's reward, and what counts no more once it is taken back. Pure.

A referral counts for the instant of the friend's first purchase, by which its reward is dated. The friend's part is
decided first: where a budget ends, the new customer gets what was promised. What limits in all or a budget deny the
friend, they deny both; what the advocate has used up is denied to the advocate alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple

from shared.events.light import Occurrence
from shared.rules.compiled import Compiled
from shared.rules.facts import Facts, dated
from shared.rules.matching import Outcome, judge_alone, settle_alone
from shared.rules.returning import give_back_uses
from shared.rules.rulebook import Rulebook, Ruleset
from shared.rules.sides import Sides
from shared.rules.usage import MemberUsage, Refunding, Usage

Document = dict[str, Any]
Role = Literal["advocate", "friend"]
ROLES: Final[tuple[Role, Role]] = ("advocate", "friend")


class Uses(NamedTuple):
    """Whose limits a reward counts by: of an advocate, what they have used; shared: what gives back what all share.
    way: of one who may have been merged, the documents from theirs to that of whose use it is."""

    of: Callable[[str], MemberUsage]
    shared: Refunding
    way: Callable[[str], Sequence[Document]] = lambda _: ()


class Held(NamedTuple):
    """A side that got nothing, or less: which limit or budget held it back, by its key."""

    rule: str
    role: Role
    verdict: str
    by: str | None


class Given(NamedTuple):
    """Points of each side, and what was held back."""

    advocate: int
    friend: int
    held: tuple[Held, ...] = ()


def whole(sides: Sides) -> Given:
    """What a referral gives that nothing holds back."""
    return Given(sides.rule.advocate.fixed or 0, sides.rule.friend.fixed or 0)


def give(sides: Sides, facts: Facts, rules: Ruleset, usage: Usage) -> Given:
    """What limits and budgets leave; it is counted. facts: see `facts_at`; usage: the advocate's."""
    held: list[Held] = []
    points: dict[Role, int] = {"friend": 0, "advocate": 0}
    parts: tuple[tuple[Role, Compiled], ...] = (("friend", sides.friend), ("advocate", sides.advocate))
    for role, compiled in parts:
        outcome = judge_alone(compiled, facts, rules, usage)
        settle_alone(outcome, facts, usage)
        points[role] = outcome.points
        if outcome.verdict != "applies" or outcome.wanted > outcome.points:
            held.append(_held(role, outcome))
        if outcome.verdict != "applies":
            break
    return Given(points["advocate"], points["friend"], tuple(held))


def give_back(sides: Sides, given: Given, facts: Facts, usage: MemberUsage, shared: Refunding) -> None:
    """Limits and budgets count it no more. facts: see `facts_at`; usage: the advocate's."""
    for compiled, points in ((sides.friend, given.friend), (sides.advocate, given.advocate)):
        if points:
            give_back_uses(compiled, facts, usage, shared, times=-1, points=-points)


def facts_at(at: datetime, event: Occurrence, book: Rulebook) -> Facts:
    """What periods are found by: the first purchase's instant, whatever event completes the pair."""
    return dated(event, at, book.at(at).zone)


def own_of(document: Document) -> Document:
    """Where a document says what its member alone was seen to do: see `merging_referrals`."""
    own: Document = document["referred"]["own"] if "referred" in document else document
    return own


def states_of(document: Document) -> list[Document]:
    """All places where it says what was seen: of the member with all who are one with them, and of each alone."""
    referred = document.get("referred")
    return [document] if referred is None else [document, referred["own"], *referred["brought"].values()]


def as_seen(held: Document | str | None) -> Document | None:
    """An earlier release kept of the purchase its time only."""
    return {"time": held, "source": "", "id": ""} if isinstance(held, str) else held


def seen_at(seen: Mapping[str, Any]) -> datetime:
    """When it happened."""
    return datetime.fromisoformat(seen["time"])


def seen_key(seen: Mapping[str, Any]) -> str:
    """The event's."""
    return f"{seen['source']}|{seen['id']}"


def _held(role: Role, outcome: Outcome) -> Held:
    verdict, bound = outcome.verdict, outcome.bound
    if bound is not None:
        verdict = "budget" if bound.measure == "budget" else "limit"
    return Held(outcome.rule.id, role, verdict, outcome.by)


def advocates(documents: Iterable[Document]) -> Iterator[str]:
    """Whoever brought the members of these documents, as far as a reward may be given or taken back."""
    for pair in _pairs(documents):
        referral = pair.get("referral")
        if referral is not None:
            yield referral["advocate"]
        if "used_by" in pair:
            yield pair["used_by"]


def asked(
    documents: Sequence[Document], events: Sequence[Occurrence], book: Rulebook
) -> Iterator[tuple[Compiled, Facts]]:
    """What these may use of limits and budgets that all share: every version, at every first purchase that may come
    to be rewarded, or be rewarded no more."""
    bounded = [each for each in book.referring.values() if each.bounded]
    bought = [each for pair in _pairs(documents) if (each := pair.get("purchase")) is not None]
    # An earlier release kept of the purchase its time only.
    times = {datetime.fromisoformat(each if isinstance(each, str) else each["time"]) for each in bought}
    times |= {each.time for each in events if each.kind == "purchase"}
    for at in sorted(times):
        if bounded and book.found(at) is not None:
            facts = facts_at(at, events[0], book)
            for sides in bounded:
                yield from ((sides.friend, facts), (sides.advocate, facts))


def _pairs(documents: Iterable[Document]) -> Iterator[Mapping[str, Any]]:
    """Of each document what it says of referrals; of a survivor what was whose, too."""
    for document in documents:
        # A merge of an earlier release kept with the duplicate what the survivor had before.
        for state in (*states_of(document), document.get("lent", {}).get("before", {})):
            yield {"referral": state.get("referral"), "purchase": state.get("first_purchase")}
            yield from ({"referral": each} for each in state.get("others", ()))
            if isinstance(held := state.get("rewarded"), dict):
                yield held
