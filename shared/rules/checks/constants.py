"""Comparisons that are always true or never, and conditions whose parts contradict each other or make no difference."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from typing import NamedTuple

from shared.rules.checks.hardly import hardly_meant, of_a_birthday
from shared.rules.checks.pieces import Path, Piece, expressions, filters, in_pieces, piece_of
from shared.rules.checks.relations import at_most
from shared.rules.checks.saying import (
    always,
    instead_of,
    listed,
    never,
    wanted,
    what_is,
    where_both_are_known,
    where_known,
    with_a_basket,
    with_itself,
)
from shared.rules.checks.solving import Atom, Question, atom
from shared.rules.checks.universe import said_of, whole, within_days
from shared.rules.checks.values import Values
from shared.rules.definition import Bounded, Definition, Segment
from shared.rules.faults import Severity
from shared.rules.language.checking import condition
from shared.rules.language.compiling import compile_test
from shared.rules.language.questions import spelt
from shared.rules.language.terms import (
    Both,
    Comparison,
    Const,
    Either,
    Fact,
    Known,
    LineFact,
    OneOf,
    Term,
    asked_in,
    literal,
)
from shared.rules.part import EventKind


class Remark(NamedTuple):
    """What is to be said of a place of one definition: what is wrong; what to write instead."""

    path: Path
    said: str
    code: str
    severity: Severity = "error"
    span: tuple[int, int | None] | None = None


def constants(of: Definition) -> list[Remark]:
    """All of a definition, whatever events it looks at."""
    found: list[Remark] = []
    for each in expressions(of):
        for part in filters(each):
            on: EventKind | None = None if part.scope == "line" or part.asks_kind else "purchase"
            found += examined(in_pieces(part.term, each.path), Question(on))
        if each.scope == "line":
            found += examined(in_pieces(condition(each.text, "line"), each.path), Question())
    if isinstance(of, Bounded | Segment) and of.when is not None:
        zone = of.schedule.time_zone if isinstance(of, Bounded) else None
        found += examined(piece_of(of.when, zone), Question())
    return found


def examined(piece: Piece, question: Question) -> list[Remark]:
    """What is always so; of a part that is wrong by itself, nothing that only follows from it."""
    found = [remark for part in piece.parts for remark in examined(part, question)]
    return found or itself(piece, question)


def itself(piece: Piece, question: Question) -> list[Remark]:
    """What is always so of a part whose own parts are right."""
    if not piece.parts:
        remark = single(piece, question) or _hardly(piece)
        return [] if remark is None else [remark]
    if isinstance(piece.term, Both):
        return list(_together(piece, question))
    if isinstance(piece.term, Either):
        return list(_either(piece, question))
    return []


def single(piece: Piece, question: Question) -> Remark | None:
    """What one comparison always is, if anything."""
    term = piece.term

    def remark(code: str, said: str) -> Remark:
        return Remark(piece.path, f"{code} true: {said}", code, "error", piece.span)

    if isinstance(term, Const):
        return remark(*(("always", "leave it out") if term.value else ("never", "leave the whole definition out")))
    if isinstance(term, Comparison) and not asked_in(term):
        code = "always" if compile_test(term)(None) else "never"
        return remark(code, f"`{spelt(term)}` asks no fact; compare a fact with it, or leave it out")
    if isinstance(term, Comparison) and spelt(term.left) == spelt(term.right):
        unknown = any(question.universe(each).unknown and not with_a_basket(each) for each in asked_in(term.left))
        code, words = with_itself(term.operator, term.left, unknown)
        return Remark(piece.path, words, code, "error", piece.span)
    if (birthday := of_a_birthday(term)) is not None:
        return Remark(piece.path, birthday, "birthday", "warning", piece.span)
    if (ordered := _ordered(term, question)) is not None:
        return Remark(piece.path, ordered[1], ordered[0], "error", piece.span)
    found = atom(term)
    if found is None:
        return None
    all_, holds = question.universe(found.of), _holding(found, question)
    if isinstance(term, Known):
        known_ = f"{spelt(found.of)} is {'never' if holds.empty else 'always'} known here; leave it out"
        return remark("never" if holds.empty else "always", known_) if holds.empty or not all_.unknown else None
    impossible = _impossible(term, found.of)
    if holds.known.empty and not holds.unknown:
        if isinstance(term, OneOf) and not all_.known.empty:
            return _none_of_all(piece, term, found.of, all_)
        return remark("never", never(term, found.of, all_))
    if impossible:
        return remark("always" if holds.unknown else "never", never(term, found.of, all_))
    said_nothing = not within_days(found.of) and term != found.of
    if said_nothing and not all_.known.empty and all_.known.within(found.values):
        unlike = isinstance(term, Comparison) and term.operator == "!="
        # Of what is unknown no comparison holds but `!=`.
        if all_.unknown and not unlike and not with_a_basket(found.of):
            return Remark(piece.path, where_known(found.of, all_), "always", "error", piece.span)
        return remark("always", never(term, found.of, all_) if unlike else always(found.of, all_))
    if isinstance(term, OneOf):
        return _partly(piece, term, all_)
    return None


def _hardly(piece: Piece) -> Remark | None:
    """What one comparison hardly means, that can hold."""
    found = hardly_meant(piece.term)
    return None if found is None else Remark(piece.path, found[1], found[0], "warning", piece.span)


def _ordered(term: Term, question: Question) -> tuple[str, str] | None:
    """Of two facts the one of which is never more than the other: what a comparison of the two always is."""
    if not isinstance(term, Comparison) or not isinstance(term.left, Fact) or not isinstance(term.right, Fact):
        return None
    for small, big, less in ((term.left, term.right, "<="), (term.right, term.left, ">=")):
        if at_most(small.asked, big.asked):
            never_more = f"{spelt(small)} is never more than {spelt(big)}"
            if term.operator == less:
                unknown = [each for each in (small, big) if question.universe(each).unknown and not with_a_basket(each)]
                return "always", where_both_are_known(never_more, unknown)
            if term.operator == (">" if less == "<=" else "<"):
                return "never", f"never true: {never_more}; turn it round, or compare with something else"
    return None


def _none_of_all(piece: Piece, term: OneOf, of: Fact | LineFact, all_: Values) -> Remark:
    """Of a list that has only values that the fact never has, at the first of them."""
    said = never(term, of, all_)
    if not all_.texts.others and all_.texts.values:
        said = f"{what_is(of, all_)}; {instead_of(term.options, all_)}"
    return Remark(piece.path, f"never true: {said}", "never", "error", _at_value(piece, term, 0))


def _partly(piece: Piece, term: OneOf, all_: Values) -> Remark | None:
    """The values of a list that the fact never has, at the first of them."""
    each = [(n, atom(replace(term, options=(option,), places=()))) for n, option in enumerate(term.options)]
    wrong = [(n, one.of) for n, one in each if one is not None and all_.meet(one.values).empty]
    if not wrong:
        return None
    values = [term.options[n] for n, _ in wrong]
    first, of = wrong[0]
    said = f"never true of {listed(map(literal, values))}: {what_is(of, all_)}; {instead_of(values, all_)}"
    return Remark(piece.path, said, "never", "error", _at_value(piece, term, first))


def _at_value(piece: Piece, term: OneOf, number: int) -> tuple[int, int | None] | None:
    """Where a value of a list is written, as far as the file tells."""
    return piece.span if piece.span is None or not term.places else term.places[number]


def _holding(found: Atom, question: Question) -> Values:
    holds = question.universe(found.of).meet(found.values)
    return holds.whole() if whole(found.of) else holds


def _impossible(term: Term, of: Fact | LineFact) -> bool:
    """Whether none of the texts that are written can be sent at all."""
    options = wanted(term) if isinstance(term, Comparison | OneOf) else ()
    return bool(options) and all(
        isinstance(each, str) and of.type.kind == "text" and not said_of(of, each) for each in options
    )


def _together(piece: Piece, question: Question) -> Iterator[Remark]:
    parts = piece.conjuncts
    if not question.can_hold(*(each.term for each in parts)):
        yield contradiction(parts, piece, question)
        return
    for number, each in enumerate(parts):
        others = [part.term for part in parts[:number] + parts[number + 1 :]]
        if not question.can_hold(*others, but_not=[each.term]):
            yield _idle(each, "the other parts say as much")
            return


def contradiction(parts: list[Piece], whole_: Piece, question: Question) -> Remark:
    """The first two parts that never hold together; else all of them."""
    for one, other in combinations(parts, 2):
        if not question.can_hold(one.term, other.term):
            said = f"never true together with `{spelt(one.term)}`; change one of the two, or join them with ||"
            return Remark(other.path, said, "contradiction", "error", other.span)
    said = f"never true: these {len(parts)} parts contradict each other; change one of them"
    return Remark(whole_.path, said, "contradiction", "error", whole_.span)


def _either(piece: Piece, question: Question) -> Iterator[Remark]:
    terms = [part.term for part in piece.parts]
    if not question.can_hold(but_not=terms):
        said = "always true: one of these parts holds whatever happens; change one of them, or leave all out"
        yield Remark(piece.path, said, "always", "error", piece.span)
        return
    for number, part in enumerate(piece.parts):
        if not question.can_hold(part.term, but_not=terms[:number] + terms[number + 1 :]):
            yield _idle(part, "another part says as much")
            return


def _idle(part: Piece, why: str) -> Remark:
    said = f"`{spelt(part.term)}` makes no difference: {why}; leave it out"
    return Remark(part.path, said, "redundant", "warning", part.span)
