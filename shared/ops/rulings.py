"""What became of each rule for one event, and why: the journal's points, the reasons of the rules asked again. Pure.

The journal says what was posted; the rules are asked again (`shared.rules.explaining`, the code that decided) for the
reasons. Where the two differ, because definitions were published since, the ruling says so and the journal counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from shared.ledger.returned import RETURN_OF
from shared.ops.past import Past, Side
from shared.ops.story import Part, parts_of, short
from shared.ops.unwinding import won_in
from shared.rules.definition import Rule
from shared.rules.explained import Explained
from shared.rules.explaining import explain, explain_challenges
from shared.rules.facts import Facts
from shared.rules.rulebook import Ruleset
from shared.rules.saying.phrase import Phrase, Saying, say
from shared.rules.usage import Shared

Entry = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Ruling:
    """What became of one rule: `parts` and `version` are the posted ones; `why` says what kept it from giving more.

    explained: as the rules in force decide it today; None for what no rule of an event gave (referral rewards).
    """

    rule: str
    title: str
    kind: str
    version: int
    verdict: str
    parts: tuple[Part, ...]
    why: Saying | None
    explained: Explained | None = None

    @property
    def points(self) -> int:
        """Of all wallets, as they were posted."""
        return sum(each.points for each in self.parts)


@dataclass(frozen=True, slots=True)
class Case:
    """What the rules are asked with: the state as it was when this event was decided.

    earn: what members share, as earn saw it; campaigns: as campaigns may have seen it, the likeliest first. posted: the
    journal's entries for the event, with the grants that it led to; empty where there is no event, and the rules are
    asked with the state now.
    """

    event: str
    past: Past
    facts: Facts
    rules: Ruleset
    earn: Shared
    campaigns: Sequence[Shared]
    posted: Sequence[Entry]

    def explained(self) -> list[Explained]:
        """Every rule that looks at this kind of event."""
        usage = self.past.earn.usage(self.event, self.past.household, self.earn)
        earn = explain("earn", self.facts, self.rules, usage, _copied(self.past.earn.by))
        posted = _posted(self.posted)
        first, *others = self.campaigns
        before = deepcopy(self.past.campaigns)  # what is explained is counted
        found = self._of_campaigns(self.past.campaigns, first)
        for shared in others:
            if all(_fits(each, posted) for each in found):
                break
            again = {each.rule: each for each in self._of_campaigns(deepcopy(before), shared)}
            found = [each if _fits(each, posted) else _fitting(each, again[each.rule], posted) for each in found]
        return [*earn, *found]

    def _of_campaigns(self, side: Side, shared: Shared) -> list[Explained]:
        usage = side.usage(self.event, self.past.household, shared)
        by = _copied(side.by)
        return [
            *explain("bonus", self.facts, self.rules, usage, by),
            *explain_challenges(side.document, self.facts, self.rules, usage, by),
        ]


def rulings(case: Case) -> list[Ruling]:
    """Every rule that looks at this kind of event, then what the journal has besides (referral rewards)."""
    posted = _posted(case.posted)
    newer = _newer(case, posted)
    found = [_ruling(each, posted.get(each.rule), newer) if case.posted else _now(each) for each in case.explained()]
    returned = next((each for each in case.posted if RETURN_OF in each), None)
    of, why = "granted", None
    if returned is not None:
        of, why = "return", say(Phrase.HAD_GIVEN, event=short(returned[RETURN_OF]))
    known = {each.rule for each in found}
    titles = {each.id: each.title for each in case.rules.definitions}
    others = ((rule, parts) for rule, parts in posted.items() if rule not in known)
    return found + [
        Ruling(rule, titles.get(rule, rule), of, parts[0].version, "applies", tuple(parts), why)
        for rule, parts in others
        if parts
    ]


def _now(each: Explained) -> Ruling:
    """As things stand, without an event."""
    why = say(Phrase.WOULD_APPLY) if each.applies else each.why
    return Ruling(each.rule, each.title, each.kind, each.version, each.verdict, (), why, each)


def _copied(by: Mapping[tuple[str, str], Sequence[str]]) -> dict[tuple[str, str], tuple[str, ...]]:
    """As it was before the event: what the event itself uses is noted too, while it is explained."""
    return {key: tuple(events) for key, events in by.items()}


def _posted(entries: Iterable[Entry]) -> dict[str, list[Part]]:
    """What the journal has, by rule; a grant of a tag alone is there without points."""
    found: dict[str, list[Part]] = {won.rule: [] for won in won_in(entries)}
    for part in (part for each in entries for part in parts_of(each)):
        found[part.rule].append(part)
    return found


def _newer(case: Case, posted: Mapping[str, list[Part]]) -> frozenset[str]:
    """What is in force by now in another version than the journal says, and the rules that build on it.

    Of segments and campaigns the journal says no version: of those, what is no longer the first one.
    """
    force = {each.id: each.version for each in case.rules.definitions}
    found = {rule for rule, parts in posted.items() if parts and parts[0].version != force.get(rule)}
    found |= {each.id for each in case.rules.definitions if not isinstance(each, Rule) and each.version > 1}
    rules, before = case.rules.of(Rule), -1
    while before != len(found):
        before = len(found)
        found |= {each.id for each in rules if not found.isdisjoint(each.repeats)}
    return frozenset(found)


def _published_since(each: Explained, version: int, newer: frozenset[str]) -> bool:
    """Whether what was posted differs from what is explained because of what was published since."""
    if version != each.version or each.rule in newer:
        return True
    if each.verdict in ("not_scheduled", "not_in_segment", "condition"):
        of = {name for asks in each.asks for name in (asks.id, asks.segment and asks.segment.segment)}
        return not newer.isdisjoint(name for name in of if name is not None)
    return each.verdict == "stacking"  # the journal has what won then: what wins by now is newer, or no longer the same


def _ruling(each: Explained, posted: list[Part] | None, newer: frozenset[str]) -> Ruling:
    if posted is not None:
        version = posted[0].version if posted else each.version
        why = each.why
        if version != each.version or not (each.applies and _alike(_wallets(posted), each)):
            why = say(Phrase.PUBLISHED_SINCE if _published_since(each, version, newer) else Phrase.POSTED_OTHERWISE)
        return Ruling(each.rule, each.title, each.kind, version, "applies", tuple(posted), why, each)
    verdict, why = each.verdict, each.why
    if each.points:
        points = amounts({part.wallet: part.points for part in each.gives if part.points})
        if each.kind == "earn":
            why = say(Phrase.WOULD_GIVE, version=each.version, points=points)
        else:
            why = say(Phrase.NOT_POSTED, points=points)
        verdict = "not_posted"
    return Ruling(each.rule, each.title, each.kind, each.version, verdict, (), why, each)


def _wallets(posted: Iterable[Part]) -> dict[str, int]:
    found: dict[str, int] = {}
    for part in posted:
        found[part.wallet] = found.get(part.wallet, 0) + part.points
    return found


def _fits(each: Explained, posted: Mapping[str, list[Part]]) -> bool:
    """Whether what was posted is told by it; what was not posted may be told by anything."""
    return each.rule not in posted or (each.applies and _alike(_wallets(posted[each.rule]), each))


def _fitting(first: Explained, other: Explained, posted: Mapping[str, list[Part]]) -> Explained:
    return other if _fits(other, posted) else first


def _alike(posted: Mapping[str, int], each: Explained) -> bool:
    """Whether the posted points are the rule's, besides those of punch cards that it filled."""
    found = [each.version_and_points[1]]
    for wallet, points in each.cards:
        found += [{**known, wallet: known.get(wallet, 0) + points} for known in found]
    return posted in found


def amounts(wallets: Mapping[str, int]) -> tuple[Saying, ...]:
    """`120 stars, 5 miles`"""
    return tuple(say(Phrase.AMOUNT, count=points, wallet=wallet) for wallet, points in wallets.items())
