"""Findings: a condition evaluated part by part, with the facts' values and what is missing. Pure.

The tree is kept as it was written: `all`, `any` and `not`, in YAML or as `&&`, `||` and `!` within an expression.
Each part is evaluated by `compile_test` of the same term that decides.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from shared.rules.conditions import All, Any_, Not, Tree, term_of
from shared.rules.facts import Asked, Facts
from shared.rules.inwords import in_words
from shared.rules.kinds import differ, kind_of
from shared.rules.language.checking import condition
from shared.rules.language.compiling import compile_test
from shared.rules.language.terms import (
    Arithmetic,
    Both,
    Comparison,
    Const,
    Either,
    Holds,
    Negation,
    OneOf,
    Term,
    facts_in,
    written,
)
from shared.rules.missing import denied, missing, told
from shared.rules.money_told import currency_of, in_currency
from shared.rules.saying.phrase import Phrase, Saying, Value, say
from shared.rules.timing import in_zone

_OF_DAYS: Final = ("calendar", "history")
_JOINED: Final = "member.joined"
_EVER: Final = re.compile(r"[(, ]ever\b").search
How = Literal["all", "any", "not", "test"]


@dataclass(frozen=True, slots=True)
class Known:
    """A fact that was asked for: its label, its value (None: unknown), unit and kind.

    apart: it is of another kind than what it is compared with, as the text “2” is beside the number 2.
    """

    fact: str
    value: Value | None
    unit: str | None = None
    kind: str | None = None
    apart: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """One part of a condition: a comparison (`test`, its `text` as it is written), or what joins parts.

    said: a comparison in words, where there are such; else as it is written, where its zone has to be named and what is
    missing does not name it. missing: of one that would have to be otherwise, what is missing.
    Of a comparison that asks for a segment, `parts` holds that segment's own condition. calculates: it calculates with
    its facts, so that the value of one is not that of what is written.
    """

    how: How
    text: str
    held: bool
    facts: tuple[Known, ...] = ()
    missing: Saying | None = None
    parts: tuple[Finding, ...] = ()
    said: Saying | None = None
    calculates: bool = False

    def lacking(self) -> list[Saying]:
        """All that is missing, of all parts."""
        mine = [self.missing] if self.missing is not None else []
        return [*mine, *(each for part in self.parts for each in part.lacking())]

    def tests(self) -> list[Finding]:
        """Every comparison."""
        return [self] if self.how == "test" else [each for part in self.parts for each in part.tests()]


def find(tree: Tree, facts: Facts, zone: str | None = None, *, wanted: bool = True) -> Finding:
    """A condition as a definition has it. zone: the definition's own, as in `term_of`; wanted: whether it must hold."""
    match tree:
        case All(all=parts):
            return _joined("all", tree, [find(part, facts, zone, wanted=wanted) for part in parts], facts, zone)
        case Any_(any=parts):
            return _joined("any", tree, [find(part, facts, zone, wanted=wanted) for part in parts], facts, zone)
        case Not(not_=part):
            return _joined("not", tree, [find(part, facts, zone, wanted=not wanted)], facts, zone)
        case str():
            return _found(condition(tree, "event", zone), tree, facts, wanted)


def _joined(how: How, tree: Tree, parts: list[Finding], facts: Facts, zone: str | None) -> Finding:
    return Finding(how, "", compile_test(term_of(tree, zone))(facts), parts=tuple(parts))


def _found(term: Term, source: str, facts: Facts, wanted: bool) -> Finding:
    """A part of an expression."""
    text, held = _text(term, source), compile_test(term)(facts)
    match term:
        case Both(parts=parts):
            return Finding("all", text, held, parts=tuple(_found(part, source, facts, wanted) for part in parts))
        case Either(parts=parts):
            return Finding("any", text, held, parts=tuple(_found(part, source, facts, wanted) for part in parts))
        case Negation(of=of):
            return Finding("not", text, held, parts=(_found(of, source, facts, not wanted),))
    lacks = None if held == wanted else missing(term, facts) if wanted else denied(term, facts)
    said, zone = in_words(term, facts), _zone(term, facts)
    if said is not None:
        said = in_zone(said, zone)
    elif lacks is not None:
        lacks = in_zone(lacks, zone)
    elif zone is not None:
        said = say(Phrase.IN_ZONE, reason=text, zone=zone)
    segment = _segment(term, facts, wanted)
    return Finding("test", text, held, _known(term, facts), lacks, segment, said, _calculates(term))


def _calculates(term: Term) -> bool:
    return isinstance(term, Comparison) and any(isinstance(each, Arithmetic) for each in (term.left, term.right))


def _zone(term: Term, facts: Facts) -> str | None:
    """The zone of the hours and days that are asked for, where it is not the programme's: nobody would know it else."""
    asked = (each.asked for each in facts_in(term))
    found = {each.zone for each in asked if each.label == _JOINED or (each.scope in _OF_DAYS and not _EVER(each.label))}
    return next((each for each in found if each not in (None, facts.zone.key)), None)


def _text(term: Term, source: str) -> str:
    text = source[term.at : term.end].strip()
    return text if text.count("(") == text.count(")") and text else written(term)


def _segment(term: Term, facts: Facts, wanted: bool) -> tuple[Finding, ...]:
    """Of `"families" in member.segments` the segment's own condition."""
    if not isinstance(term, Holds) or term.of.asked.label != "member.segments":
        return ()
    found = of_segment(term.value, facts, wanted=wanted)
    return () if found is None else (found,)


def of_segment(id_: str, facts: Facts, *, wanted: bool = True) -> Finding | None:
    """A segment's own condition; None where no such segment is in force."""
    segment = facts.rules.segment(id_)
    return None if segment is None else find(segment.when, facts, wanted=wanted)


def _known(term: Term, facts: Facts) -> tuple[Known, ...]:
    asked = dict.fromkeys(each.asked for each in facts_in(term) if each.asked.label != "member.segments")
    others = _options(term)
    return tuple(known(each, facts, others) for each in asked)


def _options(term: Term) -> list[Any]:
    """The values that a fact is compared with."""
    match term:
        case Comparison(left=left, right=right):
            return [each.value for each in (left, right) if isinstance(each, Const)]
        case OneOf(options=options):
            return list(options)
    return []


def known(asked: Asked, facts: Facts, others: Sequence[Any] = ()) -> Known:
    """A fact with its value as it is told. others: what it is compared with."""
    unit, kind, value = asked.type.unit, asked.type.kind, facts.get(asked)
    told_as = in_currency(told(asked.label, value, kind, facts), unit, currency_of(facts))
    if kind != "attribute":
        return Known(asked.label, told_as, unit, kind)
    apart = value is not None and bool(others) and all(differ(value, each) for each in others)
    return Known(asked.label, told_as, unit, None if value is None else kind_of(value), apart)
