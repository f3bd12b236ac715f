"""What the rules are asked with about one event: the state before it, and the versions that decided it or are there by
now. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Final

from shared.ops.past import Past, Side
from shared.ops.recorded import Recorded
from shared.ops.remembered import Granted, Refused, Remembered, Whole
from shared.ops.shared_told import Told, by_all
from shared.ops.story import Part, parts_of
from shared.ops.telling import amounts
from shared.ops.totals import Totals
from shared.ops.undone import Undone
from shared.ops.unwinding import won_in
from shared.rules.apart import Apart
from shared.rules.definition import Rule
from shared.rules.explained import Explained
from shared.rules.explaining import explain, explain_challenges
from shared.rules.facts import Facts
from shared.rules.rulebook import Ruleset
from shared.rules.saying.phrase import Saying
from shared.rules.usage import Ample, Shared
from shared.rules.wins import event_scope

Entry = Mapping[str, Any]
_EVENT: Final = re.compile("[0-9a-f]{16}")  # a scope as `event_scope` makes it
_MAYBE_NOT_THEN: Final = ("limit", "budget", "pack", "stacking")  # verdicts that hang on what others have used
# In campaigns' collection; a tag is in the journal, the rest nowhere.
KEPT: Final = frozenset(("voucher", "gift", "tickets"))


@dataclass(frozen=True, slots=True)
class Case:
    """What the rules are asked with: the state as it was when this event was decided.

    earn: what members share, as earn saw it; campaigns: as campaigns may have seen it, the likeliest first. posted: the
    journal's entries for the event, with the grants that it led to; empty where there is no event, and the rules are
    asked with the state now. earn_now, campaigns_now: how what members share stands now, where that is at
    hand; totals_of_earn, totals_of_campaigns: which totals of budgets counted when each decided it. gave_nothing,
    gave_no_points: rules of campaigns of which that is known; the latter gave things. recorded: what campaigns kept of
    what held its bonuses back.
    """

    event: str
    past: Past
    facts: Facts
    rules: Ruleset
    earn: Shared
    campaigns: Sequence[Shared]
    posted: Sequence[Entry]
    earn_now: Shared = field(default_factory=Ample)
    campaigns_now: Shared = field(default_factory=Ample)
    totals_of_earn: Totals = field(default_factory=Totals)
    totals_of_campaigns: Totals = field(default_factory=Totals)
    gave_nothing: frozenset[str] = frozenset()
    gave_no_points: frozenset[str] = frozenset()
    recorded: Recorded = field(default_factory=Recorded)

    def of_earn(self) -> list[Explained]:
        """Every rule of earn's that looks at this kind of event."""
        usage = self.past.earn.usage(self.event, self.past.household, self.earn)
        own = deepcopy(self.past.earn.tally)  # what is explained is counted
        found = explain("earn", self.facts, self.rules, usage, self.past.earn.used_by())
        known = self.earn.knows if isinstance(self.earn, Remembered) else lambda _: False
        told = Told(self.earn_now, own, self.past.household, known, self.totals_of_earn, bool(self.posted))
        return by_all(found, self.facts, self.rules, told)

    def of_campaigns(self) -> list[Explained]:
        """Every bonus and challenge that looks at it."""
        own = deepcopy(self.past.campaigns.tally)
        found = self._as_posted()
        told = Told(
            self.campaigns_now, own, self.past.household, lambda _: False, self.totals_of_campaigns, bool(self.posted)
        )
        return by_all(found, self.facts, self.rules, told)

    def _as_posted(self) -> list[Explained]:
        posted = {each: list[Part]() for each in self.gave_no_points} | posted_parts(self.posted)
        first, *others = self.campaigns
        before = deepcopy(self.past.campaigns)  # what is explained is counted
        found = self._of_campaigns(self.past.campaigns, first, self.gave_nothing, self.recorded)
        for shared in others:
            if all(_fits(each, posted) for each in found):
                break
            asked = self._of_campaigns(deepcopy(before), shared, self.gave_nothing, self.recorded)
            again = {each.rule: each for each in asked}
            found = [each if _fits(each, posted) else _fitting(each, again[each.rule], posted) for each in found]
        return self._lost(found, before, posted) if self.posted else found

    def _lost(self, found: list[Explained], before: Side, posted: Mapping[str, list[Part]]) -> list[Explained]:
        """With what lost to another of its group whatever members share still allowed: a budget that is spent by now
        need not have been then, and is not what decided."""
        known = posted.keys() | self.recorded.refused.keys()
        held = [each for each in found if each.verdict in _MAYBE_NOT_THEN and each.rule not in known]
        if not held:
            return found
        allowed = {each.rule: each for each in self._of_campaigns(deepcopy(before), Whole())}
        won = {each.rule for each in found if each.applies} | posted.keys()
        lost = {each.rule: allowed[each.rule] for each in held if allowed[each.rule].verdict == "stacking"}
        return [other if (other := lost.get(each.rule)) is not None and other.by in won else each for each in found]

    def _of_campaigns(
        self, side: Side, shared: Shared, apart: Collection[str] = (), recorded: Recorded | None = None
    ) -> list[Explained]:
        """apart: rules that gave nothing. Of these the member's own limits are known for certain, and are asked alone
        first; then how what members share stands now, whatever it allowed another rule of their campaign. What is on
        record is not asked."""
        usage = side.usage(self.event, self.past.household, shared)
        by = side.used_by()  # as it was before the event: what that uses is noted, too, while it is explained
        known: list[Shared] = [Ample(), Granted((), self.rules, self.campaigns_now)]
        in_turn = [side.usage(self.event, self.past.household, each) for each in known]
        usages = dict.fromkeys(apart, in_turn)
        said = recorded or Recorded()
        for rule, bound in said.refused_by().items():
            usages[rule] = [side.usage(self.event, self.past.household, Refused(bound, self.campaigns_now))]
        return [
            *explain("bonus", self.facts, self.rules, usage, by, Apart(usages, said.refused)),
            *explain_challenges(side.document, self.facts, self.rules, usage, by, Apart(usages)),
        ]


