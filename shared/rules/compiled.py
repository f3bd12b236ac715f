"""Rules compiled: each with its condition as closures, its effects, and what its condition needs; put in order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from shared.rules.conditions import about_member, both, divided, term_of
from shared.rules.definition import Bounded, Campaign, Rule, Segment
from shared.rules.effects import Given, Points
from shared.rules.facts import Facts
from shared.rules.language.compiling import Test, compile_test
from shared.rules.language.terms import Holds, Term, children
from shared.rules.order import Rank
from shared.rules.schedule import Schedule
from shared.rules.spending import worth
from shared.rules.timetable import Timetable


def _always(_: Facts) -> bool:
    return True


@dataclass(frozen=True, slots=True, eq=False)
class Gate:
    """What a rule, or the campaign it belongs to, asks before anything: time, event, segment, member."""

    of: Bounded
    alone: Test | None  # what the event alone decides
    member: Test | None
    plain: bool  # always runs: no schedule is written
    # The schedule's timetable, by the programme's zone: asked for every event, so found once.
    _timetables: dict[ZoneInfo, Timetable] = field(default_factory=dict)

    def runs(self, facts: Facts) -> bool:
        """Whether its schedule includes the event's time."""
        zone = facts.zone
        timetable = self._timetables.get(zone)
        if timetable is None:
            timetable = self._timetables[zone] = self.of.schedule.timetable(zone)
        # The local time is known already, and the cheapest to ask about, unless the schedule has another zone; and the
        # event's own time is, where only instants are compared: two of one zone compare much faster than two of two.
        return timetable.runs(facts.local_in(zone) if timetable.wall else facts.event.time)

    def open(self) -> Test:
        """Tells whether time and event allow it: as few calls as there is to ask."""
        runs, alone = self.runs, self.alone
        if alone is None:
            return _always if self.plain else runs
        return alone if self.plain else lambda facts: runs(facts) and alone(facts)


@dataclass(eq=False)
class Compiled:
    """A rule, ready to be decided. `rank`: its place in the order of decisions."""

    rule: Rule
    gates: tuple[Gate, ...]
    effects: tuple[Points, ...]
    term: Term | None
    rank: Rank = (0, "", 0)
    segments: Mapping[str, Term] = field(default_factory=dict)
    noted: dict[str, Any] = field(default_factory=dict)  # what the index found out, for all rulebooks that it is in

    @cached_property
    def plausible(self) -> Test:
        """Tells whether time and event allow it; the member is not asked. Asked of every candidate of every event."""
        tests = [gate.open() for gate in self.gates]
        return tests[0] if len(tests) == 1 else lambda facts: all(test(facts) for test in tests)

    def holds(self, facts: Facts, in_segment: Callable[[str, Facts], bool]) -> bool:
        """Whether segments and conditions on the member hold too, of a rule that is plausible."""
        for gate in self.gates:
            segment = gate.of.segment
            if segment is not None and not in_segment(segment, facts):
                return False
            if gate.member is not None and not gate.member(facts):
                return False
        return True

    def matches(self, facts: Facts, in_segment: Callable[[str, Facts], bool]) -> bool:
        """Whether all holds that is asked of an event and its member, whatever the rule gives for it."""
        return self.plausible(facts) and self.holds(facts, in_segment)

    @cached_property
    def asks_nobody(self) -> bool:
        """Whether the event alone decides."""
        return all(gate.member is None and gate.of.segment is None for gate in self.gates)

    @cached_property
    def named(self) -> tuple[str, int, str]:
        """What awards carry of it: its id, its version, whose it is."""
        return self.rule.id, self.rule.version, self.rule.owner

    @cached_property
    def things(self) -> bool:
        """Whether it gives anything other than points."""
        return bool(self.rule.things)

    @property
    def of(self) -> list[Bounded]:
        """The campaign, where it belongs to one, and the rule."""
        return [gate.of for gate in self.gates]

    @cached_property
    def bounded(self) -> bool:
        """Whether any limit or budget holds it back."""
        return any(gate.of.limits or gate.of.budget for gate in self.gates)

    @cached_property
    def one(self) -> Points | None:
        """Its only effect, where it gives nothing besides and nothing holds it back: so most rules are."""
        return self.effects[0] if len(self.effects) == 1 and not self.things and not self.bounded else None

    @cached_property
    def worth(self) -> Mapping[str, int]:
        """What its vouchers and gifts are worth, in millionths by currency."""
        return worth(self.rule.things)

    def wants(self, facts: Facts, given: Given, currency: str) -> bool:
        """Whether it would give anything if nothing held it back: no limit takes away what is nothing. Asked only where
        one is used up."""
        return self.things or any(effect.of(facts, given, currency).points for effect in self.effects)

    @cached_property
    def repeats(self) -> list[str]:
        """The rules whose points it builds on, each once, though two of its effects build on one."""
        return list(dict.fromkeys(self.rule.repeats))

    @cached_property
    def asks_member(self) -> bool:
        """Whether a condition that decides about it asks anything about the member."""
        return any(about_member(term) for term in self.terms)

    @cached_property
    def group(self) -> str | None:
        """The stacking group, where its rules do not simply add up."""
        stacking = self.rule.stacking
        return None if stacking is None or stacking.how in ("additive", "ordered") else stacking.group

    @cached_property
    def terms(self) -> list[Term]:
        """Every condition that decides about it: its own, its campaign's, its segments'."""
        found = [term_of(of.when, of.schedule.time_zone) for of in self.of if of.when is not None]
        named = {of.segment for of in self.of if of.segment is not None}
        todo, seen = [*named, *(each for term in found for each in segments_named(term))], set[str]()
        while todo:
            id_ = todo.pop()
            if id_ not in seen and id_ in self.segments:
                seen.add(id_)
                found.append(self.segments[id_])
                todo += segments_named(self.segments[id_])
        return found


_ALWAYS = Schedule()


def gate(of: Bounded) -> Gate:
    """Compiles one."""
    term = None if of.when is None else term_of(of.when, of.schedule.time_zone)
    alone, member = divided(term)
    return Gate(
        of,
        None if alone is None else compile_test(alone),
        None if member is None else compile_test(member),
        of.schedule == _ALWAYS,
    )


def compile_rule(rule: Rule, campaign: Campaign | None) -> Compiled:
    """The rule behind its own gate and its campaign's."""
    both_ = [each for each in (campaign, rule) if each is not None]
    terms = [term_of(each.when, each.schedule.time_zone) for each in both_ if each.when is not None]
    gates = tuple(gate(each) for each in both_)
    return Compiled(rule, gates, tuple(Points(effect) for effect in rule.points), both(terms))


def segments_named(term: Term) -> list[str]:
    """Segments that a condition asks for by `in member.segments`."""
    mine = [term.value] if isinstance(term, Holds) and term.of.asked.label == "member.segments" else []
    return [*mine, *(each for part in children(term) for each in segments_named(part))]


def segment_terms(segments: Iterable[Segment]) -> dict[str, Term]:
    """Their conditions, by id."""
    return {each.id: term_of(each.when) for each in segments}
