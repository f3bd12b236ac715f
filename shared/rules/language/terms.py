"""A checked expression: typed terms, ready to be compiled, explained and indexed."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from shared.rules.language.types import Type

if TYPE_CHECKING:
    from shared.rules.facts import Asked

Value = Decimal | str | bool


def sort_of(value: object) -> type:
    """Which sort of value: true is no 1, though Python has it that they are equal, and "1" is no 1."""
    return type(value) if isinstance(value, str | bool) else Decimal


@dataclass(frozen=True, slots=True)
class Term:
    """Any part of a checked expression; `at` and `end` are its place in the text."""

    at: int
    end: int
    type: Type


@dataclass(frozen=True, slots=True)
class Const(Term):
    """A value that is written."""

    value: Value


@dataclass(frozen=True, slots=True)
class Fact(Term):
    """A question to the facts of an event."""

    asked: Asked


@dataclass(frozen=True, slots=True)
class LineFact(Term):
    """A field of one line; `attribute` names the one that is meant where the field is `attributes`."""

    field: str
    attribute: str | None = None


@dataclass(frozen=True, slots=True)
class Arithmetic(Term):
    """A sum, a difference or a product, exact."""

    operator: str
    left: Term
    right: Term


@dataclass(frozen=True, slots=True)
class Comparison(Term):
    """Two values and `==`, `!=`, `<`, `<=`, `>` or `>=` between them."""

    operator: str
    left: Term
    right: Term


@dataclass(frozen=True, slots=True)
class OneOf(Term):
    """A value is among those that are written; `places`: where each begins and ends in the text."""

    of: Term
    options: tuple[Value, ...]
    places: tuple[tuple[int, int], ...] = field(default=(), compare=False)
    sorts: tuple[type, ...] = field(init=False)  # `in [1.00]` is not equal to `in [true]`

    def __post_init__(self) -> None:
        object.__setattr__(self, "sorts", tuple(map(sort_of, self.options)))


@dataclass(frozen=True, slots=True)
class Holds(Term):
    """A written text is in a set of texts."""

    value: str
    of: Fact


@dataclass(frozen=True, slots=True)
class TextTest(Term):
    """A text begins with, ends with or contains a written one."""

    of: Term
    method: str
    value: str


@dataclass(frozen=True, slots=True)
class Known(Term):
    """A fact is known."""

    of: Term


@dataclass(frozen=True, slots=True)
class Both(Term):
    """All parts hold (`&&`)."""

    parts: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Either(Term):
    """At least one part holds (`||`)."""

    parts: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Negation(Term):
    """The part does not hold."""

    of: Term


def children(term: Term) -> tuple[Term, ...]:
    """The parts of a term."""
    match term:
        case Both(parts=parts) | Either(parts=parts):
            return parts
        case Arithmetic(left=left, right=right) | Comparison(left=left, right=right):
            return left, right
        case OneOf(of=of) | Holds(of=of) | TextTest(of=of) | Known(of=of) | Negation(of=of):
            return (of,)
    return ()


def facts_in(term: Term) -> list[Fact]:
    """Every question that a term asks, in the order in which they are written."""
    if isinstance(term, Fact):
        return [term]
    return [fact for part in children(term) for fact in facts_in(part)]


def asked_in(term: Term) -> list[Fact | LineFact]:
    """The same, and the fields of a line that it asks for."""
    if isinstance(term, Fact | LineFact):
        return [term]
    return [each for part in children(term) for each in asked_in(part)]


def written(term: Term) -> str:
    """The term as text in one spelling, whatever spaces and brackets it was written with."""
    match term:
        case Const(value=value):
            return literal(value)
        case Fact(asked=asked):
            return asked.label
        case LineFact(field=field, attribute=attribute):
            return field if attribute is None else f"{field}.{attribute}"
        case Arithmetic(operator=sign, left=left, right=right):
            return f"({written(left)} {sign} {written(right)})"
        case Comparison(operator=sign, left=left, right=right):
            return f"{written(left)} {sign} {written(right)}"
        case OneOf(of=of, options=options):
            return f"{written(of)} in [{', '.join(map(literal, options))}]"
        case Holds(value=value, of=of):
            return f"{literal(value)} in {written(of)}"
        case TextTest(of=of, method=method, value=value):
            return f"{written(of)}.{method}({literal(value)})"
        case Known(of=of):
            return f"has({written(of)})"
        case Both(parts=parts):
            return " && ".join(f"({written(part)})" if isinstance(part, Either) else written(part) for part in parts)
        case Either(parts=parts):
            return " || ".join(written(part) for part in parts)
        case Negation(of=of):
            return f"!({written(of)})"
    raise AssertionError(term)


def literal(value: Value) -> str:
    """A value as it is written in an expression."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    quoted = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{quoted}"'
