"""Whether conditions can hold together: each as the values that its facts may have then. Says no only if it is sure.

Alternatives are tried one after another. What is not understood (two facts compared, say) only contradicts its own
opposite; and a condition with too many alternatives is taken to hold somewhere.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final, NamedTuple

from shared.rules.checks import baskets, relations, tiers
from shared.rules.checks.universe import universe, whole
from shared.rules.checks.values import ANY_TEXT, EVERYTHING, UNKNOWN, Texts, Values, compared, texts, truths
from shared.rules.facts import Asked
from shared.rules.language.compiling import CALCULATE, TEXT_TESTS
from shared.rules.language.syntax import MIRRORED
from shared.rules.language.terms import (
    Arithmetic,
    Both,
    Comparison,
    Const,
    Either,
    Fact,
    Holds,
    Known,
    LineFact,
    Negation,
    OneOf,
    Term,
    TextTest,
    Value,
    written,
)
from shared.rules.part import EventKind

_MOST_STEPS: Final = 4_000


class Atom(NamedTuple):
    """One fact and the values for which a comparison of it holds."""

    of: Fact | LineFact
    values: Values


def atom(term: Term) -> Atom | None:
    """A comparison of one fact with what is written; None where it is something else."""
    match term:
        case Fact() | LineFact() if term.type.kind == "truth":
            return Atom(term, truths(True))
        case Known(of=Fact() | LineFact() as of):
            return Atom(of, UNKNOWN.rest())
        case OneOf(of=Fact() | LineFact() as of, options=options):
            return Atom(of, _any_of(of, options))
        case Comparison(operator=sign, left=left, right=right):
            first, second = _value(left), _value(right)
            if second is not None:
                return _compared(left, sign, second)
            return _compared(right, MIRRORED[sign], first) if first is not None else None
    return None


def _value(term: Term) -> Value | None:
    """What is written, or what follows from what is written."""
    match term:
        case Const(value=value):
            return value
        case Arithmetic(operator=sign, left=left, right=right):
            one, other = _value(left), _value(right)
            if isinstance(one, Decimal) and isinstance(other, Decimal):
                return CALCULATE[sign](one, other)  # type: ignore[no-any-return]
    return None


def _any_of(of: Term, options: Iterable[Value]) -> Values:
    found = Values()
    for option in options:
        each = _equal(of, option)
        found = found.rest().meet(each.rest()).rest()
    return found


def _equal(of: Term, value: Value) -> Values:
    if isinstance(value, bool):
        return truths(value)
    if isinstance(value, Decimal):
        return compared("==", Fraction(value))
    if of.type.kind == "date":
        return compared("==", Fraction(date.fromisoformat(value).toordinal()))
    return texts([value])


def _compared(of: Term, sign: str, value: Value) -> Atom | None:
    """The calculation is undone, step by step, until the fact is alone on its side."""
    if isinstance(value, Decimal):
        number = Fraction(value)
        while isinstance(of, Arithmetic):
            undone = _undone(of, sign, number)
            if undone is None:
                return None
            of, sign, number = undone
        return Atom(of, compared(sign, number)) if isinstance(of, Fact | LineFact) else None
    if not isinstance(of, Fact | LineFact):
        return None
    if sign == "==":
        return Atom(of, _equal(of, value))
    if sign == "!=":
        return Atom(of, _equal(of, value).rest())
    if of.type.kind == "date" and isinstance(value, str):
        return Atom(of, compared(sign, Fraction(date.fromisoformat(value).toordinal())))
    return None


def _undone(term: Arithmetic, sign: str, number: Fraction) -> tuple[Term, str, Fraction] | None:
    left, right = term.left, term.right
    one, other = _value(left), _value(right)
    if isinstance(other, Decimal):
        by, of, first = Fraction(other), left, True
    elif isinstance(one, Decimal):
        by, of, first = Fraction(one), right, False
    else:
        return None
    if term.operator == "+":
        return of, sign, number - by
    if term.operator == "-":
        return (of, sign, number + by) if first else (of, MIRRORED[sign], by - number)
    if by == 0:
        return None
    return of, (sign if by > 0 else MIRRORED[sign]), number / by


@dataclass(slots=True)
class _Known:
    """What is assumed so far: values by fact, tests of texts, and what is not understood by its words."""

    values: dict[Hashable, Values] = field(default_factory=dict)
    tests: dict[Hashable, list[tuple[str, str, bool]]] = field(default_factory=dict)
    said: dict[str, bool] = field(default_factory=dict)

    def copy(self) -> _Known:
        return _Known(dict(self.values), {key: list(each) for key, each in self.tests.items()}, dict(self.said))


class _TooManyError(Exception):
    """The alternatives cannot be tried within reason."""


class _Goal(NamedTuple):
    term: Term
    wanted: bool
    within: frozenset[str]  # segments whose condition is being looked into


class Question:
    """Asks whether conditions can hold: for a kind of event (`on`), where segments have these conditions, and facts are
    among `given`. currency, not_eligible, zone: the programme's, where they are known."""

    def __init__(
        self,
        on: EventKind | None = None,
        segments: Mapping[str, Term] | None = None,
        given: Iterable[tuple[Fact, Values]] = (),
        currency: str | None = None,
        not_eligible: Term | None = None,
        zone: str | None = None,
    ) -> None:
        self.on, self._zone = on, zone
        self._currency, self._not_eligible = currency, not_eligible
        self.segments = segments or {}
        self.given = list(given)
        self._steps = 0
        self._line: Sequence[Term] = ()

    def universe(self, of: Fact | LineFact) -> Values:
        """What a fact can be here."""
        return universe(of, self.on)

    def can_hold(self, *terms: Term, but_not: Iterable[Term] = (), line: Sequence[Term] = ()) -> bool:
        """Whether there may be an event for which all of these hold, and none of the others; with such a `line`."""
        goals = [_Goal(term, True, frozenset()) for term in terms]
        goals += [_Goal(term, False, frozenset()) for term in but_not]
        known, self._steps, self._line = _Known(), 0, line
        try:
            return all(self._narrow(known, of, values) for of, values in self.given) and self._try(goals, known)
        except _TooManyError:
            return True

    def reason(self, *terms: Term) -> str:
        """Why these cannot hold, where it is the programme that keeps them from it."""
        if Question(self.on, self.segments, self.given, None, self._not_eligible, self._zone).can_hold(*terms):
            return f", as amounts in another currency than {self._currency} are unknown"
        if Question(self.on, self.segments, self.given, self._currency, None, self._zone).can_hold(*terms):
            return ", as all these lines are `not_eligible` in the programme"
        return ""

    def alone(self, *terms: Term) -> Mapping[Hashable, Values] | None:
        """What facts may be where all of these hold, if they are nothing but comparisons of one fact each, and may hold
        together; else None."""
        known, waiting = _Known(), list(terms)
        if not all(self._narrow(known, of, values) for of, values in self.given):
            return None
        while waiting:
            term = waiting.pop()
            if isinstance(term, Both):
                waiting += term.parts
            elif (found := atom(term)) is None or not self._narrow(known, found.of, found.values):
                return None
        return known.values if self._agree(known) else None

    def _agree(self, known: _Known) -> bool:
        facts = {of: each for of, each in known.values.items() if isinstance(of, Asked)}
        if not relations.agree(facts, self._currency, self._zone) or not tiers.agree(facts, known.said):
            return False
        return baskets.agree(facts, self._not_eligible, lambda terms: Question().can_hold(*terms), self._line)

    def _try(self, goals: list[_Goal], known: _Known) -> bool:
        waiting: list[list[_Goal]] = []
        while goals:
            self._steps += 1
            if self._steps > _MOST_STEPS:
                raise _TooManyError
            term, wanted, within = goals.pop()
            match term:
                case Negation(of=of):
                    goals.append(_Goal(of, not wanted, within))
                case Both(parts=parts) | Either(parts=parts):
                    each = [_Goal(part, wanted, within) for part in parts]
                    if isinstance(term, Both) == wanted:
                        goals += each
                    else:
                        waiting.append(each)
                case _:
                    if not self._assume(term, wanted, known):
                        return False
                    if isinstance(term, Holds) and term.of.asked.label == "member.segments":
                        inner = self.segments.get(term.value)
                        if inner is not None and term.value not in within:
                            goals.append(_Goal(inner, wanted, within | {term.value}))
        if not waiting:
            return self._agree(known)
        waiting.sort(key=len)
        first, rest = waiting[0], [goal for each in waiting[1:] for goal in [_as_goal(each)]]
        return any(self._try([*rest, choice], known.copy()) for choice in first)

    def _assume(self, term: Term, wanted: bool, known: _Known) -> bool:
        """Takes a comparison as true or false; False where that cannot be."""
        if isinstance(term, Const):
            return (term.value is True) is wanted
        found = atom(term)
        if found is not None:
            return self._narrow(known, found.of, found.values if wanted else found.values.rest())
        if isinstance(term, TextTest) and isinstance(term.of, Fact | LineFact):
            known.tests.setdefault(subject(term.of), []).append((term.method, term.value, wanted))
            if not self._narrow(known, term.of, Values(texts=ANY_TEXT) if wanted else EVERYTHING):
                return False
        return known.said.setdefault(written(term), wanted) is wanted

    def _narrow(self, known: _Known, of: Fact | LineFact, values: Values) -> bool:
        key = subject(of)
        found = known.values.get(key)
        if found is None:
            found = self.universe(of)
        found = found.meet(values)
        if whole(of):
            found = found.whole()
        if not found.texts.others:
            fitting = frozenset(each for each in found.texts.values if _passes(each, known.tests.get(key, ())))
            found = replace(found, texts=Texts(fitting))
        known.values[key] = found
        return not found.empty


def _as_goal(choices: list[_Goal]) -> _Goal:
    """Alternatives that wait, as one goal again."""
    parts = tuple(each.term if each.wanted else Negation(0, 0, each.term.type, each.term) for each in choices)
    return _Goal(Either(0, 0, parts[0].type, parts), True, choices[0].within)


def _passes(text: str, tests: Iterable[tuple[str, str, bool]]) -> bool:
    return all(TEXT_TESTS[method](text, part) is wanted for method, part, wanted in tests)


def subject(of: Fact | LineFact) -> Hashable:
    """What is asked: the same for the same question."""
    return of.asked if isinstance(of, Fact) else (of.field, of.attribute)
