"""Why a rule gave nothing, or less: from the verdict of the matching, with the values that decided. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from shared.rules import packs
from shared.rules.challenges import Step
from shared.rules.compiled import Gate
from shared.rules.definition import Campaign, Challenge, Rule
from shared.rules.explained import Gives
from shared.rules.facts import Facts
from shared.rules.holding import Held, lasting
from shared.rules.inwords import segment_named
from shared.rules.language.questions import zone_info
from shared.rules.matching import Outcome
from shared.rules.rulebook import Ruleset
from shared.rules.saying.named import Named
from shared.rules.saying.phrase import Phrase, Saying, say
from shared.rules.schedule import EVER, period_said
from shared.rules.timing import in_zone, timing


def why(
    outcome: Outcome, facts: Facts, rules: Ruleset, bounds: Sequence[Held], gives: Sequence[Gives]
) -> Saying | None:
    """What kept a rule from giving (all of) its points; None where nothing did, or another rule won instead."""
    said = _reason(outcome, facts, rules, bounds, gives)
    gate = outcome.gate
    return said if said is None or gate is None else _whose(said, gate)


def _whose(said: Saying, gate: Gate) -> Saying:
    """What is of the campaign is said to be."""
    if not isinstance(gate.of, Campaign):
        return said
    return say(Phrase.OF_CAMPAIGN, campaign=Named(gate.of.id, gate.of.title), reason=said)


def _reason(
    outcome: Outcome, facts: Facts, rules: Ruleset, bounds: Sequence[Held], gives: Sequence[Gives]
) -> Saying | None:
    gate = outcome.gate
    match outcome.verdict:
        case "not_scheduled":
            assert gate is not None
            return timing(gate.of.schedule, facts).why
        case "not_in_segment":
            assert gate is not None and gate.of.segment is not None
            known = gate.of.segment in rules.segments
            return say(Phrase.ONLY_SEGMENT, segment=segment_named(gate.of.segment, facts)) if known else (
                say(Phrase.NO_SEGMENT, wanted=gate.of.segment))  # fmt: skip
        case "condition":
            return say(Phrase.CONDITION)
        case "limit" | "budget" | "pack":
            return _held_back(outcome, bounds)
        case "stacking":
            return None  # what the winner gave is known when all is decided: see `stacked`
        case "no_points":
            return next((each.working[-1] for each in gives if each.working), None)
    if outcome.bound is not None:
        taken, wanted = outcome.wanted - outcome.points, outcome.wanted
        return say(Phrase.CUT, taken=taken, wanted=wanted, reason=_held_back(outcome, bounds))
    return None


def _held_back(outcome: Outcome, bounds: Sequence[Held]) -> Saying:
    if outcome.bound is not None and outcome.bound.measure == packs.MEASURE:
        return say(Phrase.PACK_USED, partner=packs.partner_of(outcome.bound.key))
    found = next(each for each in bounds if each.key == outcome.by)
    said = lasting(found, bounds).why()
    of = next((each for each in outcome.compiled.gates if outcome.gate is None and each.of.id == found.owner), None)
    return said if of is None else _whose(said, of)  # of what was cut, also to nothing, no gate is told


def stacked(rule: Rule, winner: Named, winning: int, wanted: int) -> Saying:
    """Why another rule of its group won instead."""
    assert rule.stacking is not None
    if rule.stacking.how == "best" and winning > wanted:
        return say(Phrase.STACKED_BEST, winner=winner, winning=winning, wanted=wanted)
    return say(Phrase.STACKED_FIRST, winner=winner, group=rule.stacking.group)


def progress(rule: Challenge, step: Step, facts: Facts) -> Saying:
    """How far a challenge is that matches; its days and periods are of its own zone, which is named where the programme
    has another."""
    zone = zone_info(rule.schedule.time_zone)
    said = _progress(rule, step, facts.today(zone))
    dated = rule.progress.period != EVER or "day" in said.values
    return in_zone(said, zone.key if zone is not None and zone.key != facts.zone.key and dated else None)


def _progress(rule: Challenge, step: Step, today: date) -> Saying:
    period = period_said(step.period)
    if step.forgotten:
        return say(Phrase.NOT_COUNTED, period=period)
    if step.won:
        return say(Phrase.WAS_FULL, period=period)
    if rule.progress.count != "days":
        return say(Phrase.COUNT_OF, reached=step.after, goal=step.goal, period=period)
    if step.after == step.before:
        return say(Phrase.DAY_COUNTED, day=today, reached=step.after, goal=step.goal, period=period)
    return say(Phrase.DAY_OF, day=today, number=step.after, goal=step.goal, period=period)
