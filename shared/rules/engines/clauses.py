"""Conditions as durable-rules takes them: clauses over the fields of a flat fact, and who computes those fields.

It is given what it represents exactly: texts that are compared for equality, and numbers in ten-thousandths, doubled so
that a value between two of them (an odd number) stays between them. Everything else is a field that our own closures
compute, 1 or 0. A text's field is always there (what is unknown is "?"), so that `!=` holds for what is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import ROUND_FLOOR, Decimal
from hashlib import blake2b
from typing import Any, Final, NamedTuple

from shared.rules.compiled import Gate
from shared.rules.conditions import divided, term_of
from shared.rules.engines.engine import Rules
from shared.rules.engines.normal_form import Literal, TooManyError, conjunctions
from shared.rules.facts import Facts
from shared.rules.language.compiling import compile_read, compile_test
from shared.rules.language.terms import Comparison, Const, Fact, OneOf, Term, facts_in, written

Read = Callable[[Facts, Rules], Any]  # a field's value; None leaves the field out
_PLAIN: Final = re.compile(r"[A-Za-z0-9 _.:/-]{0,80}")
_SCALE: Final = 10_000
_LARGEST: Final = 2**52
_SIGNS: Final = {"<": "$lt", "<=": "$lte", ">": "$gt", ">=": "$gte"}
_MOST_OPTIONS: Final = 6
# Beyond these a condition is one field that our closures compute: hundreds of conjunctions of one rule help nobody.
_MOST_CONJUNCTIONS: Final = 12
_MOST_CLAUSES: Final = 48


class Clause(NamedTuple):
    """One comparison of a field, and how the field is computed."""

    says: dict[str, Any]
    field: str
    read: Read


Clauses = tuple[Clause, ...]
ALWAYS: Final = Clause({"one": 1}, "one", lambda facts, rules: 1)


def of_event(gates: tuple[Gate, ...]) -> list[Clauses]:
    """What time and event must be for the gates to be open: conjunctions, of which one has to hold."""
    common: list[Clause] = []
    terms: list[Term] = []
    for gate in gates:
        if not gate.plain:
            said = f"schedule {gate.of.schedule.model_dump_json()}"
            common.append(_computed(said, lambda facts, rules, gate=gate: gate.runs(facts)))  # type: ignore[misc]
        if (alone := divided(_term(gate))[0]) is not None:
            terms.append(alone)
    return _joined(common, terms)


def of_member(gates: tuple[Gate, ...]) -> list[Clauses]:
    """What the member must be."""
    common: list[Clause] = []
    terms: list[Term] = []
    for gate in gates:
        segment = gate.of.segment
        if segment is not None:
            said = f"segment {segment}"
            common.append(_computed(said, lambda facts, rules, id_=segment: rules.in_segment(id_, facts)))  # type: ignore[misc]
        if (asked := divided(_term(gate))[1]) is not None:
            terms.append(asked)
    return _joined(common, terms)


def _term(gate: Gate) -> Term | None:
    return None if gate.of.when is None else term_of(gate.of.when, gate.of.schedule.time_zone)


def _joined(common: list[Clause], terms: list[Term]) -> list[Clauses]:
    found: list[Clauses] = [tuple(common)]
    for term in terms:
        found = [(*one, *other) for one in found for other in _of_term(term)]
    if len(found) > _MOST_CONJUNCTIONS or sum(map(len, found)) > _MOST_CLAUSES:
        found = [(*common, *(_tested(Literal(term, True)) for term in terms))]
    return [each or (ALWAYS,) for each in found]


def _of_term(term: Term) -> list[Clauses]:
    try:
        found = conjunctions(term, _MOST_CONJUNCTIONS)
    except TooManyError:
        return [(_tested(Literal(term, True)),)]
    return [each for literals in found for each in _product([_clauses(each) for each in literals])]


def _product(parts: list[list[Clauses]]) -> list[Clauses]:
    found: list[Clauses] = [()]
    for part in parts:
        found = [(*one, *other) for one in found for other in part]
    return found


def _clauses(literal: Literal) -> list[Clauses]:
    """A literal as conjunctions: one clause nearly always; of `in` one for each option."""
    term = literal.term
    if isinstance(term, OneOf) and len(term.options) <= _MOST_OPTIONS:
        sign = "==" if literal.positive else "!="
        each = [Comparison(term.at, term.end, term.type, sign, term.of, Const(0, 0, term.of.type, option))
                for option in term.options]  # fmt: skip
        clauses = [_native(one) for one in each]
        if all(clauses):
            found = [one for one in clauses if one is not None]
            return [(one,) for one in found] if literal.positive else [tuple(found)]
    if isinstance(term, Comparison) and literal.positive:
        clause = _native(term)
        if clause is not None:
            return [(clause,)]
    return [(_tested(literal),)]


def _native(term: Comparison) -> Clause | None:
    """The comparison in durable's own terms, where it has them."""
    left, right, sign = term.left, term.right, term.operator
    if not isinstance(right, Const) or left.type.kind != right.type.kind:
        return None
    value = right.value
    if isinstance(value, str) and isinstance(left, Fact) and sign in ("==", "!=") and _PLAIN.fullmatch(value):
        asked, field = left.asked, _field("t", left)
        return Clause(_compared(sign, field, f"={value}"), field, lambda facts, rules: _text(facts.get(asked)))
    if isinstance(value, Decimal) and left.type.kind == "number":
        wanted, read = scaled(value), compile_read(left)
        if wanted % 2 or abs(wanted) >= _LARGEST:
            return None
        if sign in _SIGNS:
            field = _field("n", left)
            return Clause({_SIGNS[sign]: {field: wanted}}, field, lambda facts, rules: _number(read(facts), None))
        field = _field("e", left)
        return Clause(_compared(sign, field, wanted), field, lambda facts, rules: _number(read(facts), 1))
    return None


