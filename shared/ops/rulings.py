"""What became of each rule for one event, and why: the journal's points, the reasons of the rules asked again. Pure.

The journal says what was posted; the rules are asked again (`shared.rules.matching`, the code that decided) for the
reasons. Where the two differ, because definitions were published since, the ruling says so and the journal counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.ops.reasons import reason
from shared.ops.story import cause_of
from shared.rules.conditions import Finding, explain_condition
from shared.rules.definition import Base, Bonus, Challenge, Rule, Segment
from shared.rules.effects import Award
from shared.rules.facts import Facts
from shared.rules.matching import Outcome, match, usage_key, use
from shared.rules.rulebook import Compiled, NoProgrammeError, Rulebook, Ruleset
from shared.rules.schedule import period_key

Entry = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Ruling:
    """What became of one rule: `points` are the posted ones; `why` is a sentence where it gave none."""

    rule: str
    title: str
    kind: str
    version: int
    verdict: str
    wallet: str
    points: int
    why: str
    findings: list[Finding]


@dataclass(slots=True)
class Case:
    """What the rules are asked with: the state as it was when this event was decided."""

    member: str
    facts: Facts
    rules: Ruleset
    usage: dict[str, int]
    used_by: dict[str, str]
    progress: Mapping[str, Mapping[str, list[int]]]
    posted: dict[str, Mapping[str, Any]]
    given: dict[str, Award] = field(default_factory=dict)


def rulings(case: Case) -> list[Ruling]:
    """Every rule that looks at this kind of event, then what the journal has besides (referral rewards)."""
    kinds = ("earn", "bonus", "challenge")
    found = [_ruling(case, each, kind) for kind in kinds for each in case.rules.rules(kind, case.facts.kind)]
    known = {each.rule for each in found}
    others = (award for rule, award in case.posted.items() if rule not in known)
    return found + [_from_journal(award, case.rules.definitions) for award in others]


def _ruling(case: Case, compiled: Compiled, kind: str) -> Ruling:
    rule, facts = compiled.rule, case.facts
    # Only earn's rules repeat each other's points; campaigns decides each of its own alone.
    given = case.given if kind == "earn" else {}
    outcome = match(compiled, facts, case.member, case.rules, case.usage, given)
    posted = case.posted.get(rule.id)
    if outcome.award is not None and kind == "earn":
        case.given[rule.id] = outcome.award
        use(rule, case.member, facts, case.usage)
    condition = _segment(case.rules, rule) if outcome.verdict == "not_in_segment" else rule.when
    return Ruling(
        rule=rule.id,
        title=rule.title,
        kind=kind,
        version=posted["version"] if posted is not None else rule.version,
        verdict="applies" if posted is not None else _verdict(outcome, rule),
        wallet=rule.then.wallet,
        points=posted["points"] if posted is not None else 0,
        why=_why(case, outcome, posted),
        findings=explain_condition(condition, facts),
    )


def _verdict(outcome: Outcome, rule: Rule) -> str:
    if outcome.award is None:
        return outcome.verdict
    return "counts" if isinstance(rule, Challenge) else "not_posted"


def _why(case: Case, outcome: Outcome, posted: Mapping[str, Any] | None) -> str:
    rule, award = outcome.rule, outcome.award
    if isinstance(rule, Challenge) and (award is not None or posted is not None):
        return _progress(case, rule)
    if posted is not None:
        same = award is not None and (award.version, award.points) == (posted["version"], posted["points"])
        return "" if same else "posted by the definitions of that time; others were published since"
    if award is None:
        return reason(outcome, case.facts, case.rules, case.used_by, case.given)
    if isinstance(rule, Bonus):
        return f"won {award.points}, but its grant is not posted yet: see `doublestar status` for lag"
    return f"version {rule.version} would give {award.points}, but was published after this event was posted"


def _progress(case: Case, rule: Challenge) -> str:
    """Where the event's local day stands in the challenge's period; the days are in the order they were counted."""
    period = period_key(rule.progress.period, case.facts.local)
    days = case.progress.get(rule.id, {}).get(period, [])
    today, date = case.facts.local.toordinal(), case.facts.local.date()
    if today in days:
        return f"{date} is day {days.index(today) + 1} of {rule.progress.goal} in {period}"
    if len(days) >= rule.progress.goal:
        return f"{period} had its {rule.progress.goal} days already"
    return "campaigns has not counted this event yet: see `doublestar status` for lag"


def _segment(rules: Ruleset, rule: Rule) -> Any:
    return next((each.when for each in rules.of(Segment) if each.id == rule.segment), None)


def _from_journal(award: Mapping[str, Any], rules: Sequence[Base]) -> Ruling:
    title = next((rule.title for rule in rules if rule.id == award["rule"]), award["rule"])
    return Ruling(
        award["rule"], title, "granted", award["version"], "applies", award["wallet"], award["points"], "", []
    )


def uses(entry: Entry, journal: Sequence[Entry], book: Rulebook) -> dict[str, list[str]]:
    """Which earlier events used up which limits: usage keys with the events' keys, as it stood before this entry.

    A grant counts by the event that caused it: that is when campaigns counted it.
    """
    order = {each["_id"]: each["seq"] for each in journal}
    used: dict[str, list[str]] = {}
    for each in sorted(journal, key=lambda each: int(each["seq"])):
        key = cause_of(each) if each["kind"] == "grant" else each["_id"]
        if order.get(key, entry["seq"]) >= entry["seq"]:
            continue
        for award in each["awards"]:
            for limit_key in _limit_keys(each, award["rule"], book):
                used.setdefault(limit_key, []).append(key)
    return used


def _limit_keys(entry: Entry, id_: str, book: Rulebook) -> list[str]:
    try:
        rules = book.at(entry["at"])
    except NoProgrammeError:
        return []
    local = entry["at"].astimezone(rules.zone)
    limits = [limit for rule in rules.of(Rule) if rule.id == id_ for limit in rule.limits]
    return [usage_key(entry["member"], id_, period_key(limit.period, local)) for limit in limits]
