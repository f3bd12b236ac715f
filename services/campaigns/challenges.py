"""Challenges, decided: what counts within a period, and the event that reaches the goal. Pure.

Progress is kept in the member's document: of each challenge and period the days or the sum counted so far. Only the
newest periods are kept; an event that is older than all of them counts for nothing, because it may have counted before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from shared.rules.compiled import Compiled
from shared.rules.definition import Challenge
from shared.rules.facts import Facts
from shared.rules.language.questions import ask, zone_info
from shared.rules.matching import Outcome, judge_alone, settle_alone
from shared.rules.rulebook import Ruleset
from shared.rules.schedule import period_key
from shared.rules.usage import Usage

_KEPT: Final = 12
_ELIGIBLE: Final = ask("basket.eligible")
_QUANTITY: Final = ask("basket.quantity")


def completed(
    member: dict[str, Any], candidates: Sequence[Compiled], facts: Facts, rules: Ruleset, usage: Usage
) -> Iterator[tuple[Outcome, str]]:
    """Challenges that this event completes, each with its period; all that match count it."""
    for compiled in rules.matcher.holding(candidates, facts):
        rule = compiled.rule
        assert isinstance(rule, Challenge)
        outcome = judge_alone(compiled, facts, rules, usage)
        if outcome.verdict != "applies":
            continue
        period = period_key(rule.progress.period, facts.today(zone_info(rule.schedule.time_zone)))
        if _counted(member, rule, period, facts):
            settle_alone(outcome, facts, usage)
            yield outcome, period


def _counted(member: dict[str, Any], rule: Challenge, period: str, facts: Facts) -> bool:
    """Counts the event; whether it is the one that reaches the goal. No later one of that period does."""
    periods: dict[str, Any] = member["progress"].setdefault(rule.id, {})
    if period not in periods and len(periods) >= _KEPT and period < min(periods):
        return False
    progress, goal = rule.progress, rule.progress.goal
    before = reached(periods.get(period))
    if progress.count == "days":
        today = facts.today(zone_info(rule.schedule.time_zone)).toordinal()
        days: list[int] = periods.setdefault(period, [])
        if today in days or len(days) >= goal:
            return False
        days.append(today)
    else:
        periods[period] = before + _part(progress.count, facts)
    for old in sorted(periods)[:-_KEPT]:
        del periods[old]
    return before < goal <= reached(periods[period])


def reached(held: Any) -> int:
    """How much was counted: a number, or so many days."""
    return len(held) if isinstance(held, list) else held or 0


def _part(count: str, facts: Facts) -> int:
    if count == "times":
        return 1
    return int(facts.get(_QUANTITY if count == "quantity" else _ELIGIBLE) or 0)
