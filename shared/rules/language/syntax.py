"""What an expression is made of, as it is written: a small tree whose nodes know where in the text they stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

MIRRORED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
"""A comparison's sign, read from the other side."""


class ExpressionError(ValueError):
    """An expression cannot be used; `at` is the offset in its text, in characters from 0. others: what else is wrong
    with it."""

    def __init__(self, message: str, at: int, others: Sequence[ExpressionError] = ()) -> None:
        super().__init__(message)
        self.message, self.at, self.others = message, at, tuple(others)


def together(errors: Sequence[ExpressionError]) -> ExpressionError:
    """The first error of several, which knows of the others."""
    first, *rest = [each for error in errors for each in (error, *error.others)]
    return ExpressionError(first.message, first.at, rest)


@dataclass(frozen=True, slots=True)
class Node:
    """Any part of an expression; `at` is where it begins, `end` where it ends, in characters."""

    at: int
    end: int


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A number (an exact decimal), a text, true or false."""

    value: Decimal | str | bool


@dataclass(frozen=True, slots=True)
class Many(Node):
    """A list of literals, as `in` takes it."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A dotted name: `basket.total`, or `member.attributes["favourite colour"]` as three parts."""

    parts: tuple[str, ...]

    @property
    def dotted(self) -> str:
        """As the catalogue has it."""
        return ".".join(self.parts)


@dataclass(frozen=True, slots=True)
class Call(Node):
    """A function of the catalogue, with what it is given: `lines.sum(amount, department == "DELI")`."""

    function: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Method(Node):
    """A test of a text: `event.store.startsWith("north-")`."""

    of: Node
    name: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Unary(Node):
    """`!` or `-` before something."""

    operator: str
    of: Node


@dataclass(frozen=True, slots=True)
class Binary(Node):
    """Two parts and what joins them: a comparison or a calculation."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Joined(Node):
    """Parts joined by `&&` or `||`."""

    operator: str
    parts: tuple[Node, ...]
