"""Matching: which rules apply to an event and what they give, limits included; one path for deciding and explaining."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, MutableMapping
from typing import Any, Literal, NamedTuple

from shared.events.light import Occurrence, occurrence_of
from shared.events.partner import Purchase, Referral, Return, Signup
from shared.rules.definition import Rule
from shared.rules.effects import Award, points_of
from shared.rules.facts import Facts
from shared.rules.rulebook import Compiled, NoProgrammeError, Rulebook, Ruleset
from shared.rules.schedule import period_key

Verdict = Literal["applies", "not_scheduled", "not_in_segment", "condition", "limit", "no_points"]


class Outcome(NamedTuple):
    """What became of one rule for one event."""

    rule: Rule
    verdict: Verdict
    award: Award | None = None
    limit_key: str | None = None


def facts_of(
    event: Occurrence | Signup | Purchase | Referral | Return, attributes: Mapping[str, Any], rules: Ruleset
) -> Facts:
    """The event's facts under the rules in force at its time."""
    happened = event if isinstance(event, Occurrence) else occurrence_of(event)
    return Facts(happened, attributes, rules.zone, rules.eligible)


class Ruled(NamedTuple):
    """An event's facts, and the rules in force at its time that they are looked at by: found once, used throughout."""

    facts: Facts
    rules: Ruleset

    def limit_keys(self, kind: str, member: str) -> list[str]:
        """Usage keys that the rules of this kind may ask for."""
        return possible_keys(self.rules.rules(kind, self.facts.kind), member, self.facts)


def ruled(event: Occurrence, book: Rulebook) -> Ruled | None:
    """The event's facts under its rules; None when it happened before the programme."""
    try:
        rules = book.at(event.time)
    except NoProgrammeError:
        return None
    return Ruled(facts_of(event, {}, rules), rules)


def usage_key(member: str, rule: str, period: str) -> str:
    """What a member's use of a limit is counted under."""
    return f"{member}|{rule}|{period}"


def limit_keys(rule: Rule, member: str, facts: Facts) -> list[str]:
    """The usage keys that the rule's limits look at for this event."""
    return [usage_key(member, rule.id, period_key(limit.period, facts.local)) for limit in rule.limits]


def possible_keys(rules: Iterable[Compiled], member: str, facts: Facts) -> list[str]:
    """Usage keys that may be asked for: of rules with limits whose schedule fits, and whose condition holds as far as
    the event alone can tell."""
    return [
        key
        for compiled in rules
        if compiled.rule.limits
        and compiled.rule.schedule.runs(facts.event.time, facts.zone)
        and (not compiled.by_event_alone or compiled.test(facts))
        for key in limit_keys(compiled.rule, member, facts)
    ]


def match(
    compiled: Compiled,
    facts: Facts,
    member: str,
    rules: Ruleset,
    usage: Mapping[str, int],
    given: Mapping[str, Award],
) -> Outcome:
    """What one rule does for one event; changes nothing."""
    rule = compiled.rule
    if not rule.schedule.runs(facts.event.time, facts.zone):
        return Outcome(rule, "not_scheduled")
    if rule.segment is not None and not in_segment(rules, rule.segment, facts):
        return Outcome(rule, "not_in_segment")
    if not compiled.test(facts):
        return Outcome(rule, "condition")
    for key, limit in zip(limit_keys(rule, member, facts), rule.limits, strict=True):
        if usage.get(key, 0) >= limit.times:
            return Outcome(rule, "limit", limit_key=key)
    points, lines = points_of(rule.then, facts, given, rules.programme.currency)
    if points == 0:
        return Outcome(rule, "no_points")
    return Outcome(rule, "applies", Award(rule.id, rule.version, rule.then.wallet, points, lines, rule.owner))


def in_segment(rules: Ruleset, segment: str, facts: Facts) -> bool:
    """Whether the member is in a segment; nobody is in one that no definition in force names."""
    test = rules.segments.get(segment)
    return test is not None and test(facts)


def use(rule: Rule, member: str, facts: Facts, usage: MutableMapping[str, int]) -> list[str]:
    """Counts one use against the rule's limits; returns the keys counted."""
    keys = limit_keys(rule, member, facts)
    for key in keys:
        usage[key] = usage.get(key, 0) + 1
    return keys


def earn(facts: Facts, member: str, rules: Ruleset, usage: MutableMapping[str, int]) -> tuple[list[Award], list[str]]:
    """All awards of the earn rules for one event, in order, and the usage keys they used."""
    given: dict[str, Award] = {}
    used: list[str] = []
    for compiled in rules.rules("earn", facts.kind):
        outcome = match(compiled, facts, member, rules, usage, given)
        if outcome.award is not None:
            given[compiled.rule.id] = outcome.award
            used += use(compiled.rule, member, facts, usage)
    return list(given.values()), used