def _compared(sign: str, field: str, value: str | int) -> dict[str, Any]:
    return {field: value} if sign == "==" else {"$neq": {field: value}}


def _text(value: Any) -> str:
    """A text as the engine sees it; none that is compared with begins with a question mark."""
    return f"={value}" if isinstance(value, str) and _PLAIN.fullmatch(value) else "?"


def _number(value: Any, unknown: int | None) -> int | None:
    """unknown: what stands for it; an odd number is equal to none that is compared with."""
    return unknown if value is None else max(-_LARGEST, min(_LARGEST, scaled(value)))


def scaled(value: Decimal | int) -> int:
    """Twice as many ten-thousandths as the value holds whole; one more where something is left over."""
    if isinstance(value, int):
        return 2 * _SCALE * value
    exactly = value * _SCALE
    whole = exactly.to_integral_value(ROUND_FLOOR)
    return 2 * int(whole) + (whole != exactly)


def _tested(literal: Literal) -> Clause:
    """A field that our closures compute."""
    test, positive = compile_test(literal.term), literal.positive
    clause = _computed(_said(literal.term), lambda facts, rules: test(facts))
    return clause if positive else clause._replace(says={clause.field: 0})


def _computed(said: str, test: Callable[[Facts, Rules], bool]) -> Clause:
    field = _name("c", said)
    return Clause({field: 1}, field, lambda facts, rules: int(test(facts, rules)))


def _field(sort: str, term: Term) -> str:
    return _name(sort, _said(term))


def _said(term: Term) -> str:
    """What the field is about: the words, and which questions they are, for a question has a zone that is unsaid."""
    asked = ",".join(str(id(fact.asked)) for fact in facts_in(term))
    return f"{written(term)}|{asked}"


def _name(sort: str, said: str) -> str:
    """Short, and the same for the same content: rulesets are told apart by their text."""
    return sort + blake2b(said.encode(), digest_size=8).hexdigest()
