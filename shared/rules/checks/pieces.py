"""Conditions in pieces: every comparison, filter and group of them of a definition, with its place in the file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import cached_property

from shared.rules.conditions import All, Any_, Not, Tree
from shared.rules.definition import Bounded, Definition, Programme, Rule, Segment
from shared.rules.language.checking import Checker, Scope, condition
from shared.rules.language.functions import of_lines
from shared.rules.language.parser import parse
from shared.rules.language.syntax import Binary, Call, Node
from shared.rules.language.terms import Both, Either, Negation, Term, written
from shared.rules.language.types import TRUTH
from shared.rules.rewards import PointsEffect

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a condition: its term, where it is written, and its own parts."""

    term: Term
    path: Path
    span: tuple[int, int | None] | None  # characters of the text at `path`; None: a tree of YAML
    parts: tuple[Piece, ...] = ()

    @property
    def words(self) -> str:
        """As it is told."""
        return written(self.term)

    @property
    def conjuncts(self) -> list[Piece]:
        """What must hold together."""
        if isinstance(self.term, Both) and self.parts:
            return [each for part in self.parts for each in part.conjuncts]
        return [self]


@dataclass(frozen=True)
class Expression:
    """One text of a definition: a leaf of a condition, or a filter of lines."""

    path: Path
    text: str
    scope: Scope
    zone: str | None

    @cached_property
    def tree(self) -> Node:
        """As it is written."""
        return parse(self.text)


def expressions(of: Definition) -> list[Expression]:
    """Every expression of a definition."""
    found: list[Expression] = []
    if isinstance(of, Bounded | Segment) and of.when is not None:
        zone = of.schedule.time_zone if isinstance(of, Bounded) else None
        found += [Expression(path, text, "event", zone) for path, text in _leaves(of.when, ("when",))]
    if isinstance(of, Programme) and of.not_eligible is not None:
        found.append(Expression(("not_eligible",), of.not_eligible, "line", None))
    if isinstance(of, Rule):
        found += [Expression(path, text, "line", None) for path, text in _filters(of)]
    return found


def _leaves(tree: Tree, path: Path) -> Iterator[tuple[Path, str]]:
    match tree:
        case All(all=parts):
            yield from (each for n, part in enumerate(parts) for each in _leaves(part, (*path, "all", n)))
        case Any_(any=parts):
            yield from (each for n, part in enumerate(parts) for each in _leaves(part, (*path, "any", n)))
        case Not(not_=part):
            yield from _leaves(part, (*path, "not"))
        case str():
            yield path, tree


def _filters(rule: Rule) -> Iterator[tuple[Path, str]]:
    for number, effect in enumerate(rule.then):
        if isinstance(effect, PointsEffect):
            for name in ("per_amount", "per_quantity", "per_line", "cashback"):
                shape = getattr(effect, name)
                if shape is not None and shape.where is not None:
                    yield ("then", number, name, "where"), shape.where


def piece_of(tree: Tree, zone: str | None, path: Path = ("when",)) -> Piece:
    """A condition in pieces."""
    match tree:
        case All(all=parts):
            within = tuple(piece_of(part, zone, (*path, "all", n)) for n, part in enumerate(parts))
            return Piece(Both(0, 0, TRUTH, tuple(each.term for each in within)), path, None, within)
        case Any_(any=parts):
            within = tuple(piece_of(part, zone, (*path, "any", n)) for n, part in enumerate(parts))
            return Piece(Either(0, 0, TRUTH, tuple(each.term for each in within)), path, None, within)
        case Not(not_=part):
            inner = piece_of(part, zone, (*path, "not"))
            return Piece(Negation(0, 0, TRUTH, inner.term), path, None, (inner,))
        case str():
            return in_pieces(condition(tree, "event", zone), path)


def in_pieces(term: Term, path: Path) -> Piece:
    """A term in pieces."""
    parts: tuple[Term, ...] = ()
    if isinstance(term, Both | Either):
        parts = term.parts
    elif isinstance(term, Negation):
        parts = (term.of,)
    return Piece(term, path, (term.at, term.end), tuple(in_pieces(part, path) for part in parts))


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter within an expression: of the basket's lines, or of history's events."""

    term: Term
    scope: Scope
    asks_kind: bool


def filters(expression: Expression) -> Iterator[Filter]:
    """The filters that functions of an expression are given, checked anew: so each knows its own place."""
    for node in nodes(expression.tree):
        if not isinstance(node, Call) or not node.function.startswith(("lines.", "history.")):
            continue
        lines = node.function.startswith("lines.")
        skipped = 0 if lines else 1
        if node.function in ("lines.sum", "lines.distinct", "history.sum", "history.distinct"):
            skipped += 1
        for argument in node.arguments[skipped:]:
            scope: Scope = "line" if lines or of_lines(node) else "past"
            asks = any(getattr(each, "dotted", "") == "event.kind" for each in nodes(argument))
            yield Filter(Checker(scope, expression.zone).truth(argument), scope, asks)


def nodes(node: Node) -> Iterator[Node]:
    """A node and everything within it."""
    yield node
    for each in fields(node):
        value = getattr(node, each.name)
        for inner in value if isinstance(value, tuple) else (value,):
            if isinstance(inner, Node):
                yield from nodes(inner)


def lists(tree: Node) -> dict[tuple[int, int], Binary]:
    """The `in` comparisons of an expression, by where they begin and end."""
    return {(each.at, each.end): each for each in nodes(tree) if isinstance(each, Binary) and each.operator == "in"}
