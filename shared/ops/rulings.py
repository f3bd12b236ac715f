"""What became of each rule for one event, and why: the journal's points, the reasons of the rules asked again. Pure.

The journal says what was posted; the rules are asked again (`shared.rules.explaining`, the code that decided) for the
reasons. Where the two differ, because definitions were published since, the ruling says so and the journal counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.ledger.returned import RETURN_OF
from shared.ops.past import Past
from shared.ops.story import Part, parts_of, short
from shared.ops.unwinding import won_in
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

    earn, campaigns: what members share, as each service saw it. posted: the journal's entries for the event, with the
    grants that it led to; empty where there is no event, and the rules are asked with the state now.
    """

    event: str
    past: Past
    facts: Facts
    rules: Ruleset
    earn: Shared
    campaigns: Shared
    posted: Sequence[Entry]

    def explained(self) -> list[Explained]:
        """Every rule that looks at this kind of event."""
        past, facts, rules = self.past, self.facts, self.rules
        earn = past.earn.usage(self.event, past.household, self.earn)
        campaigns = past.campaigns.usage(self.event, past.household, self.campaigns)
        return [
            *explain("earn", facts, rules, earn, _copied(past.earn.by)),
            *explain("bonus", facts, rules, campaigns, _copied(past.campaigns.by)),
            *explain_challenges(past.campaigns.document, facts, rules, campaigns, _copied(past.campaigns.by)),
        ]


def rulings(case: Case) -> list[Ruling]:
    """Every rule that looks at this kind of event, then what the journal has besides (referral rewards)."""
    posted = _posted(case.posted)
    found = [_ruling(each, posted.get(each.rule)) if case.posted else _now(each) for each in case.explained()]
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


def _ruling(each: Explained, posted: list[Part] | None) -> Ruling:
    if posted is not None:
        version = posted[0].version if posted else each.version
        wallets: dict[str, int] = {}
        for part in posted:
            wallets[part.wallet] = wallets.get(part.wallet, 0) + part.points
        same = each.applies and version == each.version and _alike(wallets, each)
        why = each.why if same else say(Phrase.PUBLISHED_SINCE)
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


def _alike(posted: Mapping[str, int], each: Explained) -> bool:
    """Whether the posted points are the rule's, besides those of punch cards that it filled."""
    found = [each.version_and_points[1]]
    for wallet, points in each.cards:
        found += [{**known, wallet: known.get(wallet, 0) + points} for known in found]
    return posted in found


def amounts(wallets: Mapping[str, int]) -> tuple[Saying, ...]:
    """`120 stars, 5 miles`"""
    return tuple(say(Phrase.AMOUNT, count=points, wallet=wallet) for wallet, points in wallets.items())