@dataclass(frozen=True, slots=True)
class Had:
    """What there is of an event. parts: the journal's, by rule; things: which of each rule's things campaigns keeps, by
    their numbers; None where it was not asked."""

    parts: Mapping[str, list[Part]]
    things: Mapping[str, frozenset[int]] | None

    def lacks(self, each: Explained) -> tuple[Saying, ...]:
        """What a rule gives, and is not there."""
        if not each.applies:
            return ()
        found: list[Saying] = []
        if each.rule not in self.parts:
            found += amounts({part.wallet: part.points for part in each.gives if part.points})
        return (*found, *(said for number, _, said in _things(each) if not self._has(each, number)))

    def given(self, each: Explained, *, decided: bool = True) -> tuple[Saying, ...]:
        """Its things that are there. decided: whether it is what decided; else nobody knows of those that campaigns
        does not keep."""
        if not each.applies:
            return ()
        there = ((name, said) for number, name, said in _things(each) if self._has(each, number))
        return tuple(said for name, said in there if decided or name in KEPT)

    def kept(self, each: Explained) -> bool:
        """Whether all of its things that campaigns keeps are there: then it did give."""
        numbers = {number for number, name, _ in _things(each) if name in KEPT}
        return self.things is not None and bool(numbers) and numbers <= self.things.get(each.rule, frozenset())

    def _has(self, each: Explained, number: int) -> bool:
        """Of what is kept nowhere, as it was decided."""
        if each.things[number] in KEPT:
            return self.things is None or number in self.things.get(each.rule, frozenset())
        return each.things[number] != "tag" or each.rule in self.parts


@dataclass(frozen=True, slots=True)
class Inquiry:
    """An event's rules, asked by the versions that earn and campaigns knew when they decided it; now: by all that are
    published by now, None where those are the same. undone: of a return, what it did to each rule of its purchase;
    late: versions that were published after the event was posted; merged: who was merged into the member by then;
    sent: rules of which campaigns is known to have given something, None where it is not known to have decided."""

    earn: Case
    campaigns: Case
    now: Case | None
    had: Had
    undone: Sequence[Undone] = ()
    late: frozenset[tuple[str, int]] = frozenset()
    merged: Sequence[str] = ()
    sent: frozenset[str] | None = None


def had_of(entry: Entry, posted: Iterable[Entry], things: Iterable[Entry] | None) -> Had:
    """What there is of an entry: a challenge's things are known by its period, so they are found by their time."""
    parts = posted_parts(posted)
    if things is None:
        return Had(parts, None)
    numbers: dict[str, set[int]] = {}
    for each in things:
        head, _, number = each["_id"].rpartition(":t")
        scope = head.removeprefix(f"{each['rule']}:").partition(":")[2]  # after the winner
        by_event = _EVENT.fullmatch(scope) is not None
        if scope == event_scope(entry["_id"]) if by_event else each["at"] == entry["at"]:
            numbers.setdefault(each["rule"], set()).add(int(number))
    return Had(parts, {rule: frozenset(found) for rule, found in numbers.items()})


def posted_parts(entries: Iterable[Entry]) -> dict[str, list[Part]]:
    """What the journal has, by rule; a grant of a tag alone is there without points."""
    found: dict[str, list[Part]] = {won.rule: [] for won in won_in(entries)}
    for part in (part for each in entries for part in parts_of(each)):
        found[part.rule].append(part)
    return found


def newer(rules: Ruleset, posted: Mapping[str, list[Part]]) -> frozenset[str]:
    """What is in force by now in another version than the journal says, and the rules that build on it.

    Of segments and campaigns the journal says no version: of those, what is no longer the first one.
    """
    force = {each.id: each.version for each in rules.definitions}
    found = {rule for rule, parts in posted.items() if parts and parts[0].version != force.get(rule)}
    found |= {each.id for each in rules.definitions if not isinstance(each, Rule) and each.version > 1}
    known, before = rules.of(Rule), -1
    while before != len(found):
        before = len(found)
        found |= {each.id for each in known if not found.isdisjoint(each.repeats)}
    return frozenset(found)


def alike(parts: Iterable[Part], each: Explained) -> bool:
    """Whether the posted points are the rule's, besides those of punch cards that it filled."""
    posted: dict[str, int] = {}
    for part in parts:
        posted[part.wallet] = posted.get(part.wallet, 0) + part.points
    found = [each.version_and_points[1]]
    for wallet, points in each.cards:
        found += [{**known, wallet: known.get(wallet, 0) + points} for known in found]
    return posted in found


def _things(each: Explained) -> Iterable[tuple[int, str, Saying]]:
    for number, (name, said) in enumerate(zip(each.things, each.given, strict=True)):
        yield number, name, said


def _fits(each: Explained, posted: Mapping[str, list[Part]]) -> bool:
    """Whether what was posted is told by it; what was not posted may be told by anything."""
    return each.rule not in posted or (each.applies and alike(posted[each.rule], each))


def _fitting(first: Explained, other: Explained, posted: Mapping[str, list[Part]]) -> Explained:
    return other if _fits(other, posted) else first
