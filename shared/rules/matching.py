"""Matching: which rules apply to an event and what they give; one path for deciding, explaining and backtests. Pure.

A rule passes its gates (schedule, event, segment, member's part of the condition; the campaign's before its own), then
its limits, then its effects are computed and cut to what limits and budgets still allow. In a group whose rules exclude
each other one wins. What was held back or cut is recorded with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

from msgspec import Struct

from shared.events.light import Occurrence, occurrence_of
from shared.events.partner import AnyEvent
from shared.ledger.bounds import MOST_POINTS
from shared.rules import packs, spending
from shared.rules.compiled import Compiled, Gate
from shared.rules.definition import Rule
from shared.rules.effects import Amount, Award, Given, Points, resized
from shared.rules.facts import Facts
from shared.rules.member import NOBODY, Member
from shared.rules.paying import earning
from shared.rules.rulebook import NoProgrammeError, Rulebook, Ruleset
from shared.rules.stacking import compete
from shared.rules.usage import Bound, Usage, bounds

Verdict = Literal[
    "applies", "not_scheduled", "not_in_segment", "condition", "limit", "budget", "pack", "no_points", "stacking"
]  # fmt: skip


class Outcome(Struct, frozen=True, gc=False):
    """What became of one rule for one event.

    awards: one for each effect that gave points, with `amounts` as multipliers need them; wanted: how many points it
    would have been without limits and budgets; by: what held it back (a bound's key, or the rule that won instead).
    """

    compiled: Compiled
    verdict: Verdict
    awards: tuple[Award, ...] = ()
    wanted: int = 0
    by: str | None = None
    bound: Bound | None = None
    gate: Gate | None = None
    amounts: tuple[Amount, ...] = ()

    @property
    def rule(self) -> Rule:
        """The rule."""
        return self.compiled.rule

    @property
    def points(self) -> int:
        """All points of all wallets: what `best` compares."""
        awards = self.awards
        return awards[0].points if len(awards) == 1 else sum(award.points for award in awards)


class Passed(NamedTuple):
    """A rule whose condition held and that gave nothing, or less than it would have: so the journal has it."""

    rule: str
    version: int
    verdict: Verdict
    wanted: int  # 10^15 at most: no journal holds 10^20
    by: str | None


class Decided(Struct, frozen=True, gc=False):
    """All that one event earns, and what was held back."""

    outcomes: list[Outcome] = []
    passed: list[Passed] = []
    awards: list[Award] = []  # all of them, in the order of decisions

    def add(self, outcome: Outcome) -> None:
        """What became of one more rule: what it gave, and what was held back of it."""
        verdict = outcome.verdict
        if verdict == "applies":
            self.outcomes.append(outcome)
            self.awards.extend(outcome.awards)
            if outcome.bound is None or outcome.wanted <= outcome.points:
                return
            verdict = held_by(outcome.bound)
        elif verdict not in ("limit", "budget", "pack", "stacking"):
            return
        rule = outcome.rule
        self.passed.append(Passed(rule.id, rule.version, verdict, min(outcome.wanted, MOST_POINTS), outcome.by))


def facts_of(event: Occurrence | AnyEvent, member: Mapping[str, Any] | None, rules: Ruleset) -> Facts:
    """The event's facts under the rules in force at its time."""
    happened = event if isinstance(event, Occurrence) else occurrence_of(event)
    data = happened.data
    facts = Facts(happened, rules.zone, data.lines, rules.eligible, NOBODY if member is None else Member(member), rules)
    if (paid := data.paid_with_points) is not None:
        facts.lines = earning(facts.lines, paid, rules.programme)
    return facts


class Ruled(Struct, frozen=True, gc=False):
    """An event's facts, and the rules in force at its time that they are looked at by: found once, used throughout."""

    facts: Facts
    rules: Ruleset


def ruled(event: Occurrence | AnyEvent, book: Rulebook, by: datetime | None = None) -> Ruled | None:
    """The event's facts under its rules, as they were known by then; None when it happened before the programme."""
    try:
        rules = book.at(event.time) if by is None else book.as_known(by, event.time)
    except NoProgrammeError:
        return None
    return Ruled(facts_of(event, None, rules), rules)


def decide(
    candidates: Sequence[Compiled], facts: Facts, rules: Ruleset, usage: Usage, *, plausible: bool = False
) -> Decided:
    """Everything that these rules give for one event, uses counted.

    plausible: time and event are known to allow them (`Matcher.plausible`), and need not be asked again.
    """
    decided, given = Decided(), Given()
    if plausible and rules.simply_added:  # as nearly everywhere: what `outcomes` does where there is no group
        for compiled in rules.matcher.holding(candidates, facts):
            if (one := compiled.one) is not None:
                _give(compiled, one, facts, rules, decided, given)
                continue
            outcome = judge_held(compiled, facts, rules, usage, given)
            decided.add(outcome)
            settle(outcome, facts, usage, given)
        return decided
    for outcome, _ in outcomes(candidates, facts, rules, usage, plausible=plausible):
        decided.add(outcome)
    return decided


def _give(compiled: Compiled, one: Points, facts: Facts, rules: Ruleset, decided: Decided, given: Given) -> None:
    """The same of a rule with one effect that nothing holds back: what follows has nothing more to find out."""
    if not (amount := one.of(facts, given, rules.programme.currency)).points:
        return
    rule, version, owner = compiled.named
    award = Award(rule, version, one.wallet, amount.points, amount.lines, owner)
    decided.awards.append(award)
    decided.outcomes.append(Outcome(compiled, "applies", (award,), amount.points, amounts=(amount,)))
    _note(compiled, one.wallet, amount, given)


def outcomes(
    candidates: Sequence[Compiled],
    facts: Facts,
    rules: Ruleset,
    usage: Usage,
    *,
    plausible: bool = False,
    revise: Callable[[Outcome, Given], Outcome] | None = None,
) -> Iterator[tuple[Outcome, Given]]:
    """What becomes of each of these rules for one event, with what those before it gave; its uses are counted after
    it and its group are handed out, so that whoever explains them finds all as it was decided. Must be read to the end.

    revise: makes of each outcome what stacking and the rules that build on it are to see (see `returning`).
    """
    given = Given()
    if plausible:
        candidates = rules.matcher.holding(candidates, facts)
    at, judging = 0, judge_held if plausible else judge
    while at < len(candidates):
        group = candidates[at].group
        end = at + 1
        while group is not None and end < len(candidates) and candidates[end].group == group:
            end += 1
        several = candidates[at:end]
        found = [judging(each, facts, rules, usage, given) for each in several]
        if rules.prepaid:
            found = [packs.paid(each, facts, rules, usage) for each in found]
        if revise is not None:
            found = [revise(each, given) for each in found]
        if group is not None:
            found = compete(found)
        for outcome in found:
            yield outcome, given
        for outcome in found:
            settle(outcome, facts, usage, given)
            if rules.prepaid:
                packs.use(outcome, facts, rules, usage)
        at = end


def judge(compiled: Compiled, facts: Facts, rules: Ruleset, usage: Usage, given: Given) -> Outcome:
    """What one rule would do for one event; changes nothing."""
    for gate in compiled.gates:
        verdict = _passes(gate, facts, rules)
        if verdict is not None:
            return Outcome(compiled, verdict, gate=gate)
    return judge_held(compiled, facts, rules, usage, given)


def judge_held(compiled: Compiled, facts: Facts, rules: Ruleset, usage: Usage, given: Given) -> Outcome:
    """The same of a rule whose conditions hold: limits, then effects."""
    if compiled.bounded:
        for gate in compiled.gates:
            for bound in bounds(gate.of, facts):
                if not spending.allows(bound, compiled.worth, usage):
                    if not compiled.wants(facts, given, rules.programme.currency):
                        return Outcome(compiled, "no_points")
                    return Outcome(compiled, held_by(bound), by=bound.key, bound=bound, gate=gate)
    return _effects(compiled, facts, rules, usage, given)


def _passes(gate: Gate, facts: Facts, rules: Ruleset) -> Verdict | None:
    of = gate.of
    if not gate.plain and not gate.runs(facts):
        return "not_scheduled"
    if gate.alone is not None and not gate.alone(facts):
        return "condition"
    if of.segment is not None and not rules.in_segment(of.segment, facts):
        return "not_in_segment"
    if gate.member is not None and not gate.member(facts):
        return "condition"
    return None


def held_by(bound: Bound) -> Verdict:
    """What it is called to be held back by it."""
    return "budget" if bound.measure == "budget" else "pack" if bound.measure == packs.MEASURE else "limit"


def _effects(compiled: Compiled, facts: Facts, rules: Ruleset, usage: Usage, given: Given) -> Outcome:
    wanted = 0
    awards: list[Award] = []
    amounts: list[Amount] = []
    cut: Bound | None = None
    for effect in compiled.effects:
        amount = effect.of(facts, given, rules.programme.currency)
        wanted += amount.points
        if amount.points and compiled.bounded:
            amount, cut = cut_to(compiled, facts, usage, amount, taken=sum(award.points for award in awards))
        if amount.points:
            rule, version, owner = compiled.named
            awards.append(Award(rule, version, effect.wallet, amount.points, amount.lines, owner))
            amounts.append(amount)
    if not awards and not compiled.things:
        verdict: Verdict = "no_points" if cut is None else held_by(cut)
        return Outcome(compiled, verdict, wanted=wanted, by=cut and cut.key, bound=cut)
    return Outcome(compiled, "applies", tuple(awards), wanted, cut and cut.key, cut, amounts=tuple(amounts))


def cut_to(compiled: Compiled, facts: Facts, usage: Usage, amount: Amount, taken: int) -> tuple[Amount, Bound | None]:
    """What limits in points and budgets still allow of an amount; taken: what the rule's other effects took."""
    allowed, by = amount.points, None
    for gate in compiled.gates:
        for bound in bounds(gate.of, facts):
            if bound.measure != "times":
                left = max(0, spending.points_left(bound, compiled.worth, usage, taken + allowed) - taken)
                if left < allowed:
                    allowed, by = left, bound
    return (amount if by is None else resized(amount, allowed)), by


def judge_alone(compiled: Compiled, facts: Facts, rules: Ruleset, usage: Usage) -> Outcome:
    """What a rule whose conditions hold does by itself: of those that are won later than they match."""
    return judge_held(compiled, facts, rules, usage, Given())


def settle_alone(outcome: Outcome, facts: Facts, usage: Usage) -> None:
    """Counts what it uses, when it is won."""
    settle(outcome, facts, usage, Given())


def settle(outcome: Outcome, facts: Facts, usage: Usage, given: Given) -> None:
    """Counts what a rule that applies uses, and notes what it gave for those that build on it."""
    if outcome.verdict != "applies":
        return
    compiled = outcome.compiled
    if compiled.bounded:
        for gate in compiled.gates:
            for each in bounds(gate.of, facts):
                bound, used = spending.used(each, compiled.worth, outcome.points)
                if used:
                    usage.use(bound, used)
    note(outcome, given)


def note(outcome: Outcome, given: Given) -> None:
    """What a rule gave, for those that build on it."""
    for award, amount in zip(outcome.awards, outcome.amounts, strict=True):
        _note(outcome.compiled, award.wallet, amount, given)


def _note(compiled: Compiled, wallet: str, amount: Amount, given: Given) -> None:
    given.amounts[compiled.rule.id, wallet] = amount
    for under in compiled.repeats:  # on top of the rules that it repeats
        given.on_top.setdefault((under, wallet), []).append(amount)
