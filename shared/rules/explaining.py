"""Explaining: every rule that looks at a kind of event, and why it gives what it gives, or nothing. Pure.

One path: the outcomes are those of `matching.outcomes`, by which events are decided; conditions, amounts and limits are
evaluated again by the same closures, at the moment at which the rule was decided.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final, Literal

from shared.rules.apart import NOTHING_APART, Apart
from shared.rules.challenges import Step, counted
from shared.rules.compiled import Compiled, Gate
from shared.rules.definition import Campaign, Challenge, Draw
from shared.rules.effects import Given
from shared.rules.explained import Asks, Explained, Gives, Progress, Segmented
from shared.rules.facts import Facts
from shared.rules.findings import find, of_segment
from shared.rules.holding import UsedBy, held
from shared.rules.inwords import segment_named
from shared.rules.matching import Outcome, judge, outcomes
from shared.rules.reasons import progress, stacked, why
from shared.rules.rulebook import Ruleset
from shared.rules.saying.named import Named
from shared.rules.saying.phrase import Phrase, say
from shared.rules.thing_words import thing_said
from shared.rules.timing import timing
from shared.rules.usage import Usage
from shared.rules.working import working

NOBODY_KNOWS: Final[UsedBy] = {}


def explain(
    kind: str,
    facts: Facts,
    rules: Ruleset,
    usage: Usage,
    by: UsedBy = NOBODY_KNOWS,
    apart: Apart = NOTHING_APART,
) -> list[Explained]:
    """Every rule of a kind (`earn` or `bonus`) that looks at this kind of event, in the order of decisions.

    usage: as it was before the event; afterwards it is as the decision leaves it. by: which events used it. apart: what
    is judged apart.
    """
    candidates = rules.rules(kind, facts.kind)

    def revised(outcome: Outcome, given: Given) -> Outcome:
        return apart.judged(outcome, facts, rules, given)

    found = {
        outcome.rule.id: _explained(outcome, facts, rules, apart.usage(outcome.compiled, usage), given, by)
        for outcome, given in outcomes(candidates, facts, rules, usage, revise=revised)
    }
    for compiled in candidates:
        each = found[compiled.rule.id]
        if each.verdict == "stacking" and each.by is not None:
            winner = found[each.by]
            said = stacked(compiled.rule, Named(winner.rule, winner.title), winner.points, each.wanted)
            found[each.rule] = replace(each, why=said)
    return list(found.values())


def explain_challenges(
    member: dict[str, Any],
    facts: Facts,
    rules: Ruleset,
    usage: Usage,
    by: UsedBy = NOBODY_KNOWS,
    apart: Apart = NOTHING_APART,
) -> list[Explained]:
    """Every challenge that looks at this kind of event. member: campaigns' document, whose `progress` it counts on."""
    found = list[Explained]()
    for compiled in rules.rules("challenge", facts.kind):
        outcome = apart.judged(judge(compiled, facts, rules, usage, Given()), facts, rules, Given())
        mine = apart.usage(compiled, usage)
        explained = _explained(outcome, facts, rules, mine, Given(), by)
        if compiled.matches(facts, rules.in_segment):
            step, _ = counted(member, compiled, facts, rules, mine)
            explained = _challenge(explained, compiled, step, facts)
        found.append(explained)
    return found


def _explained(
    outcome: Outcome, facts: Facts, rules: Ruleset, usage: Usage, given: Given, by: UsedBy
) -> Explained:  # fmt: skip
    compiled, rule = outcome.compiled, outcome.rule
    bounds = held(compiled, facts, usage, by) if compiled.bounded else ()
    gives = _gives(outcome, facts, rules, given)
    return Explained(
        rule=rule.id,
        title=rule.title,
        kind=rule.kind,
        version=rule.version,
        verdict=outcome.verdict,
        why=why(outcome, facts, rules, bounds, gives),
        by=outcome.by,
        wanted=outcome.wanted,
        gives=gives,
        things=tuple(each.name for each in rule.things),
        asks=tuple(_asks(gate, facts, rules) for gate in compiled.gates),
        held=bounds,
        given=tuple(thing_said(each, _titles(facts)) for each in rule.things),
        cards=tuple((each.punch.wallet, each.punch.points) for each in rule.things if each.punch is not None),
    )


def _titles(facts: Facts) -> dict[str, str]:
    """Of draws."""
    return {each.id: each.title for each in facts.rules.of(Draw)}


def _asks(gate: Gate, facts: Facts, rules: Ruleset) -> Asks:
    of, segment = gate.of, None
    if of.segment is not None:
        title = segment_named(of.segment, facts).title
        segment = Segmented(of.segment, rules.in_segment(of.segment, facts), of_segment(of.segment, facts), title)
    condition = None if of.when is None else find(of.when, facts, of.schedule.time_zone)
    kind: Literal["campaign", "rule"] = "campaign" if isinstance(of, Campaign) else "rule"
    return Asks(kind, of.id, of.version, timing(of.schedule, facts), segment, condition, of.title)


def _gives(outcome: Outcome, facts: Facts, rules: Ruleset, given: Given) -> tuple[Gives, ...]:
    """Of every effect; where the rule was not asked for points at all, none."""
    if outcome.verdict in ("not_scheduled", "not_in_segment", "condition"):
        return ()
    awards = {award.wallet: award for award in outcome.awards}
    currency, found = rules.programme.currency, list[Gives]()
    for points in outcome.compiled.effects:
        wallet = points.effect.wallet
        award = awards.get(wallet)
        found.append(
            Gives(
                wallet,
                0 if award is None else award.points,
                points.of(facts, given, currency).points,
                None if award is None else award.lines,
                working(points, facts, given, currency),
            )
        )
    return tuple(found)


def _challenge(explained: Explained, compiled: Compiled, step: Step, facts: Facts) -> Explained:
    rule = compiled.rule
    assert isinstance(rule, Challenge)
    said, counts = progress(rule, step, facts), step.after > step.before
    reached = Progress(step.period, step.after, step.goal, counts, step.wins)
    if not step.reaches:  # nobody asked for the reward: no limit or budget is the reason
        return replace(explained, verdict="counts", by=None, progress=reached, why=said)
    if explained.why is not None:
        said = say(Phrase.REACHED_BUT, progress=said, reason=explained.why)
    return replace(explained, progress=reached, why=said)
