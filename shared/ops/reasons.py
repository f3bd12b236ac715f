"""Why a rule gave nothing, in a sentence: from the verdict of the matching, with the values that decided. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from shared.rules.definition import Rule
from shared.rules.effects import Award
from shared.rules.facts import Facts, ask
from shared.rules.matching import Outcome, limit_keys
from shared.rules.rulebook import Ruleset


def reason(
    outcome: Outcome, facts: Facts, rules: Ruleset, used_by: Mapping[str, str], given: Mapping[str, Award]
) -> str:
    """The sentence for a rule that does not apply.

    used_by: which event used a limit last, by usage key; given: what the event's other rules gave.
    """
    match outcome.verdict:
        case "not_scheduled":
            return outcome.rule.schedule.why_not(facts.event.time, facts.zone)
        case "not_in_segment":
            if outcome.rule.segment not in rules.segments:
                return f"no segment {outcome.rule.segment} was in force at that time"
            return f"only for members of the segment {outcome.rule.segment}"
        case "condition":
            return "its condition does not hold"
        case "limit":
            return _limit(outcome, facts, used_by)
        case "no_points":
            return _no_points(outcome.rule, facts, rules, given)
    return ""


def _limit(outcome: Outcome, facts: Facts, used_by: Mapping[str, str]) -> str:
    """`already used: day 2017-01-04, by basket-123`"""
    key = outcome.limit_key or ""
    keys = limit_keys(outcome.rule, key.partition("|")[0], facts)
    limit = next(limit for limit, each in zip(outcome.rule.limits, keys, strict=True) if each == key)
    times = "once" if limit.times == 1 else f"{limit.times} times"
    named = f"{limit.period} {key.rpartition('|')[2]}"
    if limit.period == "ever":
        named = f"{times} a member"
    elif limit.times > 1:
        named = f"{times}, {named}"
    by = used_by.get(key)
    return f"already used: {named}" + (f", by {by.partition('|')[2]}" if by else "")


def _no_points(rule: Rule, facts: Facts, rules: Ruleset, given: Mapping[str, Award]) -> str:
    rate, again = rule.then.per_amount, rule.then.again
    if again is not None:
        return f"it repeats {', '.join(again)}, which gave nothing" if not any(id_ in given for id_ in again) else ""
    if rate is None:
        return ""
    currency, wanted = facts.get(ask("event.currency")), rules.programme.currency
    if currency != wanted:
        return f"amounts are in {currency or 'no currency'}; the rate is one of {wanted}"
    amounts = facts.eligible_amounts if rate.of == "basket.eligible" else facts.total_amounts
    rounded = rate.rounding.replace("_", " ")
    return f"{rate.of} is {sum(amounts, Decimal(0))}: {rate.give} for each {rate.per}, rounded {rounded}"
